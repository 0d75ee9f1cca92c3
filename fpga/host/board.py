"""A board as a target: a `Program` or `Image` run on real hardware, or on a virtual board, with the same call."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from ganglion.fpga.host.driver import BoardDriver
from ganglion.model.compiler import Image, compile_program
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.events import Events
from ganglion.model.spec.memories import Counter
from ganglion.model.spec.program import Program
from ganglion.model.spec.trace import Trace
from ganglion.sim.classifiers.recorder import Hardware
from ganglion.sim.rtl import COUNTERS, Rtl

BUSY = (Counter.UPDATE_CYCLES, Counter.DELIVER_CYCLES)
"""Counters that together are the cycles in which a core worked."""


class Board(Rtl):
    """A `ganglion.model.spec.target.Target`: the board behind a serial device.

    The trace is that of `Rtl`, but for `cycles`: a board counts the cycles in which its busiest core worked, and not
    those in which all waited for the line.
    """

    def __init__(
        self,
        network: Program | Image,
        device: str | BoardDriver,
        *,
        baud: int | None = None,
        counters: tuple[Counter, ...] = COUNTERS,
    ) -> None:
        """Opens the board and loads the network into it.

        Args:
            network: a program is compiled for the board's chip.
            device: such as /dev/ttyUSB1, or an open bench, which is taken over, whatever it ran before.
            baud: bits per second; that of all boards unless given.
            counters: read at the end of each step, for the trace; each costs four packets a step.

        Raises:
            BoardError: nothing answers on the device; says what to check.
            FormatError: the image is for another chip than the board's; names the difference.
            ChipError: the chip does not answer as it should.
        """
        bench = BoardDriver(device, baud=baud) if isinstance(device, str) else device
        image = network if isinstance(network, Image) else compile_program(network, bench.params)
        self._wanted = counters
        super().__init__(image, bench, counters=tuple(dict.fromkeys((*counters, *BUSY))))

    def run(self, events: Events, *, keep_states: bool = False) -> Trace:
        return replace(super().run(events, keep_states=keep_states), ran_on="board")

    def _figures(self, table: IntArray) -> dict[str, IntArray]:
        figures, busy = super()._figures(table), [self._counters.index(counter) for counter in BUSY]
        wanted = {counter.name.lower(): figures[counter.name.lower()] for counter in self._wanted}
        return {**wanted, "cycles": table[:, :, busy].sum(axis=2).max(axis=1)}


@contextmanager
def open_board(device: str, *, baud: int | None = None) -> Iterator[Hardware]:
    """A board for the jobs that run shipped networks; it is closed at the end.

    Args:
        device: such as /dev/ttyUSB1.
        baud: bits per second; that of all boards unless given.

    Raises:
        BoardError: nothing answers on the device; says what to check.
    """
    bench = BoardDriver(device, baud=baud)
    option = f"--device {device}" + (f" --baud {baud}" if baud else "")
    try:
        yield Hardware(
            name="board",
            params=bench.params,
            clock_mhz=bench.port.greeting.clock / 1e6,
            option=option,
            target=lambda program: Board(program, bench),
        )
    finally:
        bench.close()
