"""The update pipeline against the update of the reference, neuron by neuron."""

import random
from collections import deque
from typing import Any

import pytest
from amaranth.hdl import Value

from ganglion.hdl.update.neuron import NeuronUpdate
from ganglion.model.spec import reference
from ganglion.model.spec.arithmetic import wrap
from ganglion.model.spec.decay import AT_ONCE, NEVER
from ganglion.model.spec.formats import Field, Layout
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.noise_constants import NOISE_BITS
from ganglion.model.spec.params import GUARD_BITS, PRESETS, Params
from ganglion.model.spec.program import Program
from tests.hdl.simulate import Simulation

TINY = PRESETS["tiny"]
CHIPS = [
    TINY,
    TINY.replace(name="no options", current_bits=0, adaptation_bits=0, noise=False),
    TINY.replace(name="currents", adaptation_bits=0, noise=False, current_bits=5),
    TINY.replace(name="adaptation", current_bits=0, noise=False, adaptation_bits=10),
    TINY.replace(name="narrow sums", membrane_bits=12, accumulator_bits=6),
    PRESETS["board"],
    PRESETS["wide"].replace(name="wide", neurons=8),
]

COUNT = 250
"""Neurons in a run."""

DRAW_CYCLE = 2
"""When the draw is wanted, in cycles after `valid`."""


class Neurons:
    """Random neurons with their state and their input of one step: extremes, small numbers, and any."""

    def __init__(self, params: Params, seed: int) -> None:
        self.params = params
        self.rng = random.Random(f"{params.name} {seed}")
        specs = memories(params)
        self.state_layout, self.constant_layout, self.type_layout = (
            specs[memory].layout for memory in (Memory.STATE, Memory.NEURONS, Memory.TYPES)
        )
        self.types = [self._type() for _ in range(COUNT)]
        self.states = [self._row(self.state_layout) for _ in range(COUNT)]
        for state in self.states:
            state["refractory"] *= self.rng.random() < 0.2
        self.constants = [self._row(self.constant_layout) for _ in range(COUNT)]
        wide = Field("input", params.accumulator_bits + GUARD_BITS, "", signed=True)
        narrow = Field("input", params.accumulator_bits, "", signed=True)
        self.inputs = [self._number(self.rng.choice((narrow, narrow, wide))) for _ in range(COUNT)]
        self.draws = [self.rng.getrandbits(NOISE_BITS) for _ in range(COUNT)]

    def _number(self, field: Field) -> int:
        rng = self.rng
        small = rng.randint(max(field.low, -8), min(field.high, 8))
        return rng.choice((rng.choice((field.low, field.high)), small, rng.randint(field.low, field.high)))

    def _row(self, layout: Layout) -> dict[str, int]:
        return {field.name: self._number(field) for field in layout.fields}

    def _type(self) -> NeuronType:
        row, rng, chip = self._row(self.type_layout), self.rng, self.params

        def decay() -> tuple[int, int]:
            shift = rng.randint(1, chip.decay_bits)
            return rng.choice((NEVER, AT_ONCE, (1, shift), (rng.randint(0, 1 << shift), shift)))

        return NeuronType(
            decay=decay(),
            reset=rng.choice(("value", "subtract")),
            v_reset=row["v_reset"],
            refractory=row["refractory"],
            current_decay=rng.choice((None, decay())) if chip.current_bits else None,
            noise=rng.randint(0, min(NOISE_BITS, chip.membrane_bits)) if chip.noise else 0,
            adaptation_decay=decay() if chip.adaptation_bits else NEVER,
            adaptation_raise=row.get("raise_a", 0),
        )


Outcome = list[tuple[dict[str, int], bool, bool]]
"""Next state, whether it fires, whether the input overflowed; per neuron."""


