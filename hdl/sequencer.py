"""The order of a step: deliver, update, deliver, end; and what each packet from outside does."""

from amaranth.hdl import Module, Signal, Value, unsigned
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.access.bus import access_bus
from ganglion.hdl.lib.arith import below
from ganglion.hdl.lib.layouts import struct
from ganglion.hdl.lib.packets import as_spike
from ganglion.hdl.update.neurons import update_port
from ganglion.hdl.update.noise import NoiseKeys
from ganglion.model.spec.memories import Memory, version
from ganglion.model.spec.packets import ACCESS, PACKET_BITS, Kind
from ganglion.model.spec.params import Params, bits_for
from ganglion.model.spec.registers import REGISTER_BITS, Register, registers


class Sequencer(wiring.Component):
    """Takes the packets of the core one by one and lets no two phases meet.

    A step has two ENDs. The first one, from the host, says that the host's events of the step are all there: the core
    updates its neurons and sends their spikes. The second one says that the spikes of all cores have arrived: the step
    is over. SPIKE packets are events at any time between; READ and WRITE wait until everything before them is
    delivered, and what comes behind them waits until they are done. What is none of these is dropped.

    Noise has keys for each step. Those of the next step are made from the first END on, and those of the step that the
    host writes behind its WRITE; no END is taken before they are there.

    On a chip that learns, the second END of a step that closes an epoch starts a sweep, and nothing more is taken until
    that is over.

    Args:
        params: sizes of the core.
    """

    i: stream.Interface
    """Packets from outside."""

    events: stream.Interface
    """Deliver: the axons of SPIKEs."""
    quiet: Value
    """Nothing taken before is still on its way."""

    update: wiring.PureInterface
    """Update: of `update_port`, a group per cycle."""
    updated: Value
    """The last group of the update is done."""
    updating: Value
    """An update is under way."""
    begins: Value
    """An update begins in the next cycle."""

    accesses: stream.Interface
    """READs and WRITEs."""
    accessing: Value
    """One of them has the memories."""
    bus: "data.View[data.StructLayout]"
    """The access bus."""
    register: Value
    """The row of REGISTERS that the bus reads."""
    clear: Value
    """A write to CLEAR is on the bus."""

    seed: Value
    """On a chip that learns: register SEED."""
    closes: Value
    """On a chip that learns: the step closes an epoch."""
    sweep: Value
    """On a chip that learns: a sweep starts."""
    swept: Value
    """On a chip that learns: it is over."""

    step_ends: Value
    """A step ends in this cycle."""
    bad: Value
    """A packet is dropped."""
    busy: Value
    """From the first END of a step to the second, and until the keys of the next step are there."""

    def __init__(self, params: Params) -> None:
        self.params = params
        learning = {"seed": Out(REGISTER_BITS), "closes": In(1), "sweep": Out(1), "swept": In(1)}
        super().__init__(
            {
                "i": In(stream.Signature(PACKET_BITS)),
                "events": Out(stream.Signature(unsigned(bits_for(params.axons)))),
                "quiet": In(1),
                "update": Out(update_port(params)),
                "updated": In(1),
                "updating": Out(1),
                "begins": Out(1),
                "accesses": Out(stream.Signature(struct(ACCESS))),
                "accessing": In(1),
                "bus": In(access_bus(params)),
                "register": Out(REGISTER_BITS),
                "clear": Out(1),
                "step_ends": Out(1),
                "bad": Out(1),
                "busy": Out(1),
                **(learning if params.products else {}),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        p = self.params
        step, seed = Signal(REGISTER_BITS), Signal(REGISTER_BITS)  # of the step that begins next
        stepping, slot = Signal(), Signal(len(self.update.slot))
        group = Signal(range(p.groups))
        keyed = Signal(init=1)
        with m.If(~stepping):
            m.d.sync += slot.eq(step)
        event = as_spike(self.i.payload)
        m.d.comb += [
            self.update.group.eq(group),
            self.update.slot.eq(slot),
            self.events.payload.eq(event.axon),
            self.accesses.payload.eq(self.i.payload),
        ]

        with m.FSM():
            with m.State("Deliver"):
                m.d.comb += self.busy.eq(stepping | ~keyed)
                with m.If(self.i.valid & ~self.accessing), m.Switch(event.kind):
                    with m.Case(Kind.SPIKE):
                        with m.If(below(event.axon, p.axons)):
                            m.d.comb += [self.events.valid.eq(1), self.i.ready.eq(self.events.ready)]
                        with m.Else():
                            m.d.comb += [self.bad.eq(1), self.i.ready.eq(1)]
                    with m.Case(Kind.WRITE, Kind.READ):
                        m.d.comb += [
                            self.accesses.valid.eq(self.quiet),
                            self.i.ready.eq(self.quiet & self.accesses.ready),
                        ]
                    with m.Case(Kind.END):
                        m.d.comb += self.i.ready.eq(self.quiet & keyed)
                        with m.If(self.i.ready & stepping):
                            m.d.comb += self.step_ends.eq(1)
                            m.d.sync += stepping.eq(0)
                            if p.products:
                                with m.If(self.closes):
                                    m.d.comb += self.sweep.eq(1)
                                    m.next = "Sweep"
                        with m.Elif(self.i.ready):
                            m.d.comb += self.begins.eq(1)
                            m.d.sync += [step.eq(step + 1), stepping.eq(1)]
                            if p.products:
                                # From a register: whether words go on is decided far away, in a cycle that sweeps need.
                                m.d.sync += self.update.valid.eq(1)
                            m.next = "Update"
                    with m.Default():
                        m.d.comb += [self.bad.eq(1), self.i.ready.eq(1)]
            with m.State("Update"):
                m.d.comb += [self.busy.eq(1), self.updating.eq(1)]
                m.d.sync += group.eq(group + 1)
                if not p.products:
                    m.d.comb += self.update.valid.eq(1)
                with m.If(group == p.groups - 1):
                    if p.products:
                        m.d.sync += self.update.valid.eq(0)
                    m.next = "Finish"
            with m.State("Finish"):
                m.d.comb += [self.busy.eq(1), self.updating.eq(1)]
                with m.If(self.updated):
                    m.next = "Deliver"
            if p.products:
                m.d.comb += self.seed.eq(seed)
                with m.State("Sweep"):
                    m.d.comb += self.busy.eq(1)
                    with m.If(self.swept):
                        m.next = "Deliver"

        if p.noise:
            m.submodules.keys = keys = NoiseKeys()
            of_step = Signal.like(keys.keys)
            m.d.comb += [
                keys.step.eq(step),
                keys.seed.eq(seed),
                keyed.eq(keys.done & ~keys.start),
                self.update.keys.eq(of_step),
            ]
            m.d.sync += keys.start.eq(self.begins | self.bus.write[Memory.REGISTERS])
            with m.If(self.begins):
                m.d.sync += of_step.eq(keys.keys)

        values = {Register.VERSION: version(p), Register.STEP: step, Register.SEED: seed}
        row = self.bus.row[: bits_for(len(registers(p)))]
        with m.Switch(row):
            for register, value in values.items():
                with m.Case(register):
                    m.d.comb += self.register.eq(value)
        with m.If(self.bus.write[Memory.REGISTERS]), m.Switch(row):
            with m.Case(Register.STEP):
                m.d.sync += step.eq(self.bus.data)
            with m.Case(Register.SEED):
                m.d.sync += seed.eq(self.bus.data)
            with m.Case(Register.CLEAR):
                m.d.comb += self.clear.eq(1)
                m.d.sync += step.eq(0)
        return m
