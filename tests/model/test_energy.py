"""Energy accounts: counts by hand, energies that scale as their source does, and tables of the user's own."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ganglion.model.energy import Technology, account, operation_counts, operation_energies
from ganglion.model.spec.errors import FormatError
from ganglion.model.spec.params import PRESETS, Params
from ganglion.model.spec.trace import Trace

SMALL = PRESETS["small"]


def trace(**counters: list[int]) -> Trace:
    """A run of two steps."""
    return Trace(
        ran_on="rtl",
        first=0,
        neurons=256,
        spikes=np.zeros((0, 2), dtype=np.int64),
        counters={name: np.array(values) for name, values in counters.items()},
    )


RUN = trace(synops=[10, 20], spikes=[1, 2], overflows=[0, 0], events=[3, 4], words=[10, 30])


def test_counts() -> None:
    """Two steps of 256 neurons in 4 lanes."""
    params = SMALL.replace(lanes=4)
    account_of_run = account(RUN, params)
    assert {cost.operation: cost.count for cost in account_of_run.costs} == {
        "neuron update": 512,
        "SynOp": 30,
        "TYPES read": 512,
        "NEURONS read": 512,
        "STATE read": 512,
        "STATE write": 512,
        "ACCUMULATORS read": 542,
        "ACCUMULATORS write": 542,
        "AXONS read": 7,
        "SYNAPSES read": 160,
        "FANOUT read": 3,
    }
    assert account_of_run.missing == ()
    assert account_of_run.total == pytest.approx(sum(cost.count * cost.each for cost in account_of_run.costs))


def test_all_cores_update_their_neurons() -> None:
    """What a run did is counted over the whole chip; how many neurons there were to update, of each core."""
    run = {"steps": 2, "synops": 30, "spikes": 3}
    one, four = operation_counts(run, SMALL), operation_counts(run, SMALL.replace(levels=(4,)))
    assert four["neuron update"] == 4 * one["neuron update"] == 2 * 4 * 256
    assert four["SynOp"] == one["SynOp"]
    assert four["ACCUMULATORS read"] == 2 * 4 * 256 + 30


def test_what_a_target_does_not_count_is_named() -> None:
    short = trace(synops=[10, 20], spikes=[1, 2], overflows=[0, 0])
    assert account(short, SMALL).missing == ("AXONS read", "SYNAPSES read")


def test_every_operation_has_an_energy() -> None:
    counters = {"steps": 1, "synops": 1, "spikes": 1, "events": 1, "words": 1, "visits": 1}
    for params in PRESETS.values():
        energies = operation_energies(params)
        assert set(operation_counts(counters, params)) == set(energies)
        assert all(energy > 0 for energy in energies.values())


def test_accesses_follow_the_source() -> None:
    """Rows of 17 bits: 8 KB at 10 pJ per 64 bits; four times the memory at twice that, as the source has it."""

    def energy(**changes: Any) -> float:
        return operation_energies(SMALL.replace(**changes))["SYNAPSES read"]

    bits = 17
    rows = 4096
    assert energy(synapse_words=rows) == pytest.approx(bits * 10 / 64 * (rows * bits / 8 / 8192) ** 0.5)
    assert energy(synapse_words=4 * rows) == pytest.approx(2 * energy(synapse_words=rows))


def test_arithmetic_follows_the_source() -> None:
    technology = Technology()
    assert technology.add_bit * 8 == pytest.approx(0.03, rel=0.15)
    assert technology.add_bit * 32 == pytest.approx(0.1, rel=0.15)
    assert technology.multiply_bit * 8**2 == pytest.approx(0.2, rel=0.05)
    assert technology.multiply_bit * 32**2 == pytest.approx(3.1, rel=0.05)


def test_options_that_are_off_cost_nothing() -> None:
    def update(**changes: Any) -> float:
        return operation_energies(Params(**changes))["neuron update"]

    assert update() < update(current_bits=16) < update(current_bits=16, adaptation_bits=16)


def test_users_replace_constants_and_operations(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"source": "my lab", "add_bit": 0, "operations": {"STATE read": 7, "SynOp": 2.5}}))
    technology = Technology.from_file(path)
    mine, theirs = operation_energies(SMALL, technology), operation_energies(SMALL)
    assert (mine["STATE read"], mine["SynOp"]) == (7, 2.5)
    assert mine["neuron update"] < theirs["neuron update"]
    assert mine["STATE write"] == theirs["STATE write"]
    assert account(RUN, SMALL, technology).source == "my lab"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"source": "x", "volts": 1}, "'volts' is no constant of an energy table; it has access_bit, add_bit"),
        ({"add_bit": 1}, "must say where its numbers are from"),
        ({"source": "x", "add_bit": "much"}, "add_bit must be a number that is not negative, not 'much'"),
        ({"source": "x", "growth": -1}, "growth must be a number that is not negative, not -1"),
        ({"source": "x", "operations": {"nap": 1}}, "'nap' is no operation; there are neuron update, SynOp"),
        ({"source": "x", "operations": {"SynOp": None}}, "SynOp must be a number that is not negative, not None"),
        ({"source": "x", "operations": 3}, "operations must be names and energies in pJ, not 3"),
        ([], "it must be a JSON object"),
    ],
)
def test_tables_that_are_none(tmp_path: Path, values: Any, message: str) -> None:
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(values))
    with pytest.raises(FormatError, match=rf"mine\.json.*{message}"):
        Technology.from_file(path)


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"none\.json"):
        Technology.from_file(tmp_path / "none.json")
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(FormatError, match=r"bad\.json"):
        Technology.from_file(tmp_path / "bad.json")