def rtl_update(neurons: Neurons, gaps: float) -> Outcome:
    """One neuron per cycle, but for gaps in which the inputs are there and `valid` is not."""
    dut = NeuronUpdate(neurons.params)
    simulation = Simulation(dut)
    overflows = simulation.record(dut.valid, dut.overflow)
    done = simulation.record(dut.done, dut.next_state, dut.spike)
    entered = simulation.record(dut.valid)
    stray = simulation.record(dut.spike & ~dut.done)

    waiting = deque([0] * DRAW_CYCLE)

    async def cycle(ctx: Any, draw: int) -> None:
        """Ends a cycle; the draw of its neuron comes later than the rest."""
        waiting.append(draw)
        ctx.set(dut.draw, waiting.popleft())
        await ctx.tick()

    async def process(ctx: Any) -> None:
        for k in range(COUNT):
            for port, value in (
                (dut.state, neurons.state_layout.pack(**neurons.states[k])),
                (dut.constants, neurons.constant_layout.pack(**neurons.constants[k])),
                (dut.type, neurons.type_layout.pack(**neurons.types[k].fields(neurons.params))),
                (dut.input, neurons.inputs[k]),
            ):
                ctx.set(Value.cast(port), value)
            while neurons.rng.random() < gaps:
                await cycle(ctx, neurons.rng.getrandbits(NOISE_BITS))
            ctx.set(dut.valid, 1)
            await cycle(ctx, neurons.draws[k])
            ctx.set(dut.valid, 0)
        for _ in range(DRAW_CYCLE):
            await cycle(ctx, 0)

    simulation.drive(process)
    simulation.run()
    assert not stray
    assert [cycle for cycle, *_ in done] == [cycle + NeuronUpdate.LATENCY for (cycle,) in entered]
    return [
        (neurons.state_layout.unpack(state), bool(spike), bool(overflow))
        for (_, state, spike), (_, overflow) in zip(done, overflows, strict=True)
    ]


def ref_update(neurons: Neurons, monkeypatch: pytest.MonkeyPatch) -> Outcome:
    """The update of the reference, whose noise is what was drawn."""

    def drawn(seed: int, step: int, neuron: int, bits: int) -> int:
        return wrap(neurons.draws[neuron], bits) if bits else 0

    monkeypatch.setattr(reference, "noise", drawn)
    program = Program.build(
        params=neurons.params,
        types=tuple(neurons.types),
        threshold=[row["threshold"] for row in neurons.constants],
        bias=[row["bias"] for row in neurons.constants],
        type=range(COUNT),
        inputs=0,
        pre=[],
        post=[],
        weight=[],
    )
    golden = reference.Reference(program)
    for field in neurons.states[0]:
        for k, state in enumerate(neurons.states):
            golden.write(field, k, state[field])
    golden.accumulators[0] = list(neurons.inputs)
    spikes = golden.update()
    half = 1 << (neurons.params.accumulator_bits - 1)
    outcome = []
    for k, state in enumerate(neurons.states):
        after = {field: getattr(golden, field)[k] for field in state}
        outcome.append((after, k in spikes, not -half <= neurons.inputs[k] < half))
    return outcome


@pytest.mark.parametrize("params", CHIPS, ids=lambda params: params.name)
@pytest.mark.parametrize("seed", range(3))
def test_updates_as_the_reference_does(params: Params, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    neurons = Neurons(params, seed)
    wanted = ref_update(neurons, monkeypatch)
    got = rtl_update(neurons, gaps=seed / 4)
    for k in range(COUNT):
        about = f"{neurons.types[k]}, {neurons.constants[k]}, {neurons.states[k]}, input {neurons.inputs[k]}"
        assert got[k] == wanted[k], f"params {params.name}, seed {seed}, neuron {k}: {about}"


def test_the_neurons_reach_every_case() -> None:
    """Of the neurons of these runs, some fire, some stay silent, some wait, and some have seen an overflow."""
    neurons = Neurons(TINY, 0)
    with pytest.MonkeyPatch.context() as patch:
        outcome = ref_update(neurons, patch)
    assert {spike for _, spike, _ in outcome} == {overflow for *_, overflow in outcome} == {False, True}
    assert any(state["refractory"] for state in neurons.states)
