"""`ganglion verify`: random networks on the simulated chip and on the golden model, in lockstep."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from ganglion.jobs.result import Result, table
from ganglion.model.progress import SILENT, Progress
from ganglion.model.random_network import STEPS
from ganglion.model.spec.params import Params
from ganglion.sim.coverage import Coverage
from ganglion.sim.rtl import DriverName
from ganglion.sim.verify import verify as run_networks


@dataclass(frozen=True, eq=False, kw_only=True)
class Verified(Result):
    """Networks that ran without a difference, and what they reached."""

    params: Params
    seed: int
    """Of the first network."""
    networks: int
    steps: int
    coverage: Coverage

    def to_dict(self) -> dict[str, Any]:
        return {
            "chip": self.params.to_dict(),
            "seed": self.seed,
            "networks": self.networks,
            "steps": self.steps,
            "differences": 0,
            "coverage": self.coverage.counts,
            "missing": self.coverage.missing(),
        }

    def shown(self) -> Iterator[str | Table]:
        title = f"coverage: {self.networks} random networks, {self.params.name}, {self.params.lanes} lanes"
        rows = table("point", "networks", title=title)
        for point, count in self.coverage.counts.items():
            rows.add_row(point, str(count), style=None if count else "bold red")
        yield rows
        seeds = f"seeds {self.seed} to {self.seed + self.networks - 1}"
        yield f"{self.networks} networks of {self.steps} steps, {seeds}: no difference"


def verify(
    params: Params,
    *,
    seed: int = 0,
    networks: int = 50,
    steps: int = STEPS,
    driver: DriverName = "native",
    progress: Progress = SILENT,
) -> Verified:
    """Runs the random networks of some seeds, each with its own stalls of both streams.

    Args:
        params: the chip.
        seed: of the first network; the next ones count up.
        networks: how many.
        steps: of each run.
        driver: how to simulate.
        progress: told what is going on.

    Raises:
        MismatchError: the first difference, with the command that shows it again; a waveform is left.
        ToolError: the chip cannot be built.
    """
    coverage = run_networks(params, seed=seed, networks=networks, steps=steps, driver=driver, progress=progress)
    return Verified(params=params, seed=seed, networks=networks, steps=steps, coverage=coverage)
