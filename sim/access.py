"""Rows of the memories of a chip, read and written through its packets."""

import numpy as np
import numpy.typing as npt

from ganglion.model.spec import packet_arrays
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import ChipError
from ganglion.model.spec.memories import Counter, Memory, RouterCounter, memories
from ganglion.model.spec.packet_arrays import Chunks, Words
from ganglion.model.spec.packets import ACCESS, Kind, describe
from ganglion.model.spec.tree import route_to, route_to_router
from ganglion.sim.driver import Driver


class Access:
    """Reads and writes whole rows. What it raises is a `ChipError`: the chip does not answer as it should."""

    def __init__(self, bench: Driver) -> None:
        self.bench = bench
        self.params = bench.params
        self.specs = memories(bench.params)
        self.routes = [route_to(self.params.levels, core) for core in range(self.params.cores)]
        """The route to each core."""

    def read(self, memory: Memory, rows: npt.ArrayLike, core: int = 0) -> Chunks:
        """The chunks of some rows of one core, shape (rows, chunks)."""
        return self._read(memory, rows, self.routes[core])

    def numbers(self, memory: Memory, rows: npt.ArrayLike, core: int = 0) -> IntArray:
        """Registers, counters or parameters of one core, shape (rows,)."""
        return self.as_numbers(self.read(memory, rows, core))

    def as_numbers(self, chunks: Chunks) -> IntArray:
        """Registers, counters or parameters from their chunks."""
        return self.specs[Memory.COUNTERS].layout.unpack_rows(chunks)["value"]

    def router_counters(self, level: int, router: int) -> IntArray:
        """The counters of one router, shape (len(RouterCounter),)."""
        route = route_to_router(self.params.levels, level, router)
        return self.as_numbers(self._read(Memory.COUNTERS, np.arange(len(RouterCounter)), route))

    def bad_packets(self) -> int:
        """Packets that all cores and routers dropped, since they were built."""
        rows = [Counter.BAD_PACKETS]
        dropped = sum(int(self.numbers(Memory.COUNTERS, rows, core)[0]) for core in range(self.params.cores))
        return dropped + sum(int(self.router_counters(*r)[RouterCounter.BAD_PACKETS]) for r in self.routers())

    def routers(self) -> list[tuple[int, int]]:
        """Level and number of each router, lowest level first."""
        found, count = [], self.params.cores
        for level, size in enumerate(self.params.levels, start=1):
            count //= size
            found += [(level, router) for router in range(count)]
        return found

    def write(self, memory: Memory, rows: npt.ArrayLike, chunks: Chunks, core: int = 0) -> None:
        """Writes rows of one core; chunks has shape (rows, chunks)."""
        self.bench.exchange(packet_arrays.writes(memory, rows, chunks, self.routes[core]))

    def _read(self, memory: Memory, rows: npt.ArrayLike, route: int) -> Chunks:
        count = self.specs[memory].layout.chunks
        reads = packet_arrays.reads(memory, rows, count, route)
        answer = self.bench.exchange(reads, replies=reads.size)
        return replies(answer.words, reads).reshape(-1, count)


def replies(words: Words, reads: Words) -> Chunks:
    """The data of the replies to these READs, in the order of the READs.

    A core answers in the order in which it is asked; the answers of several come in any order.

    Raises:
        ChipError: a reply answers another question.
    """
    came = words[packet_arrays.kinds(words) == Kind.REPLY]
    if came.size != reads.size:
        raise ChipError(f"the chip sent {came.size} replies to {reads.size} READ packets")
    by_asked, by_got = (np.argsort(packet_arrays.unpack(ACCESS, "route", w), kind="stable") for w in (reads, came))
    names = ("route", "memory", "row", "chunk")
    asked, got = ([packet_arrays.unpack(ACCESS, n, w) for n in names] for w in (reads[by_asked], came[by_got]))
    wrong = np.flatnonzero(np.any(np.not_equal(asked, got), axis=0))
    if wrong.size:
        question, reply = describe(int(reads[by_asked[wrong[0]]])), describe(int(came[by_got[wrong[0]]]))
        raise ChipError(f"the chip answered another question than was asked: {question} got {reply}")
    data = np.empty(reads.size, dtype=np.uint16)
    data[by_asked] = packet_arrays.unpack(ACCESS, "data", came[by_got])
    return data
