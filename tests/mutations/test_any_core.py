"""What proofs about routers take a core to be, a core is."""

from collections.abc import Iterator

import numpy as np
import pytest

from ganglion.model.compiler.loading import loading_packets
from ganglion.model.random_network import random_network
from ganglion.model.spec.packet_arrays import Words, kinds, unpack
from ganglion.model.spec.packets import PACKET_BITS, SPIKE, Kind, end
from ganglion.model.spec.params import PRESETS
from ganglion.sim.driver import Answer
from ganglion.sim.native import NativeDriver
from ganglion.sim.snapshot import snapshot_reads
from tests.mutations.any_core import KIND, NOT_SENT, TAKEN, sent
from tests.sim.any_packets import any_packets

pytestmark = pytest.mark.sim

TINY = PRESETS["tiny"]


@pytest.fixture(scope="module")
def driver() -> Iterator[NativeDriver]:
    """The host of a chip of one core sees what the core sends."""
    driver = NativeDriver(TINY)
    yield driver
    driver.close()


def bits_of(words: Words, masks: dict[Kind, int], otherwise: int) -> Words:
    """The bits that count in each packet, by its kind."""
    by_kind = np.array([masks.get(kind, otherwise) for kind in range(KIND + 1)], dtype=np.uint64)  # type: ignore[call-overload]
    return by_kind[kinds(words)]


def answers(driver: NativeDriver, packets: Words) -> Answer:
    driver.reset()
    parts = [loading_packets(random_network(TINY, 1).image), packets, np.full(4, end(), dtype=np.uint64)]
    return driver.exchange(np.concatenate([*parts, snapshot_reads(TINY)]))


@pytest.mark.parametrize("seed", [0, 1])
def test_a_core_looks_at_no_other_bits_and_sends_no_others(seed: int, driver: NativeDriver) -> None:
    rng = np.random.default_rng(seed)
    words = any_packets(TINY, rng)
    noise = rng.integers(0, 1 << PACKET_BITS, words.size, dtype=np.uint64) & ~bits_of(words, TAKEN, KIND)
    right, noisy = answers(driver, words), answers(driver, words ^ noise)
    assert np.array_equal(right.words, noisy.words)
    assert right.total == noisy.total
    came = right.words
    assert set(kinds(came)) == {Kind.SPIKE, Kind.END, Kind.REPLY}
    assert not (came & ~bits_of(came, sent(TINY), end())).any()
    spikes = came[kinds(came) == Kind.SPIKE]
    assert not set(unpack(SPIKE, "scope", spikes)) & set(NOT_SENT)
    assert right.cycles is not None
    assert np.diff(right.cycles).min() >= 2
