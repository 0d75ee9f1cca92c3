"""The sweep, with the axon table, traces and walker that it leads: which words are written, and what is kept."""

import random
from typing import Any, NamedTuple

import pytest
from amaranth.hdl import Const, Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out, connect

from ganglion.hdl.access.bus import access_bus
from ganglion.hdl.deliver.lookup import AxonLookup
from ganglion.hdl.deliver.walker import RowWalker
from ganglion.hdl.learning import Learning
from ganglion.model.spec.learning_memories import pre_trace_layout, rules_layout
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.params import PRESETS, Params
from ganglion.model.spec.registers import Register
from tests.hdl.simulate import Simulation, until, write

ALL = PRESETS["tiny-learning"].replace(entry_bits=12, pre_traces=1)
CHIPS = {"all": ALL, "one term, no tags": ALL.replace(terms=1, tag_bits=0, stochastic=False)}
LEARNED = 20
"""Steps learned before the one behind which the sweep comes."""


class Case(NamedTuple):
    """The memories before a sweep, as fields, and the words of which some tag is not 0 behind it."""

    heads: list[dict[str, int]]
    kernel: list[int]
    axons: list[dict[str, int]]
    pre: list[dict[str, int]]
    tagged: int


class Found(NamedTuple):
    """What a sweep did."""

    written: list[int]
    """Rows of SYNAPSES, in order."""
    forgotten: list[int]
    """Groups of neurons."""
    pre: list[int]
    """The rows of PRE."""


class Led(wiring.Component):
    """What learns of a core, between its lookup and its walker; lanes that have tags in the words of a mask."""

    def __init__(self, params: Params, tagged: int) -> None:
        self.params = params
        self.tagged = tagged
        super().__init__({"bus": In(access_bus(params)), "start": In(1), "done": Out(1)})
        self.learning, self.lookup, self.walker = Learning(params), AxonLookup(params), RowWalker(params)

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.learning, m.submodules.lookup, m.submodules.walker = self.learning, self.lookup, self.walker
        learning, lookup, walker = self.learning, self.lookup, self.walker
        connect(m, learning.fetches, lookup.events)
        connect(m, lookup.rows, learning.fetched)
        connect(m, learning.rows, walker.rows)
        connect(m, walker.words, learning.words)
        m.d.comb += [part.bus.eq(self.bus) for part in (learning, lookup, walker)]
        m.d.comb += [
            lookup.single.eq(learning.single),
            learning.fetch.eq(lookup.fetch),
            learning.fetch_row.eq(lookup.fetch_row),
            learning.sweep.eq(self.start),
            self.done.eq(learning.swept),
            learning.tagged.eq(Const(self.tagged).bit_select(learning.visit.row, 1) & learning.visit.write),
        ]
        return m


def case_of(params: Params, seed: int) -> Case:
    rng, specs = random.Random(seed), memories(params)

    def fields(layout: Any) -> dict[str, int]:
        return {field.name: rng.randint(field.low, field.high) * (field.name != "unused") for field in layout.fields}

    def axon() -> dict[str, int]:
        row = fields(specs[Memory.AXONS].layout) | {"rule": rng.randint(0, params.rules), "length": rng.randint(1, 4)}
        return row | {"first": rng.randrange(params.synapse_words - 4)}

    def pre(axon: dict[str, int]) -> dict[str, int]:
        silent = rng.random() < 0.5 or not axon["rule"]
        row = fields(specs[Memory.PRE].layout) | {"stamp": LEARNED + 1 - rng.randrange(params.trace_ages)}
        return dict.fromkeys(row, 0) | ({"tagged": row["tagged"]} if params.tag_bits else {}) if silent else row

    heads = [fields(rules_layout(params)) | {"count": rng.randint(1, params.terms)} for _ in range(params.rules)]
    kernel = [rng.randrange(257) for _ in range(params.trace_ages)]
    axons = [axon() for _ in range(params.axons)]
    return Case(heads, kernel, axons, [pre(axon) for axon in axons], rng.getrandbits(params.synapse_words))


def rtl_sweep(params: Params, case: Case) -> Found:
    dut, specs = Led(params, case.tagged), memories(params)
    simulation, learning = Simulation(dut), dut.learning
    written = simulation.record(learning.visit.write, learning.visit.row)
    forgotten = simulation.record(learning.forget, learning.forget_group)
    done, pre = simulation.record(dut.done), list[int]()
    trace = pre_trace_layout(params).pack(jump=0, kernel=0, set=0)
    registers = {Register.LEARNING: 1, Register.LEARNED: LEARNED, Register.EPOCH_STEPS: 1, Register.PRE_TRACE_1: trace}
    heads = {k * (params.terms + 1): rules_layout(params).pack(**head) for k, head in enumerate(case.heads)}

    async def process(ctx: Any) -> None:
        for memory, rows in (
            (Memory.REGISTERS, registers),
            (Memory.RULES, heads),
            (Memory.KERNELS, dict(enumerate(case.kernel))),
            (Memory.AXONS, {k: specs[Memory.AXONS].layout.pack(**row) for k, row in enumerate(case.axons)}),
            (Memory.PRE, {k: specs[Memory.PRE].layout.pack(**row) for k, row in enumerate(case.pre)}),
        ):
            await write(ctx, dut.bus, memory, rows)
        ctx.set(dut.start, 1)
        await ctx.tick()
        ctx.set(dut.start, 0)
        await until(ctx, dut.done)
        ctx.set(dut.bus.reading, 1)
        for row in range(params.axons):
            ctx.set(dut.bus.row, row)
            for _ in range(learning.READ_LATENCY):
                await ctx.tick()
            pre.append(ctx.get(learning.row_data.PRE))

    simulation.drive(process)
    simulation.run()
    assert len(done) == 1 and done[0][0] > forgotten[-1][0] and forgotten[0][0] > written[-1][0]
    return Found([row for _, row in written], [group for _, group in forgotten], pre)


def ref_sweep(params: Params, case: Case) -> Found:
    written, pre = list[int](), list[int]()
    for axon, kept in zip(case.axons, case.pre, strict=True):
        head = case.heads[axon["rule"] - 1]
        x1 = kept["x1"] * case.kernel[min(LEARNED + 1 - kept["stamp"], params.trace_ages - 1)] >> 8
        has_tags = head.get("tagged", 0) and kept.get("tagged", 0)
        after = kept
        if axon["rule"] and (kept["x0"] or x1 or has_tags or not head["quiet"]):
            words = -(-axon["length"] // params.beats) if axon["dense"] else axon["length"]
            rows = range(axon["first"], axon["first"] + words)
            written += rows
            after = kept | {"x0": 0}
            if params.tag_bits:
                after["tagged"] = int(any(case.tagged >> row & 1 for row in rows))
        pre.append(memories(params)[Memory.PRE].layout.pack(**after))
    return Found(written, list(range(params.groups)), pre)


@pytest.mark.parametrize("chip", CHIPS)
def test_a_sweep_writes_every_word_that_can_change_once_and_then_forgets(chip: str) -> None:
    for seed in range(3):
        case = case_of(CHIPS[chip], seed)
        assert rtl_sweep(CHIPS[chip], case) == ref_sweep(CHIPS[chip], case), f"seed {seed}"
