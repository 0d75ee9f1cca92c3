"""The acceptance: random networks on the chip and on the reference, all state equal after every step."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ganglion.model.spec.errors import MismatchError
from ganglion.model.spec.params import PRESETS, Params
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference
from ganglion.sim.coverage import Coverage
from ganglion.sim.native import NativeDriver
from ganglion.sim.verify import verify
from tests.sim.chips import MORE_VARIANTS, VARIANTS, simulation


def report(coverage: Coverage) -> None:
    """Printed by the run, so that a failure shows what was reached."""
    for point, count in coverage.counts.items():
        print(f"{count:6} {point}")


def test_a_thousand_tiny_networks(tiny: Params, native: NativeDriver) -> None:
    coverage = verify(tiny, seed=0, networks=1000, driver=native)
    report(coverage)
    assert coverage.networks == 1000
    assert coverage.missing() == []


def test_fifty_small_networks() -> None:
    coverage = verify(PRESETS["small"], seed=0, networks=50)
    report(coverage)
    assert coverage.networks == 50


@pytest.mark.parametrize("variant", VARIANTS)
def test_other_sizes(variant: str) -> None:
    params = VARIANTS[variant]
    with simulation(params) as driver:
        coverage = verify(params, seed=0, networks=150, driver=driver)
    report(coverage)
    assert coverage.missing() == []


def test_wide_weights_and_many_slots(tiny: Params) -> None:
    """Too wide for random networks to reach every point of the coverage; those that they reach are equal."""
    sizes = {"weight_bits": 16, "accumulator_bits": 18, "membrane_bits": 18, "delay_slots": 64, "synapse_words": 64}
    params = tiny.replace(name="tiny-wide", **sizes)
    with simulation(params) as driver:
        report(verify(params, seed=0, networks=50, driver=driver))


@pytest.mark.slow
@pytest.mark.parametrize("variant", MORE_VARIANTS)
def test_more_networks_of_other_sizes(variant: str) -> None:
    """Two thousand random networks on the RTL of 1, 4 and 8 lanes, with all of the options and with none."""
    params = MORE_VARIANTS[variant]
    with simulation(params) as driver:
        coverage = verify(params, seed=0, networks=2000, driver=driver)
    assert coverage.missing() == []


@pytest.mark.slow
def test_ten_thousand_tiny_networks(tiny: Params, native: NativeDriver) -> None:
    """Ten thousand random networks on the RTL of one core: all state of every step is the reference's."""
    verify(tiny, seed=10_000, networks=10_000, driver=native)


def off_by_one(field: str, change: Callable[[Reference], None]) -> Callable[[Program], Reference]:
    """A reference that is wrong in one bit."""

    class Wrong(Reference):
        def take_step(self, axons: object = ()) -> list[int]:
            spikes = super().take_step(axons)  # type: ignore[arg-type]
            if self.t == 8:
                change(self)
            return spikes

    return Wrong


def raise_v(reference: Reference) -> None:
    reference.v[-1] ^= 1


def raise_accumulator(reference: Reference) -> None:
    reference.accumulators[3][0] += 1


@pytest.mark.parametrize(
    ("field", "change", "neuron"),
    [("v", raise_v, "last"), ("accumulators of slot 3", raise_accumulator, "first")],
)
def test_one_bit_is_found_and_told(
    tiny: Params,
    native: NativeDriver,
    field: str,
    change: Callable[[Reference], None],
    neuron: str,
) -> None:
    with pytest.raises(MismatchError) as caught:
        verify(tiny, seed=5, networks=1, driver=native, reference=off_by_one(field, change))
    message = str(caught.value)
    assert re.match(
        rf"step 7, core 0, neuron \w+\[\d+\] \(number \d+\), {field}: rtl has -?\d+, reference has", message
    )
    assert "  step 3: from the host [" in message
    assert "see it again: ganglion verify --preset tiny --seed 5 --networks 1\n" in message
    waveform = Path(message.rpartition("waveform: ")[2])
    assert "$enddefinitions" in waveform.read_text()
    assert ("(number 0)" in message) == (neuron == "first")


def test_the_command_that_replays_a_changed_preset(tiny: Params) -> None:
    from ganglion.sim.verify import replay

    command = replay(tiny.replace(lanes=4, noise=False), 7, 30, "cocotb")
    expected = "ganglion verify --preset tiny --set lanes=4 --set noise=False --seed 7 --networks 1 --steps 30"
    assert command == f"{expected} --driver cocotb"


def test_a_missing_spike_is_found(tiny: Params, native: NativeDriver) -> None:
    """Spikes come from packets: an output that the program does not name is not reported, and not missed."""

    class Silent(Reference):
        def update(self) -> list[int]:
            return super().update()[:-1]

    with pytest.raises(MismatchError, match=r"step \d+, core 0, neuron .*: rtl has"):
        verify(tiny, seed=0, networks=30, driver=native, reference=Silent)


def test_random_networks_repeat(tiny: Params) -> None:
    from ganglion.model.random_network import random_network

    one, other = random_network(tiny, 12), random_network(tiny, 12)
    np.testing.assert_array_equal(one.image.packets(), other.image.packets())
    np.testing.assert_array_equal(one.events.axon, other.events.axon)
    assert (one.image.packets().size, one.program.synapses) != (0, random_network(tiny, 13).program.synapses)
