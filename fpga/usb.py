"""USB as the line of a board: full speed, by LUNA, a serial device (CDC-ACM) to the host."""

from types import SimpleNamespace
from typing import Any

from amaranth.hdl import ClockDomain, ClockSignal, Module, Signal
from amaranth.lib import io
from amaranth.lib.cdc import ResetSynchronizer
from amaranth.lib.fifo import AsyncFIFO

from ganglion.fpga.board_spec import family
from ganglion.fpga.line import Line, unbuffered
from ganglion.fpga.pll import Ecp5Setting, ecp5_pll
from ganglion.model.extras import require
from ganglion.model.spec.errors import BoardError

USB = "usb"
"""What a platform calls pins of a USB connector that go to the FPGA."""

OSCILLATOR = 25e6
"""Hz, that the clocks of USB are made of."""

VENDOR, PRODUCT = 0x1209, 0x0001
"""What the device says that it is: the first of the numbers of pid.codes that are for trials."""

DEPTH = 256
"""Bytes that wait between the clocks of chip and USB, each way."""


class UsbLine(Line):
    """A USB device at a connector whose pins the FPGA itself drives.

    Its clocks come from a PLL of their own, so that of the chip stays what it is. A packet to the host leaves when it
    is full, or behind the byte 0 that ends a frame of the link.

    Args:
        name: of the board, which the host shows.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__()

    def elaborate(self, platform: Any) -> Module:
        require("luna", "USB as the line of a board")
        from luna.gateware.usb.devices.acm import USBSerialDevice

        m = Module()
        self._clocks(m, platform)
        ports = platform.request(USB, 0, dir=unbuffered(platform, USB))
        m.submodules.d_p = d_p = io.Buffer("io", ports.d_p)
        m.submodules.d_n = d_n = io.Buffer("io", ports.d_n)
        m.submodules.pullup = pullup = io.Buffer("o", ports.pullup)
        bus = SimpleNamespace(name=USB, d_p=d_p, d_n=d_n, pullup=pullup)
        m.submodules.device = device = USBSerialDevice(
            bus=bus, idVendor=VENDOR, idProduct=PRODUCT, manufacturer_string="Ganglion", product_string=self.name
        )
        m.submodules.down = down = AsyncFIFO(width=8, depth=DEPTH, w_domain="usb", r_domain="sync")
        m.submodules.up = up = AsyncFIFO(width=8, depth=DEPTH, w_domain="sync", r_domain="usb")
        m.d.comb += [
            device.connect.eq(1),
            down.w_data.eq(device.rx.payload),
            down.w_en.eq(device.rx.valid),
            device.rx.ready.eq(down.w_rdy),
            down.r_en.eq(1),
            up.w_data.eq(self.i.payload),
            up.w_en.eq(self.i.valid),
            self.i.ready.eq(up.w_rdy),
            device.tx.payload.eq(up.r_data),
            device.tx.valid.eq(up.r_rdy),
            device.tx.last.eq(up.r_data == 0),
            up.r_en.eq(device.tx.ready),
        ]
        # A block RAM is slow to answer, and the link looks at its bytes at once.
        m.d.sync += [self.data.eq(down.r_data), self.arrived.eq(down.r_rdy)]
        return m

    def _clocks(self, m: Module, platform: Any) -> None:
        """48 MHz to sample the wires with, 12 MHz for bytes, in step with each other."""
        if family(platform) != "ecp5" or platform.default_clk_frequency != OSCILLATOR:
            raise BoardError(f"{self.name}: USB needs an ECP5 with an oscillator of {OSCILLATOR / 1e6:g} MHz")
        m.domains.usb = ClockDomain()
        m.domains.usb_io = ClockDomain()
        made, locked, fast, slow = Signal(), Signal(), Signal(name="usb_io_clock"), Signal(name="usb_clock")
        # 25 MHz / 5 * 12 = 60 MHz, from a VCO of 480 MHz, which the others are a tenth and a fortieth of.
        m.submodules.pll = ecp5_pll(
            Ecp5Setting(reference=5, feedback=12, output=8),
            self.oscillator,
            made,
            locked,
            p_CLKOP_CPHASE=7,
            p_CLKOS_ENABLE="ENABLED",
            p_CLKOS_DIV=10,
            p_CLKOS_CPHASE=9,
            p_CLKOS2_ENABLE="ENABLED",
            p_CLKOS2_DIV=40,
            p_CLKOS2_CPHASE=39,
            o_CLKOS=fast,
            o_CLKOS2=slow,
        )
        for domain, clock, frequency in (("usb", slow, 12e6), ("usb_io", fast, 48e6)):
            m.d.comb += ClockSignal(domain).eq(clock)
            m.submodules[f"{domain}_reset"] = ResetSynchronizer(~locked, domain=domain)
            platform.add_clock_constraint(clock, frequency)
