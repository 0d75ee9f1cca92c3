"""The sweep: every synapse that has a rule, once in an epoch."""

from amaranth.hdl import Module, Signal, Value, unsigned
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from ganglion.hdl.access.bus import access_bus
from ganglion.hdl.deliver.walker import synapse_word
from ganglion.hdl.learn.control import VisitControl
from ganglion.hdl.learn.pre import pre_view
from ganglion.hdl.learn.rows import RowSieve
from ganglion.hdl.learn.stages import FORGET, WRITE
from ganglion.hdl.learn.visit import visit_port
from ganglion.hdl.lib.faults import fault_port, tell_first
from ganglion.hdl.lib.layouts import struct
from ganglion.hdl.lib.memory import Ram
from ganglion.hdl.lib.pipeline import follow
from ganglion.hdl.update.noise import noise_keys
from ganglion.model.spec.formats import Field, Layout
from ganglion.model.spec.memories import Memory, memories, protects
from ganglion.model.spec.noise_constants import KEY_BITS
from ganglion.model.spec.params import Params, bits_for

UNDER_WAY = 1 << WRITE.bit_length()
"""Rows whose words are on their way, at most: the walked one and one per cycle of a visit, to the next power of two."""


class Sweep(wiring.Component):
    """Goes once over the axon table, has the rows walked that are to be visited, and tells the lanes what to do with
    their words; then has every neuron forget that it fired in the epoch.

    A row that is visited is written back to PRE when its last word is written, without x0.

    Args:
        params: sizes of the core.
    """

    start: Value
    """Begin."""
    sweeping: Value
    """From the cycle behind `start` to that of `done`."""
    done: Value
    """All is written."""
    axons: stream.Interface
    """Rows of the axon table to be fetched."""
    fetched: stream.Interface
    """The rows."""
    rows: stream.Interface
    """Those to be walked."""
    words: stream.Interface
    """Of `synapse_word`: what the lanes read."""
    advance: Value
    """To the presynaptic traces: go on."""
    pre: "data.View[data.StructLayout]"
    """What is seen of the row fetched last."""
    kept: "data.View[data.StructLayout]"
    """Its row of PRE."""
    pre_write: Value
    """Replace a row of PRE."""
    pre_row: Value
    """Which."""
    pre_data: "data.View[data.StructLayout]"
    """What is to be kept."""
    seed: Value
    """Seed of the network."""
    epoch: Value
    """Number of the epoch."""
    keys: "data.View[data.ArrayLayout]"
    """Keys of the random numbers."""
    visit: wiring.PureInterface
    """Of `visit_port`, but for the modulators."""
    tagged: Value
    """In cycle WRITE of a visit: a lane has a tag that is not 0."""
    forget: Value
    """The neurons of a group are to forget that they fired."""
    group: Value
    """Which."""
    bus: "data.View[data.StructLayout]"
    """The access bus."""
    fault: "data.View[data.StructLayout]"
    """On a chip with parity: of `fault_report`. Rows behind those of PRE are those under way."""
    rules_row: Value
    """The row of RULES that the bus reads, a cycle later."""

    def __init__(self, params: Params) -> None:
        self.params = params
        self.specs = memories(params)
        rows, axon = stream.Signature(struct(self.specs[Memory.AXONS].layout)), unsigned(bits_for(params.axons))
        kept = struct(self.specs[Memory.PRE].layout)
        super().__init__(
            {
                "start": In(1),
                "sweeping": Out(1),
                "done": Out(1),
                "axons": Out(stream.Signature(axon)),
                "fetched": In(rows),
                "rows": Out(rows),
                "words": In(stream.Signature(synapse_word(params))),
                "advance": Out(1),
                "pre": In(pre_view(params)),
                "kept": In(kept),
                "pre_write": Out(1),
                "pre_row": Out(axon),
                "pre_data": Out(kept),
                "seed": In(KEY_BITS),
                "epoch": In(KEY_BITS),
                "keys": Out(noise_keys()),
                "visit": Out(visit_port(params)),
                "tagged": In(1),
                "forget": Out(1),
                "group": Out(unsigned(bits_for(params.groups))),
                "bus": In(access_bus(params)),
                **fault_port(params),
                "rules_row": Out(self.specs[Memory.RULES].layout.width),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        p, pre = self.params, self.specs[Memory.PRE].layout
        m.submodules.sieve = sieve = RowSieve(p)
        m.submodules.control = control = VisitControl(p)
        connect(m, flipped(self.fetched), sieve.i)
        connect(m, sieve.o, flipped(self.rows))
        connect(m, flipped(self.words), control.words)
        connect(m, control.visit, flipped(self.visit))
        begins = sieve.o.valid & sieve.o.ready
        m.d.comb += [
            self.advance.eq(sieve.advance),
            sieve.pre.eq(self.pre),
            sieve.kept.eq(self.kept),
            sieve.seed.eq(self.seed),
            sieve.epoch.eq(self.epoch),
            self.keys.eq(sieve.keys),
            control.begins.eq(begins),
            control.order.eq(sieve.order),
            self.rules_row.eq(sieve.rules_row),
            *(part.sweeping.eq(self.sweeping) for part in (sieve, control)),
            *(part.bus.eq(self.bus) for part in (sieve, control)),
        ]

        # The rows under way wait in the order in which they end.
        waiting = Layout("WAITING", (*pre.fields, Field("axon", bits_for(p.axons), "row of PRE")))
        m.submodules.waiting = queue = Ram(
            waiting, UNDER_WAY, parity=protects(p, Memory.PRE)
        )
        axon = Signal(range(p.axons))  # the row that leaves the sieve next
        written, read = Signal(range(UNDER_WAY)), Signal(range(UNDER_WAY))
        ended, tagged, any_tagged = Signal(), Signal(), Signal()
        m.d.comb += [
            queue.write.eq(begins),
            queue.write_row.eq(written),
            queue.write_data.eq(sieve.was.as_value() | axon << pre.width),
            queue.read.eq(control.ends),
            queue.read_row.eq(read),
            any_tagged.eq(tagged | self.tagged),
            self.pre_write.eq(ended),
            self.pre_row.eq(queue.read_data.axon),
            self.pre_data.eq(queue.read_data.as_value()[: pre.width]),
            self.pre_data.x0.eq(0),
        ]
        if p.tag_bits:
            m.d.comb += self.pre_data.tagged.eq(any_tagged)
        m.d.sync += [
            written.eq(written + begins),
            read.eq(read + control.ends),
            ended.eq(control.ends),
            tagged.eq(any_tagged & ~ended),
        ]
        with m.If(sieve.leaves):
            m.d.sync += axon.eq(axon + 1)

        asked = Signal(range(p.axons))
        group = Signal(range(p.groups))
        sweeping = Signal(name="sweeps")  # a register, as it goes everywhere
        m.d.comb += [self.axons.payload.eq(asked), self.group.eq(group), self.sweeping.eq(sweeping)]
        forgotten = follow(m, self.forget & (group == p.groups - 1), "forgotten", 0, FORGET, reset_less=False)
        with m.FSM():
            with m.State("Idle"), m.If(self.start):
                m.d.sync += [asked.eq(0), axon.eq(0), sweeping.eq(1)]
                m.next = "Rows"
            with m.State("Rows"):
                m.d.comb += self.axons.valid.eq(1)
                with m.If(self.axons.ready):
                    m.d.sync += asked.eq(asked + 1)
                    with m.If(asked == p.axons - 1):
                        m.next = "Drain"
            with m.State("Drain"), m.If(~(self.fetched.valid | sieve.busy | self.words.valid | control.busy)):
                m.next = "Forget"
            with m.State("Forget"):
                m.d.comb += self.forget.eq(1)
                m.d.sync += group.eq(group + 1)
                with m.If(group == p.groups - 1):
                    m.next = "Finish"
            with m.State("Finish"):
                m.d.comb += self.done.eq(forgotten[-1])
                with m.If(self.done):
                    m.d.sync += sweeping.eq(0)
                    m.next = "Idle"
        if p.parity:
            tell_first(m, self.fault, [(Memory.PRE, queue, p.axons)], [sieve, control])
        return m
