"""Flipped bits of a chip with parity: told before the trace is handed over, by memory and row; and mended."""

from collections.abc import Iterator

import numpy as np
import pytest

from ganglion.model.random_network import random_network
from ganglion.model.spec.errors import ChipError, FaultError
from ganglion.model.spec.memories import Memory
from ganglion.model.spec.params import ALL_PARITY
from ganglion.sim.access import Fault
from ganglion.sim.native import Flip, NativeDriver
from ganglion.sim.rtl import Rtl
from ganglion.sim.upsets import Outcome, Upsets, campaign
from ganglion.sim.verify import verify
from tests.sim.chips import LEARNING, TINY

BARE = Memory.SYNAPSES
"""Without parity: flips of it have to be seen to be silent."""

GUARDED = TINY.replace(name="tiny-parity", parity=ALL_PARITY & ~(1 << BARE))


@pytest.fixture(scope="module")
def driver() -> Iterator[NativeDriver]:
    driver = NativeDriver(GUARDED, quick=True, opened=True)
    yield driver
    driver.close()


def flip_in(driver: NativeDriver, name: str, row: int, bit: int) -> Flip:
    """The flip of a bit of the first array of this name, at once."""
    array = next(k for k, array in enumerate(driver.open_arrays) if array.name == name)
    return Flip(cycle=0, array=array, core=0, row=row, bit=bit)


def unseen(found: Upsets) -> dict[str, int]:
    """Silent flips by array, where there are any."""
    return {name: count[Outcome.SILENT] for name, count in found.counts.items() if count[Outcome.SILENT]}


def test_a_chip_with_parity_computes_the_same(driver: NativeDriver) -> None:
    verify(GUARDED, networks=40, driver=driver)


def test_no_flip_changes_a_trace_unseen_but_in_a_memory_without_parity(driver: NativeDriver) -> None:
    networks = [random_network(GUARDED, seed) for seed in range(8)]
    found = campaign([(one.image, one.events) for one in networks], driver, flips=90, seed=1)
    assert set(unseen(found)) == {"synapses.store"}, found.counts
    assert set(found.counts) == {
        "accumulators.ram", "counters.totals", "fanout.fanout", "fanout.firing", "lookup.axons",
        "neurons.constants", "neurons.state", "neurons.types", "synapses.store",
    }  # fmt: skip
    # What is on the list of groups that fired is read soon after, and hardly ever hit.
    told = {name for name, count in found.counts.items() if count[Outcome.DETECTED]}
    assert told | {"fanout.firing"} == set(found.counts) - {"synapses.store"} | {"fanout.firing"}


@pytest.mark.parametrize(
    ("array", "memory"),
    [("lookup.axons", Memory.AXONS), ("fanout.fanout", Memory.FANOUT), ("neurons.constants", Memory.NEURONS)],
)
def test_a_scrub_finds_the_row_and_loads_it_again(driver: NativeDriver, array: str, memory: Memory) -> None:
    network = random_network(GUARDED, 3)
    chip = Rtl(network.image, driver)
    right = chip.run(network.events)
    chip.load()
    driver.flip([flip_in(driver, array, 2, 1)])
    row = 2 * GUARDED.lanes if memory is Memory.NEURONS else 2
    assert chip.scrub() == [Fault(0, memory, row)]
    assert chip.scrub() == []
    assert np.array_equal(chip.run(network.events).spikes, right.spikes)


def test_a_flip_in_state_is_told_by_memory_and_row_and_goes_with_the_network(driver: NativeDriver) -> None:
    network = random_network(GUARDED, 3)
    chip = Rtl(network.image, driver)
    driver.flip([flip_in(driver, "neurons.state", 1, 0)])
    with pytest.raises(FaultError, match=r"the chip read row 2 of STATE in core 0 with a wrong parity bit: .*load the"):
        chip.state()
    chip.load()
    driver.flip([flip_in(driver, "accumulators.ram", 3, 2)])
    with pytest.raises(FaultError, match=r"row 12 of ACCUMULATORS in core 0 .*which nobody knows the right value of"):
        chip.scrub()
    chip.load()
    assert chip.faults() == []
    chip.run(network.events)


def test_a_bit_that_is_not_there_is_not_flipped(driver: NativeDriver) -> None:
    with pytest.raises(ChipError, match=r"lookup.axons has 24 rows of .* bits"):
        driver.flip([flip_in(driver, "lookup.axons", 24, 0)])


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_no_flip_changes_the_trace_of_a_chip_that_learns_unseen() -> None:
    params = LEARNING.replace(name="learning-parity", parity=ALL_PARITY)
    driver = NativeDriver(params, quick=True, opened=True)
    verify(params, networks=100, driver=driver)
    networks = [random_network(params, seed) for seed in range(20)]
    found = campaign([(one.image, one.events) for one in networks], driver, flips=200, seed=2)
    assert unseen(found) == {}
    driver.close()
