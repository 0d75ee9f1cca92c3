"""The core: events in, neurons updated, events out.

i --> sequencer --events--> lookup --rows--> walker --words--> lanes (synapses, accumulators, neurons)
          |                   ^                                  |
          |                   +------- local ------- fan-out <---+ spikes
          +--accesses--> access --bus--> every memory            |
                            +--replies--> o <----packets---------+

Where it learns, `Learning` stands between lookup and walker, and leads them through the synapses at the end of an
epoch.
"""

from collections.abc import Sequence
from enum import IntEnum
from functools import reduce
from operator import or_

from amaranth.hdl import Assert, Cat, Module, Mux, Signal, Value, unsigned
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from ganglion.hdl.access.access import Access
from ganglion.hdl.access.bus import pick
from ganglion.hdl.access.fault import FaultRegister
from ganglion.hdl.deliver.lookup import AxonLookup
from ganglion.hdl.deliver.walker import RowWalker
from ganglion.hdl.lane import Lane, most_overflows
from ganglion.hdl.learn.post import post_memories
from ganglion.hdl.learning import Learning
from ganglion.hdl.lib.counters import Counters
from ganglion.hdl.lib.faults import tell_first
from ganglion.hdl.lib.packets import spike_transfers
from ganglion.hdl.lib.streams import Merge, transfers
from ganglion.hdl.names import lane as lane_name
from ganglion.hdl.sequencer import Sequencer
from ganglion.hdl.update.fanout import Fanout
from ganglion.model.spec.formats import CHUNK_BITS
from ganglion.model.spec.memories import Memory, memories, protects
from ganglion.model.spec.packets import PACKET_BITS
from ganglion.model.spec.params import Params, bits_for
from ganglion.model.spec.registers import REGISTER_BITS, Counter, counters

DROPPING = 3
"""Places at which something bad is dropped, in one cycle if need be: what the host sends, the fan-out, the axons."""


