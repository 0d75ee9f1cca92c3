"""The comparison with other simulators: what it says of those that are absent, fail, or compute something else."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from ganglion.jobs.bench import AbsentPeers, PeerBench
from ganglion.model.benchmarks.peers.catalog import PEERS, WITHOUT_ADAPTER
from ganglion.model.benchmarks.peers.comparison import absent_peers, agreement, compare_peers
from ganglion.model.benchmarks.peers.peer import Peer, Run
from ganglion.model.benchmarks.peers.targets import OURS, REFERENCE
from ganglion.model.benchmarks.peers.workload import Workload, layers_workload, small_workload
from ganglion.model.emulator.emulator import Emulator

pytestmark = pytest.mark.long


def printed(*peers: Peer, workload: Workload | None = None) -> str:
    """What `ganglion bench` prints about the small workload, unless given."""
    console = Console(width=200)
    (comparison,) = compare_peers(peers=peers, workloads=[lambda: workload or small_workload()])
    with console.capture() as text:
        for result in (PeerBench(comparison=comparison), AbsentPeers(why=absent_peers(peers))):
            for part in result.shown():
                console.print(part, soft_wrap=isinstance(part, str), markup=False, highlight=False)
    return text.get()


def fake(more: int) -> Peer:
    """A peer that is the reference, but for so many spikes of the first neuron."""

    @contextmanager
    def prepare(workload: Workload) -> Iterator[Run]:
        with REFERENCE.prepare(workload) as run:

            def wrong() -> tuple[np.ndarray, float]:  # type: ignore[type-arg]
                spikes, seconds = run()
                spikes[0] += more
                return spikes, seconds

            yield wrong

    return Peer(name=f"fake {more}", prepare=prepare)


def row(text: str, name: str) -> str:
    (line,) = [line for line in text.splitlines() if name in line]
    return line


def test_targets_of_ours_agree_and_have_rates() -> None:
    text = printed()
    assert "the same" in row(text, "Ganglion, emulator") and "the same" in row(text, "Ganglion, reference")


def test_wrong_spikes_are_shown_as_different() -> None:
    text = printed(fake(0), fake(30))
    assert "the same" in row(text, "fake 0")
    assert "DIFFERENT" in row(text, "fake 30")


def test_as_many_spikes_of_other_neurons_are_not_the_same() -> None:
    ours = np.array([100, 100])
    assert agreement(ours, ours) == "the same"
    assert agreement(np.array([101, 99]), ours) == "+0.00%"
    assert agreement(np.array([100, 101]), ours) == "+0.50%"
    assert "DIFFERENT" in agreement(np.array([100, 110]), ours)
    assert "DIFFERENT" in agreement(ours, np.array([0, 0]))


def test_every_absent_peer_says_how_to_install_it() -> None:
    absent = [replace(peer, module="ganglion_no_such_module") for peer in PEERS]
    text = printed(*absent)
    for peer in absent:
        assert row(text, f"{peer.name}: not installed").endswith(peer.install)


def test_a_peer_that_fails_is_one_line() -> None:
    @contextmanager
    def prepare(workload: Workload) -> Iterator[Run]:
        raise ValueError("no [such]\n thing")
        yield  # a context manager is a generator

    text = printed(Peer(name="broken", prepare=prepare), fake(0))
    assert row(text, "broken").endswith("failed: ValueError: no [such] thing")
    assert "the same" in row(text, "fake 0"), "the others are measured all the same"


def test_slow_targets_are_named_where_they_do_not_run() -> None:
    text = printed(workload=layers_workload("large", (8, 4, 2), 2, 5))
    assert row(text, "Ganglion, reference") == "Ganglion, reference: small network only"


def test_synops_are_those_of_the_spikes() -> None:
    workload = small_workload()
    with OURS.prepare(workload) as run:
        spikes, _ = run()
    trace = Emulator(workload.program).run(workload.samples[0])
    assert workload.work(spikes) == trace.total("synops") and spikes.sum() == trace.total("spikes") > 0


def test_every_run_begins_from_the_start() -> None:
    workload = small_workload()
    workload = replace(workload, start=np.full(workload.neurons, 100))
    for peer in (OURS, REFERENCE):
        with peer.prepare(workload) as run:
            first, again = run()[0], run()[0]
        with peer.prepare(small_workload()) as run:
            assert np.array_equal(first, again) and not np.array_equal(first, run()[0])


def test_simulators_without_an_adapter_are_named() -> None:
    text = printed()
    for name, why in WITHOUT_ADAPTER.items():
        assert row(text, f"{name}: no adapter").endswith(why)
