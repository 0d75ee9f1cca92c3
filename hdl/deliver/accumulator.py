"""The accumulators of one lane: a pipeline that reads, adds and writes one row per cycle."""

from amaranth.hdl import Module, Mux, Signal, Value, signed, unsigned
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.lib.faults import fault_port, tell_first
from ganglion.hdl.lib.memory import Ram
from ganglion.model.spec.memories import Memory, memories, protects
from ganglion.model.spec.params import Params, bits_for


def operation(params: Params) -> data.StructLayout:
    """What can be done to a row: add to it, or replace it. To read is to add 0."""
    spec = memories(params)[Memory.ACCUMULATORS]
    return data.StructLayout(
        {
            "row": unsigned(bits_for(params.groups * params.delay_slots)),
            "addend": signed(spec.layout.width),
            "replace": 1,
        }
    )


class Accumulator(wiring.Component):
    """Sums of one lane, modulo 2^(W + guard bits): a read-modify-write pipeline with forwarding.

    One operation may enter in every cycle, also on the row of the one before. The row changes five cycles after.

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
    """What the row held before its operation."""
    busy: Value
    """An operation is under way."""
    fault: "data.View[data.StructLayout]"
    """On a chip with parity: of `fault_report`."""

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
        parity = protects(self.params, self.spec.memory)
        m.submodules.ram = ram = Ram(self.spec.layout, self.spec.depth, collisions=True, parity=parity)
        width = self.spec.layout.width

        # Four stages: the address goes out, the row comes back, the sum is made, the sum is written.
        stages = ("address", "fetch", "add", "write")
        address, fetch, add, write = (Signal(operation(self.params), name=n, reset_less=True) for n in stages)
        address_valid, fetch_valid, add_valid, write_valid = (Signal(name=f"{n}_valid") for n in stages)
        m.d.sync += [
            address.eq(self.operation),
            fetch.eq(address),
            add.eq(fetch),
            write.eq(add),
            address_valid.eq(self.valid),
            fetch_valid.eq(address_valid),
            add_valid.eq(fetch_valid),
            write_valid.eq(add_valid),
        ]
        m.d.comb += self.busy.eq(address_valid | fetch_valid | add_valid | write_valid)

        # Forwarding: a sum on its way has not reached the memory when the next operations on its row read, so they take
        # it from the stage it is in. `same_k` says that the operation k places ahead has the row that is read now.
        same_1, same_2, same_3 = Signal(), Signal(), Signal()
        m.d.sync += [
            same_1.eq(fetch_valid & (fetch.row == address.row)),
            same_2.eq(add_valid & (add.row == address.row)),
            same_3.eq(write_valid & (write.row == address.row)),
        ]
        total, last_total, old = (
            Signal(signed(width), name=n, reset_less=True) for n in ("total", "last_total", "old")
        )
        old_is_total = Signal()
        m.d.comb += [
            ram.read.eq(address_valid),
            ram.read_row.eq(address.row),
        ]
        m.d.sync += [
            old.eq(Mux(same_2, total, Mux(same_3, last_total, ram.read_data.value))),
            old_is_total.eq(same_1),
        ]
        m.d.comb += self.value.eq(Mux(old_is_total, total, old))
        m.d.sync += [
            total.eq(Mux(add.replace, 0, self.value) + add.addend),
            last_total.eq(total),
        ]
        m.d.comb += [
            ram.write.eq(write_valid),
            ram.write_row.eq(write.row),
            ram.write_data.eq(total),
        ]
        if self.params.parity:
            tell_first(m, self.fault, [(self.spec.memory, ram, 0)])
        return m
