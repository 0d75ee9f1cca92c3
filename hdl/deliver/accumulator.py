"""The accumulators of one lane: a pipeline that reads, adds and writes one row per cycle."""

from amaranth.hdl import Module, Mux, Signal, Value, signed, unsigned
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.lib.memory import Ram
from ganglion.model.spec.memories import Memory, memories
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
    """Sums of one lane, modulo 2^(W + guard bits).

    One operation may enter in every cycle, also on the row of the one before. `value` is what the row held, three
    cycles after its operation entered; the row changes five cycles after. `busy` is high while any is under way.
    """

    VALUE_LATENCY = 3

    operation: "data.View[data.StructLayout]"
    valid: Value
    value: Value
    busy: Value

    def __init__(self, params: Params) -> None:
        self.params = params
        self.spec = memories(params)[Memory.ACCUMULATORS]
        super().__init__(
            {
                "operation": In(operation(params)),
                "valid": In(1),
                "value": Out(signed(self.spec.layout.width)),
                "busy": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        ram = Ram(self.spec.layout, self.params.groups * self.params.delay_slots, collisions=True)
        m.submodules.ram = ram
        width = self.spec.layout.width

        # Four stages: the address goes out, the row comes back, the sum is made, the sum is written.
        names = ("ad", "ba", "su", "wr")
        address, back, adding, writing = (Signal(operation(self.params), name=n, reset_less=True) for n in names)
        in_address, in_back, in_adding, in_writing = (Signal(name=f"in_{n}") for n in ("ad", "ba", "su", "wr"))
        m.d.sync += [
            address.eq(self.operation),
            back.eq(address),
            adding.eq(back),
            writing.eq(adding),
            in_address.eq(self.valid),
            in_back.eq(in_address),
            in_adding.eq(in_back),
            in_writing.eq(in_adding),
        ]
        m.d.comb += self.busy.eq(in_address | in_back | in_adding | in_writing)

        # A sum on its way has not reached the memory when the next operations on its row read: they take it from
        # the stage it is in. `same_k` says that the operation k places ahead has the row that is read now.
        same_1, same_2, same_3 = Signal(), Signal(), Signal()
        m.d.sync += [
            same_1.eq(in_back & (back.row == address.row)),
            same_2.eq(in_adding & (adding.row == address.row)),
            same_3.eq(in_writing & (writing.row == address.row)),
        ]
        total, written, read = (Signal(signed(width), name=n, reset_less=True) for n in ("total", "written", "read"))
        from_total = Signal()
        m.d.comb += [
            ram.read.eq(in_address),
            ram.read_row.eq(address.row),
        ]
        m.d.sync += [
            read.eq(Mux(same_2, total, Mux(same_3, written, ram.read_data.value))),
            from_total.eq(same_1),
        ]
        m.d.comb += self.value.eq(Mux(from_total, total, read))
        m.d.sync += [
            total.eq(Mux(adding.replace, 0, self.value) + adding.addend),
            written.eq(total),
        ]
        m.d.comb += [
            ram.write.eq(in_writing),
            ram.write_row.eq(writing.row),
            ram.write_data.eq(total),
        ]
        return m
