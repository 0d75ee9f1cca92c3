"""The accumulators of one lane: a pipeline that reads, adds and writes one row per cycle."""

from enum import IntEnum

from amaranth.hdl import Module, Mux, Signal, Value, signed, unsigned
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.lib.faults import fault_port
from ganglion.hdl.lib.memory import Ram
from ganglion.model.spec.memories import Memory, memories, protects
from ganglion.model.spec.params import Params, bits_for


class Old(IntEnum):
    """What an addend is added to."""

    NONE = 0
    STORED = 1
    TOTAL = 2
    LAST_TOTAL = 3


def operation(params: Params) -> data.StructLayout:
    """What can be done to the sums that lie side by side, which are `stride`: add to each, or replace it.

    Fields:
        row: which sum is read; those beside it are its neighbours up to the next multiple of `stride`.
        addends: of each of them.
        replace: of each of them: it is the addend from now on.
        keep: they are read, and stay as they are.
    """
    spec = memories(params)[Memory.ACCUMULATORS]
    return data.StructLayout(
        {
            "row": unsigned(bits_for(spec.depth)),
            "addends": data.ArrayLayout(signed(spec.layout.width), spec.beside),
            "replace": spec.beside,
            "keep": 1,
        }
    )


class Accumulator(wiring.Component):
    """Sums of one lane, modulo 2^(W + guard bits): a read-modify-write pipeline with forwarding.

    One operation may enter in every cycle, also on the row of the one before. The row changes four cycles after.

    Args:
        params: sizes of the core.
        memory: which of the memories of sums it is.
    """

    VALUE_LATENCY = 3
    """Cycles from an operation to `value`."""

    operation: "data.View[data.StructLayout]"
    """What to do to which row."""
    valid: Value
    """An operation enters."""
    value: Value
    """What the sum of the row was, if no operation that changes it was under way."""
    busy: Value
    """An operation is under way."""
    fault: "data.View[data.StructLayout]"
    """On a chip with parity: of `fault_report`; of the sums that lie side by side, the first stands for all."""

    def __init__(self, params: Params, memory: Memory = Memory.ACCUMULATORS) -> None:
        self.params = params
        self.spec = memories(params)[memory]
        super().__init__(
            {
                "operation": In(operation(params)),
                "valid": In(1),
                "value": Out(signed(self.spec.layout.width)),
                "busy": Out(1),
                **fault_port(params),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        spec, beside, width = self.spec, self.spec.beside, self.spec.layout.width
        parity = protects(self.params, spec.memory)
        m.submodules.ram = ram = Ram(spec.array, spec.array_rows, collisions=True, parity=parity)
        stored = ram.read_data.as_value()
        part_bits = beside.bit_length() - 1

        # Three stages: the address goes out; the row comes back, and its sums are made; they are written.
        address, add = (Signal(operation(self.params), name=n, reset_less=True) for n in ("address", "add"))
        address_row, add_row = address.row[part_bits:], add.row[part_bits:]
        write_row = Signal.like(add_row, reset_less=True)
        names = ("address_valid", "add_valid", "adds", "writes")
        address_valid, add_valid, adds, writes = (Signal(name=n) for n in names)
        m.d.sync += [
            address.eq(self.operation),
            add.eq(address),
            write_row.eq(add_row),
            address_valid.eq(self.valid),
            add_valid.eq(address_valid),
            adds.eq(address_valid & ~address.keep),
            writes.eq(adds),
        ]
        m.d.comb += [
            self.busy.eq(address_valid | add_valid | writes),
            ram.read.eq(address_valid),
            ram.read_row.eq(address_row),
            ram.write.eq(writes),
            ram.write_row.eq(write_row),
        ]
        m.d.sync += self.value.eq(stored.word_select(add.row[:part_bits], width) if part_bits else stored)

        # Forwarding: a sum on its way has not reached the memory when the next operations on its row read, so they take
        # it from the operation one or two places ahead. A choice for each sum, in registers: nothing but the adder
        # stands behind what comes out of the memory.
        one_ahead, two_ahead = adds & (add_row == address_row), writes & (write_row == address_row)
        for k in range(beside):
            total, last_total, old = (
                Signal(signed(width), name=f"{n}_{k}", reset_less=True) for n in ("total", "last_total", "old")
            )
            choice = Signal(Old, name=f"choice_{k}")
            newest = Mux(one_ahead, Old.TOTAL, Mux(two_ahead, Old.LAST_TOTAL, Old.STORED))
            m.d.sync += choice.eq(Mux(address.replace[k], Old.NONE, newest))
            with m.Switch(choice):
                for case, value in (
                    (Old.STORED, stored[k * width : (k + 1) * width]),
                    (Old.TOTAL, total),
                    (Old.LAST_TOTAL, last_total),
                ):
                    with m.Case(case):
                        m.d.comb += old.eq(value)
            m.d.sync += [total.eq(old + add.addends[k]), last_total.eq(total)]
            m.d.comb += ram.write_data[k * width : (k + 1) * width].eq(total)
        if parity:
            m.d.comb += [
                self.fault.there.eq(ram.fault.there),
                self.fault.memory.eq(spec.memory),
                self.fault.row.eq(ram.fault.row * beside),
            ]
        return m
