"""What a core has besides where it learns, but for what is in its lanes."""

from amaranth.hdl import Module, Mux, Value, unsigned
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from ganglion.hdl.access.bus import access_bus, rows_of
from ganglion.hdl.deliver.walker import synapse_word
from ganglion.hdl.learn.clock import LearningClock
from ganglion.hdl.learn.pre import PreTraces
from ganglion.hdl.learn.sweep import Sweep
from ganglion.hdl.learn.visit import visit_port
from ganglion.hdl.lib.faults import fault_port, tell_first
from ganglion.hdl.lib.layouts import struct
from ganglion.hdl.update.noise import noise_keys
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.params import Params, bits_for
from ganglion.model.spec.registers import REGISTER_BITS


class Learning(wiring.Component):
    """Presynaptic traces, the sweep, and the clock that starts it; and who of events and sweep has the axon table and
    the walker.

        events ----+--> lookup --+--------------+--> walker --> lanes
                   |      |      v              |                 |
        sweep -----+    traces --+--> sweep ----+    <---words----+
          ^
        clock

    Args:
        params: sizes of the core.
    """

    READ_LATENCY = PreTraces.READ_LATENCY
    """Cycles from a read on `bus` to `rows`."""

    events: stream.Interface
    """Axons of events."""
    fetches: stream.Interface
    """To the lookup: rows of the axon table to be fetched."""
    single: Value
    """To the lookup: each alone."""
    fetch: Value
    """Of the lookup: a row is fetched."""
    fetch_row: Value
    """Of the lookup: which."""
    fetched: stream.Interface
    """Of the lookup: the rows."""
    rows: stream.Interface
    """To the walker."""
    words: stream.Interface
    """Of the walker, to the lanes: what they visit is taken here."""

    step_ends: Value
    """A step ends in this cycle."""
    closes: Value
    """The step closes an epoch."""
    sweep: Value
    """A sweep starts."""
    swept: Value
    """It is over."""
    seed: Value
    """Seed of the random numbers."""

    learning: Value
    """To the lanes: the chip learns."""
    sweeping: Value
    """To the lanes: words are visited."""
    visit: wiring.PureInterface
    """To the lanes: of `visit_port`."""
    keys: "data.View[data.ArrayLayout]"
    """To the lanes: keys of random numbers."""
    forget: Value
    """To the lanes: the neurons of a group forget that they fired."""
    forget_group: Value
    """To the lanes: which."""
    tagged: Value
    """Of the lanes: a tag that was written is not 0."""

    clear: Value
    """A write to CLEAR is on the bus."""
    bus: "data.View[data.StructLayout]"
    """The access bus."""
    fault: "data.View[data.StructLayout]"
    """On a chip with parity: of `fault_report`."""
    register: Value
    """The row of REGISTERS that the bus reads; 0 where it is not one of these."""
    row_data: "data.View[data.StructLayout]"
    """The rows that the bus reads."""
    kernels_row: Value
    """The row of KERNELS that the bus reads, where presynaptic traces have one."""

    def __init__(self, params: Params) -> None:
        self.params = params
        self.specs = memories(params)
        axon = unsigned(bits_for(params.axons))
        axons, rows = stream.Signature(axon), stream.Signature(struct(self.specs[Memory.AXONS].layout))
        super().__init__(
            {
                "events": In(axons),
                "fetches": Out(axons),
                "single": Out(1),
                "fetch": In(1),
                "fetch_row": In(axon),
                "fetched": In(rows),
                "rows": Out(rows),
                "words": In(stream.Signature(synapse_word(params))),
                "step_ends": In(1),
                "closes": Out(1),
                "sweep": In(1),
                "swept": Out(1),
                "seed": In(REGISTER_BITS),
                "learning": Out(1),
                "sweeping": Out(1),
                "visit": Out(visit_port(params)),
                "keys": Out(noise_keys()),
                "forget": Out(1),
                "forget_group": Out(unsigned(bits_for(params.groups))),
                "tagged": In(1),
                "clear": In(1),
                "bus": In(access_bus(params)),
                **fault_port(params),
                "register": Out(REGISTER_BITS),
                "row_data": Out(rows_of(params, Memory.RULES, Memory.PRE)),
                **({"kernels_row": Out(self.specs[Memory.KERNELS].layout.width)} if params.pre_traces else {}),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.clock = clock = LearningClock(self.params)
        m.submodules.pre = pre = PreTraces(self.params)
        m.submodules.sweep = sweep = Sweep(self.params)
        sweeping = sweep.sweeping

        # The clock.
        m.d.comb += [
            clock.step_ends.eq(self.step_ends),
            clock.swept.eq(sweep.done),
            clock.clear.eq(self.clear),
            self.learning.eq(clock.learning),
            self.closes.eq(clock.closes),
            sweep.start.eq(self.sweep),
            self.swept.eq(sweep.done),
        ]

        # The axon table, and with it the traces.
        m.d.comb += [
            self.single.eq(sweeping),
            self.fetches.valid.eq(self.events.valid | sweep.axons.valid),
            self.fetches.payload.eq(Mux(sweeping, sweep.axons.payload, self.events.payload)),
            self.events.ready.eq(self.fetches.ready),
            sweep.axons.ready.eq(self.fetches.ready),
            pre.fetch.eq(self.fetch),
            pre.fetch_row.eq(self.fetch_row),
            pre.learns.eq(clock.learning & ~sweeping & (self.fetched.payload.rule != 0)),
            pre.advance.eq(sweep.advance | ~sweeping),
            pre.now.eq(clock.now),
            pre.write.eq(sweep.pre_write),
            pre.write_row.eq(sweep.pre_row),
            pre.write_data.eq(sweep.pre_data),
            sweep.pre.eq(pre.view),
            sweep.kept.eq(pre.kept),
        ]

        # The walker.
        m.d.comb += [
            sweep.fetched.payload.eq(self.fetched.payload),
            sweep.fetched.valid.eq(self.fetched.valid & sweeping),
            sweep.rows.ready.eq(self.rows.ready),
            self.fetched.ready.eq(Mux(sweeping, sweep.fetched.ready, self.rows.ready)),
            self.rows.payload.eq(Mux(sweeping, sweep.rows.payload, self.fetched.payload)),
            self.rows.valid.eq(Mux(sweeping, sweep.rows.valid, self.fetched.valid)),
        ]

        # The lanes.
        connect(m, flipped(self.words), sweep.words)
        connect(m, sweep.visit, flipped(self.visit))
        m.d.comb += [
            self.visit.modulators.eq(clock.modulators),
            sweep.seed.eq(self.seed),
            sweep.epoch.eq(clock.epoch),
            self.sweeping.eq(sweeping),
            self.keys.eq(sweep.keys),
            self.forget.eq(sweep.forget),
            self.forget_group.eq(sweep.group),
            sweep.tagged.eq(self.tagged),
        ]

        # Access.
        m.d.comb += [part.bus.eq(self.bus) for part in (clock, pre, sweep)]
        m.d.comb += [
            self.register.eq(clock.register),
            self.row_data.RULES.eq(sweep.rules_row),
            self.row_data.PRE.eq(pre.row),
        ]
        if self.params.pre_traces:
            m.d.comb += [pre.traces.eq(clock.pre_traces), self.kernels_row.eq(pre.kernels_row)]
        if self.params.parity:
            tell_first(m, self.fault, parts=(pre, sweep))
        return m
