"""Random networks, and the comparison with the reference, for the tests of the emulator."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from ganglion.model.spec.events import Events
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.noise_constants import NOISE_BITS
from ganglion.model.spec.params import PRESETS, Params
from ganglion.model.spec.program import Program
from ganglion.model.spec.state import State
from ganglion.model.spec.trace import Trace

CHIPS = (
    PRESETS["tiny"],
    Params(name="bare", delay_slots=2, accumulator_bits=8),
    Params(name="narrow", delay_slots=8, current_bits=16, adaptation_bits=16, noise=True, decay_bits=16),
    PRESETS["wide"],
)
"""Every form of state, arithmetic, accumulators and synapse words, and no more: each is compiled once."""


@dataclass(frozen=True, eq=False)
class Case:
    """A network and a run."""

    program: Program
    events: Events

    def __repr__(self) -> str:
        p = self.program
        columns = (p.threshold, p.bias, p.type, p.pre, p.post, p.weight, p.delay, self.events.axon, self.events.start)
        return f"{p} types {p.types} seed {p.seed} arrays {[column.tolist() for column in columns]}"


def _signed(bits: int) -> st.SearchStrategy[int]:
    half = 1 << (bits - 1)
    small = st.integers(-min(8, half), min(7, half - 1))
    return small | st.integers(-half, half - 1) | st.sampled_from((-half, half - 1))


@st.composite
def _types(draw: Any, params: Params) -> NeuronType:
    def decay() -> tuple[int, int]:
        s = draw(st.integers(0, params.decay_bits))
        return draw(st.sampled_from((0, 1, 1 << s)) | st.integers(0, 1 << s)), s

    return NeuronType(
        decay=decay(),
        reset=draw(st.sampled_from(("value", "subtract"))),
        v_reset=draw(_signed(params.membrane_bits)),
        refractory=draw(st.sampled_from((0, 0, 1, 3))),
        current_decay=decay() if params.current_bits and draw(st.booleans()) else None,
        noise=draw(st.sampled_from((0, 3, min(NOISE_BITS, params.membrane_bits)))) if params.noise else 0,
        adaptation_decay=decay() if params.adaptation_bits and draw(st.booleans()) else (0, 0),
        adaptation_raise=draw(_signed(params.adaptation_bits)) if params.adaptation_bits and draw(st.booleans()) else 0,
    )


@st.composite
def _cases(draw: Any) -> Case:
    params = draw(st.sampled_from(CHIPS))
    inputs, neurons = draw(st.integers(0, 5)), draw(st.integers(1, 12))
    types = tuple(draw(st.lists(_types(params), min_size=1, max_size=3)))
    sources = inputs + neurons
    one_delay = draw(st.booleans())
    delay = st.just(1) if one_delay else st.integers(1, params.delay_slots - 1)
    before, after = st.integers(0, sources - 1), st.integers(inputs, sources - 1)
    synapse = st.tuples(before, after, _signed(params.weight_bits), delay)
    synapses = draw(st.lists(synapse, max_size=40))
    for source in draw(st.lists(before, max_size=12)):
        begin, lag = draw(after), draw(delay)
        synapses += [(source, post, draw(_signed(params.weight_bits)), lag) for post in range(begin, sources)]
    pre, post, weight, lags = zip(*synapses, strict=True) if synapses else ((), (), (), ())
    per_neuron = {"min_size": neurons, "max_size": neurons}
    program = Program.build(
        params=params,
        types=types,
        threshold=draw(st.lists(_signed(params.membrane_bits), **per_neuron)),
        bias=draw(st.just(0) | st.lists(_signed(params.bias_bits), **per_neuron)),
        type=draw(st.lists(st.integers(0, len(types) - 1), **per_neuron)),
        inputs=inputs,
        pre=pre,
        post=post,
        weight=weight,
        delay=lags,
        seed=draw(st.integers(0, (1 << 32) - 1)),
    )
    fires = st.lists(st.integers(0, inputs - 1), max_size=2 * inputs) if inputs else st.just([])
    return Case(program, Events.from_steps(draw(st.lists(fires, min_size=1, max_size=10))))


def _same_state(one: State, other: State) -> None:
    assert one.step == other.step
    for name, array in one.arrays().items():
        np.testing.assert_array_equal(array, other.arrays()[name], err_msg=name)


def _same(one: Trace, other: Trace) -> None:
    assert one.first == other.first
    np.testing.assert_array_equal(one.spikes, other.spikes)
    for name in ("spikes", "synops", "overflows"):
        np.testing.assert_array_equal(one.counters[name], other.counters[name], err_msg=name)
    for mine, theirs in zip(one.states, other.states, strict=True):
        _same_state(mine, theirs)


@pytest.fixture(scope="session")
def cases() -> st.SearchStrategy[Case]:
    """The strategy of random networks and runs."""
    return _cases()


@pytest.fixture(scope="session")
def same() -> Callable[[Trace, Trace], None]:
    """Fails where two traces differ in a bit."""
    return _same


@pytest.fixture(scope="session")
def same_state() -> Callable[[State, State], None]:
    """Fails where two states differ in a bit."""
    return _same_state


@pytest.fixture
def large() -> Callable[..., Case]:
    """A network over several blocks of neurons, with every option, from a seed."""
    return _large


def _large(seed: int, params: Params = CHIPS[2], neurons: int = 1300, steps: int = 12) -> Case:
    rng = np.random.default_rng(seed)
    inputs, synapses = 20, 12_000
    types = (
        NeuronType.leaky(3),
        NeuronType.current_based((1, 4), (3, 5), refractory=2, noise=8),
        NeuronType.adaptive((1, 5), (1, 6), 40, reset="subtract"),
    )
    half = 1 << (params.weight_bits - 1)
    dense = np.repeat(np.arange(12), neurons)
    program = Program.build(
        params=params,
        types=types,
        threshold=rng.integers(0, 300, neurons),
        bias=np.where(rng.random(neurons) < 0.3, rng.integers(-10, 60, neurons), 0),
        type=np.where(np.arange(neurons) < 600, 0, rng.integers(0, 3, neurons)),
        inputs=inputs,
        pre=np.concatenate((rng.integers(12, inputs + neurons, synapses), dense)),
        post=inputs + np.concatenate((rng.integers(0, neurons, synapses), np.tile(np.arange(neurons), 12))),
        weight=rng.integers(-half, half, synapses + dense.size),
        delay=np.concatenate((rng.integers(1, params.delay_slots, synapses), np.ones(dense.size, dtype=int))),
        seed=seed,
    )
    events = Events.from_steps(rng.integers(0, inputs, rng.integers(0, 25)) for _ in range(steps))
    return Case(program, events)
