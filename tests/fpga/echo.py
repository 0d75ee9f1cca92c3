"""A link whose chip sends back what it gets: for tests of the link alone."""

from amaranth.back import verilog
from amaranth.hdl import Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.fifo import SyncFIFOBuffered
from amaranth.lib.wiring import In, Out

from ganglion.fpga.uart_link.link import Link
from ganglion.fpga.uart_link.sizes import LinkSizes
from ganglion.fpga.virtual.build import DIVIDER, VirtualTop
from ganglion.model.spec.frames import Greeting
from ganglion.model.spec.packets import PACKET_BITS

GREETING = Greeting("echo", 12_345_678)


class Echo(wiring.Component):
    """The link with a queue for a chip, which pauses now and then for longer than the line takes to fill the rings."""

    rx: Value
    tx: Value

    def __init__(self, sizes: LinkSizes) -> None:
        self.sizes = sizes
        super().__init__({"rx": In(1, init=1), "tx": Out(1, init=1)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.echoing = link = Link(self.sizes, GREETING)
        m.submodules.queue = queue = SyncFIFOBuffered(width=PACKET_BITS, depth=16)
        clock = Signal(17)
        pause = clock[14:].all()
        m.d.sync += clock.eq(clock + 1)
        m.d.comb += [
            link.rx.eq(self.rx),
            self.tx.eq(link.tx),
            queue.w_data.eq(link.o.payload),
            queue.w_en.eq(link.o.valid & ~pause),
            link.o.ready.eq(queue.w_rdy & ~pause),
            link.i.payload.eq(queue.r_data),
            link.i.valid.eq(queue.r_rdy),
            queue.r_en.eq(link.i.ready),
        ]
        return m


def echo_top(*, sources: bool = False) -> VirtualTop:
    """The echo with rings of the smallest board; with `sources`, its Verilog says which line of Python each part came
    from."""
    sizes = LinkSizes(DIVIDER, receive=512, send=512)
    return VirtualTop(
        name="echo",
        verilog=verilog.convert(Echo(sizes), name="top", emit_src=sources),
        sizes=sizes,
        clock="clk",
        rx="rx",
        tx="tx",
        activity="false",
    )
