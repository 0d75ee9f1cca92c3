"""A link without the chip behind it, and a UART beside it: a circuit to be measured and mutated."""

import zlib
from dataclasses import replace

from amaranth.back import verilog
from amaranth.hdl import Module, Value
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out, connect, flipped

from ganglion.fpga.uart_link.link import Link
from ganglion.fpga.uart_link.sizes import LinkSizes
from ganglion.fpga.uart_link.uart import UartReceiver, UartSender
from ganglion.model.spec.frames import Greeting, LinkVersion
from ganglion.model.spec.packets import PACKET_BITS
from tests.mutations.mutate import Netlist, mutate

TOP = "link"
"""The module of Verilog."""

DIVIDER = 7
"""Cycles per bit on the line of the UART."""

SIZES = LinkSizes(patience=3000, receive=256, send=256)
"""Rings that hold little more than a frame, so that they go round often."""

GREETING = Greeting("mutants", 12_345_678)


class LinkTop(wiring.Component):
    """A link whose bytes come and go as they are, so that they may come in any cycle; a UART beside it carries other
    ones. `heard__payload`, with `heard__valid`, is what its receiver gives.
    """

    data: Value
    arrived: Value
    line: stream.Interface
    i: stream.Interface
    o: stream.Interface
    reset: Value
    traffic: Value
    fault: Value
    rx: Value
    heard__payload: Value
    heard__valid: Value
    byte: stream.Interface
    tx: Value

    def __init__(self, greeting: Greeting) -> None:
        self.greeting = greeting
        packets, bytes_ = stream.Signature(PACKET_BITS), stream.Signature(8)
        super().__init__(
            {
                "data": In(8),
                "arrived": In(1),
                "line": Out(bytes_),
                "i": In(packets),
                "o": Out(packets),
                "reset": Out(1),
                "traffic": Out(1),
                "fault": Out(1),
                "rx": In(1, init=1),
                "heard__payload": Out(8),
                "heard__valid": Out(1),
                "byte": In(bytes_),
                "tx": Out(1, init=1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.link = link = Link(SIZES, self.greeting)
        m.submodules.receiver = receiver = UartReceiver(DIVIDER)
        m.submodules.sender = sender = UartSender(DIVIDER)
        connect(m, link.line, flipped(self.line))
        connect(m, link.o, flipped(self.o))
        connect(m, flipped(self.i), link.i)
        connect(m, flipped(self.byte), sender.i)
        m.d.comb += [
            link.data.eq(self.data),
            link.arrived.eq(self.arrived),
            self.reset.eq(link.reset),
            self.traffic.eq(link.traffic),
            self.fault.eq(link.fault),
            receiver.rx.eq(self.rx),
            self.heard__payload.eq(receiver.data),
            self.heard__valid.eq(receiver.valid),
            self.tx.eq(sender.tx),
        ]
        return m


def greeting_of(version: LinkVersion) -> Greeting:
    return replace(GREETING, version=version)


def link_verilog(version: LinkVersion, *, sources: bool = False) -> str:
    """The Verilog of a link of this version, whose top is TOP; with `sources`, it says which line of Python each part
    came from."""
    return verilog.convert(LinkTop(greeting_of(version)), name=TOP, emit_src=sources)


def link_mutants(version: LinkVersion, count: int, seed: int | None = None) -> Netlist:
    """A link of this version with so many mutants, or somewhat fewer.

    Args:
        version: of the link.
        count: as in `mutate`.
        seed: of the choice; None is another one whenever the link changes.
    """
    text = link_verilog(version)
    return mutate(f"link-{version.name.lower()}", text, TOP, count, seed or zlib.crc32(text.encode()) >> 1)
