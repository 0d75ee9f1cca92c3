"""Rates of other simulators on the same networks and input as the emulator's, and whether their spikes are the same."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ganglion.model.benchmarks.peers.catalog import PEERS, WITHOUT_ADAPTER
from ganglion.model.benchmarks.peers.peer import Peer, Run
from ganglion.model.benchmarks.peers.targets import OURS, REFERENCE
from ganglion.model.benchmarks.peers.workload import WORKLOADS, Workload
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.arrays import IntArray

REPEATS = 5
"""Runs of a peer that are measured, after a first one that is not."""

LONG = 10.0
"""Seconds of running after which a peer is not run again."""

NEAR = 0.02
"""A simulator in floats may have so many more or fewer spikes, as a fraction: the leak of integers rounds down."""


@dataclass(frozen=True, eq=False, kw_only=True)
class PeerResult:
    """What a peer did with a workload."""

    peer: Peer
    spikes: IntArray
    """Of a run, by neuron."""
    build: float
    """Seconds from the workload's arrays to ready, and by how much the first run took longer than the next ones."""
    run: float
    """Median of the seconds of a run alone."""
    rate: float
    """Work of its own spikes, per second: see `Workload.work`."""
    ratio: float
    """To the emulator's rate, measured in turn with it; median."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Comparison:
    """One workload on all simulators."""

    workload: Workload
    results: Sequence[PeerResult]
    """The emulator's first."""
    notes: Mapping[str, str]
    """By peer, why it has no result: it is too slow for the workload, or failed."""


def compare_peers(
    *,
    peers: Sequence[Peer] = PEERS,
    ours: Sequence[Peer] = (),
    workloads: Iterable[Callable[[], Workload]] = tuple(WORKLOADS.values()),
    progress: Progress = SILENT,
) -> Iterator[Comparison]:
    """Measure every workload on the emulator, the reference, and every peer that is installed.

    Args:
        peers: other simulators.
        ours: more targets of ours: the command line adds the RTL.
        workloads: what makes each workload.
        progress: told what is being measured.
    """
    for make in workloads:
        with progress.task("making a network"):
            workload = make()
        notes = dict[str, str]()
        with OURS.prepare(workload) as beside:
            results = [_measure(OURS, workload, beside, progress)]
            for peer in (REFERENCE, *ours, *peers):
                if not peer.installed:
                    continue
                if peer.slow and not workload.small:
                    notes[peer.name] = "small network only"
                    continue
                if workload.learns and not peer.learns:
                    notes[peer.name] = "no adapter for networks that learn"
                    continue
                try:
                    results.append(_measure(peer, workload, beside, progress))
                except Exception as error:
                    notes[peer.name] = f"failed: {_one_line(error)}"
        yield Comparison(workload=workload, results=results, notes=notes)


def absent_peers(peers: Sequence[Peer] = PEERS) -> dict[str, str]:
    """By simulator, why it is in no comparison: how to install it, or why there is no adapter for it."""
    missing = {peer.name: f"not installed; {peer.install}" for peer in peers if not peer.installed}
    return missing | {name: f"no adapter; {why}" for name, why in WITHOUT_ADAPTER.items()}


def _measure(peer: Peer, workload: Workload, beside: Run, progress: Progress) -> PeerResult:
    """Measure a peer in turn with another run, the emulator's, so that what slows the machine down slows both."""
    with progress.task(f"{workload.name}: {peer.name}, building") as task:
        begin = time.perf_counter()
        with peer.prepare(workload) as run:
            build = time.perf_counter() - begin
            task.describe(f"{workload.name}: {peer.name}, first run")
            _, first = run()
            seconds, ratios = list[float](), list[float]()
            while len(seconds) < REPEATS and sum(seconds) < LONG:
                task.describe(f"{workload.name}: {peer.name}, run {len(seconds) + 1} of {REPEATS}")
                ours, needed = beside()
                spikes, took = run()
                seconds.append(took)
                ratios.append(workload.work(spikes) / took * needed / max(1, workload.work(ours)))
    median = float(np.median(seconds))
    build += max(0.0, first - median)  # a simulator may compile when it is first run
    rate, ratio = workload.work(spikes) / median, 1.0 if peer is OURS else float(np.median(ratios))
    return PeerResult(peer=peer, spikes=spikes, build=build, run=median, rate=rate, ratio=ratio)


def agreement(spikes: IntArray, ours: IntArray) -> str:
    """Whether spikes, by neuron, are ours: all of them, about as many, or not."""
    if np.array_equal(spikes, ours):
        return "the same"
    more = float(spikes.sum() / max(1, ours.sum()) - 1)
    return f"{more:+.2%}" if abs(more) <= NEAR else f"DIFFERENT {more:+.2%}"


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:300]}" if text else type(error).__name__
