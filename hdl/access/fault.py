"""Register FAULT: the first soft error since the host asked."""

from amaranth.hdl import Module, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.access.bus import access_bus
from ganglion.hdl.lib.faults import fault_report
from ganglion.hdl.lib.layouts import struct
from ganglion.model.spec.memories import Memory, Where, memories
from ganglion.model.spec.params import Params, bits_for
from ganglion.model.spec.registers import FAULT_LAYOUT, REGISTER_BITS, Register, registers


class FaultRegister(wiring.Component):
    """Keeps the first row that was read with a wrong parity bit, until the host writes the register.

    Of several in one cycle it keeps that of the parts outside the lanes before those of the lanes, and these in order.

    Args:
        params: sizes of the core.
    """

    outside: "data.View[data.StructLayout]"
    """Of `fault_report`: what the parts outside the lanes tell."""
    lanes: "data.View[data.ArrayLayout]"
    """Of the same, of each lane: what that tells."""
    bus: "data.View[data.StructLayout]"
    """The access bus."""
    register: Value
    """The row of REGISTERS that the bus reads; 0 where it is not this one."""
    faults: Value
    """How many of these told of a row, two cycles before."""

    def __init__(self, params: Params) -> None:
        self.params = params
        report = fault_report(params)
        super().__init__(
            {
                "outside": In(report),
                "lanes": In(data.ArrayLayout(report, params.lanes)),
                "bus": In(access_bus(params)),
                "register": Out(REGISTER_BITS),
                "faults": Out(range(params.lanes + 2)),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        p = self.params
        outside, lanes = Signal.like(self.outside), Signal.like(self.lanes)
        m.d.sync += [
            outside.eq(self.outside),
            lanes.eq(self.lanes),
            self.faults.eq(outside.there + sum(lane.there for lane in lanes)),
        ]
        kept = Signal(struct(FAULT_LAYOUT))
        # Row r of lane k is row r * lanes + k; what is the same in every lane keeps its number.
        with m.If(kept.memory == 0):
            for k in reversed(range(p.lanes)):
                with m.If(lanes[k].there):
                    m.d.sync += [kept.memory.eq(lanes[k].memory), kept.row.eq(lanes[k].row)]
                    with m.Switch(lanes[k].memory):
                        for memory in divided(p):
                            with m.Case(memory):
                                m.d.sync += kept.row.eq(lanes[k].row * p.lanes + k)
            with m.If(outside.there):
                m.d.sync += [kept.memory.eq(outside.memory), kept.row.eq(outside.row)]
        row = self.bus.row[: bits_for(len(registers(p)))]
        with m.If(row == Register.FAULT):
            m.d.comb += self.register.eq(kept)
            with m.If(self.bus.write[Memory.REGISTERS]):
                m.d.sync += kept.memory.eq(0)
        return m


def divided(params: Params) -> list[Memory]:
    """The memories whose rows are divided among the lanes."""
    return [memory for memory, spec in memories(params).items() if spec.where is Where.LANES]
