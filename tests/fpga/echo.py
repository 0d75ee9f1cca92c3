"""A link whose chip sends back what it gets: for tests of the link alone."""

from dataclasses import replace

from amaranth.back import verilog
from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.fifo import SyncFIFOBuffered
from amaranth.lib.wiring import In, Out, connect

from ganglion.fpga.uart_link.link import Link
from ganglion.fpga.uart_link.sizes import LinkSizes
from ganglion.fpga.uart_link.uart import UartReceiver, UartSender
from ganglion.fpga.virtual.build import BULK, DIVIDER, SERIAL, VirtualTop
from ganglion.model.spec.frames import Greeting, LinkVersion
from ganglion.model.spec.packets import PACKET_BITS

USB_BYTE = 4
"""Cycles of a byte on the bus, as if the clock were slow."""

SIZES = LinkSizes.of_line(DIVIDER, receive=512, send=512)
GREETING = Greeting("echo", 12_345_678)


class Echo(wiring.Component):
    """The link with a queue for a chip, which pauses now and then for longer than the line takes to fill the rings.

    Its line is serial, or else the bytes of USB.
    """

    def __init__(self, greeting: Greeting, *, usb: bool) -> None:
        self.greeting = greeting
        self.usb = usb
        bulk = {"data": In(8), "arrived": In(1), "byte": Out(8), "valid": Out(1), "ready": In(1)}
        super().__init__(bulk if usb else {"rx": In(1, init=1), "tx": Out(1, init=1)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.echoing = link = Link(SIZES, self.greeting)
        if self.usb:
            m.d.comb += [
                link.data.eq(self.data),
                link.arrived.eq(self.arrived),
                self.byte.eq(link.line.payload),
                self.valid.eq(link.line.valid),
                link.line.ready.eq(self.ready),
            ]
        else:
            m.submodules.receiver = receiver = UartReceiver(DIVIDER)
            m.submodules.sender = sender = UartSender(DIVIDER)
            connect(m, link.line, sender.i)
            m.d.comb += [
                receiver.rx.eq(self.rx),
                self.tx.eq(sender.tx),
                link.data.eq(receiver.data),
                link.arrived.eq(receiver.valid),
            ]
        m.submodules.queue = queue = SyncFIFOBuffered(width=PACKET_BITS, depth=16)
        clock = Signal(17)
        pause = clock[14:].all()
        m.d.sync += clock.eq(clock + 1)
        m.d.comb += [
            queue.w_data.eq(link.o.payload),
            queue.w_en.eq(link.o.valid & ~pause),
            link.o.ready.eq(queue.w_rdy & ~pause),
            link.i.payload.eq(queue.r_data),
            link.i.valid.eq(queue.r_rdy),
            queue.r_en.eq(link.i.ready),
        ]
        return m


def echo_top(version: LinkVersion = LinkVersion.PLAIN, *, usb: bool = False, sources: bool = False) -> VirtualTop:
    """The echo with rings of the smallest board; with `sources`, its Verilog says which line of Python each part came
    from."""
    echo = Echo(replace(GREETING, version=version), usb=usb)
    return VirtualTop(
        name="echo",
        verilog=verilog.convert(echo, name="top", emit_src=sources),
        pins={"clock": "clk"} | {name: name for name in (BULK if usb else SERIAL)},
        activity="false",
        patience=SIZES.patience,
        divider=0 if usb else DIVIDER,
        usb_byte=USB_BYTE if usb else 0,
    )
