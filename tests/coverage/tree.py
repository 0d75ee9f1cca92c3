"""The tree of routers in the campaign: any traffic, up from mirrors and down from the host."""

from contextlib import closing
from dataclasses import dataclass

import numpy as np

from ganglion.hdl.names import CHIP, CORE
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.memories import Memory
from ganglion.model.spec.packet_arrays import Words
from ganglion.model.spec.packets import ACCESS, KIND_BITS, PACKET_BITS, ROUTE_BITS, SCOPE_BITS, SPIKE, Kind, Scope
from ganglion.model.spec.params import Params
from ganglion.sim.access import Access
from ganglion.sim.native import NativeDriver
from ganglion.sim.verify import random_stalls
from tests.coverage.mirror import AT_ONCE, BETWEEN_ENDS, LOWEST, PAUSE_BITS, mirrored
from tests.coverage.result import Result, counters_almost_full, points_of

STEPS = 20
"""Of each round."""


@dataclass(frozen=True)
class TreePart:
    """A chip with mirrors for cores, and how much of what it is given."""

    params: Params
    rounds: int
    """Times any packets are sent, each with its own stalls."""

    def run(self, progress: Progress = SILENT) -> Result:
        """Gives it all.

        Raises:
            ToolError: the chip cannot be built.
        """
        chip = counters_almost_full(mirrored(self.params))
        with closing(NativeDriver(chip, covered=True, progress=progress)) as driver:
            access = Access(driver)
            with progress.task(f"any packets, {self.params.name}", self.rounds) as task:
                for seed in range(self.rounds):
                    driver.reset(random_stalls(seed))
                    driver.exchange(_traffic(np.random.default_rng((seed, 0x74726565))))
                    for level, router in access.routers():
                        access.router_counters(level, router)
                    task.advance()
            given = f"{self.rounds * STEPS:,} steps of any packets, with mirrors for cores"
            return Result(self.params.name, given, CHIP, chip.verilog, points_of(driver, chip.verilog), {}, opaque=CORE)


def _traffic(rng: np.random.Generator) -> Words:
    """Steps of packets of any kind, many of which a mirror sends back as spikes, and READs of routers among them. In
    some steps mirrors make no pauses."""
    chances = rng.dirichlet(np.ones(4))
    steps = []
    for _ in range(STEPS):
        words = rng.integers(0, 1 << 64, BETWEEN_ENDS + 1, dtype=np.uint64)
        kinds = rng.choice([int(Kind.WRITE), int(Kind.SPIKE), int(Kind.READ), -1], words.size, p=chances)
        any_kind = rng.choice([0, *(kind for kind in range(1, 1 << KIND_BITS) if kind != Kind.END)], words.size)
        words = _with(words, 0, KIND_BITS, np.where(kinds < 0, any_kind, kinds))
        words = np.where(rng.random(words.size) < 0.1, _reads_of_routers(rng, words.size), words)
        if rng.random() < 0.7:
            words = _coming_back_as_spikes(words, rng)
        if rng.random() < 0.1:
            words = _reads_against_traffic(words, rng)
        if rng.random() < 0.4:
            words = _with(words, PACKET_BITS - PAUSE_BITS, PAUSE_BITS, np.zeros(words.size, dtype=np.int64))
        words[-1] = int(words[-1]) >> KIND_BITS << KIND_BITS | Kind.END
        steps.append(words)
    return np.concatenate(steps)


def _coming_back_as_spikes(words: Words, rng: np.random.Generator) -> Words:
    """WRITEs of which mirrors make spikes that turn at some level, or climb to the host."""
    scope = next(field for field in SPIKE.fields if field.name == "scope")
    lowest = sum(field.width for field in SPIKE.fields[: SPIKE.fields.index(scope)])
    spikes = _with(words, LOWEST, KIND_BITS, np.full(words.size, int(Kind.SPIKE)))
    scopes = rng.choice([Scope.HOST, Scope.LEVEL_1, Scope.LEVEL_2], words.size)
    spikes = _with(spikes, LOWEST + lowest, SCOPE_BITS, scopes)
    writes = (words & np.uint64((1 << KIND_BITS) - 1)) == Kind.WRITE
    return np.where(writes, spikes, words)


def _reads_of_routers(rng: np.random.Generator, count: int) -> Words:
    """Most of counters that there are."""
    masks = rng.integers(0, 1 << ROUTE_BITS, count) & rng.choice([0xFFF0, 0xFF0F], count)
    rows, chunks = rng.integers(0, 16, count), rng.integers(0, 3, count)
    made = [
        ACCESS.pack(kind=Kind.READ, route=int(mask), memory=Memory.COUNTERS, row=int(row), chunk=int(chunk))
        for mask, row, chunk in zip(masks, rows, chunks, strict=True)
    ]
    return np.array(made, dtype=np.uint64)


def _reads_against_traffic(words: Words, rng: np.random.Generator) -> Words:
    """WRITEs that come back from all mirrors at once, and READs of routers, whose answers wait for what climbs."""
    head = np.full(words.size, ((1 << ROUTE_BITS) - 1) << KIND_BITS | Kind.WRITE)
    writes = _with(_with(words, 0, LOWEST, head), LOWEST, KIND_BITS, np.full(words.size, int(Kind.REPLY)))
    first = np.arange(words.size) < 2 * AT_ONCE
    return np.where(first | (rng.random(words.size) < 0.5), writes, _reads_of_routers(rng, words.size))


def _with(words: Words, lowest: int, width: int, values: IntArray) -> Words:
    """The words with other bits in one place."""
    mask = np.uint64(((1 << width) - 1) << lowest)
    return (words & ~mask) | (values.astype(np.uint64) << np.uint64(lowest))
