"""The neurons of a lane: rows out of three memories, the update, and the state back."""

from typing import Any

import pytest

from ganglion.hdl.update.neurons import NeuronLane
from ganglion.model.spec.memories import Memory
from ganglion.model.spec.params import PRESETS
from tests.hdl.simulate import Simulation
from tests.hdl.update.test_neuron import COUNT, Neurons, Outcome, ref_update

PARAMS = PRESETS["tiny"].replace(name="lane", neurons=512, fanout_entries=512, types=256, noise=False)
"""A lane with room for all neurons of a test, each with a type of its own."""


def rtl_lane(neurons: Neurons) -> Outcome:
    """Neuron k is that of group k; one group per cycle."""
    dut = NeuronLane(PARAMS)
    simulation = Simulation(dut)
    done = simulation.record(dut.done, dut.spike)
    overflows = list[bool]()
    states = list[int]()
    rows = {
        Memory.TYPES: [neurons.type_layout.pack(**one.fields(PARAMS)) for one in neurons.types],
        Memory.NEURONS: [neurons.constant_layout.pack(type=k, **rest) for k, rest in enumerate(neurons.constants)],
        Memory.STATE: [neurons.state_layout.pack(**state) for state in neurons.states],
    }
    entered = list[int]()

    async def process(ctx: Any) -> None:
        ctx.set(dut.selected, 1)
        for memory, words in rows.items():
            ctx.set(dut.bus.write[memory], 1)
            for row, word in enumerate(words):
                ctx.set(dut.bus.row, row)
                ctx.set(dut.bus.data, word)
                await ctx.tick()
            ctx.set(dut.bus.write[memory], 0)
        entered.append(simulation.cycle)
        for cycle in range(COUNT + NeuronLane.LATENCY + 1):
            ctx.set(dut.update.valid, cycle < COUNT)
            ctx.set(dut.update.group, cycle % COUNT)
            due, finished = cycle - NeuronLane.INPUT_DELAY, cycle - NeuronLane.LATENCY
            ctx.set(dut.input, neurons.inputs[due] if 0 <= due < COUNT else 0)
            ctx.set(dut.done_group, finished if 0 <= finished < COUNT else 0)
            _, _, overflow = await ctx.tick().sample(dut.overflow)
            if 0 <= due < COUNT:
                overflows.append(bool(overflow))
        ctx.set(dut.bus.reading, 1)
        for row in range(COUNT + NeuronLane.READ_LATENCY - 1):
            ctx.set(dut.bus.row, row % COUNT)
            await ctx.tick()
            states.append(ctx.get(dut.rows.STATE))

    simulation.drive(process)
    simulation.run()
    begin = entered[0] + NeuronLane.LATENCY
    assert [cycle - done[0][0] for cycle, _ in done] == list(range(COUNT)), "a neuron per cycle"
    assert abs(done[0][0] - begin) <= 1
    states = states[NeuronLane.READ_LATENCY - 1 :]
    return [
        (neurons.state_layout.unpack(state), bool(spike), overflow)
        for state, (_, spike), overflow in zip(states, done, overflows, strict=True)
    ]


@pytest.mark.parametrize("seed", range(2))
def test_a_lane_updates_its_neurons_as_the_reference_does(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    neurons = Neurons(PARAMS, seed)
    for constants in neurons.constants:
        constants.pop("type")
    wanted, got = ref_update(neurons, monkeypatch), rtl_lane(neurons)
    for k in range(COUNT):
        assert got[k] == wanted[k], f"seed {seed}, neuron {k}"
