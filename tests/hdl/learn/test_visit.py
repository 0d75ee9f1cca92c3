"""Visits: the new weight and tag of a synapse per cycle, against the rule said in Python."""

import random
from typing import Any, NamedTuple

import pytest

from ganglion.hdl.learn.post import post_slots
from ganglion.hdl.learn.pre import pre_names
from ganglion.hdl.learn.stages import CLIP, ENTRY, FACTORS, MERGE, ROUND, SUM, WRITE
from ganglion.hdl.learn.visit import DRAW, SynapseVisit
from ganglion.model.spec.arithmetic import signed_range
from ganglion.model.spec.learning_memories import FRACTION_BITS, Dependency, Destination, Factor
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.noise_constants import NOISE_BITS
from ganglion.model.spec.params import PRESETS, Params
from tests.hdl.simulate import Simulation

ALL = PRESETS["tiny-learning"]
CHIPS = {
    "all": ALL,
    "dense rows of three": ALL.replace(entry_bits=12, products=1),
    "no tags, no draws": ALL.replace(tag_bits=0, stochastic=False, products=4),
}


class Synapse(NamedTuple):
    """A synapse that is visited, and what it sees."""

    dense: bool
    beat: int
    last: bool
    row: int
    """Of SYNAPSES; of a dense row the same in all its beats, as are the tags."""
    tags: int
    pre: dict[str, int]
    post: dict[str, int]
    modulators: list[int]
    terms: list[dict[str, int]]
    stochastic: bool
    draw: int
    low: int
    high: int
    counts: bool
    tagged: bool


def synapses_of(params: Params, seed: int) -> list[Synapse]:
    rng, layout = random.Random(seed), memories(params)[Memory.SYNAPSES].layout
    low, high = signed_range(params.weight_bits)
    modulators = [rng.randint(*signed_range(params.modulator_bits)) for _ in range(params.modulators)]
    has = {Factor.ONE, Factor.X0, Factor.Y0, Factor.W}
    has |= {Factor[name.upper()] for name in [*pre_names(params), *(f"y{slot}" for slot in post_slots(params))]}
    has |= {Factor(Factor.R0 + k) for k in range(params.modulators)} | ({Factor.E} if params.tag_bits else set())
    factors = [int(factor) for factor in sorted(has)]

    def term() -> dict[str, int]:
        fields = {f"factor{k}": rng.choice(factors) for k in (1, 2, 3)}
        fields |= {"dependency": int(rng.choice(list(Dependency))), "scale": rng.randint(-128, 127)}
        fields["shift"] = rng.choice((rng.randrange(24), rng.randrange(6, 14)))
        return fields | ({"destination": int(rng.choice(list(Destination)))} if params.tag_bits else {})

    found = list[Synapse]()
    while len(found) < 80:
        terms = [term() for _ in range(rng.randint(1, params.terms))]
        pre = {"x0": rng.randrange(2), **{name: rng.randrange(1 << params.trace_bits) for name in pre_names(params)}}
        clip = sorted(rng.randint(low, high) for _ in range(2))
        rule = {"stochastic": bool(params.stochastic) and rng.random() < 0.5, "counts": rng.random() < 0.7}
        rule |= {"low": clip[0], "high": clip[1], "tagged": bool(params.tag_bits) and rng.random() < 0.5}
        dense = rng.random() < 0.6
        beats = rng.randint(1, params.beats) if dense else 1
        row = rng.getrandbits(layout.width)
        row &= ~rng.choice((0, (1 << layout.width) - (1 << params.weight_bits)))  # many are no synapse, if sparse
        tags = rng.getrandbits(params.beats * params.tag_bits)
        for beat in range(beats):
            post = {f"y{slot}": rng.randint(*signed_range(params.trace_bits + 1)) for slot in post_slots(params)}
            place, draw = (dense, beat, beat == beats - 1, row, tags), rng.getrandbits(NOISE_BITS)
            seen = (pre, {"y0": rng.randrange(2), **post}, modulators)
            found.append(Synapse(*place, *seen, terms, draw=draw, **rule))
    return found


