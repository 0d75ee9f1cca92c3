"""How fast the emulator is, as rates and as shares of what the machine can do."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ganglion.model.benchmarks.calls import measure_calls
from ganglion.model.benchmarks.ceilings import Ceiling, Rate, l2_reads, measure, scatter_adds, seconds
from ganglion.model.benchmarks.learning import measure_learning, measure_switch
from ganglion.model.benchmarks.threads import measure_threads
from ganglion.model.benchmarks.training import measure_training
from ganglion.model.benchmarks.workloads import LARGE, RECURRENT, SETTLE, Recurrent, layered, rasters
from ganglion.model.emulator.array.emulator import ArrayEmulator
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.emulator.network import StoredNetwork
from ganglion.model.emulator.store import store_program
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference
from ganglion.model.spec.target import Target

GOALS = {"W1": 0.17, "W2": 0.45, "W3": 0.70, "W4": 0.50}
"""Shares of the ceiling, one thread."""

REPEATS, QUICK_REPEATS = 9, 3
"""How often each is measured; the median counts."""

Loader = Callable[[Program], Target]
"""Makes a target of a program: `Emulator`, `Reference`, or one that the caller brings."""


@dataclass(frozen=True, kw_only=True)
class Share:
    """How fast the emulator ran a workload."""

    workload: str
    threads: int
    active: float
    """Share of the inputs or neurons that spike in a step, mean."""
    rate: Rate
    goal: float | None
    """Share of the ceiling that is asked for; None where none is."""
    megabytes: float
    """Of the network."""
    build_seconds: float
    """Time that the network took to build."""


@dataclass(frozen=True, kw_only=True)
class EmulatorRates:
    """The emulator's rates, and those of all targets on a small network."""

    shares: tuple[Share, ...]
    targets: dict[str, float]
    """SynOps per second on two layers of 64-32-10, loading left out, by target."""
    threaded: dict[str, float]
    """Times as fast over threads as by one, by network and what else the machine does."""
    learning: dict[str, float]
    """Synapses visited per second by a rule of two terms, by rounding and activity."""
    calls: dict[str, float]
    """Microseconds of a call, by what is called."""
    training: dict[str, float]
    """Rates of trainings through the emulator, by name."""


def measure_emulator(
    *,
    large: bool = False,
    quick: bool = False,
    threads: int = 2,
    others: Mapping[str, Loader] | None = None,
    progress: Progress = SILENT,
) -> EmulatorRates:
    """Measure the workloads, one thread by processor time, several by the clock on the wall.

    Args:
        large: run W4 too, which takes 5 GB of memory and minutes to build.
        quick: run W1 and W2 alone, on one thread, a third as often.
        threads: also measure with so many threads.
        others: targets to run the small comparison on, by name: the command line adds the RTL.
        progress: told of what is measured.
    """
    counts, repeats = ((1,), QUICK_REPEATS) if quick else ((1, threads), REPEATS)
    shares = list(_layers(counts, repeats, progress))
    for workload in RECURRENT[:1] if quick else (*RECURRENT, *((LARGE,) if large else ())):
        shares += _recurrent(workload, counts, repeats, progress)
    with progress.task("measuring the targets on a small network"):
        targets = _comparison(others or {})
    return EmulatorRates(
        shares=tuple(shares),
        targets=targets,
        threaded={} if quick else measure_threads(threads, progress),
        learning=measure_learning(progress, quick=quick),
        calls=measure_calls(progress) | ({} if quick else measure_switch(progress)),
        training={} if quick else measure_training(progress),
    )


def _layers(counts: Sequence[int], repeats: int, progress: Progress) -> Iterator[Share]:
    begin = time.perf_counter()
    program, samples = layered(), rasters()
    network, name = store_program(program), "W1: 784-256-10 dense, 100 samples at once"
    built = time.perf_counter() - begin
    ceiling = l2_reads()
    active = sum(events.axon.size for events in samples) / (len(samples) * samples[0].steps * program.inputs)
    for count in counts:
        emulator = Emulator(network, threads=count)

        def job(of: Emulator = emulator) -> float:
            return sum(trace.total("synops") for trace in of.run_batch(samples))

        with progress.task(f"measuring {name}, {count} thread(s)"):
            rate = _measured(job, ceiling, count, repeats)
        yield _share(name, network, built, count, active, rate)


def _recurrent(
    workload: Recurrent, counts: Sequence[int], repeats: int, progress: Progress
) -> Iterator[Share]:
    begin = time.perf_counter()
    with progress.task(f"building {workload.name}"):
        network = workload.network()
    built = time.perf_counter() - begin
    ceiling = scatter_adds(workload.neurons)
    for count in counts:
        emulator = Emulator(network, threads=count)
        spikes: list[int] = []

        def job(of: Emulator = emulator, spikes: list[int] = spikes) -> float:
            spikes.append(of.run(workload.silence(workload.steps)).total("spikes"))
            return spikes[-1] * workload.fan_out

        with progress.task(f"measuring {workload.name}, {count} thread(s)"):
            emulator.run(workload.silence(SETTLE))
            rate = _measured(job, ceiling, count, repeats)
        active = float(np.mean(spikes)) / workload.steps / workload.neurons
        yield _share(workload.name, network, built, count, active, rate)


def _measured(job: Callable[[], float], ceiling: Ceiling, threads: int, repeats: int) -> Rate:
    return measure(job, ceiling, repeats=repeats, clock=time.thread_time if threads == 1 else time.perf_counter)


def _share(name: str, network: StoredNetwork, built: float, threads: int, active: float, rate: Rate) -> Share:
    goal = GOALS[name[:2]] if threads == 1 and name[2] == ":" else None
    return Share(
        workload=name,
        threads=threads,
        active=active,
        rate=rate,
        goal=goal,
        megabytes=network.nbytes / 1e6,
        build_seconds=built,
    )


def _comparison(others: Mapping[str, Loader]) -> dict[str, float]:
    """The targets of Ganglion on one small network and input."""
    program, events = layered(64, 32, 10, threshold=150), rasters(1, 20, 64)[0]
    synops = Reference(program).run(events).total("synops")
    loaders: dict[str, Loader] = {"emulator": Emulator, "array": ArrayEmulator, "reference": Reference, **others}
    rates = {}
    for name, load in loaders.items():
        with load(program) as target:
            rates[name] = synops / seconds(lambda t=target: t.run(events))  # type: ignore[misc]
    return rates
