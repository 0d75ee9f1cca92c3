"""The row walker: every synapse word of every row, and not a cycle more."""

import random

import pytest

from ganglion.hdl.deliver.walker import RowWalker
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.params import PRESETS
from tests.hdl.simulate import Simulation, Stalls

PARAMS = PRESETS["tiny"].replace(neurons=32, fanout_entries=32, synapse_words=64, entry_bits=16)
LAYOUT = memories(PARAMS)[Memory.AXONS].layout

Row = dict[str, int]
Word = tuple[int, ...]


def rows_of(seed: int, count: int = 60) -> list[Row]:
    rng = random.Random(seed)
    rows = []
    for _ in range(count):
        dense = rng.randrange(2)
        length = rng.choice((0, 1, 2, 3, rng.randrange(PARAMS.groups // PARAMS.stride + 1)))
        room = PARAMS.synapse_words - length
        rows.append(
            {
                "first": rng.randrange(room + 1),
                "length": length,
                "dense": dense,
                "group": rng.randrange(PARAMS.groups),
                "delay": rng.randrange(PARAMS.delay_slots),
            }
        )
    return rows


def rtl_walker(rows: list[Row], stalls: Stalls) -> list[tuple[int, Word]]:
    """Each word that is walked: cycles since the first row was taken, and what it says."""
    dut = RowWalker(PARAMS)
    simulation = Simulation(dut)
    simulation.source(dut.rows, [LAYOUT.pack(**row) for row in rows], stalls.sequence(stalls.source, "rows"))
    taken = simulation.record(dut.rows.valid & dut.rows.ready)
    simulation.sink(dut.words, stalls.sequence(stalls.sink, "words"))
    fields = (dut.words.payload[name] for name in ("row", "dense", "beat", "group", "delay"))
    words = simulation.record(dut.words.valid & dut.words.ready, *fields)
    simulation.run()
    return [(cycle - taken[0][0], meaning(*word)) for cycle, *word in words]


def meaning(row: int, dense: int, beat: int, group: int, delay: int) -> Word:
    """The fields of a word that count: a sparse word has groups and delays in its entries."""
    return (row, dense, beat, group, delay) if dense else (row, dense, beat)


def ref_walker(rows: list[Row]) -> list[tuple[int, Word]]:
    """As above, where the next row is there whenever it is wanted."""
    words, cycle = [], 1
    for row in rows:
        for k in range(row["length"]):
            word, beat = divmod(k, PARAMS.beats // PARAMS.stride) if row["dense"] else (k, 0)
            group = (row["group"] + k * PARAMS.stride) % PARAMS.groups
            words.append((cycle + k, meaning(row["first"] + word, row["dense"], beat, group, row["delay"])))
        cycle += max(1, row["length"])
    return words


def test_the_sizes_have_beats() -> None:
    assert PARAMS.beats // PARAMS.stride >= 2 and PARAMS.stride > 1


@pytest.mark.parametrize("seed", range(8))
def test_one_word_per_cycle_without_a_gap(seed: int) -> None:
    rows = rows_of(seed)
    assert rtl_walker(rows, Stalls(seed)) == ref_walker(rows), f"seed {seed}"


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("pause", [0.3, 0.8])
def test_rows_may_come_late(seed: int, pause: float) -> None:
    rows = rows_of(seed)
    walked = rtl_walker(rows, Stalls(seed, source=pause))
    assert [word for _, word in walked] == [word for _, word in ref_walker(rows)], f"seed {seed}"


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("rows_pause", [0, 0.5])
@pytest.mark.parametrize("words_pause", [0.2, 0.8])
def test_words_may_be_stalled(seed: int, rows_pause: float, words_pause: float) -> None:
    """Every word comes once, in order, whatever the pauses on both sides."""
    rows = rows_of(seed)
    walked = rtl_walker(rows, Stalls(seed, source=rows_pause, sink=words_pause))
    assert [word for _, word in walked] == [word for _, word in ref_walker(rows)], f"seed {seed}"


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("pause", [0.2, 0.8])
def test_a_stall_costs_its_own_cycles_and_no_more(seed: int, pause: float) -> None:
    """With rows always there: a cycle is one of a word, of an empty row, or of a stall, across rows and spikes."""
    rows = [*rows_of(seed), {"first": 0, "length": 1, "dense": 0, "group": 0, "delay": 0}]
    dut, stalls = RowWalker(PARAMS), Stalls(seed, sink=pause)
    simulation = Simulation(dut)
    simulation.source(dut.rows, [LAYOUT.pack(**row) for row in rows], stalls.sequence(stalls.source, "rows"))
    simulation.sink(dut.words, stalls.sequence(stalls.sink, "words"))
    taken = simulation.record(dut.rows.valid & dut.rows.ready)
    words = simulation.record(dut.words.valid & dut.words.ready)
    stalled = simulation.record(dut.words.valid & ~dut.words.ready)
    simulation.run()
    empty = [row for row in rows if not row["length"]]
    assert len(words) == sum(row["length"] for row in rows) and stalled and empty
    assert words[-1][0] - taken[0][0] == len(words) + len(stalled) + len(empty)


@pytest.mark.parametrize("dense", [0, 1])
@pytest.mark.parametrize("length", range(6))
def test_rows_of_one_length(length: int, dense: int) -> None:
    rows = [{"first": k, "length": length, "dense": dense, "group": k, "delay": 1} for k in range(4)]
    assert rtl_walker(rows, Stalls(0)) == ref_walker(rows)
