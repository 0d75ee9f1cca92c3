"""The order of a step: deliver, update, deliver, end; and what each packet from outside does."""

from amaranth.hdl import Module, Signal, Value, unsigned
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.access.access import access_bus
from ganglion.hdl.lib.arith import below
from ganglion.hdl.lib.layouts import struct
from ganglion.hdl.update.noise import NoiseKeys, noise_keys
from ganglion.model.spec.memories import REGISTER_BITS, VERSION, Memory, Register
from ganglion.model.spec.packets import ACCESS, PACKET_BITS, SPIKE, Kind
from ganglion.model.spec.params import Params, bits_for


class Sequencer(wiring.Component):
    """Takes the packets of the core one by one and lets no two phases meet.

    A step has two ENDs. The first one, from the host, says that the host's events of the step are all there: the core
    updates its neurons and sends their spikes. The second one says that the spikes of all cores have arrived: the step
    is over. SPIKE packets are events at any time between; READ and WRITE wait until everything before them is
    delivered, and what comes behind them waits until they are done. What is none of these is dropped and pulses `bad`.
    """

    i: stream.Interface
    events: stream.Interface
    accesses: stream.Interface
    bus: "data.View[data.StructLayout]"
    accessing: Value
    quiet: Value
    group: Value
    group_valid: Value
    updated: Value
    updating: Value
    send: Value
    slot: Value
    keys: Value
    clear: Value
    register: Value
    step_ends: Value
    bad: Value
    busy: Value

    def __init__(self, params: Params) -> None:
        self.params = params
        super().__init__(
            {
                "i": In(stream.Signature(PACKET_BITS)),
                "events": Out(stream.Signature(unsigned(bits_for(params.axons)))),
                "accesses": Out(stream.Signature(struct(ACCESS))),
                "bus": In(access_bus(params)),
                "accessing": In(1),  # a READ or WRITE has the memories
                "quiet": In(1),  # nothing taken before is still on its way
                "group": Out(unsigned(bits_for(params.groups))),
                "group_valid": Out(1),
                "updated": In(1),  # the last group of the update is done
                "updating": Out(1),
                "send": Out(1),  # the spikes of the update may leave
                "slot": Out(bits_for(params.delay_slots)),
                "keys": Out(noise_keys()),
                "clear": Out(1),
                "register": Out(REGISTER_BITS),
                "step_ends": Out(1),
                "bad": Out(1),
                "busy": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        p = self.params
        step, seed = Signal(REGISTER_BITS), Signal(REGISTER_BITS)
        stepping = Signal()
        group = Signal(range(p.groups))
        packet, event = self.i.payload, data.View(struct(SPIKE), self.i.payload[: SPIKE.width])
        m.d.comb += [
            self.group.eq(group),
            self.slot.eq(step),
            self.events.payload.eq(event.axon),
            self.accesses.payload.eq(packet),
        ]

        with m.FSM():
            with m.State("Deliver"):
                m.d.comb += self.busy.eq(stepping)
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
                        m.d.comb += self.i.ready.eq(self.quiet)
                        with m.If(self.quiet & stepping):
                            m.d.comb += self.step_ends.eq(1)
                            m.d.sync += [step.eq(step + 1), stepping.eq(0)]
                        with m.Elif(self.quiet):
                            m.d.sync += stepping.eq(1)
                            m.next = "Keys" if p.noise else "Update"
                    with m.Default():
                        m.d.comb += [self.bad.eq(1), self.i.ready.eq(1)]
            if p.noise:
                m.submodules.keys = keys = NoiseKeys()
                m.d.comb += [keys.step.eq(step), keys.seed.eq(seed), self.keys.eq(keys.keys)]
                started = Signal()
                with m.State("Keys"):
                    m.d.comb += [self.busy.eq(1), self.updating.eq(1), keys.start.eq(~started)]
                    m.d.sync += started.eq(1)
                    with m.If(started & keys.done):
                        m.d.sync += started.eq(0)
                        m.next = "Update"
            with m.State("Update"):
                m.d.comb += [self.busy.eq(1), self.updating.eq(1), self.group_valid.eq(1)]
                m.d.sync += group.eq(group + 1)
                with m.If(group == p.groups - 1):
                    m.next = "Finish"
            with m.State("Finish"):
                m.d.comb += [self.busy.eq(1), self.updating.eq(1)]
                with m.If(self.updated):
                    m.d.comb += self.send.eq(1)
                    m.next = "Deliver"

        values = {Register.VERSION: VERSION, Register.STEP: step, Register.SEED: seed}
        row = self.bus.row[: bits_for(len(Register))]
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
