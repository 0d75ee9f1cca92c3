"""A chip in the campaign: random networks in lockstep, memories full of anything, packets of any kind."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from unittest.mock import patch

import numpy as np

from ganglion.hdl.names import CHIP
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec import packet_arrays
from ganglion.model.spec.cycles.longest import longest_step
from ganglion.model.spec.formats import CHUNK_BITS
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.params import Params
from ganglion.sim import native
from ganglion.sim.access import Access
from ganglion.sim.native import NativeDriver
from ganglion.sim.verify import random_stalls, verify
from tests.coverage.result import Result, points_of
from tests.sim.any_packets import any_packets, any_sweeps


@dataclass(frozen=True)
class ChipPart:
    """A chip, and how much of what it is given."""

    params: Params
    networks: int
    """Random networks in lockstep with the reference, each with its own stalls."""
    packets: int
    """Times all memories are filled with anything, and packets of any kind are sent."""

    def run(self, progress: Progress = SILENT) -> Result:
        """Gives it all.

        Raises:
            MismatchError: chip and reference differ.
            ToolError: the chip cannot be built.
        """
        params = self.params
        with closing(NativeDriver(params, covered=True, progress=progress)) as driver:
            functional = verify(params, networks=self.networks, driver=driver, progress=progress)
            with _patient(), progress.task(f"any packets, {params.name}", self.packets) as task:
                for seed in range(self.packets):
                    _anything(driver, seed)
                    task.advance()
            given = f"{self.networks:,} networks, {self.packets:,} times any packets"
            verilog = driver.chip.verilog
            return Result(params.name, given, CHIP, verilog, points_of(driver, verilog), functional.counts)


def _anything(driver: NativeDriver, seed: int) -> None:
    """All memories full of anything, and packets of any kind; then all is read."""
    params, rng = driver.params, np.random.default_rng((seed, 0x636F76))
    driver.reset(random_stalls(seed))
    driver.exchange(any_packets(params, rng))
    _read_everything(driver)
    _chains_among_bad_packets(driver, rng)
    if params.products:
        driver.exchange(any_sweeps(params, rng))
    _write_everything(driver, rng)
    _read_everything(driver)


def _chains_among_bad_packets(driver: NativeDriver, rng: np.random.Generator) -> None:
    """Events of the last axon, which goes on behind the table, among packets that are dropped, back to back."""
    params = driver.params
    spec = memories(params)[Memory.AXONS]
    rows = spec.layout.pack_rows(1, {"more": 1})
    driver.exchange(Access(driver).writing(Memory.AXONS, [params.axons - 1], rows))
    words = packet_arrays.spikes(np.full(60, params.axons - 1))
    driver.exchange(np.where(rng.random(60) < 0.5, words, np.uint64(0)))


def _write_everything(driver: NativeDriver, rng: np.random.Generator) -> None:
    """All bits of all chunks, those above the row too, which a WRITE may have."""
    access = Access(driver)
    for core in range(driver.params.cores):
        for memory, spec in memories(driver.params).items():
            if spec.writable and memory is not Memory.REGISTERS:
                chunks = rng.integers(0, 1 << CHUNK_BITS, (spec.rows, spec.layout.chunks), dtype=np.uint16)
                access.write(memory, np.arange(spec.rows), chunks, core)


def _read_everything(driver: NativeDriver) -> None:
    access = Access(driver)
    for core in range(driver.params.cores):
        for memory, spec in memories(driver.params).items():
            access.read(memory, np.arange(spec.rows), core)


@contextmanager
def _patient() -> Iterator[None]:
    """The bench waits as long as any step may take, with stalls on top."""
    with patch.object(native, "patience", lambda params, stalls: 20 * longest_step(params)):
        yield
