"""`ganglion faults`: bits of the simulated chip's memories are flipped, and what becomes of each is told."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from ganglion.jobs.networks import find_network
from ganglion.jobs.own_network import Reading
from ganglion.jobs.result import Result, table
from ganglion.jobs.samples import choose
from ganglion.jobs.sizes import Sizes
from ganglion.model.compiler import Image, compile_program
from ganglion.model.progress import SILENT, Progress
from ganglion.model.random_network import random_network
from ganglion.model.spec.events import Events
from ganglion.model.spec.memories import Memory
from ganglion.model.spec.params import ALL_PARITY, Params
from ganglion.sim.native import NativeDriver
from ganglion.sim.upsets import Outcome, Upsets, campaign

NETWORKS = 20
"""Random networks, where no other is given."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Faults(Result):
    """What became of flipped bits."""

    params: Params
    what: str
    """What ran."""
    flips: int
    seed: int
    upsets: Upsets

    @property
    def failure(self) -> str | None:
        silent = self.upsets.total(Outcome.SILENT)
        if self.params.parity == ALL_PARITY and silent:
            return f"{silent} flips changed a trace and were not seen, on a chip with parity in every memory"
        return None

    def to_dict(self) -> dict[str, Any]:
        arrays = {
            name: {"bits": self.upsets.bits[name], **{outcome.value: count[outcome] for outcome in Outcome}}
            for name, count in self.upsets.counts.items()
        }
        totals = {outcome.value: self.upsets.total(outcome) for outcome in Outcome}
        return {
            "chip": self.params.to_dict(),
            "what": self.what,
            "flips": self.flips,
            "seed": self.seed,
            "arrays": arrays,
            **totals,
        }

    def shown(self) -> Iterator[str | Table]:
        title = f"{self.flips:,} flips, one at a time: {self.what}, {self.params.name}, parity {self.parity}"
        rows = table("array", "bits", *(outcome.value for outcome in Outcome), title=title)
        for name, count in self.upsets.counts.items():
            rows.add_row(name, f"{self.upsets.bits[name]:,}", *(f"{count[outcome]:,}" for outcome in Outcome))
        totals = (f"{self.upsets.total(outcome):,}" for outcome in Outcome)
        rows.add_row("all", f"{sum(self.upsets.bits.values()):,}", *totals)
        yield rows
        yield f"seed {self.seed}; a silent flip changed spikes or counters, and nobody was told"

    @property
    def parity(self) -> str:
        """Which memories have a parity bit, in words."""
        if self.params.parity in (0, ALL_PARITY):
            return "everywhere" if self.params.parity else "nowhere"
        return "in " + ", ".join(memory.name for memory in Memory if self.params.parity >> memory & 1)


def faults(
    network: str | None,
    *,
    flips: int,
    seed: int = 0,
    samples: Path | None = None,
    only: int = 0,
    sizes: Sizes | None = None,
    progress: Progress = SILENT,
) -> Faults:
    """Flips bits of every array of a simulated chip, one at a time, at random cycles of a run.

    Args:
        network: as `ganglion.jobs.run.run`; None is random networks, NETWORKS of them.
        flips: how many; as many in each kind of array.
        seed: of bits, cycles and random networks.
        samples: the file of samples of a network of the user's own.
        only: number of the sample.
        sizes: of the chip.
        progress: told what is going on.

    Raises:
        GanglionError: no such network or sample.
        ToolError: the chip cannot be built.
    """
    sizes = sizes or Sizes()
    runs: list[tuple[Image, Events]]
    if network is None:
        params, count = sizes.of(), min(NETWORKS, flips)
        what = f"{count} random networks"
        made = [random_network(params, seed + k) for k in range(count)]
        runs = [(one.image, one.events) for one in made]
    else:
        work = find_network(network, samples, None, Reading()).workload(sizes, None, progress)
        (number,) = choose(work.available, only=[only])
        image = compile_program(work.program, progress=progress)
        params, count, what = image.params, 1, f"sample {number} of {work.what}"
        runs = [(image, work.events(number))]
    with closing(NativeDriver(params, opened=True, progress=progress)) as driver:
        found = campaign(runs, driver, flips=flips // count, seed=seed, progress=progress)
    return Faults(params=params, what=what, flips=flips // count * count, seed=seed, upsets=found)
