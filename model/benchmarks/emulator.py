"""How fast the emulator is, as rates and as shares of what the machine can do: `make bench`."""

import time
from collections.abc import Callable, Mapping

import numpy as np
from rich.console import Console
from rich.table import Table

from ganglion.model.benchmarks.ceilings import Ceiling, Rate, l2_reads, measure, scatter_adds, seconds
from ganglion.model.benchmarks.workloads import LARGE, RECURRENT, SETTLE, Recurrent, layered, rasters
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.emulator.network import PackedNetwork
from ganglion.model.emulator.pack import pack_program
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference
from ganglion.model.spec.target import Target

GOALS = {"W1": 0.17, "W2": 0.45, "W3": 0.60, "W4": 0.50}
"""Shares of the ceiling, one thread."""

Loader = Callable[[Program], Target]
"""Makes a target of a program: `Emulator`, `Reference`, or one that the caller brings."""


def bench(
    *, large: bool = False, threads: int = 2, others: Mapping[str, Loader] | None = None, progress: Progress = SILENT
) -> None:
    """Print the tables of the workloads.

    Args:
        large: run W4 too, which takes 5 GB of memory and minutes to build.
        threads: also measure with so many threads.
        others: targets to run the small comparison on, by name: the command line adds the RTL.
        progress: told what is being measured.
    """
    console = Console()
    table = Table("workload", "threads", "active", "G SynOp/s", "ceiling", "share", "goal", title="Emulator")
    _layers(table, threads, progress)
    for workload in (*RECURRENT, *((LARGE,) if large else ())):
        _recurrent(table, workload, threads, progress)
    console.print(table)
    console.print("one thread by processor time, several by the clock on the wall; shares are of one thread's ceiling")
    console.print(_comparison(others or {}))


def _layers(table: Table, threads: int, progress: Progress) -> None:
    begin = time.perf_counter()
    program, samples = layered(), rasters()
    network, name = pack_program(program), "W1: 784-256-10 dense, 100 samples at once"
    built = time.perf_counter() - begin
    ceiling = l2_reads()
    active = sum(events.axon.size for events in samples) / (len(samples) * samples[0].steps * program.inputs)
    for count in (1, threads):
        emulator = Emulator(network, threads=count)

        def job(of: Emulator = emulator) -> float:
            return sum(trace.total("synops") for trace in of.run_batch(samples))

        with progress.task(f"measuring {name}, {count} thread(s)"):
            rate = _measured(job, ceiling, count)
        _row(table, name, network, built, count, active, rate)


def _recurrent(table: Table, workload: Recurrent, threads: int, progress: Progress) -> None:
    begin = time.perf_counter()
    network = workload.network()
    built = time.perf_counter() - begin
    ceiling = scatter_adds(workload.neurons)
    for count in (1, threads):
        emulator = Emulator(network, threads=count)
        spikes: list[int] = []

        def job(of: Emulator = emulator, spikes: list[int] = spikes) -> float:
            spikes.append(of.run(workload.silence(workload.steps)).total("spikes"))
            return spikes[-1] * workload.fan_out

        with progress.task(f"measuring {workload.name}, {count} thread(s)"):
            emulator.run(workload.silence(SETTLE))
            rate = _measured(job, ceiling, count)
        active = float(np.mean(spikes)) / workload.steps / workload.neurons
        _row(table, workload.name, network, built, count, active, rate)


def _measured(job: Callable[[], float], ceiling: Ceiling, threads: int) -> Rate:
    return measure(job, ceiling, clock=time.thread_time if threads == 1 else time.perf_counter)


def _row(
    table: Table, name: str, network: PackedNetwork, built: float, threads: int, active: float, rate: Rate
) -> None:
    goal = f"{GOALS[name[:2]]:.0%}" if threads == 1 and name[2] == ":" else ""
    cells = (f"{rate.rate / 1e9:.3f}", f"{rate.ceiling / 1e9:.2f}", f"{rate.share:.0%}", goal)
    what = f"{name} ({network.nbytes / 1e6:,.1f} MB, built in {built:.1f} s)" if threads == 1 else ""
    table.add_row(what, str(threads), f"{active:.2%}", *cells)


def _comparison(others: Mapping[str, Loader]) -> Table:
    """The targets of Ganglion on one small network and input."""
    program, events = layered(64, 32, 10, threshold=150), rasters(1, 20, 64)[0]
    synops = Reference(program).run(events).total("synops")
    table = Table("target", "M SynOp/s", "times the reference", title="64-32-10, 20 steps, loading left out")
    rates = {}
    loaders: dict[str, Loader] = {"emulator": Emulator, "reference": Reference, **others}
    for name, load in loaders.items():
        target = load(program)
        rates[name] = synops / seconds(lambda t=target: t.run(events))  # type: ignore[misc]
    for name, rate in sorted(rates.items(), key=lambda item: -item[1]):
        table.add_row(name, f"{rate / 1e6:.3f}", f"{rate / rates['reference']:.1f}")
    return table
