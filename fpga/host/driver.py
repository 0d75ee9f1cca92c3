"""A board as the driver of a chip: what goes over wires in simulation goes over the link."""

from functools import cached_property

import numpy as np

from ganglion.fpga.boards import BOARDS
from ganglion.fpga.host.port import TIMEOUT, BoardPort
from ganglion.fpga.host.session import PATIENCE
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.errors import BoardError, ChipError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.formats import CHUNK_BITS
from ganglion.model.spec.memories import LEARNS, PROTECTED, VERSION, Memory, memories
from ganglion.model.spec.packet_arrays import Words, kinds, unpack
from ganglion.model.spec.packets import ACCESS, Kind
from ganglion.model.spec.params import LEVELS, RADIX, Params, told_numbers
from ganglion.model.spec.registers import Register
from ganglion.sim.access import reply_places
from ganglion.sim.build import Chip, chip
from ganglion.sim.driver import NO_STALLS, Answer, Stalls, most_spikes
from ganglion.sim.snapshot import snapshot_reads, snapshot_rows


@explained(BoardError)
class BoardDriver:
    """A `ganglion.sim.driver.Driver` behind a serial device.

    Time on a board is not told: an answer has no cycles. Snapshots cost two packets for each 16 bits of state.
    """

    name = "board"

    def __init__(
        self,
        device: str,
        *,
        baud: int | None = None,
        timeout: float = TIMEOUT,
        patience: float = PATIENCE,
        progress: Progress = SILENT,
    ) -> None:
        """Opens a session, which resets the chip, and asks the chip what it is.

        Args:
            device: such as /dev/ttyUSB1.
            baud: bits per second; that of all boards unless given.
            timeout: seconds without any progress after which to give up.
            patience: seconds without an acknowledgement after which bytes are sent again.
            progress: told of packets that the board has taken.

        Raises:
            BoardError: nothing answers.
            ChipError: the chip is of another version.
        """
        self.port = BoardPort(device, baud=baud or BAUD, timeout=timeout, patience=patience)
        self.progress = progress
        version = self._number(Memory.REGISTERS, Register.VERSION)
        parts = version - VERSION
        if parts & ~(LEARNS | PROTECTED):
            raise ChipError(
                f"the chip on {device} has version {version} of packets and memories, this Ganglion version {VERSION}; "
                "load the board with a bitstream of this version (ganglion board load)"
            )
        rows = range(told_numbers(bool(parts & LEARNS), bool(parts & PROTECTED)))
        numbers = [self._number(Memory.PARAMETERS, row) for row in rows]
        board = BOARDS.get(self.port.greeting.name)
        told = Params.from_numbers(numbers, self.port.greeting.name)
        self.params = board.params if board and not told.differences(board.params) else told

    @cached_property
    def chip(self) -> Chip:
        """The same chip for simulation."""
        return chip(self.params)

    def close(self) -> None:
        self.port.close()

    def reset(self, stalls: Stalls = NO_STALLS) -> None:
        """A new session, which resets the chip.

        Raises:
            BoardError: stalls are wanted, which a board cannot be made to have.
        """
        if stalls != NO_STALLS:
            raise BoardError("the streams of a board cannot be stalled on purpose; run the chip in simulation")
        self.port.restart()

    def exchange(self, words: Words, *, replies: int = 0, states: bool = False, ahead: bool = False) -> Answer:
        words = np.ascontiguousarray(words, dtype=np.uint64)
        ends = np.flatnonzero(kinds(words) == Kind.END)
        snapshot = snapshot_reads(self.params) if states else np.zeros(0, dtype=np.uint64)
        after = np.repeat(ends + 1, snapshot.size)
        asked = np.insert(words, after, np.tile(snapshot, ends.size))
        ours = np.insert(np.zeros(words.size, dtype=bool), after, True)
        wanted = replies + int(ours.sum())
        with self.progress.task(self.port.device, asked.size) as task:
            got = self.port.exchange(
                asked,
                ends=ends.size,
                replies=wanted,
                spikes=ends.size * most_spikes(self.params),
                advance=task.advance,
            )
        if not ours.any():
            return Answer(words=got)
        reads = kinds(asked) == Kind.READ
        places = reply_places(got, asked[reads])[ours[reads]]
        data = unpack(ACCESS, "data", got[places]).astype(np.uint16)
        return Answer(words=np.delete(got, places), states=snapshot_rows(self.params, data))

    def _number(self, memory: Memory, row: int) -> int:
        """A register, counter or parameter of the first core, whatever stands above it."""
        chunks = memories(Params())[memory].layout.chunks
        first = sum(1 << RADIX * level for level in range(LEVELS))
        asked = [ACCESS.pack(kind=Kind.READ, route=first, memory=memory, row=row, chunk=k) for k in range(chunks)]
        got = self.port.exchange(np.array(asked, dtype=np.uint64), ends=0, replies=chunks, spikes=0)
        return sum(int(value) << k * CHUNK_BITS for k, value in enumerate(unpack(ACCESS, "data", got)))


BAUD = next(iter(BOARDS.values())).baud
"""Bits per second of the boards that Ganglion knows."""
