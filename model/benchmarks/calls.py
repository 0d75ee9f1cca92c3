"""What a call of the emulator costs: steps one by one, and short runs, of small networks."""

import time
from collections.abc import Callable

import numpy as np

from ganglion.model.benchmarks.workloads import layered, rasters
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.events import Events
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program

CALLS, REPEATS = 1000, 7

RUNS = (1, 10, 20, 100)
"""Steps of a run."""


def measure_calls(progress: Progress = SILENT) -> dict[str, float]:
    """Microseconds of processor time of a call, medians, by what is called.

    Args:
        progress: told of what is measured.
    """
    one = Emulator(
        Program.build(
            params=Params(), types=(NeuronType(),), threshold=[5], inputs=1, pre=[0], post=[1], weight=[3]
        )
    )
    layers, (events,) = Emulator(layered(64, 32, 10, threshold=150)), rasters(1, max(RUNS), 64)
    first = events.axon[: events.start[1]].tolist()
    jobs: dict[str, Callable[[], object]] = {
        "a step of one neuron": lambda: one.step([0]),
        "a step of 64-32-10": lambda: layers.step(first),
    }
    for steps in RUNS:
        run = Events(events.axon[: events.start[steps]], events.start[: steps + 1])
        jobs[f"a run of {steps} steps of 64-32-10"] = lambda run=run: layers.run(run)  # type: ignore[misc]
    with progress.task("measuring calls"):
        return {name: _microseconds(job) for name, job in jobs.items()}


def _microseconds(job: Callable[[], object]) -> float:
    job()
    times = []
    for _ in range(REPEATS):
        begin = time.thread_time()
        for _ in range(CALLS):
            job()
        times.append((time.thread_time() - begin) / CALLS)
    return float(np.median(times)) * 1e6