def rtl_visit(params: Params, synapses: list[Synapse]) -> tuple[list[tuple[int, int]], list[tuple[int, ...]]]:
    """The rows of synapses and tags that are whole, and of each synapse what is counted."""
    dut = SynapseVisit(params)
    simulation, layout = Simulation(dut), memories(params)[Memory.SYNAPSES].layout
    passes = [
        (synapse, first, first + params.products >= len(synapse.terms))
        for synapse in synapses
        for first in range(0, len(synapse.terms), params.products)
    ]
    rows, counted = list[tuple[int, int]](), list[tuple[int, ...]]()

    async def process(ctx: Any) -> None:
        visit = dut.visit
        for cycle in range(len(passes) + WRITE):

            def at(stage: int, cycle: int = cycle) -> tuple[Synapse, int, bool] | None:
                return passes[cycle - stage] if 0 <= cycle - stage < len(passes) else None

            if now := at(ENTRY):
                synapse, _, _ = now
                ctx.set(dut.word.dense, synapse.dense)
                ctx.set(dut.word.beat, synapse.beat)
                ctx.set(dut.entry.as_value(), synapse.row)
                if params.tag_bits:
                    ctx.set(dut.tags, synapse.tags)
            if now := at(DRAW):
                ctx.set(dut.draw, now[0].draw)
            if now := at(FACTORS):
                synapse, first, _ = now
                for name, value in synapse.pre.items():
                    ctx.set(visit.pre[name], value)
                for name, value in synapse.post.items():
                    ctx.set(dut.post[name], value)
                for k, value in enumerate(synapse.modulators):
                    ctx.set(visit.modulators[k], value)
                terms = synapse.terms[first : first + params.products]
                ctx.set(visit.terms_valid, (1 << len(terms)) - 1)
                for k, term in enumerate(terms):
                    for name, value in term.items():
                        ctx.set(visit.terms[k][name], value)
            if now := at(SUM):
                ctx.set(visit.opens, now[1] == 0)
            if now := at(ROUND):
                ctx.set(visit.stochastic, now[0].stochastic)
            if now := at(CLIP):
                ctx.set(visit.low, now[0].low)
                ctx.set(visit.high, now[0].high)
            now = at(MERGE)
            ctx.set(visit.final, bool(now and now[2]))
            if now:
                ctx.set(visit.beat, now[0].beat)
                ctx.set(visit.counts, now[0].counts)
                ctx.set(visit.tagged, now[0].tagged)
            if (now := at(WRITE)) and now[2]:
                names = ("visited", "changed", "saturated", "tagged")
                counted.append(tuple(ctx.get(getattr(dut, name)) for name in names))
                if now[0].last:
                    rows.append((ctx.get(dut.new_entry), ctx.get(dut.new_tags) if params.tag_bits else 0))
            await ctx.tick()

    simulation.drive(process)
    simulation.run()
    assert layout.width == len(dut.new_entry)
    return rows, counted


def ref_visit(params: Params, synapses: list[Synapse]) -> tuple[list[tuple[int, int]], list[tuple[int, ...]]]:
    layout = memories(params)[Memory.SYNAPSES].layout
    rows, counted, row, tags = list[tuple[int, int]](), list[tuple[int, ...]](), 0, 0

    def part(word: int, beat: int, bits: int) -> int:
        value = word >> beat * bits & ((1 << bits) - 1)
        return value - (value >> (bits - 1) << bits)

    def replaced(word: int, beat: int, bits: int, value: int) -> int:
        mask = (1 << bits) - 1
        return word & ~(mask << beat * bits) | (value & mask) << beat * bits

    for synapse in synapses:
        if synapse.beat == 0:
            row, tags = synapse.row, synapse.tags
        w = part(synapse.row, synapse.beat, params.weight_bits)
        e = part(synapse.tags, synapse.beat, params.tag_bits) if params.tag_bits else 0
        exists = synapse.dense or layout.unpack(synapse.row)["delay"] != 0
        sees = {"one": 1, "w": w, "e": e, **synapse.pre, **synapse.post}
        sees |= {f"r{k}": value for k, value in enumerate(synapse.modulators)}
        sums = {Destination.WEIGHT: w << FRACTION_BITS, Destination.TAG: e << FRACTION_BITS}
        for term in synapse.terms:
            value = term["scale"] << term["shift"]
            for k in (1, 2, 3):
                value *= sees[Factor(term[f"factor{k}"]).name.lower()]
            value *= {Dependency.ALWAYS: 1, Dependency.X0: sees["x0"], Dependency.Y0: sees["y0"]}[
                Dependency(term["dependency"])
            ]
            sums[Destination(term.get("destination", 0))] += value
        rounding = synapse.draw & ((1 << FRACTION_BITS) - 1) if synapse.stochastic else 0
        exact_w, exact_e = ((sums[to] + rounding) >> FRACTION_BITS for to in Destination)
        new_w = max(synapse.low, min(synapse.high, exact_w))
        low, high = signed_range(params.tag_bits) if params.tag_bits else (0, 0)
        new_e = max(low, min(high, exact_e))
        if exists:
            row = replaced(row, synapse.beat, params.weight_bits, new_w)
            tags = replaced(tags, synapse.beat, params.tag_bits, new_e)
        beyond = (new_w != exact_w) + (new_e != exact_e and params.tag_bits > 0)
        visited = synapse.counts or (synapse.tagged and e != 0)
        counted.append(tuple(int(exists and value) for value in (visited, new_w != w, beyond, new_e != 0)))
        if synapse.last:
            rows.append((row, tags))
    return rows, counted


@pytest.mark.parametrize("chip", CHIPS)
def test_every_synapse_changes_as_its_rule_says(chip: str) -> None:
    for seed in range(2):
        synapses = synapses_of(CHIPS[chip], seed)
        assert rtl_visit(CHIPS[chip], synapses) == ref_visit(CHIPS[chip], synapses), f"seed {seed}"
