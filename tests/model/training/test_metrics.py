"""Metrics of NeuroBench: what its harness found for one network, and what a program without layers comes to."""

import numpy as np
import pytest

from ganglion.model.compiler.network.network import Network
from ganglion.model.compiler.quantize.exact import exact_program
from ganglion.model.emulator.array.emulator import ArrayEmulator
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.events import Events
from ganglion.model.spec.params import PRESETS
from ganglion.model.training.metrics import measure

SAMPLES = 8


def test_the_harness_finds_the_same() -> None:
    """NeuroBench 2.3.0 ran the same weights as two layers of snnTorch 1.0, without leak and reset without delay: 5,598
    effective accumulates and 1,941 membrane updates in 8 samples, activation sparsity 0.9619318, connection sparsity
    0.2507; see docs/reference/training.md."""
    rng = np.random.default_rng(0)
    first, second = rng.integers(-30, 60, (15, 20)), rng.integers(-30, 60, (5, 15))
    first[rng.random(first.shape) < 0.3] = 0
    second[rng.random(second.shape) < 0.2] = 0
    events = np.zeros((SAMPLES, 44, 20), dtype=np.int64)
    events[:, 2:14] = rng.random((SAMPLES, 12, 20)) < 0.2
    network = Network()
    source = network.input("in", 20)
    hidden = network.population("hidden", 15, threshold=250, reset="subtract")
    last = network.population("out", 5, threshold=400, reset="subtract")
    network.all_to_all(source, hidden, first)
    network.all_to_all(hidden, last, second)
    program = exact_program(network, PRESETS["board"])
    samples = [Events.from_raster(sample) for sample in events]
    found = measure(program, ArrayEmulator(program).run_batch(samples, probes={"v": np.arange(20)}))
    assert found["effective accumulates"] * SAMPLES == 5598
    assert found["membrane updates"] * SAMPLES == 1941
    assert found["activation sparsity"] == pytest.approx(0.9619318181818182, abs=1e-12)
    assert found["connection sparsity"] == 0.2507
    # What the chip stores: 281 weights of a byte, and a threshold and a bias of two bytes for each neuron.
    assert found["footprint, bytes"] == 281 + 20 * 4
    assert "membrane updates" not in measure(program, ArrayEmulator(program).run_batch(samples))
    with pytest.raises(ProgramError, match="at least one sample"):
        measure(program, [])
