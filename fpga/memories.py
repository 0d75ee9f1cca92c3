"""What memories an FPGA has, and which of them a memory of the chip becomes: the hook by which a `Ram` asks."""

from dataclasses import dataclass
from typing import Any

from amaranth.hdl import Array, Cat, ClockSignal, Const, Instance, Module, Mux, Signal, Value, unsigned
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.lib.memory import Ram
from ganglion.model.spec.params import bits_for

BLOCK_BITS = 16384
"""Bits of a block RAM of the ECP5, its parity bits not counted."""

PARITY_OF = 8
"""Bits that one of these parity bits is beside: rows of 8 bits or more have room for one, or more."""

FEW_ROWS = 8
"""Rows up to which synthesis is free to take flip-flops."""

SPRAM_ROWS = 16384
SPRAM_WIDTH = 16


@dataclass(frozen=True)
class DeviceMemories:
    """The memories of an FPGA. It stands for the platform where there is none, and is asked by one that has it.

    Args:
        lut_rows: rows up to which a memory goes to look-up tables, as a block RAM would be mostly empty; 0 where these
            cannot be RAM.
        spram: whether it has the large single-port RAMs of the iCE40 UP5K.
    """

    lut_rows: int = 0
    spram: bool = False

    def get_ram(self, ram: Ram) -> Module:
        """What a `Ram` becomes on this FPGA."""
        if self.spram and ram.single_port:
            return _in_spram(ram)
        return ram.in_arrays(width=_column(ram), attrs=self._style(ram))

    def _style(self, ram: Ram) -> dict[str, str]:
        """What tells synthesis where an array goes."""
        if not ram.block and ram.rows <= self.lut_rows:
            return {"ram_style": "distributed"}
        return {"ram_style": "block"} if ram.rows > FEW_ROWS else {}


ECP5 = DeviceMemories(lut_rows=128)

UP5K = DeviceMemories(spram=True)

OTHER = DeviceMemories()


def memories_of(device: str) -> DeviceMemories:
    """The memories of an FPGA, by the name that Amaranth has for it."""
    if device.startswith("LFE5U"):
        return ECP5
    return UP5K if device == "iCE40UP5K" else OTHER


def with_memories(platform: Any) -> Any:
    """A class of platforms, with the hook by which a `Ram` asks what it becomes."""
    return type(platform.__name__, (platform,), {"get_ram": staticmethod(memories_of(platform.device).get_ram)})


def _column(ram: Ram) -> int:
    """Bits of a row that one array holds: what a block RAM is wide if it has as many rows, since a deep memory of
    stacked blocks would have a multiplexer behind it.
    """
    if ram.rows <= BLOCK_BITS // 16:
        return ram.width
    bits = max(1, BLOCK_BITS >> (ram.rows - 1).bit_length())
    return bits + bits // PARITY_OF if ram.parity else bits


def _in_spram(ram: Ram) -> Module:
    m = Module()
    m.submodules.spram = spram = Spram(ram.width, ram.rows)
    m.d.comb += [
        spram.row.eq(Mux(ram.write, ram.write_row, ram.read_row)),
        spram.read.eq(ram.read),
        spram.write.eq(ram.write),
        spram.write_data.eq(ram.new_data),
        ram.stored_data.eq(spram.read_data),
    ]
    return m


class Spram(wiring.Component):
    """Rows of any width and number in SB_SPRAM256KA, the large single-port RAMs of the iCE40 UP5K, which synthesis does
    not find itself; one row is read or written per cycle.

    Args:
        width: bits of a row.
        rows: how many there are.
    """

    row: Value
    """What is read or written."""
    read: Value
    """Read the row."""
    read_data: Value
    """The row, from the cycle after `read` until the next read or write."""
    write: Value
    """Write the row."""
    write_data: Value
    """What to write."""

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
        columns, banks = -(-self.width // SPRAM_WIDTH), -(-self.rows // SPRAM_ROWS)
        bank, last_bank = self.row[bits_for(SPRAM_ROWS) :], Signal(range(banks))
        outputs = [Signal(columns * SPRAM_WIDTH, name=f"output_{k}") for k in range(banks)]
        data = Cat(self.write_data, Const(0, columns * SPRAM_WIDTH - self.width))
        with m.If(self.read):
            m.d.sync += last_bank.eq(bank)
        m.d.comb += self.read_data.eq(Array(outputs)[last_bank])
        for k in range(banks):
            chosen = bank == k if banks > 1 else Const(1)
            for column in range(columns):
                bits = slice(column * SPRAM_WIDTH, (column + 1) * SPRAM_WIDTH)
                m.submodules[f"spram_{k}_{column}"] = Instance(
                    "SB_SPRAM256KA",
                    i_ADDRESS=Cat(self.row, Const(0, SPRAM_WIDTH))[: bits_for(SPRAM_ROWS)],
                    i_DATAIN=data[bits],
                    i_MASKWREN=Const(0b1111, 4),
                    i_WREN=self.write,
                    i_CHIPSELECT=(self.read | self.write) & chosen,
                    i_CLOCK=ClockSignal(),
                    i_STANDBY=Const(0),
                    i_SLEEP=Const(0),
                    i_POWEROFF=Const(1),  # low is off
                    o_DATAOUT=outputs[k][bits],
                )
        return m
