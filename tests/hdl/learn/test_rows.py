"""The rows of a sweep: those that are visited, in order, with what their words share, and their keys in time."""

import random
from typing import Any, NamedTuple

import pytest

from ganglion.hdl.learn.pre import PreTraces, pre_names
from ganglion.hdl.learn.rows import RowSieve
from ganglion.hdl.update.noise import NoiseLane
from ganglion.model.spec.learning_memories import rules_layout
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.noise import step_keys
from ganglion.model.spec.noise_constants import KEYED_ROUNDS
from ganglion.model.spec.params import PRESETS, Params
from tests.hdl.simulate import Simulation, Stalls, stalls_of, write

ALL = PRESETS["tiny-learning"]
CHIPS = {"all": ALL, "no tags, no draws": ALL.replace(tag_bits=0, stochastic=False, pre_traces=1)}
SEED, EPOCH = 0x12345678, 7


class Case(NamedTuple):
    """A table of rules, and rows of the axon table with what their sources remember."""

    heads: list[dict[str, int]]
    rows: list[dict[str, int]]
    views: list[dict[str, int]]
    tagged: list[int]


class Passed(NamedTuple):
    """What is told of a row that is passed on."""

    row: int
    rule: int
    first_term: int
    view: tuple[int, ...]
    active: int
    tagged: int


def case_of(params: Params, seed: int) -> Case:
    rng, layout = random.Random(seed), memories(params)[Memory.AXONS].layout

    def fields(of: Any) -> dict[str, int]:
        return {field.name: rng.randint(field.low, field.high) for field in of.fields if field.name != "unused"}

    heads = [{**fields(rules_layout(params)), "count": rng.randint(1, params.terms)} for _ in range(params.rules)]
    rows = [{**fields(layout), "rule": rng.randint(0, params.rules)} for _ in range(60)]
    for row in rows:
        row["length"] = rng.choice((0, row["length"], row["length"]))
    views = []
    for _ in rows:
        silent = rng.random() < 0.5
        names = pre_names(params)
        view = {name: 0 if silent else rng.choice((0, rng.randrange(1 << params.trace_bits))) for name in names}
        views.append({"x0": 0 if silent else rng.randrange(2), **view})
    return Case(heads, rows, views, [int(params.tag_bits > 0 and rng.random() < 0.3) for _ in rows])


def asked_for(keys: list[list[int]], cycle: int) -> list[int]:
    """The keys that a word finds that asks for them in a cycle, and for those of the later rounds in the next one."""
    return [keys[cycle + (round_ >= NoiseLane.SPLIT)][k] for k, round_ in enumerate(KEYED_ROUNDS)]


def rtl_rows(params: Params, case: Case, stalls: Stalls) -> tuple[list[Passed], list[list[list[int]]]]:
    """What is passed on, and the keys that the first and the last word of each of these rows find."""
    dut, specs = RowSieve(params), memories(params)
    simulation = Simulation(dut)
    axons, rules = specs[Memory.AXONS].layout, specs[Memory.RULES].layout
    table = {k * (params.terms + 1): rules.pack(**head) for k, head in enumerate(case.heads)}
    rows = [axons.pack(**row) for row in case.rows]
    passed, leaving, keys = list[Passed](), list[int](), list[list[list[int]]]()
    pauses = stalls.sequence(stalls.sink, "o")

    async def process(ctx: Any) -> None:
        await write(ctx, dut.bus, Memory.RULES, table)
        ctx.set(dut.sweeping, 1)
        ctx.set(dut.seed, SEED)
        ctx.set(dut.epoch, EPOCH)
        beside: list[int | None] = [None] * PreTraces.VIEW_LATENCY
        coming, seen_keys = 0, list[list[int]]()
        for cycle in range(4000):
            beside[0] = coming if coming < len(rows) else None
            ctx.set(dut.i.valid, beside[0] is not None)
            ctx.set(dut.i.payload.as_value(), rows[coming] if coming < len(rows) else 0)
            if (here := beside[-1]) is not None:
                for name, value in case.views[here].items():
                    ctx.set(dut.pre[name], value)
                if params.tag_bits:
                    ctx.set(dut.kept.tagged, case.tagged[here])
            ctx.set(dut.o.ready, not next(pauses))
            seen_keys.append([ctx.get(key) for key in dut.keys])
            if ctx.get(dut.o.valid) and ctx.get(dut.o.ready):
                order = dut.order
                view = tuple(ctx.get(order.pre[name]) for name in ("x0", *pre_names(params)))
                row, rule = ctx.get(dut.o.payload.as_value()), ctx.get(order.rule.as_value())
                tagged = ctx.get(dut.was.tagged) if params.tag_bits else 0
                passed.append(Passed(row, rule, ctx.get(order.terms), view, ctx.get(order.active), tagged))
                leaving.append(cycle)
            if ctx.get(dut.advance):
                coming += beside[0] is not None
                beside = [None, *beside[:-1]]
            await ctx.tick()
            if coming == len(rows) and not ctx.get(dut.busy) and cycle > max(leaving, default=0) + 10:
                break
        # The first word of a row asks for its keys in the first of these cycles, the last one in the second at latest.
        for left, following in zip(leaving, [*leaving[1:], leaving[-1] + 1], strict=True):
            keys.append([asked_for(seen_keys, cycle + dut.KEYS_LATE) for cycle in (left, following - 1)])

    simulation.drive(process)
    simulation.run()
    return passed, keys


def ref_rows(params: Params, case: Case) -> tuple[list[Passed], list[list[int]]]:
    axons, rules = memories(params)[Memory.AXONS].layout, memories(params)[Memory.RULES].layout
    passed, keys = list[Passed](), list[list[int]]()
    for row, view, tagged in zip(case.rows, case.views, case.tagged, strict=True):
        if not row["rule"] or not row["length"]:
            continue
        head, first = case.heads[row["rule"] - 1], (row["rule"] - 1) * (params.terms + 1) + 1
        active = any(view.values())
        if active or not head["quiet"] or (tagged and head["tagged"]):
            passed.append(Passed(axons.pack(**row), rules.pack(**head), first, tuple(view.values()), active, tagged))
            number = 1 << 31 | row.get("copy", 0) << 20 | row.get("source", 0)
            drawn = head.get("stochastic", 0)
            keys.append(step_keys(SEED ^ number, EPOCH) if drawn else [])
    return passed, keys


@pytest.mark.parametrize("chip", CHIPS)
@pytest.mark.parametrize("seed", range(3))
def test_the_rows_that_can_change(chip: str, seed: int) -> None:
    params = CHIPS[chip]
    case = case_of(params, seed)
    (passed, keys), (wanted, wanted_keys) = rtl_rows(params, case, stalls_of(seed)), ref_rows(params, case)
    assert passed == wanted
    drawn = [(got, [of, of]) for got, of in zip(keys, wanted_keys, strict=True) if of]
    assert [got for got, _ in drawn] == [of for _, of in drawn]
