"""What carries the bytes of the link between host and board: a serial line, or USB."""

from typing import Any

from amaranth.build import Pins, Resource, Subsignal
from amaranth.hdl import Module, Value
from amaranth.lib import io, stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from ganglion.fpga.uart_link.uart import UartReceiver, UartSender

BULK_PINS = Resource(
    "bulk",
    0,
    Subsignal("data", Pins(" ".join(f"bulk_data_{k}" for k in range(8)), dir="i")),
    Subsignal("arrived", Pins("bulk_arrived", dir="i")),
    Subsignal("byte", Pins(" ".join(f"bulk_byte_{k}" for k in range(8)), dir="o")),
    Subsignal("valid", Pins("bulk_valid", dir="o")),
    Subsignal("ready", Pins("bulk_ready", dir="i")),
)
"""Pins of a virtual board, which no FPGA has, that carry bytes in the place of USB."""


class Line(wiring.Component):
    """Bytes of one way come as `data` with `arrived`, at any time; those of the other way are taken from `i`.

    A subclass asks the platform for its pins, and may make clocks of the board's oscillator.
    """

    oscillator: Value
    data: Value
    arrived: Value
    i: stream.Interface

    def __init__(self) -> None:
        super().__init__(
            {"oscillator": In(1), "data": Out(8), "arrived": Out(1), "i": In(stream.Signature(8))}
        )


class SerialLine(Line):
    """The board's UART.

    Args:
        divider: cycles per bit.
    """

    def __init__(self, divider: int) -> None:
        self.divider = divider
        super().__init__()

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        uart = platform.request("uart", 0, dir=unbuffered(platform, "uart"))
        m.submodules.rx = rx = io.Buffer("i", uart.rx)
        m.submodules.tx = tx = io.Buffer("o", uart.tx)
        m.submodules.receiver = receiver = UartReceiver(self.divider)
        m.submodules.sender = sender = UartSender(self.divider)
        connect(m, flipped(self.i), sender.i)
        m.d.comb += [
            receiver.rx.eq(rx.i),
            tx.o.eq(sender.tx),
            self.data.eq(receiver.data),
            self.arrived.eq(receiver.valid),
        ]
        return m


class BulkLine(Line):
    """The bytes themselves as pins, for a simulation that carries them."""

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        pins = platform.request(BULK_PINS.name, 0, dir=unbuffered(platform, BULK_PINS.name))
        for name, value in (("data", self.data), ("arrived", self.arrived), ("ready", self.i.ready)):
            m.submodules[name] = buffer = io.Buffer("i", getattr(pins, name))
            m.d.comb += value.eq(buffer.i)
        for name, value in (("byte", self.i.payload), ("valid", self.i.valid)):
            m.submodules[name] = buffer = io.Buffer("o", getattr(pins, name))
            m.d.comb += buffer.o.eq(value)
        return m


def unbuffered(platform: Any, name: str) -> dict[str, str]:
    """How to ask for a resource of several pins as ports."""
    return {pin.name: "-" for pin in platform.lookup(name).ios}