class Core(wiring.Component):
    """A neuromorphic core with its memories. Packets in and out as `ganglion.model.spec.packets` has them.

    Args:
        params: sizes of the core.
    """

    READ_LATENCY = max(Lane.READ_LATENCY, 1 + max(AxonLookup.READ_LATENCY, Fanout.READ_LATENCY))
    """Cycles from a read on the access bus to the chunk that it picks; a register takes those of the core itself."""

    i: stream.Interface
    """Packets in."""
    o: stream.Interface
    """Packets out."""
    busy: Value
    """From the first END of a step to the second, and while anything that was taken is on its way."""

    def __init__(self, params: Params) -> None:
        self.params = params
        packets = stream.Signature(PACKET_BITS)
        super().__init__({"i": In(packets), "o": Out(packets), "busy": Out(1)})

    @property
    def most_counted(self) -> dict[IntEnum, int]:
        """The most that each counter is raised by in a cycle."""
        most: dict[IntEnum, int] = dict.fromkeys(counters(self.params), 1)
        most |= {Counter.SPIKES: self.params.lanes, Counter.SYNOPS: self.params.lanes * self.params.stride}
        most |= {Counter.OVERFLOWS: self.params.lanes * most_overflows(self.params), Counter.BAD_PACKETS: DROPPING}
        if self.params.products:
            most |= dict.fromkeys((Counter.VISITS, Counter.CHANGES), self.params.lanes)
            most[Counter.SATURATIONS] = self.params.lanes * 2
        if self.params.parity:
            most[Counter.FAULTS] = self.params.lanes + 1
        return most

    def elaborate(self, platform: object) -> Module:
        m = Module()
        p = self.params
        m.submodules.sequencer = sequencer = Sequencer(p)
        m.submodules.events = events = Merge(unsigned(bits_for(p.axons)))
        m.submodules.lookup = lookup = AxonLookup(p)
        m.submodules.walker = walker = RowWalker(p)
        m.submodules.fanout = fanout = Fanout(p)
        m.submodules.access = access = Access(p, self.READ_LATENCY)
        m.submodules.counters = unit = Counters(
            memories(p)[Memory.COUNTERS].layout, self.most_counted, parity=protects(p, Memory.COUNTERS)
        )
        lanes = [Lane(p) for _ in range(p.lanes)]
        for k, lane in enumerate(lanes):
            m.submodules[lane_name(k)] = lane

        # Deliver.
        connect(m, flipped(self.i), sequencer.i)
        connect(m, fanout.local, events.first)
        connect(m, sequencer.events, events.second)
        if p.products:
            m.submodules.learning = learning = Learning(p)
            self._learn(m, learning, sequencer, events, lookup, walker, lanes)
        else:
            connect(m, events.o, lookup.events)
            connect(m, lookup.rows, walker.rows)
        # The groups that enter an update need the accumulators; what is walked for their spikes waits for the last one.
        goes_on = ~sequencer.update.valid
        for lane in lanes:
            m.d.comb += [lane.words.payload.eq(walker.words.payload), lane.words.valid.eq(walker.words.valid & goes_on)]
        lanes_ready = Cat(lane.words.ready for lane in lanes)
        takes = lanes_ready.all() & goes_on
        m.d.comb += walker.words.ready.eq(Mux(learning.sweeping, learning.words.ready, takes) if p.products else takes)
        m.d.sync += Assert(lanes_ready.all() | ~lanes_ready.any(), "the lanes did not take a word together")

        # Update.
        done_group = Signal(range(p.groups))
        with m.If(lanes[0].done):
            m.d.sync += done_group.eq(done_group + 1)
        spikes = Cat(lane.spike for lane in lanes)
        for lane in lanes:
            connect(m, sequencer.update, lane.update)
            m.d.comb += lane.done_group.eq(done_group)
        m.d.comb += [
            sequencer.updated.eq(lanes[0].done & (done_group == p.groups - 1)),
            fanout.spikes.eq(spikes),
            fanout.group.eq(done_group),
            fanout.updating.eq(sequencer.updating),
        ]

        # Packets out. There is no access while spikes are sent, so the two never meet.
        m.d.comb += [
            self.o.valid.eq(access.replies.valid | fanout.packets.valid),
            self.o.payload.eq(Mux(access.replies.valid, access.replies.payload, fanout.packets.payload)),
            access.replies.ready.eq(self.o.ready),
            fanout.packets.ready.eq(self.o.ready),
        ]
        m.d.sync += Assert(~(access.replies.valid & fanout.packets.valid), "a reply and a spike left in one cycle")

        # Access.
        connect(m, sequencer.accesses, access.packets)
        m.d.comb += access.clear.eq(sequencer.clear)
        buses = [sequencer.bus, lookup.bus, walker.bus, fanout.bus, *(lane.bus for lane in lanes)]
        m.d.comb += [bus.eq(access.bus) for bus in buses]
        m.d.comb += [lane.selected.eq(access.bus.lanes[k]) for k, lane in enumerate(lanes)]
        m.d.comb += [unit.row.eq(access.bus.row), unit.reading.eq(access.bus.reading)]
        parameter = Signal(REGISTER_BITS)
        with m.Switch(access.bus.row):
            for row, number in enumerate(p.to_numbers()):
                with m.Case(row):
                    m.d.comb += parameter.eq(number)
        rows = {
            Memory.REGISTERS: sequencer.register,
            Memory.TYPES: lanes[0].type_row,
            Memory.COUNTERS: unit.value,
            Memory.AXONS: lookup.table.as_value(),
            Memory.FANOUT: fanout.table.as_value(),
            Memory.PARAMETERS: parameter,
        }
        if p.products:
            m.d.comb += [learning.bus.eq(access.bus), learning.clear.eq(sequencer.clear)]
            rows |= {memory: lanes[0].traces_rows[memory.name] for memory in post_memories(p)}
            rows |= {Memory[name]: learning.row_data[name] for name in learning.row_data.shape().members}
            rows[Memory.REGISTERS] = sequencer.register | learning.register
            if p.pre_traces:
                rows[Memory.KERNELS] = learning.kernels_row
        if p.parity:
            m.submodules.fault = fault = FaultRegister(p)
            m.d.comb += [fault.bus.eq(access.bus), *(fault.lanes[k].eq(lane.fault) for k, lane in enumerate(lanes))]
            outside = [lookup, fanout, *([learning] if p.products else [])]
            tell_first(m, fault.outside, [(Memory.COUNTERS, unit, 0)], outside)
            rows[Memory.REGISTERS] |= fault.register
        core_data = Signal(CHUNK_BITS)
        m.d.sync += core_data.eq(pick(access.bus, rows))
        m.d.comb += [
            access.data.eq(reduce(or_, (lane.read_data for lane in lanes), core_data)),
            access.settled.eq(unit.settled),
        ]

        # What is going on, and what went on.
        delivering = events.o.valid | lookup.busy | walker.words.valid
        adding = Cat(lane.busy for lane in lanes).any()
        m.d.comb += [
            sequencer.accessing.eq(access.busy),
            sequencer.quiet.eq(~(delivering | adding | fanout.busy | access.busy)),
            self.busy.eq(sequencer.busy | ~sequencer.quiet),
        ]
        # One register each: whether an access is bad is the end of the longest path of a core.
        bad = Signal(DROPPING)
        m.d.sync += bad.eq(Cat(sequencer.bad | access.bad, fanout.bad, lookup.bad))
        # Each cycle of a step is one of its phases: what waits for an update is no delivery yet.
        counted = delivering & ~sequencer.updating
        amounts = {
            Counter.STEPS: sequencer.step_ends,
            Counter.EVENTS: transfers(events.o),
            Counter.SPIKES: sum(spikes),
            Counter.PACKETS: spike_transfers(fanout.packets),
            Counter.SYNOPS: sum(lane.synop for lane in lanes),
            Counter.WORDS: transfers(walker.words),
            Counter.UPDATE_CYCLES: sequencer.updating,
            Counter.DELIVER_CYCLES: counted,
            Counter.OVERFLOWS: sum(lane.overflow for lane in lanes),
            Counter.BAD_PACKETS: sum(bad),
        }
        if p.products:
            amounts |= {
                Counter.WORDS: transfers(walker.words) & ~learning.sweeping,
                Counter.DELIVER_CYCLES: counted & ~learning.sweeping,
                Counter.VISITS: sum(lane.visited for lane in lanes),
                Counter.CHANGES: sum(lane.changed for lane in lanes),
                Counter.SATURATIONS: sum(lane.saturated for lane in lanes),
                Counter.LEARN_CYCLES: learning.sweeping,
            }
        if p.parity:
            # A READ reads its row until the counters are settled, which its faults may not keep them from.
            amounts[Counter.FAULTS] = Mux(access.bus.reading, 0, fault.faults)
        for counter, amount in amounts.items():
            m.d.comb += unit.add[counter].eq(amount)
        return m

    def _learn(
        self,
        m: Module,
        learning: Learning,
        sequencer: Sequencer,
        events: Merge,
        lookup: AxonLookup,
        walker: RowWalker,
        lanes: Sequence[Lane],
    ) -> None:
        """Puts what learns between the parts that it is about."""
        connect(m, events.o, learning.events)
        connect(m, learning.fetches, lookup.events)
        connect(m, lookup.rows, learning.fetched)
        connect(m, learning.rows, walker.rows)
        m.d.comb += [
            lookup.single.eq(learning.single),
            learning.fetch.eq(lookup.fetch),
            learning.fetch_row.eq(lookup.fetch_row),
            learning.words.payload.eq(walker.words.payload),
            learning.words.valid.eq(walker.words.valid),
            learning.step_ends.eq(sequencer.step_ends),
            sequencer.closes.eq(learning.closes),
            learning.sweep.eq(sequencer.sweep),
            sequencer.swept.eq(learning.swept),
            learning.seed.eq(sequencer.seed),
            learning.tagged.eq(Cat(lane.tagged for lane in lanes).any()),
        ]
        for lane in lanes:
            connect(m, learning.visit, lane.visit)
            names = ("learning", "sweeping", "keys", "forget", "forget_group")
            m.d.comb += [getattr(lane, name).eq(getattr(learning, name)) for name in names]
