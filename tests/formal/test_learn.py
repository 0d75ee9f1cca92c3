"""What learns: every word of a sweep is written once, no weight leaves its clip range, no delivery is lost."""

from itertools import count
from typing import Any

from amaranth.hdl import Module, Signal

from ganglion.hdl.deliver.synapses import SynapseLane
from ganglion.hdl.learn.control import VisitControl
from ganglion.hdl.learn.product import Product
from ganglion.hdl.learn.stages import CLIP, ENTRY, MERGE, WRITE
from ganglion.hdl.learn.visit import SynapseVisit
from ganglion.model.spec.memories import Memory
from ganglion.model.spec.params import SPIKES, Params
from tests.formal.contracts import transfers
from tests.formal.memories import any_rows
from tests.formal.prove import prove
from tests.formal.spec import Spec

PARAMS = Params(
    neurons=4, axons=2, synapse_words=6, fanout_entries=4, weight_bits=4, delay_slots=4, entry_bits=8, products=2,
    rules=2, terms=3, y1_feeds=SPIKES, trace_bits=2, trace_ages=2, kernels=1, tag_bits=2, stochastic=True,
)  # fmt: skip


def test_a_word_is_written_once() -> None:
    """Whatever rows come, and whenever: a word that is taken in a sweep is written WRITE cycles later, in its row, if
    it is sparse, the last beat of its row of the memory, or the last word of its row of the table; nothing else is.

    That the walker makes each word of a row once is proved of the walker.
    """
    spec = Spec("visit_control", memory=any_rows)
    control = spec.add(VisitControl(PARAMS))
    word, visit = control.words.payload, control.visit
    taken = transfers(control.words) & control.sweeping
    whole = ~word.dense | (word.beat == PARAMS.beats - 1) | word.last
    due = spec.before(taken & whole, WRITE)
    spec.claim("a word that makes a row whole is written, and no other", visit.write == due, seen=due)
    spec.claim("in its own row", visit.row == spec.before(word.row, WRITE), when=visit.write)
    spec.claim("a beat is put in its own place", visit.beat == spec.before(word.beat, MERGE), when=visit.final)
    spec.claim("what is written was put together in the cycle before", spec.before(visit.final), when=visit.write)
    spec.claim("it is busy until then", control.busy, when=visit.write)
    prove(spec, depth=WRITE + 2)


def test_a_word_is_taken_when_all_terms_were_told() -> None:
    """A rule of n terms has its words taken in every ceil(n / products)-th cycle."""
    spec = Spec("visit_terms", memory=any_rows)
    control = spec.add(VisitControl(PARAMS))
    count, told, sweeps = Signal.like(control.order.rule.count), Signal(8), control.words.valid & control.sweeping
    spec.assume(~control.begins | (control.order.rule.count != 0))
    spec.assume(~control.begins | ~control.words.valid | (control.words.ready & control.words.payload.last))
    begun = Signal()
    spec.assume(begun | ~control.words.valid)
    with spec.m.If(control.begins):
        spec.m.d.sync += [count.eq(control.order.rule.count), told.eq(0), begun.eq(1)]
    with spec.m.Elif(sweeps):
        spec.m.d.sync += told.eq(0)
        with spec.m.If(~control.words.ready):
            spec.m.d.sync += told.eq(told + PARAMS.products)
    wanted = told + PARAMS.products >= count
    taken, begins = control.words.ready == wanted, begun & (told != 0)
    spec.claim("the word is taken with the last terms", ~begun | taken, seen=begins & wanted)
    prove(spec, mode="bmc", depth=12)


def test_no_weight_leaves_its_clip_range() -> None:
    """Whatever the terms come to: what is put into a row for a synapse lies between the limits of its rule, and what is
    put into it for what is no synapse is what was there."""

    numbers = count()

    def any_terms(product: Product) -> Module:
        m = Module()
        for name in ("to_weight", "to_tag"):
            value = getattr(product, name)
            m.d.comb += value.eq(spec.free(value.shape(), f"{name}_{next(numbers)}"))
        return m

    spec = Spec("clip_range", instead={Product: any_terms})
    lane = spec.add(SynapseVisit(PARAMS))
    visit, bits = lane.visit, PARAMS.weight_bits
    spec.assume(visit.low <= visit.high)
    spec.assume(visit.beat < PARAMS.beats)
    exists = spec.before(lane.word.dense | lane.entry.delay.any(), WRITE - ENTRY)
    low, high = (spec.before(limit, WRITE - CLIP) for limit in (visit.low, visit.high))
    low, high = low.as_signed(), high.as_signed()
    new: Any = lane.new_entry.word_select(spec.before(visit.beat), bits).as_signed()
    final = spec.before(visit.final)
    spec.claim("a weight is inside its clip range", (new >= low) & (new <= high), when=final & exists)
    old = spec.before(lane.entry.as_value().word_select(lane.word.beat, bits), WRITE - ENTRY)
    spec.claim("what is no synapse stays as it is", new == old.as_signed(), when=final & ~exists)
    prove(spec, depth=WRITE + 2)


def test_no_delivery_is_lost_to_a_sweep() -> None:
    """Every word that is not visited is added, LATENCY cycles later, and no word that is visited."""
    spec = Spec("visiting_lane", memory=any_rows)
    lane = spec.add(SynapseLane(PARAMS))
    moving = lane.words.valid | spec.before(lane.words.valid) | spec.before(lane.words.valid, 2)
    spec.assume((lane.visiting == spec.before(lane.visiting)) | ~moving)
    spec.assume(~(lane.bus.reading | spec.before(lane.bus.reading) | lane.bus.write[Memory.SYNAPSES]))
    spec.assume(~(lane.write & lane.words.valid & (lane.write_row == lane.words.payload.row)))
    came = spec.before(lane.words.valid & lane.words.ready, lane.LATENCY)
    added, visited = came & ~lane.visiting, came & lane.visiting
    spec.claim("a delivery is added", lane.addition_valid == added, seen=added)
    spec.claim("a visit is told", lane.visits == visited, seen=visited)
    prove(spec, depth=6)
