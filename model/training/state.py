"""How far a training has come: kept after every epoch, whole or not at all, so that it can go on to the same bits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ganglion.model.spec.archive import Archive, Format
from ganglion.model.spec.arrays import Array
from ganglion.model.spec.errors import GanglionError

FORMAT = Format("Ganglion training", 1, "start the training again")


@dataclass(eq=False, kw_only=True)
class TrainingState:
    """What a training has done, and where the trial that is under way stands.

    With a path it is a file that is written at each change; without, it is in memory alone.
    """

    plan: Mapping[str, Any]
    """What is trained, and how: plain values. A file goes on with the same alone."""
    path: Path | None = None
    done: dict[str, Any] = field(default_factory=dict)
    """Plain values that came of each trial, by its name."""
    trial: str = ""
    """Name of the trial under way."""
    epoch: int = 0
    """Epochs of it that are done."""
    curve: list[float] = field(default_factory=list)
    """Loss after each of those."""
    arrays: dict[str, Array] = field(default_factory=dict)
    """All that it goes on from, by name."""
    found: dict[str, float] = field(default_factory=dict)
    """What was measured of it on the way, by name."""

    @classmethod
    def open(cls, path: Path | None, plan: Mapping[str, Any]) -> "TrainingState":
        """The state in a file, or a new one where there is none.

        Raises:
            FormatError: the file is no training, cut short, or damaged.
            GanglionError: it is a training of another plan; says what differs.
        """
        if path is None or not path.exists():
            return cls(plan=plan, path=path)
        archive = Archive.load(path, FORMAT)
        kept = archive.entry("plan", dict)
        for name in sorted({*plan, *kept}):
            if plan.get(name) != kept.get(name):
                raise GanglionError(
                    f"{path} keeps a training with {name} {kept.get(name)!r}, not {plan.get(name)!r}: give the options "
                    "that it was begun with, or another file"
                )
        return cls(
            plan=plan,
            path=path,
            done=archive.entry("done", dict),
            trial=archive.entry("trial", str),
            epoch=archive.entry("epoch", int),
            curve=archive.entry("curve", lambda values: [float(value) for value in values]),
            found=archive.entry("found", lambda values: {name: float(value) for name, value in values.items()}),
            arrays={name: np.asarray(array) for name, array in archive.arrays.items()},
        )

    def begin(self, trial: str) -> None:
        """Turn to a trial: what there is of it stays, and what there is of another goes."""
        if self.trial != trial:
            self.trial, self.epoch, self.curve, self.arrays, self.found = trial, 0, [], {}, {}

    def reached(self, loss: float, arrays: Mapping[str, Array]) -> None:
        """One more epoch is done.

        Args:
            loss: of it.
            arrays: all that the next one goes on from.
        """
        self.epoch += 1
        self.curve.append(loss)
        self.arrays = dict(arrays)
        self.save()

    def finish(self, outcome: Mapping[str, Any]) -> None:
        """The trial under way is done."""
        self.done[self.trial] = outcome
        self.begin("")
        self.save()

    def save(self) -> None:
        """Write the file, if there is one.

        Raises:
            OSError: it cannot be written; what was there is untouched.
        """
        if self.path is None:
            return
        header = {name: getattr(self, name) for name in ("plan", "done", "trial", "epoch", "curve", "found")}
        Archive(path=self.path, format=FORMAT, header=header, arrays=self.arrays).save(compressed=False)
