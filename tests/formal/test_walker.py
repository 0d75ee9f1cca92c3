"""The row walker."""

import pytest
from amaranth.hdl import Mux, Signal

from ganglion.hdl.deliver.walker import RowWalker
from ganglion.hdl.lib.layouts import struct
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.params import Params
from tests.formal.contracts import relies_on
from tests.formal.prove import prove
from tests.formal.spec import Spec

SIZES = {
    2: Params(neurons=4, axons=2, synapse_words=6, fanout_entries=4, weight_bits=4, delay_slots=4),
    3: Params(neurons=4, axons=2, synapse_words=6, fanout_entries=4, weight_bits=4, delay_slots=64),
}
"""By the dense weights that a synapse word holds per lane."""


@pytest.mark.parametrize("beats", SIZES)
def test_a_row_is_length_words_without_a_gap(beats: int) -> None:
    """A row that is taken is walked in the `length` cycles that follow: word j is row `first + j`, or, where it is
    dense, beat j mod beats of row `first + j // beats` for group `group + j`. The next row is taken in the last of
    these cycles, and never sooner, so that rows offered back to back are walked without a gap; an empty row takes the
    cycle in which it is taken. Induction over the longest row there is."""
    params = SIZES[beats]
    assert params.beats == beats
    layout = memories(params)[Memory.AXONS].layout
    spec = Spec(f"walker_{beats}_beats")
    walker = spec.add(RowWalker(params))
    offered, word = walker.rows.payload, walker.word
    spec.assume_all(relies_on(spec.m, walker))

    row, walking = Signal(struct(layout)), Signal()
    j, whole, beat = Signal(offered.length.shape()), Signal(word.row.shape()), Signal(range(beats))
    last = j == row.length - 1
    taken = walker.rows.valid & walker.rows.ready
    with spec.m.If(taken):
        spec.m.d.sync += [row.eq(offered), walking.eq(offered.length != 0), j.eq(0), whole.eq(0), beat.eq(0)]
    with spec.m.Else():
        spec.m.d.sync += [
            walking.eq(walking & ~last),
            j.eq(j + 1),
            whole.eq(whole + (beat == beats - 1)),
            beat.eq(Mux(beat == beats - 1, 0, beat + 1)),
        ]

    spec.claim("there is a word in exactly the cycles of a row", walker.valid == walking)
    spec.claim(
        "the next row is taken with the last word, not sooner and not later", walker.rows.ready == (~walking | last)
    )
    wanted = {
        "row": (row.first + Mux(row.dense, whole, j))[: len(word.row)],
        "group": (row.group + j)[: len(word.group)],
    }
    spec.claim("the word lies where the row says", ~walking | (word.row == wanted["row"]))
    spec.claim("a dense word has its turn in the beats", ~(walking & row.dense) | (word.beat == beat))
    spec.claim("a dense word goes to its group", ~(walking & row.dense) | (word.group == wanted["group"]))
    spec.claim("delay and encoding are the row's", ~walking | ((word.dense == row.dense) & (word.delay == row.delay)))
    read, asked = Signal(), Signal.like(word.row)
    spec.m.d.sync += [read.eq(walker.bus.reading), asked.eq(walker.bus.row)]
    spec.claim("what is to be read is in the row of the word a cycle later", ~read | (word.row == asked))
    prove(spec, depth=2 + (1 << len(offered.length)))
