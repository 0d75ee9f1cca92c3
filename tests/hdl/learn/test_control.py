"""What the lanes are told of each word of a sweep, in the cycle in which they need it."""

import random
from typing import Any, NamedTuple

import pytest

from ganglion.hdl.learn.control import VisitControl
from ganglion.hdl.learn.pre import pre_names
from ganglion.hdl.learn.stages import CLIP, FACTORS, MERGE, ROUND, SUM, WRITE
from ganglion.model.spec.learning_memories import rules_layout, terms_layout
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.params import PRESETS, Params
from tests.hdl.simulate import Simulation, Stalls, stalls_of

ALL = PRESETS["tiny-learning"]
CHIPS = {
    "as many terms as products and more": ALL.replace(entry_bits=12),
    "never more terms than products": ALL.replace(terms=2, rules=3, tag_bits=0, stochastic=False, pre_traces=1),
}


class Word(NamedTuple):
    """A synapse word."""

    row: int
    dense: bool
    beat: int
    last: bool


class Row(NamedTuple):
    """A row of a sweep."""

    rule: int
    head: dict[str, int]
    pre: dict[str, int]
    active: bool
    words: list[Word]


class Pass(NamedTuple):
    """What is told of a word, or of some terms of it."""

    terms: list[int]
    pre: tuple[int, ...]
    opens: int
    stochastic: int
    clip: tuple[int, int]
    final: int
    beat: int
    counts: int
    tagged: int
    ends: int
    writes: int | None
    """The row that is written."""


def case_of(params: Params, seed: int) -> tuple[list[int], list[Row]]:
    """Rows of RULES, and rows of a sweep with their words."""
    rng, heads, table = random.Random(seed), list[dict[str, int]](), list[int]()
    for _ in range(params.rules):
        head = {field.name: rng.randint(field.low, field.high) for field in rules_layout(params).fields}
        heads.append(head | {"unused": 0, "count": rng.randint(1, params.terms)})
        table += [rules_layout(params).pack(**heads[-1])]
        table += [rng.getrandbits(terms_layout(params).width) for _ in range(params.terms)]

    def row() -> Row:
        number, dense, length = rng.randrange(params.rules), rng.random() < 0.5, rng.randint(1, 5)
        first, beats = rng.randrange(params.synapse_words - length), params.beats if dense else 1
        words = [Word(first + k // beats, dense, k % beats, k == length - 1) for k in range(length)]
        pre = {name: rng.randrange(1 << params.trace_bits) for name in pre_names(params)}
        return Row(number, heads[number], {"x0": rng.randrange(2), **pre}, rng.random() < 0.5, words)

    return table, [row() for _ in range(40)]


def rtl_control(params: Params, table: list[int], rows: list[Row], stalls: Stalls) -> list[Pass]:
    """What is told of each pass; where there is none, nothing may be written or end."""
    dut, cycles = VisitControl(params), list[dict[str, Any]]()
    simulation, pauses = Simulation(dut), stalls.sequence(stalls.source, "words")
    visit, layout = dut.visit, memories(params)[Memory.RULES].layout
    simulation.load(dut.bus, Memory.RULES, dict(enumerate(table)))
    ports = {name: getattr(visit, name) for name in ("opens", "low", "high", "final", "beat", "counts", "write", "row")}
    ports |= {"ends": dut.ends, "valid": dut.words.valid, "terms_valid": visit.terms_valid}
    ports |= {name: getattr(visit, name) for name in ("stochastic", "tagged")}

    async def tick(ctx: Any) -> None:
        now = {name: ctx.get(port) for name, port in ports.items()}
        now["terms"] = [ctx.get(visit.terms[k].as_value()) for k in range(params.products)]
        now["pre"] = tuple(ctx.get(visit.pre[name]) for name in ("x0", *pre_names(params)))
        cycles.append(now)
        await ctx.tick()

    def begin(ctx: Any, row: Row) -> None:
        ctx.set(dut.begins, 1)
        ctx.set(dut.order.rule.as_value(), layout.pack(**row.head))
        ctx.set(dut.order.terms, row.rule * (params.terms + 1) + 1)
        ctx.set(dut.order.active, row.active)
        for name, value in row.pre.items():
            ctx.set(dut.order.pre[name], value)

    async def process(ctx: Any) -> None:
        ctx.set(dut.sweeping, 1)
        begin(ctx, rows[0])
        await tick(ctx)
        ctx.set(dut.begins, 0)
        for row, following in zip(rows, [*rows[1:], None], strict=True):
            for word in row.words:
                while next(pauses):
                    await tick(ctx)
                for name, value in word._asdict().items():
                    ctx.set(dut.words.payload[name], value)
                ctx.set(dut.words.valid, 1)
                while not ctx.get(dut.words.ready):
                    await tick(ctx)
                # The next row begins with the last word, as the walker takes it.
                if word.last and following:
                    begin(ctx, following)
                await tick(ctx)
                ctx.set(dut.begins, 0)
                ctx.set(dut.words.valid, 0)
        for _ in range(WRITE):
            await tick(ctx)

    simulation.drive(process)
    simulation.run()
    found = list[Pass]()
    for first in range(len(cycles) - WRITE):
        at = cycles[first : first + WRITE + 1]
        if not at[0]["valid"]:
            assert not (at[MERGE]["final"] or at[MERGE]["ends"] or at[WRITE]["write"])
            continue
        terms = [term for k, term in enumerate(at[FACTORS]["terms"]) if at[FACTORS]["terms_valid"] >> k & 1]
        merge = [at[MERGE][name] for name in ("final", "beat", "counts", "tagged", "ends")]
        clip, writes = (at[CLIP]["low"], at[CLIP]["high"]), at[WRITE]["row"] if at[WRITE]["write"] else None
        found.append(Pass(terms, at[FACTORS]["pre"], at[SUM]["opens"], at[ROUND]["stochastic"], clip, *merge, writes))
    return found


def ref_control(params: Params, table: list[int], rows: list[Row]) -> list[Pass]:
    found = list[Pass]()
    for row in rows:
        head, first = row.head, row.rule * (params.terms + 1) + 1
        terms = [word & ((1 << terms_layout(params).width) - 1) for word in table[first : first + head["count"]]]
        for word in row.words:
            whole = not word.dense or word.beat == params.beats - 1 or word.last
            for begin in range(0, len(terms), params.products):
                final = begin + params.products >= len(terms)
                found.append(
                    Pass(
                        terms=terms[begin : begin + params.products],
                        pre=tuple(row.pre.values()),
                        opens=begin == 0,
                        stochastic=head.get("stochastic", 0),
                        clip=(head["low"], head["high"]),
                        final=final,
                        beat=word.beat,
                        counts=row.active or not head["quiet"],
                        tagged=head.get("tagged", 0),
                        ends=final and word.last,
                        writes=word.row if final and whole else None,
                    )
                )
    return found


@pytest.mark.parametrize("chip", CHIPS)
def test_every_word_has_all_terms_of_its_rule(chip: str) -> None:
    for seed in range(2):
        table, rows = case_of(CHIPS[chip], seed)
        assert rtl_control(CHIPS[chip], table, rows, stalls_of(seed)) == ref_control(CHIPS[chip], table, rows), seed
