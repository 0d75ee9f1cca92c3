"""The large single-port RAMs of the iCE40 UP5K, four of 16,384 rows of 16 bits: synthesis does not find them itself."""

from amaranth.hdl import Array, Cat, ClockSignal, Const, Instance, Module, Signal, Value, unsigned
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ganglion.model.spec.params import bits_for

ROWS = 16384
WIDTH = 16
DEVICE = "iCE40UP5K"


def has_spram(platform: object) -> bool:
    """Whether a design is elaborated for an FPGA with these RAMs."""
    return getattr(platform, "device", None) == DEVICE


class Spram(wiring.Component):
    """Rows of any width and number in SB_SPRAM256KA; one row is read or written per cycle.

    `read_data` holds the row from the cycle after `read` until the next read or write.
    """

    row: Value
    read: Value
    read_data: Value
    write: Value
    write_data: Value

    def __init__(self, width: int, rows: int) -> None:
        self.width = width
        self.rows = rows
        super().__init__(
            {
                "row": In(unsigned(bits_for(rows))),
                "read": In(1),
                "read_data": Out(width),
                "write": In(1),
                "write_data": In(width),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        columns, banks = -(-self.width // WIDTH), -(-self.rows // ROWS)
        bank, last = self.row[bits_for(ROWS) :], Signal(range(banks))
        found = [Signal(columns * WIDTH, name=f"found_{k}") for k in range(banks)]
        written = Cat(self.write_data, Const(0, columns * WIDTH - self.width))
        with m.If(self.read):
            m.d.sync += last.eq(bank)
        m.d.comb += self.read_data.eq(Array(found)[last])
        for k in range(banks):
            chosen = bank == k if banks > 1 else Const(1)
            for column in range(columns):
                bits = slice(column * WIDTH, (column + 1) * WIDTH)
                m.submodules[f"spram_{k}_{column}"] = Instance(
                    "SB_SPRAM256KA",
                    i_ADDRESS=Cat(self.row, Const(0, WIDTH))[: bits_for(ROWS)],
                    i_DATAIN=written[bits],
                    i_MASKWREN=Const(0b1111, 4),
                    i_WREN=self.write,
                    i_CHIPSELECT=(self.read | self.write) & chosen,
                    i_CLOCK=ClockSignal(),
                    i_STANDBY=Const(0),
                    i_SLEEP=Const(0),
                    i_POWEROFF=Const(1),  # low is off
                    o_DATAOUT=found[k][bits],
                )
        return m
