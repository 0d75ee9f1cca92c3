"""`ganglion traffic`: samples of a shipped network on a simulated chip of several cores, and what its links carried."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

from ganglion.jobs.outputs import check_picture
from ganglion.jobs.result import Result, table
from ganglion.jobs.samples import choose
from ganglion.jobs.sizes import Sizes, smallest
from ganglion.model.compiler import compile_program
from ganglion.model.networks import shipped
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.events import Events
from ganglion.model.spec.params import Params
from ganglion.sim.native import NativeDriver
from ganglion.sim.rtl import Rtl
from ganglion.sim.traffic import Traffic, measure

CORES = 4
"""Of a chip that has nothing else to show."""


@dataclass(frozen=True, eq=False, kw_only=True)
class TrafficResult(Result):
    """What was measured."""

    network: str
    samples: int
    params: Params
    traffic: Traffic
    picture: Path | None
    """The file that was drawn."""

    def to_dict(self) -> dict[str, Any]:
        return {
            "network": self.network,
            "samples": self.samples,
            "chip": self.params.to_dict() | {"cores": self.params.cores},
            "cycles": self.traffic.cycles,
            "links": [asdict(link) | {"name": link.name} for link in self.traffic.links],
        }

    def shown(self) -> Iterator[str | Table]:
        cycles = self.traffic.cycles
        rows = table(
            "link", "up", "down", "up, % of cycles", "down, % of cycles", title=f"spikes per link, {cycles:,} cycles"
        )
        for link in self.traffic.links:
            shares = (f"{100 * count / max(1, cycles):.2f}" for count in (link.up, link.down))
            rows.add_row(link.name, str(link.up), str(link.down), *shares)
        yield rows
        if self.picture:
            yield f"picture: {self.picture}"


def traffic(
    network: str = "digits",
    *,
    sizes: Sizes | None = None,
    samples: int | None = 3,
    picture: Path | None = None,
    progress: Progress = SILENT,
) -> TrafficResult:
    """Runs test samples, one after another, and says what each link of the tree of routers carried.

    Args:
        network: the name of one that ships with Ganglion.
        sizes: of the chip; None is the network's own. Where that makes one core, and nobody asked for one, there are
            `CORES`.
        samples: how many, from the first on.
        picture: where to write a picture, if anywhere.
        progress: told what is going on.

    Raises:
        GanglionError: there is no such network, sample or chip, the network does not fit, or the picture cannot be
            written.
        ToolError: data is not there, or the chip cannot be built.
    """
    check_picture(picture)
    classifier, wanted = shipped.load(network), sizes or Sizes()
    if wanted.cores is None and wanted.of(classifier.params).cores == 1:
        wanted = replace(wanted, cores=CORES)
    program = smallest(wanted, classifier.params, classifier.program, progress)
    chip, image = program.params, compile_program(program, progress=progress)
    test = classifier.test_set(None)
    events = [classifier.encode(test.inputs[index]) for index in choose(len(test), samples, None)]
    driver = NativeDriver(chip, progress=progress)
    with Rtl(image, driver) as rtl, progress.task(f"{network} on the simulated chip"):
        measured = measure(rtl, _joined(events))
    if picture:
        measured.draw(picture)
    return TrafficResult(network=network, samples=len(events), params=chip, traffic=measured, picture=picture)


def _joined(runs: list[Events]) -> Events:
    """One run behind the other."""
    before = np.cumsum([0, *(events.axon.size for events in runs)])
    starts = [events.start[:-1] + shift for events, shift in zip(runs, before[:-1], strict=True)]
    return Events(np.concatenate([events.axon for events in runs]), np.concatenate([*starts, before[-1:]]))
