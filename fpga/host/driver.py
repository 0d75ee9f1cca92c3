"""A board as the bench on which `ganglion.sim.rtl.Rtl` runs a chip: what goes over wires in simulation goes over the
link.
"""

from functools import cached_property

import numpy as np

from ganglion.fpga.boards import BOARDS
from ganglion.fpga.host.port import BoardPort
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.arrays import BoolArray
from ganglion.model.spec.errors import BoardError, ChipError
from ganglion.model.spec.memories import VERSION, Memory, Register, memories, state_memories
from ganglion.model.spec.packet_arrays import Chunks, Words, kinds, reads, unpack
from ganglion.model.spec.packets import ACCESS, Kind
from ganglion.model.spec.params import LEVELS, RADIX, Params
from ganglion.model.spec.tree import route_to
from ganglion.sim.build import Chip, chip
from ganglion.sim.driver import NO_STALLS, Answer, Stalls


class BoardDriver:
    """A `ganglion.sim.driver.Driver` behind a serial device.

    Time on a board is not told packet by packet: `cycles` and `step_cycles` of an answer are zero. Snapshots cost two
    packets for each 16 bits of state.
    """

    name = "board"

    def __init__(
        self, device: str, *, baud: int | None = None, timeout: float = 10.0, progress: Progress = SILENT
    ) -> None:
        """Opens a session, which resets the chip, and asks the chip what it is.

        Args:
            device: such as /dev/ttyUSB1.
            baud: bits per second; that of all boards unless given.
            timeout: seconds without any progress after which to give up.
            progress: told of packets that the board has taken.

        Raises:
            BoardError: nothing answers.
            ChipError: the chip is of another version.
        """
        self.port = BoardPort(device, baud=baud or BAUD, timeout=timeout)
        self.progress = progress
        version = self._number(Memory.REGISTERS, Register.VERSION)
        if version != VERSION:
            raise ChipError(
                f"the chip on {device} has version {version} of packets and memories, this Ganglion version {VERSION}; "
                "load the board with a bitstream of this version (ganglion board load)"
            )
        count = memories(Params())[Memory.PARAMETERS].rows
        numbers = [self._number(Memory.PARAMETERS, row) for row in range(count)]
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
            raise BoardError("the streams of a board cannot be stalled on purpose; run the chip on the native bench")
        self.port.restart()

    def exchange(self, words: Words, *, replies: int = 0, states: bool = False, ahead: bool = False) -> Answer:
        words = np.ascontiguousarray(words, dtype=np.uint64)
        asked = words
        ends = np.flatnonzero(kinds(words) == Kind.END)
        snapshot = self._snapshot() if states else np.zeros(0, dtype=np.uint64)
        ours = np.zeros(words.size, dtype=bool)
        if snapshot.size:
            after = np.repeat(ends + 1, snapshot.size)
            asked = np.insert(words, after, np.tile(snapshot, ends.size))
            ours = np.insert(ours, after, True)
        wanted = replies + snapshot.size * ends.size
        with self.progress.task(self.port.device, asked.size) as task:
            got = self.port.exchange(asked, ends=ends.size, replies=wanted, advance=task.advance)
        taken: dict[Memory, Chunks] = {}
        if snapshot.size:
            got, taken = self._split(asked, got, ours)
        zeros = np.zeros(got.size, dtype=np.int64)
        return Answer(words=got, cycles=zeros, step_cycles=np.zeros(ends.size, dtype=np.int64), total=0, states=taken)

    def _snapshot(self) -> Words:
        """READs of all state, memory by memory and core by core."""
        routes = [route_to(self.params.levels, core) for core in range(self.params.cores)]
        return np.concatenate(
            [
                reads(memory, np.arange(spec.rows), spec.layout.chunks, route)
                for memory, spec in state_memories(self.params).items()
                for route in routes
            ]
        )

    def _split(self, asked: Words, got: Words, ours: BoolArray) -> tuple[Words, dict[Memory, Chunks]]:
        """What came, without the replies to the snapshots; and these as rows, shape (steps, cores, rows, chunks).

        Args:
            asked: all packets that were sent.
            got: all packets that came.
            ours: which of those sent are READs of snapshots.
        """
        # A core answers in the order in which it is asked; the answers of several come in any order.
        questions, answers = (
            np.flatnonzero(kinds(words) == kind) for words, kind in ((asked, Kind.READ), (got, Kind.REPLY))
        )
        by_asked = questions[np.argsort(unpack(ACCESS, "route", asked[questions]), kind="stable")]
        by_got = answers[np.argsort(unpack(ACCESS, "route", got[answers]), kind="stable")]
        answer = np.zeros(asked.size, dtype=np.int64)
        answer[by_asked] = by_got
        places = answer[ours]
        data, position = unpack(ACCESS, "data", got[places]).astype(np.uint16), 0
        shapes = {memory: (spec.rows, spec.layout.chunks) for memory, spec in state_memories(self.params).items()}
        data = data.reshape(-1, self.params.cores * sum(rows * chunks for rows, chunks in shapes.values()))
        taken = {}
        for memory, (rows, chunks) in shapes.items():
            size = self.params.cores * rows * chunks
            taken[memory] = data[:, position : position + size].reshape(-1, self.params.cores, rows, chunks)
            position += size
        return np.delete(got, places), taken

    def _number(self, memory: Memory, row: int) -> int:
        """A register, counter or parameter of the first core, whatever stands above it."""
        chunks = memories(Params())[memory].layout.chunks
        first = sum(1 << RADIX * level for level in range(LEVELS))
        asked = [ACCESS.pack(kind=Kind.READ, route=first, memory=memory, row=row, chunk=k) for k in range(chunks)]
        got = self.port.exchange(np.array(asked, dtype=np.uint64), ends=0, replies=chunks)
        chunk_bits = next(f.width for f in ACCESS.fields if f.name == "data")
        return sum(int(value) << k * chunk_bits for k, value in enumerate(unpack(ACCESS, "data", got)))


BAUD = next(iter(BOARDS.values())).baud
"""Bits per second of the boards that Ganglion knows."""
