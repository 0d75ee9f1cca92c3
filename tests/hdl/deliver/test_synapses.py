"""The synapses of a lane: each word becomes an addition, two cycles later."""

import random
from typing import Any

import pytest
from amaranth.hdl import Value

from ganglion.hdl.deliver.synapses import SynapseLane
from ganglion.model.spec.memories import Memory, dense_synapses, memories
from ganglion.model.spec.params import PRESETS, Params
from tests.hdl.simulate import Simulation

TINY = PRESETS["tiny"]

CHIPS = [
    TINY,
    TINY.replace(name="beats", entry_bits=16),
    PRESETS["small"].replace(name="deep", delay_slots=8),
    TINY.replace(name="one weight a word", delay_slots=2, neurons=4),
]

Word = dict[str, int]

Addition = tuple[int, ...]
"""Row, of the first of the sums side by side, and the weight of each."""


def words_of(params: Params, seed: int, rows: int) -> list[Word | None]:
    """Random words; None is a cycle without one."""
    rng = random.Random(seed)
    words: list[Word | None] = []
    for _ in range(200):
        word = {
            "row": rng.randrange(rows),
            "dense": rng.randrange(2),
            "beat": rng.randrange(params.beats // params.stride),
            "group": rng.randrange(0, params.groups, params.stride),
            "delay": rng.randrange(params.delay_slots),
        }
        words.append(word if rng.random() < 0.8 else None)
    for word in filter(None, words):
        word["beat"] *= word["dense"]
    return words


def rtl_synapses(params: Params, store: list[int], words: list[Word | None], slot: int) -> list[tuple[int, Addition]]:
    """The additions, each with the number of its word among all cycles."""
    dut = SynapseLane(params)
    simulation = Simulation(dut)
    addends = [dut.addition.addends[k] for k in range(params.stride)]
    additions = simulation.record(dut.addition_valid, dut.addition.row, *addends)
    changes = simulation.record(dut.addition_valid & (dut.addition.replace.any() | dut.addition.keep))
    entered = simulation.record(dut.words.valid & dut.words.ready)
    synops = simulation.record(dut.synop != 0, dut.synop)
    first: list[int] = []

    async def process(ctx: Any) -> None:
        ctx.set(dut.selected, 1)
        ctx.set(dut.slot, slot)
        ctx.set(dut.bus.write[Memory.SYNAPSES], 1)
        for row, word in enumerate(store):
            ctx.set(dut.bus.row, row)
            ctx.set(dut.bus.data, word)
            await ctx.tick()
        ctx.set(dut.bus.write[Memory.SYNAPSES], 0)
        first.append(simulation.cycle)
        for word in words:
            ctx.set(dut.words.valid, word is not None)
            ctx.set(dut.words.payload, word or {"row": 0, "dense": 1, "beat": 0, "group": 0, "delay": 0})
            await ctx.tick()
        ctx.set(dut.words.valid, 0)

    simulation.drive(process)
    simulation.run()
    assert len(entered) == sum(word is not None for word in words), "a word waited"
    assert not changes, "something else than to add"
    nonzero = [(cycle + 1, sum(map(bool, weights))) for cycle, _, *weights in additions if any(weights)]
    assert synops == nonzero, "what counts as a SynOp is a weight that is not zero"
    stride = params.stride
    return [
        (cycle - SynapseLane.LATENCY - entered[0][0], (row // stride * stride, *weights))
        for cycle, row, *weights in additions
    ]


def ref_synapses(params: Params, store: list[int], words: list[Word | None], slot: int) -> list[tuple[int, Addition]]:
    sparse, dense = memories(params)[Memory.SYNAPSES].layout, dense_synapses(params)
    first = next(k for k, word in enumerate(words) if word)
    additions = []
    for k, word in enumerate(words):
        if word is None:
            continue
        entry = sparse.unpack(store[word["row"]])
        weight, group, delay = entry["weight"], entry["group"], entry["delay"]
        weights = [weight if group % params.stride == part else 0 for part in range(params.stride)]
        if word["dense"]:
            row, beat = dense.unpack(store[word["row"]]), word["beat"] * params.stride
            weights = [row[f"weight{beat + part}"] for part in range(params.stride)]
            group, delay = word["group"], word["delay"]
        row_of_sums = (slot + delay) % params.delay_slots * params.groups + group // params.stride * params.stride
        additions.append((k - first, (row_of_sums, *weights)))
    return additions


@pytest.mark.parametrize("params", CHIPS, ids=lambda params: params.name)
@pytest.mark.parametrize("seed", range(3))
def test_each_word_becomes_an_addition(params: Params, seed: int) -> None:
    rng = random.Random(f"store {seed}")
    store = [rng.getrandbits(memories(params)[Memory.SYNAPSES].layout.width) for _ in range(40)]
    words, slot = words_of(params, seed, len(store)), rng.randrange(params.delay_slots)
    assert rtl_synapses(params, store, words, slot) == ref_synapses(params, store, words, slot), f"seed {seed}"


def test_the_bus_reads_the_row_of_the_word() -> None:
    """As the walker has it: the row comes a cycle after the bus asks."""
    dut, shown = SynapseLane(TINY), list[int]()
    simulation = Simulation(dut)
    simulation.load(dut.bus, Memory.SYNAPSES, {row: 3 * row for row in range(8)})
    stray = simulation.record(dut.addition_valid | dut.busy)

    async def process(ctx: Any) -> None:
        ctx.set(dut.bus.reading, 1)
        await ctx.tick()
        for row in (5, 2, 7, 7, 7):
            ctx.set(Value.cast(dut.words.payload.row), row)
            await ctx.tick()
            shown.append(ctx.get(dut.rows.SYNAPSES))

    async def select(ctx: Any) -> None:
        ctx.set(dut.selected, 1)

    simulation.watch(select)
    simulation.drive(process)
    simulation.run()
    assert shown[SynapseLane.LATENCY - 1 :] == [15, 6, 21, 21]
    assert not stray
