"""A board as a target: a `Program` or `Image` run on real hardware, or on a virtual board, with the same call."""

from collections.abc import Sequence

from ganglion.fpga.host.driver import BoardDriver
from ganglion.model.compiler import Image, compile_program
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.program import Program
from ganglion.model.spec.registers import Counter
from ganglion.model.spec.registers import counters as counters_of
from ganglion.model.spec.target import check_network
from ganglion.sim.target import COUNTERS, ChipTarget

BUSY = (Counter.UPDATE_CYCLES, Counter.DELIVER_CYCLES, Counter.LEARN_CYCLES)
"""Counters that together are the cycles in which a core worked."""


@explained(ProgramError)
class Board(ChipTarget):
    """A `ChipTarget`: the board behind a serial device.

    Its trace has the counter `cycles`: a board counts the cycles in which its busiest core worked, and not those in
    which all waited for the line.
    """

    name = "board"

    def __init__(
        self,
        network: Program | Image,
        device: str | BoardDriver,
        *,
        baud: int | None = None,
        counters: Sequence[Counter] = COUNTERS,
    ) -> None:
        """Opens the board and loads the network into it.

        Args:
            network: a program is compiled for the board's chip.
            device: such as /dev/ttyUSB1, or an open driver, which is taken over, whatever it ran before.
            baud: bits per second; that of all boards unless given.
            counters: read at the end of each step, for the trace; each costs four packets a step.

        Raises:
            BoardError: nothing answers on the device; says what to check.
            FormatError: the image is for another chip than the board's; names the difference.
            ChipError: the chip does not answer as it should.
        """
        check_network("Board", network, Image)
        driver = BoardDriver(device, baud=baud) if isinstance(device, str) else device
        image = network if isinstance(network, Image) else compile_program(network, driver.params)
        self._busy = tuple(counter for counter in BUSY if counter in counters_of(image.params))
        self._hidden = {counter.name.lower() for counter in self._busy if counter not in counters}
        super().__init__(image, driver, counters=tuple(dict.fromkeys((*counters, *self._busy))))

    def _figures(self, counted: IntArray, cycles: IntArray) -> dict[str, IntArray]:
        figures = super()._figures(counted, cycles)
        busy = [self._counters.index(counter) for counter in self._busy]
        shown = {name: figure for name, figure in figures.items() if name not in self._hidden}
        return {"cycles": counted[:, :, busy].sum(axis=2).max(axis=1), **shown}
