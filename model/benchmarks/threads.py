"""What threads are worth to a run of one network, on a machine that is idle and on one that is busy elsewhere."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ganglion.model.benchmarks.workloads import RECURRENT, SETTLE
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.emulator.pace import processors
from ganglion.model.progress import SILENT, Progress

RUNS = 15
"""Of each, in turn; their sum counts, since other work comes and goes."""

BUSY = "while True: pass"


def measure_threads(threads: int, progress: Progress = SILENT) -> dict[str, float]:
    """How many times as fast the recurrent networks run over threads as by one, by the clock on the wall.

    Args:
        threads: how many.
        progress: told of what is measured.
    """
    ratios: dict[str, float] = {}
    for workload in RECURRENT:
        network = workload.network()
        emulators = [Emulator(network), Emulator(network, threads=threads)]
        for emulator in emulators:
            emulator.run(workload.silence(SETTLE))
        for others in (0, processors()):
            name = f"{workload.name}, {others} other processes"
            with progress.task(f"measuring {threads} threads on {name}"), _busy(others):
                alone, shared = (sum(times) for times in zip(*_times(emulators, workload.steps), strict=True))
            ratios[name] = alone / shared
    return ratios


def _times(emulators: list[Emulator], steps: int) -> Iterator[list[float]]:
    """Seconds that a run takes on each of the emulators."""
    silence = RECURRENT[0].silence(steps)
    for _ in range(RUNS):
        times = []
        for emulator in emulators:
            begin = time.perf_counter()
            emulator.run(silence)
            times.append(time.perf_counter() - begin)
        yield times


@contextmanager
def _busy(processes: int) -> Iterator[None]:
    """So many processes that do nothing but run."""
    running = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(processes)]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()
