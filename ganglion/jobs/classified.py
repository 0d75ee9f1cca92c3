"""What a run of a classifier found: as numbers, and as the table on the terminal."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

from ganglion.jobs.energy import energy_dict, energy_parts
from ganglion.jobs.predicted import Predicted
from ganglion.jobs.result import Result, table
from ganglion.jobs.workload import Workload
from ganglion.model.energy import Account, Technology, account_totals
from ganglion.model.lockstep import what_was_equal
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.program import Program

NOT_COUNTED = "-"


@dataclass(frozen=True, eq=False, kw_only=True)
class TargetResult:
    """What one target did with the samples."""

    name: str
    guess: IntArray
    """The class it told for each sample, shape (samples,); -1 where it told none."""
    counters: dict[str, IntArray]
    """`spikes`, `synops`, and `cycles` where there is a clock: of every step of every sample in turn, (steps,)."""
    seconds: float
    """Time it ran for, reading of all state at the end of each step included where targets were compared."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Classified(Result):
    """What a run found. All targets agreed on every bit, or there is no result."""

    workload: Workload
    numbers: IntArray
    """Of the samples among all that there are, as `--only` takes them, shape (samples,)."""
    label: IntArray | None
    """Shape (samples,); None where nobody told."""
    steps: IntArray
    """Steps of each sample, shape (samples,)."""
    targets: tuple[TargetResult, ...]
    clock_mhz: float
    states: bool
    """Whether all state was compared, not spikes and counters alone."""
    seconds: float
    """Time of all runs and comparisons."""
    command: str
    """What was typed to get this."""
    technology: Technology
    in_floats: IntArray | None
    """The classes that the network told before it was rounded, where that was asked for, shape (samples,)."""
    hashes: tuple[str, ...]
    """The hash of each sample's run; none where nobody asked for them."""
    account: bool
    """Whether the terminal shows the account of the energy, too."""
    report: Path | None
    """The HTML report."""
    predicted: Predicted | None = None
    """What it takes on the chip, where no target has a clock."""
    show: tuple[int, ...] = ()
    """Numbers of the samples that the report shows spike by spike; none is the first that was told right."""

    @property
    def guess(self) -> IntArray:
        """The class told for each sample, by all targets, shape (samples,); -1 where none was told."""
        return self.targets[0].guess

    @property
    def program(self) -> Program:
        """What ran."""
        return self.workload.program

    @property
    def count(self) -> int:
        """Samples that ran."""
        return self.numbers.size

    @property
    def right(self) -> int | None:
        """Samples told right; None where nobody told what is right."""
        return self.right_among(self.guess)

    @property
    def right_in_floats(self) -> int | None:
        """As `right`, of the network before it was rounded; None where it did not run."""
        return None if self.in_floats is None else self.right_among(self.in_floats)

    @property
    def accuracy(self) -> float | None:
        """Share of the samples told right."""
        return None if self.right is None else self.right / self.count

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % confidence interval of the accuracy (Wilson 1927)."""
        return None if self.right is None else wilson(self.right, self.count)

    def right_among(self, guess: IntArray) -> int | None:
        """How many of these classes, shape (samples,), are right; None where nobody told what is."""
        return None if self.label is None else int((guess == self.label).sum())

    @property
    def timed(self) -> TargetResult | None:
        """The first target that has a clock."""
        return next((target for target in self.targets if "cycles" in target.counters), None)

    def totals(self) -> dict[str, int]:
        """Sums of all counters over all samples, and the `steps`; of the target that counts most."""
        most = max(self.targets, key=lambda target: len(target.counters)).counters
        return {name: int(values.sum()) for name, values in most.items()} | {"steps": int(self.steps.sum())}

    @cached_property
    def energy(self) -> Account:
        """The estimated energy of all samples."""
        return account_totals(self.totals(), self.program.params, self.technology)

    def per_sample(self, values: IntArray) -> IntArray:
        """Sums of a counter over the steps of each sample, shape (samples,)."""
        return np.add.reduceat(values, np.cumsum(self.steps) - self.steps)

    def to_dict(self) -> dict[str, Any]:
        program = self.program
        return {
            "network": self.workload.name,
            "chip": program.params.to_dict(),
            "neurons": program.neurons,
            "synapses": program.synapses,
            "samples": self.numbers.tolist(),
            "of": self.workload.available,
            "label": None if self.label is None else self.label.tolist(),
            "guess": self.guess.tolist(),
            "right": self.right,
            "accuracy": self.accuracy,
            "interval": None if self.interval is None else list(self.interval),
            "right_in_floats": self.right_in_floats,
            "same_in_floats": None if self.in_floats is None else int((self.in_floats == self.guess).sum()),
            "steps": int(self.steps.sum()),
            "compared": what_was_equal(states=self.states) if len(self.targets) > 1 else None,
            "clock_mhz": self.clock_mhz,
            "targets": {target.name: self._target(target) for target in self.targets},
            "predicted": self.predicted.to_dict(self.clock_mhz) if self.predicted else None,
            "energy": energy_dict(self.energy, self.count),
            "hashes": list(self.hashes),
            "report": str(self.report) if self.report else None,
        }

    def _target(self, target: TargetResult) -> dict[str, Any]:
        found: dict[str, Any] = {name: int(values.sum()) for name, values in target.counters.items()}
        if "cycles" in target.counters:
            cycles = target.counters["cycles"]
            latency = self.per_sample(cycles) / self.clock_mhz
            found |= {
                "cycles_per_step": {
                    "mean": float(cycles.mean()),
                    "median": float(np.median(cycles)),
                    "max": int(cycles.max()),
                },
                "latency_us": {"mean": float(latency.mean()), "max": float(latency.max())},
            }
        return found | {"seconds": target.seconds}

    def shown(self) -> Iterator[str | Table]:
        count, program = self.count, self.program
        yield (
            f"{self.workload.what}: {program.neurons:,} neurons, {program.synapses:,} synapses; "
            f"{count:,} of {self.workload.available:,} {self.workload.kind}, {self.steps.mean():,.1f} steps each"
        )
        rows = table("", *(target.name for target in self.targets))
        columns = [self._figures(target) for target in self.targets]
        for name in columns[0]:
            if any(column[name] != NOT_COUNTED for column in columns):
                rows.add_row(name, *(column[name] for column in columns))
        yield rows
        if self.predicted:
            yield self.predicted.line(self.clock_mhz)
        if len(self.targets) > 1:
            yield f"{what_was_equal(states=self.states)} were equal after each of {self.steps.sum():,} steps"
        if self.label is None:
            told = zip(*np.unique(self.guess, return_counts=True), strict=True)
            yield f"told, by {self.workload.readout.how}: " + ", ".join(
                f"{times:,} times {f'class {number}' if number >= 0 else 'none'}" for number, times in told
            )
        if self.in_floats is not None:
            yield self._in_floats(self.in_floats)
        if not self.account:
            yield f"estimated energy per sample: {self.energy.total / 1e3 / count:,.1f} nJ (--report has the account)"
        if self.account:
            yield from energy_parts(self.energy, count)
        for number, hash_ in zip(self.numbers.tolist(), self.hashes, strict=False):
            yield f"hash of sample {number}: {hash_}"
        if self.report:
            yield f"report: {self.report}"

    def _in_floats(self, told: IntArray) -> str:
        same = f"{(told == self.guess).sum():,} of {self.count:,} samples decided alike"
        right = self.right_among(told)
        if right is None:
            return f"in floats, before it was rounded: {same}"
        return f"in floats, before it was rounded: {right:,} of {self.count:,} right, {right / self.count:.2%}; {same}"

    def _figures(self, target: TargetResult) -> dict[str, str]:
        """The column of a target; figures of the clock only where it has one."""
        count, right = target.guess.size, self.right_among(target.guess)
        spikes, synops = (int(target.counters[name].sum()) for name in ("spikes", "synops"))
        told = {} if right is None else {"samples right": f"{right:,} of {count:,}", "accuracy": f"{right / count:.2%}"}
        figures = told | {
            "spikes per sample": f"{spikes / count:,.0f}",
            "SynOps per sample": f"{synops / count:,.0f}",
        }
        names = (
            "cycles per step: mean",
            "cycles per step: median",
            "cycles per step: max",
            "SynOps per cycle",
            "cycles run per second",
            f"latency per sample at {self.clock_mhz:g} MHz: mean",
            f"latency per sample at {self.clock_mhz:g} MHz: max",
        )
        values = [NOT_COUNTED] * len(names)
        if "cycles" in target.counters:
            cycles = target.counters["cycles"]
            latency = self.per_sample(cycles) / self.clock_mhz
            values = [
                f"{cycles.mean():,.0f}",
                f"{np.median(cycles):,.0f}",
                f"{cycles.max():,}",
                f"{synops / cycles.sum():.2f}",
                f"{cycles.sum() / target.seconds:,.0f}",
                f"{latency.mean():,.1f} µs",
                f"{latency.max():,.1f} µs",
            ]
        return figures | dict(zip(names, values, strict=True)) | {"seconds": f"{target.seconds:.3g}"}


def wilson(right: int, count: int) -> tuple[float, float]:
    """The 95 % confidence interval of a share (Wilson 1927)."""
    z, share = 1.96, right / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return max(0.0, middle - half), min(1.0, middle + half)
