"""Random programs for the property tests of the model."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program

# Two workers share two cores with simulators: how long an example takes says nothing about it.
settings.register_profile("ganglion", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("ganglion")

Programs = Callable[..., st.SearchStrategy[Program]]


@st.composite
def _chips(draw: Any) -> Params:
    """Chips of every number of lanes, weight width and delay range, large enough for any of `_programs`.

    Dense, each of 232 synapses may need a row of its own, of up to 16 words.
    """
    return Params(
        name="drawn",
        neurons=16,
        lanes=draw(st.sampled_from((1, 2, 4, 8))),
        weight_bits=draw(st.sampled_from((4, 8, 16))),
        delay_slots=draw(st.sampled_from((2, 4, 16, 64))),
        axons=512,
        synapse_words=4096,
        fanout_entries=64,
        accumulator_bits=24,
    )


@st.composite
def _programs(draw: Any, params: Params | None = None, types: tuple[NeuronType, ...] = (NeuronType(),)) -> Program:
    """Networks of up to 12 neurons and 220 synapses, often several between a pair, sometimes none."""
    if params is None:
        params = draw(_chips())
    inputs, neurons = draw(st.integers(0, 4)), draw(st.integers(1, min(12, params.neurons)))
    half = 1 << (params.weight_bits - 1)
    synapse = st.tuples(
        st.integers(0, inputs + neurons - 1),
        st.integers(inputs, inputs + neurons - 1),
        st.integers(-half, half - 1),
        st.integers(1, min(4, params.delay_slots - 1)) | st.just(params.delay_slots - 1),
    )
    synapses = draw(st.lists(synapse, max_size=20))
    if draw(st.booleans()):
        # Hypothesis draws short lists; rows that are long, full and of many delays come from a seed.
        rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
        count = draw(st.integers(0, 200))
        ends = ((0, inputs + neurons), (inputs, inputs + neurons), (-half, half), (1, params.delay_slots))
        synapses += zip(*(rng.integers(*limits, size=count).tolist() for limits in ends), strict=True)
    pre, post, weight, delay = zip(*synapses, strict=True) if synapses else ((), (), (), ())
    high = (1 << (params.membrane_bits - 1)) - 1
    return Program.build(
        params=params,
        types=types,
        threshold=draw(st.lists(st.integers(-2, min(high, 40)), min_size=neurons, max_size=neurons)),
        type=draw(st.lists(st.integers(0, len(types) - 1), min_size=neurons, max_size=neurons)),
        inputs=inputs,
        pre=pre,
        post=post,
        weight=weight,
        delay=delay,
        outputs=draw(st.lists(st.integers(0, neurons - 1), unique=True)),
    )


@pytest.fixture(scope="session")
def programs() -> Programs:
    """The strategy of random programs, for `data.draw(programs(...))`."""
    return _programs
