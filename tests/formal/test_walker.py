"""The row walker."""

from typing import Any

import pytest
from amaranth.hdl import Mux, Signal

from ganglion.hdl.deliver.walker import RowWalker
from ganglion.hdl.lib.layouts import struct
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.params import Params
from tests.formal.contracts import relies_on, transfers
from tests.formal.prove import prove
from tests.formal.spec import Spec

SIZES = {
    2: Params(neurons=4, axons=2, synapse_words=6, fanout_entries=4, weight_bits=4, delay_slots=4),
    3: Params(neurons=4, axons=2, synapse_words=6, fanout_entries=4, weight_bits=4, delay_slots=64),
    4: Params(neurons=4, axons=2, synapse_words=6, fanout_entries=4, weight_bits=4, entry_bits=16),
}
"""By the dense weights that a synapse word holds per lane."""


LONGEST_STALL = 1
"""Cycles of a stall, in the proof of all time; see below."""


@pytest.mark.parametrize("beats", [4, *(pytest.param(beats, marks=pytest.mark.slow) for beats in (2, 3))])
def test_a_row_is_length_words_without_a_gap(beats: int) -> None:
    """A row that is taken is offered as `length` words, from the next cycle on, each until it is taken: word j is row
    `first + j`, or, where it is dense, beat j mod n of row `first + j // n` for the groups from `group + j * stride`
    on, where n is beats / stride. The next row is taken with the last of these words, and never sooner, so that rows
    offered back to back are walked without a gap; an empty row takes the cycle in which it is taken.

    How far a row has been walked shows in no output while it is stalled, so induction, which is over the longest row
    there is, cannot see it through an endless stall. Here no stall is longer than LONGEST_STALL;
    `test_a_row_is_walked_from_the_start` has stalls of any length.
    """
    spec, walker, stalled = walker_and_its_row("walker", beats)
    spec.assume(stalled <= LONGEST_STALL)
    prove(spec, depth=2 + (1 + LONGEST_STALL) * (1 << len(walker.rows.payload.length)))


@pytest.mark.parametrize("beats", SIZES)
def test_a_row_is_walked_from_the_start(beats: int) -> None:
    """As above, for the first cycles, with any stalls."""
    spec, _, _ = walker_and_its_row("walker_start", beats)
    prove(spec, mode="bmc", depth=11)


def walker_and_its_row(name: str, beats: int) -> tuple[Spec, RowWalker, Any]:
    """The walker beside the row that it walks; also, for how many cycles `words` has been stalled."""
    params = SIZES[beats]
    assert params.beats == beats
    layout = memories(params)[Memory.AXONS].layout
    stride, beats = params.stride, beats // params.stride
    spec = Spec(f"{name}_{params.beats}_beats")
    walker = spec.add(RowWalker(params))
    offer, word = walker.rows.payload, walker.words.payload
    spec.assume_all(relies_on(spec.m, walker))

    row, walking = Signal(struct(layout)), Signal()
    j, whole, beat = Signal(offer.length.shape()), Signal(word.row.shape()), Signal(range(beats))
    last = walking & (j == row.length - 1)
    with spec.m.If(transfers(walker.rows)):
        spec.m.d.sync += [row.eq(offer), walking.eq(offer.length != 0), j.eq(0), whole.eq(0), beat.eq(0)]
    with spec.m.Elif(transfers(walker.words)):
        spec.m.d.sync += [
            walking.eq(~last),
            j.eq(j + 1),
            whole.eq(whole + (beat == beats - 1)),
            beat.eq(Mux(beat == beats - 1, 0, beat + 1)),
        ]

    there = walker.words.valid == walking
    spec.claim("there is a word exactly while a row has words left", there, seen=walking & (j == 2))
    spec.claim(
        "the next row is taken with the last word, not sooner and not later",
        walker.rows.ready == (~walking | (last & walker.words.ready)),
        seen=last & walker.words.ready & (j == 2),
    )
    wanted = {
        "row": (row.first + Mux(row.dense, whole, j))[: len(word.row)],
        "group": (row.group + j * stride)[: len(word.group)],
    }
    dense = walking & row.dense
    spec.claim("the word lies where the row says", word.row == wanted["row"], when=walking)
    spec.claim("a dense word has its turn in the beats", ~dense | (word.beat == beat), seen=dense & (beat == beats - 1))
    spec.claim("a dense word goes to its group", ~dense | (word.group == wanted["group"]), seen=dense & (j == 2))
    spec.claim("delay and encoding are the row's", (word.dense == row.dense) & (word.delay == row.delay), when=walking)
    read, row_asked = Signal(), Signal.like(word.row)
    spec.m.d.sync += [read.eq(walker.bus.reading), row_asked.eq(walker.bus.row)]
    spec.claim("what is to be read is in the row of the word a cycle later", word.row == row_asked, when=read)

    stalled = Signal(range(LONGEST_STALL + 2))
    waits = walker.words.valid & ~walker.words.ready
    spec.m.d.sync += stalled.eq(Mux(waits, stalled + (stalled <= LONGEST_STALL), 0))
    return spec, walker, stalled
