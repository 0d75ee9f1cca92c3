"""Rows of the memories of a chip, read and written through its packets."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ganglion.model.spec import packet_arrays
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import ChipError
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.packet_arrays import Chunks, Words
from ganglion.model.spec.packets import ACCESS, Kind, describe
from ganglion.model.spec.registers import FAULT_LAYOUT, Counter, Register, RouterCounter
from ganglion.model.spec.tree import route_of, route_to, route_to_router
from ganglion.sim.driver import Driver


@dataclass(frozen=True)
class Fault:
    """A row of a core that was read with a wrong parity bit."""

    core: int
    memory: Memory
    row: int
    """Behind those of the memory: of the list that goes with it, as `FAULT_LAYOUT` has it."""

    def __str__(self) -> str:
        return f"row {self.row} of {self.memory.name} in core {self.core} with a wrong parity bit"


class Access:
    """Reads and writes whole rows, any number of them in one exchange.

    What it raises is a `ChipError`: the chip does not answer as it should.
    """

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.params = driver.params
        self.specs = memories(driver.params)
        self.routes = np.array([route_to(self.params.levels, core) for core in range(self.params.cores)])
        """The route to each core."""
        self._everywhere = route_of((1 << size) - 1 for size in self.params.levels)

    def read(self, memory: Memory, rows: npt.ArrayLike, cores: IntArray | int = 0) -> Chunks:
        """The chunks of some rows, shape (rows, chunks).

        Args:
            memory: which.
            rows: shape (rows,).
            cores: of all rows, or of each.
        """
        count = self.specs[memory].layout.chunks
        return self._ask(packet_arrays.reads(memory, rows, count, self.routes[cores])).reshape(-1, count)

    def write(self, memory: Memory, rows: npt.ArrayLike, chunks: Chunks, cores: IntArray | int = 0) -> None:
        """Writes rows; chunks has shape (rows, chunks)."""
        self.driver.exchange(self.writing(memory, rows, chunks, cores))

    def writing(self, memory: Memory, rows: npt.ArrayLike, chunks: Chunks, cores: IntArray | int = 0) -> Words:
        """The packets that write rows."""
        return packet_arrays.writes(memory, rows, chunks, self.routes[cores])

    def writing_register(self, register: Register, value: int) -> Words:
        """The packets that write a register of all cores."""
        layout = self.specs[Memory.REGISTERS].layout
        chunks = layout.pack_rows(1, {"value": value})
        return packet_arrays.writes(Memory.REGISTERS, [register], chunks, self._everywhere)

    def numbers(self, memory: Memory, rows: npt.ArrayLike, cores: IntArray | int = 0) -> IntArray:
        """Registers, counters or parameters, shape (rows,)."""
        return self.as_numbers(self.read(memory, rows, cores))

    def as_numbers(self, chunks: Chunks) -> IntArray:
        """Registers, counters or parameters from their chunks."""
        return self.specs[Memory.COUNTERS].layout.unpack_rows(chunks)["value"]

    def counters(self, counters: tuple[Counter, ...]) -> IntArray:
        """Counters of every core now, shape (cores, counters)."""
        cores, count = self.params.cores, len(counters)
        rows = np.tile(np.array(counters, dtype=np.int64), cores)
        return self.numbers(Memory.COUNTERS, rows, np.repeat(np.arange(cores), count)).reshape(cores, count)

    def router_counters(self, level: int, router: int) -> IntArray:
        """The counters of one router, shape (len(RouterCounter),)."""
        route = route_to_router(self.params.levels, level, router)
        count = self.specs[Memory.COUNTERS].layout.chunks
        chunks = self._ask(packet_arrays.reads(Memory.COUNTERS, np.arange(len(RouterCounter)), count, route))
        return self.as_numbers(chunks.reshape(-1, count))

    def bad_packets(self) -> int:
        """Packets that all cores and routers dropped, since they were built."""
        routers = np.array([route_to_router(self.params.levels, *r) for r in self.routers()], dtype=np.int64)
        rows = np.repeat((Counter.BAD_PACKETS, RouterCounter.BAD_PACKETS), (self.params.cores, routers.size))
        chunks = self.specs[Memory.COUNTERS].layout.chunks
        reads = packet_arrays.reads(Memory.COUNTERS, rows, chunks, np.append(self.routes, routers))
        return int(self.as_numbers(self._ask(reads).reshape(-1, chunks)).sum())

    def faults(self) -> list[Fault]:
        """What register FAULT of each core tells."""
        cores = np.arange(self.params.cores)
        told = self.numbers(Memory.REGISTERS, np.full(cores.size, Register.FAULT), cores)
        faults = [(core, FAULT_LAYOUT.unpack(int(number))) for core, number in enumerate(told)]
        return [Fault(core, Memory(fault["memory"]), fault["row"]) for core, fault in faults if fault["memory"]]

    def routers(self) -> list[tuple[int, int]]:
        """Level and number of each router, lowest level first."""
        found, count = [], self.params.cores
        for level, size in enumerate(self.params.levels, start=1):
            count //= size
            found += [(level, router) for router in range(count)]
        return found

    def _ask(self, reads: Words) -> Chunks:
        return replies(self.driver.exchange(reads, replies=reads.size).words, reads)


def replies(words: Words, reads: Words) -> Chunks:
    """The data of the replies among these packets, in the order of the READs that they answer.

    Raises:
        ChipError: a reply answers another question, or one is missing.
    """
    return packet_arrays.unpack(ACCESS, "data", words[reply_places(words, reads)]).astype(np.uint16)


def reply_places(words: Words, reads: Words) -> IntArray:
    """Where among these packets the reply to each READ is, shape (reads,).

    A core answers in the order in which it is asked; the answers of several come in any order.

    Raises:
        ChipError: as `replies`.
    """
    places = np.flatnonzero(packet_arrays.kinds(words) == Kind.REPLY)
    came = words[places]
    if came.size != reads.size:
        raise ChipError(f"the chip sent {came.size} replies to {reads.size} READ packets")
    by_asked, by_got = (np.argsort(packet_arrays.unpack(ACCESS, "route", w), kind="stable") for w in (reads, came))
    names = ("route", "memory", "row", "chunk")
    asked, got = ([packet_arrays.unpack(ACCESS, n, w) for n in names] for w in (reads[by_asked], came[by_got]))
    wrong = np.flatnonzero(np.any(np.not_equal(asked, got), axis=0))
    if wrong.size:
        question, reply = describe(int(reads[by_asked[wrong[0]]])), describe(int(came[by_got[wrong[0]]]))
        raise ChipError(f"the chip answered another question than was asked: {question} got {reply}")
    answer = np.empty(reads.size, dtype=np.int64)
    answer[by_asked] = places[by_got]
    return answer
