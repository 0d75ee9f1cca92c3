"""The tables: rates of other simulators on the same network and input, as ratios to the emulator's."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ganglion.model.benchmarks.peers.catalog import PEERS, WITHOUT_ADAPTER
from ganglion.model.benchmarks.peers.peer import Peer
from ganglion.model.benchmarks.peers.targets import OURS, REFERENCE
from ganglion.model.benchmarks.peers.workload import JOBS, Job
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.arrays import IntArray

REPEATS = 5
"""Runs of a peer that are measured, after a first one that is not."""

LONG = 10.0
"""Seconds of running after which a peer is not run again."""

NEAR = 0.02
"""A simulator in floats may have so many more or fewer spikes, as a fraction: the leak of integers rounds down."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Result:
    """What a peer did with a job."""

    peer: Peer
    spikes: IntArray
    """Of a run, by neuron."""
    build: float
    """Seconds from the job's arrays to ready, and by how much the first run took longer than the next ones."""
    run: float
    """Median of the seconds of a run alone."""
    rate: float
    """SynOps of its own spikes, per second."""


def compare_peers(
    console: Console,
    *,
    peers: Sequence[Peer] = PEERS,
    ours: Iterable[Peer] = (),
    jobs: Iterable[Callable[[], Job]] = tuple(JOBS.values()),
    progress: Progress = SILENT,
) -> None:
    """Print a table per job: the emulator, the reference, and every peer, or why it is not there.

    Args:
        console: where to print.
        peers: other simulators.
        ours: more targets of ours: the command line adds the RTL.
        jobs: what makes each job.
        progress: told what is being measured.
    """
    for make in jobs:
        with progress.task("making a network"):
            job = make()
        results, notes = list[Result](), list[str]()
        for peer in (OURS, REFERENCE, *ours, *peers):
            if not peer.installed:
                continue
            if peer.slow and not job.small:
                notes.append(f"{peer.name}: small network only")
                continue
            try:
                results.append(_measure(peer, job, progress))
            except Exception as error:
                if peer is OURS:
                    raise
                notes.append(f"{peer.name}: [red]failed[/]: {escape(_one_line(error))}")
        console.print(_table(job, results))
        for note in notes:
            console.print(note, highlight=False, soft_wrap=True)
    for peer in peers:
        if not peer.installed:
            console.print(f"{peer.name}: not installed; {escape(peer.install)}", highlight=False, soft_wrap=True)
    for name, why in WITHOUT_ADAPTER.items():
        console.print(f"{name}: no adapter; {escape(why)}", highlight=False, soft_wrap=True)
    console.print(
        "one thread each, by the clock on the wall; SynOps are those of a simulator's own spikes; "
        "build is from arrays to ready, with compilation"
    )


def _measure(peer: Peer, job: Job, progress: Progress) -> Result:
    with progress.task(f"{job.name}: {peer.name}, building") as task:
        begin = time.perf_counter()
        with peer.prepare(job) as run:
            build = time.perf_counter() - begin
            task.describe(f"{job.name}: {peer.name}, first run")
            _, first = run()
            seconds = list[float]()
            while len(seconds) < REPEATS and sum(seconds) < LONG:
                task.describe(f"{job.name}: {peer.name}, run {len(seconds) + 1} of {REPEATS}")
                spikes, took = run()
                seconds.append(took)
    median = float(np.median(seconds))
    build += max(0.0, first - median)  # a simulator may compile when it is first run
    return Result(peer=peer, spikes=spikes, build=build, run=median, rate=job.synops(spikes) / median)


def _table(job: Job, results: Sequence[Result]) -> Table:
    table = Table(title=job.name)
    for column in ("simulator", "version", "build s", "run s", "M SynOp/s", "ratio to ours", "spikes", "against ours"):
        table.add_column(column, justify="left" if column in ("simulator", "version", "against ours") else "right")
    ours = results[0]
    for result in sorted(results, key=lambda r: -r.rate):
        table.add_row(
            result.peer.name,
            result.peer.version,
            f"{result.build:.2f}",
            f"{result.run:.4f}",
            f"{result.rate / 1e6:,.2f}",
            f"{result.rate / ours.rate:.3g}",
            f"{result.spikes.sum():,}",
            agreement(result.spikes, ours.spikes),
        )
    return table


def agreement(spikes: IntArray, ours: IntArray) -> str:
    """Whether spikes, by neuron, are ours: all of them, about as many, or not."""
    if np.array_equal(spikes, ours):
        return "the same"
    more = float(spikes.sum() / max(1, ours.sum()) - 1)
    return f"{more:+.2%}" if abs(more) <= NEAR else f"[bold red]DIFFERENT[/] {more:+.2%}"


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:300]}" if text else type(error).__name__
