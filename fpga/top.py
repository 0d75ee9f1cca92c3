"""The top level of a board: clock, reset, line, lights, and the chip."""

from typing import Any

from amaranth.build import ResourceError
from amaranth.hdl import ClockDomain, ClockSignal, Elaboratable, Module, ResetInserter, ResetSignal, Signal, Value
from amaranth.lib import io
from amaranth.lib.cdc import FFSynchronizer
from amaranth.lib.wiring import connect

from ganglion.fpga.board_spec import BoardSpec
from ganglion.fpga.line import Line, SerialLine, unbuffered
from ganglion.fpga.pll import make_clock
from ganglion.fpga.uart_link.link import Link
from ganglion.fpga.uart_link.sizes import LinkSizes
from ganglion.fpga.usb import UsbLine
from ganglion.hdl.chip import Chip

TICKS = 16
"""Steps in which a light counts the time that it stays on."""

POWER_UP = 1024
"""Cycles of reset after the clock is there: block RAMs of the iCE40 take some microseconds to wake up."""


class BoardTop(Elaboratable):
    """Everything in the FPGA.

    Lights: *alive* blinks about once a second; *activity* is lit while frames arrive or the chip works; *error* lights
    up for a moment when a frame was damaged. A board of two lights has the first two in one: the blinking one is then
    inverted by activity; a board of one light shows that one.
    """

    def __init__(
        self,
        board: BoardSpec,
        *,
        line: Line | None = None,
        sizes: LinkSizes | None = None,
        blink: int | None = None,
    ) -> None:
        """
        Args:
            board: what to build.
            line: to the host; None is the board's own.
            sizes: of the link; None is the board's own.
            blink: cycles for which a light stays on, about; None is about half a second.
        """
        self.board = board
        self.line = line or (UsbLine(board.name) if board.usb else SerialLine(board.divider))
        self.sizes = sizes or board.link
        self.blink = blink or board.clock // 2

    def elaborate(self, platform: Any) -> Module:
        m = Module()
        m.domains.sync = ClockDomain()
        m.domains.start = ClockDomain(reset_less=True)
        clock, locked, oscillator = make_clock(m, platform, self.board.clock)
        platform.add_clock_constraint(clock, self.board.clock)
        running, awake, asleep = Signal(), Signal(range(POWER_UP)), Signal(init=1)
        m.d.comb += [ClockSignal("start").eq(clock), ClockSignal("sync").eq(clock)]
        m.submodules.locked = FFSynchronizer(locked, running, o_domain="start")
        with m.If(running & asleep):
            m.d.start += [awake.eq(awake + 1), asleep.eq(awake != POWER_UP - 1)]
        m.d.comb += ResetSignal("sync").eq(asleep)

        for resource, pin in self.board.high:
            ports = platform.request(resource, 0, dir=unbuffered(platform, resource))
            m.submodules[pin] = held = io.Buffer("o", getattr(ports, pin))
            m.d.comb += held.o.eq(1)

        m.submodules.line = line = self.line
        m.submodules.link = link = Link(self.sizes, self.board.greeting)
        m.submodules.chip = chip = ResetInserter(link.reset)(Chip(self.board.params))
        connect(m, link.o, chip.i)
        connect(m, chip.o, link.i)
        connect(m, link.line, line.i)
        m.d.comb += [line.oscillator.eq(oscillator), link.data.eq(line.data), link.arrived.eq(line.arrived)]

        # Lights count in ticks, so that their counters are short.
        cycles, tick, ticks = Signal((self.blink // TICKS - 1).bit_length()), Signal(), Signal(range(2 * TICKS))
        m.d.sync += [cycles.eq(cycles + 1), tick.eq(cycles.all()), ticks.eq(ticks + tick)]
        alive = ticks[-1]
        activity = self._held(m, link.traffic | chip.busy, tick, 2, "activity")
        error = self._held(m, link.fault, tick, TICKS, "error")
        lights = _lights(platform)
        shown = [alive, activity, error] if len(lights) > 2 else [alive ^ activity, error]
        for k, (light, value) in enumerate(zip(lights, shown, strict=False)):
            m.submodules[f"light_{k}"] = buffer = io.Buffer("o", light)
            m.d.comb += buffer.o.eq(value)
        return m

    def _held(self, m: Module, event: Value, tick: Value, ticks: int, name: str) -> Value:
        """Whether the event was within the last so many ticks."""
        left = Signal(range(ticks + 1), name=f"{name}_left")
        with m.If(event):
            m.d.sync += left.eq(ticks)
        with m.Elif(tick & (left != 0)):
            m.d.sync += left.eq(left - 1)
        return left != 0


def _lights(platform: Any) -> list[Any]:
    """Ports of the first three plain lights of a board."""
    lights: list[Any] = []
    while len(lights) < 3:
        try:
            lights.append(platform.request("led", len(lights), dir="-"))
        except ResourceError:
            break
    return lights
