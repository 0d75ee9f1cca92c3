"""What a run takes on the chip where nothing that ran has a clock: by the cycle model, on its first samples."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ganglion.jobs.workload import Workload
from ganglion.model.compiler import Image, compile_program
from ganglion.model.compiler.predict import predict_cycles
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import AccumulatorBoundError, CapacityError

SAMPLES = 16
"""Samples that the cycle model is asked about."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Predicted:
    """Cycles by the cycle model, or why there are none."""

    samples: Sequence[IntArray]
    """Cycles of each step of each sample."""
    absent: str = ""
    """Why there are none."""

    def to_dict(self, clock_mhz: float) -> dict[str, Any]:
        if self.absent:
            return {"absent": self.absent}
        cycles, latency = self._figures(clock_mhz)
        return {
            "samples": len(self.samples),
            "cycles_per_step": {"mean": float(cycles.mean()), "max": int(cycles.max())},
            "latency_us": {"mean": float(latency.mean()), "max": float(latency.max())},
        }

    def line(self, clock_mhz: float) -> str:
        """For the terminal."""
        if self.absent:
            return f"no cycles of the chip: {self.absent}"
        cycles, latency = self._figures(clock_mhz)
        return (
            f"on the chip, by the cycle model on {len(self.samples)} sample(s): {cycles.mean():,.0f} cycles per step "
            f"(at most {cycles.max():,}), latency per sample at {clock_mhz:g} MHz {latency.mean():,.1f} µs (at most "
            f"{latency.max():,.1f})"
        )

    def _figures(self, clock_mhz: float) -> tuple[IntArray, Any]:
        """Cycles of all steps, and microseconds of each sample."""
        return np.concatenate(self.samples), np.array([one.sum() for one in self.samples]) / clock_mhz


def predict(
    work: Workload, chosen: Sequence[int], image: Image | None = None, progress: Progress = SILENT
) -> Predicted:
    """The cycles of the first of the samples that run.

    Args:
        work: the network and its samples.
        chosen: numbers of the samples.
        image: where the network sits; None places it here.
        progress: told of placing and packing.
    """
    from ganglion.model.emulator.emulator import Emulator  # loads Numba

    program = work.program
    try:
        image = image or compile_program(program, progress=progress)
    except (AccumulatorBoundError, CapacityError) as error:
        return Predicted(samples=(), absent=error.at_the_command_line.splitlines()[0])
    everyone = Emulator(program.replace(outputs=np.arange(program.neurons)))
    events = [work.events(number) for number in chosen[:SAMPLES]]
    traces = everyone.run_batch(events)
    return Predicted(samples=[predict_cycles(image, *each) for each in zip(events, traces, strict=True)])
