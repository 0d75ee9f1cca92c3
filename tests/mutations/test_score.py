"""Mutants in one netlist: the chip is among them, as it is, and what Yosys changes is seen."""

from collections.abc import Iterator

import pytest

from ganglion.model.lockstep import lockstep
from ganglion.model.random_network import random_network
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.reference import Reference
from ganglion.sim.native import NativeDriver
from ganglion.sim.rtl import Rtl
from tests.mutations.bench import Bench
from tests.mutations.netlist import Mutants, choose, mutants, seed_of
from tests.mutations.stimuli import stimuli

pytestmark = [pytest.mark.sim, pytest.mark.flow]

TINY = PRESETS["tiny"]

SAMPLE = 360
"""Mutants that Yosys is asked for; it takes others for every other chip."""

NETWORKS = 8

LEAST = 0.91
"""Of the sample. Of 1,022 mutants 95 % are seen with so many networks, and most of the others change nothing that can
be seen; so this is three standard deviations below what is expected of any sample."""


@pytest.fixture(scope="module")
def made() -> Mutants:
    return mutants(TINY, SAMPLE, seed_of(TINY))


@pytest.fixture(scope="module")
def driver(made: Mutants) -> Iterator[NativeDriver]:
    driver = NativeDriver(made.chip, quick=True)
    yield driver
    driver.close()


def test_the_chip_without_a_mutant_is_the_chip(driver: NativeDriver) -> None:
    driver.exchange(choose(0))
    for seed in range(20):
        network = random_network(driver.params, seed)
        lockstep(network.program, network.events, Rtl(network.image, driver), Reference(network.program), states=False)


def test_a_sample_of_mutants_is_seen(made: Mutants) -> None:
    bench = Bench(made.chip, stimuli(TINY, NETWORKS))
    assert len(made.mutants) >= 300
    assert list(bench.answers(0)) == bench.right, "a mutant has left something"
    unseen = bench.unseen(made.mutants)
    seen = 1 - len(unseen) / len(made.mutants)
    survivors = "\n".join(f"{mutant.module}: {mutant.what}" for mutant in unseen)
    assert seen >= LEAST, f"{seen:.1%} of {len(made.mutants)} were seen; not these:\n{survivors}"
