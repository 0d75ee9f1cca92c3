"""What learning costs, and the bounds beside it."""

import math

import pytest

from ganglion.model.energy import Technology, operation_energies
from ganglion.model.learning_energy import LearningEnergy, landauer_bound, learning_in_memory_bound
from ganglion.model.random_network import random_network
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.reference import Reference


def test_a_brain_of_parameters_takes_what_the_abstract_says() -> None:
    assert learning_in_memory_bound(1e15) == pytest.approx((1e8, 1e9))
    assert learning_in_memory_bound(1000) == pytest.approx((1e-4, 1e-3))


def test_a_bit_takes_landauers_energy() -> None:
    assert landauer_bound(1) == pytest.approx(2.87e-21, rel=1e-3)
    assert landauer_bound(8, 600) == pytest.approx(16 * 300 * 1.380649e-23 * math.log(2))


def test_a_run_counts_weights_that_are_read_and_written() -> None:
    network = random_network(PRESETS["tiny-learning"], 1)
    trace = Reference(network.program).run(network.events)
    account = LearningEnergy.of(trace, network.program)
    assert (account.visits, account.changes) == (trace.total("visits"), trace.total("changes"))
    assert account.visits > account.changes > 0 and account.parameters == network.program.ruled.size
    assert account.landauer == pytest.approx(landauer_bound(4 * account.changes))
    assert account.estimate > 1e3 * account.landauer
    each = operation_energies(network.program.params)
    parts = ("synapse visit", "RULES read", "TAGS read", "TAGS write", "SYNAPSES write", "SYNAPSES read")
    assert account.estimate == pytest.approx(account.visits * sum(each[name] for name in parts) * 1e-12)


def test_it_is_told_beside_the_bounds() -> None:
    network = random_network(PRESETS["tiny-learning"], 1)
    trace = Reference(network.program).run(network.events)
    table = Technology.from_dict({"source": "mine"})
    told = "\n".join(LearningEnergy.of(trace, network.program, table).lines())
    assert "estimated from mine" in told and "Landauer, 300 K" in told and "arXiv 2402.14878" in told
