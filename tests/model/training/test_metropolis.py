"""Metropolis-Hastings: the chain's law, that it repeats and resumes, and that it trains a worse chip."""

from pathlib import Path

import numpy as np
import pytest

from ganglion.model.emulator.array.emulator import ArrayEmulator
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.mismatch.distortion import Distortion
from ganglion.model.mismatch.target import Mismatch
from ganglion.model.spec.errors import EventError, FormatError, GanglionError, ProgramError
from ganglion.model.spec.events import Events
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.program import Program
from ganglion.model.spec.target import Target
from ganglion.model.training.metropolis import Chain, Metropolis, Proposal, _reflected
from ganglion.model.training.objective import CountLoss

INPUTS, CLASSES = 6, 2


def program() -> Program:
    pre, post = np.indices((INPUTS, CLASSES)).reshape(2, -1)
    return Program.build(
        params=PRESETS["board"],
        types=(NeuronType.leaky(3, reset="subtract"),),
        neurons=CLASSES,
        threshold=60,
        inputs=INPUTS,
        pre=pre,
        post=INPUTS + post,
        weight=np.random.default_rng(1).integers(-20, 20, pre.size),
    )


def task(samples: int = 40) -> CountLoss:
    """The class is which half of the inputs fires more."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, CLASSES, samples)
    rates = np.where((np.arange(INPUTS) >= INPUTS // 2)[np.newaxis] == labels[:, np.newaxis], 0.7, 0.2)
    rasters = rng.random((samples, 8, INPUTS)) < rates[:, np.newaxis]
    return CountLoss([Events.from_raster(raster) for raster in rasters], labels, np.arange(CLASSES))


@pytest.mark.long
def test_it_trains_a_chip_that_nothing_is_known_of() -> None:
    loss = task()
    distortion = Distortion.draw(program(), seed=2, gain=0.8, threshold=0.3, dead=0.2)
    chip = Mismatch(program(), distortion, Emulator)
    before = loss.accuracy(chip)
    sampler = Metropolis(chip, loss)
    chain = sampler.run(sampler.begin(seed=0), 300)
    assert before < 0.8 and loss.accuracy(chip) >= 0.95 and loss(chip) == chain.best_loss == min(chain.curve)
    assert 30 < chain.accepted < 270 and len(chain.curve) == chain.step == 300


@pytest.mark.long
def test_a_chain_repeats_on_any_target_and_goes_on_from_a_file(tmp_path: Path) -> None:
    whole = Metropolis(ArrayEmulator(program()), task())
    wanted = whole.run(whole.begin(seed=5), 60)
    parts = Metropolis(Emulator(program()), task())
    parts.run(parts.begin(seed=5), 60, until=25).save(tmp_path / "chain.npz")
    again = Metropolis(Emulator(program()), task())
    chain = again.run(Chain.load(tmp_path / "chain.npz"), 60)
    assert chain.curve == wanted.curve and np.array_equal(chain.weights, wanted.weights)
    assert np.array_equal(chain.best, wanted.best) and chain.accepted == wanted.accepted
    other = whole.run(whole.begin(seed=6, weights=program().weight), 60)
    assert other.curve != wanted.curve


def test_it_visits_weights_as_often_as_the_law_says() -> None:
    """One weight of few values, a loss that is known: the share of each is proportional to exp(-loss / T)."""

    def loss(target: Target) -> float:
        return float(abs(int(target.weights(0)[0])))

    sampler = Metropolis(
        ArrayEmulator(program()),
        loss,
        Proposal(synapses=1, size=2.0, start=1.5, end=1.5),
        synapses=[0],
        limit=3,
    )
    chain, found = sampler.begin(seed=0, weights=[0]), np.zeros(7)
    for _ in range(4000):
        sampler._move(chain, 1.5)
        found[chain.weights[0] + 3] += 1
    wanted = np.exp(-np.abs(np.arange(-3, 4)) / 1.5)
    assert np.allclose(found / found.sum(), wanted / wanted.sum(), atol=0.03)


def test_moves_are_reflected_at_the_ends() -> None:
    assert _reflected(np.array([-4, -3, 0, 3, 4, 5]), -3, 3).tolist() == [-3, -3, 0, 3, 3, 2]


def test_what_cannot_be_is_refused(tmp_path: Path) -> None:
    target = ArrayEmulator(program())
    with pytest.raises(ProgramError, match="synapse must be 0 to 11, not 12"):
        Metropolis(target, task(), synapses=[12])
    with pytest.raises(GanglionError, match="limit of a weight must be 1 to 127, not 128"):
        Metropolis(target, task(), limit=128)
    with pytest.raises(ProgramError, match="weight of synapse 0 must be"):
        Metropolis(target, task(), synapses=[0]).begin(seed=0, weights=[1000])
    for arguments, message in (
        ({"synapses": 0}, "at least 1 synapse"),
        ({"size": 0.0}, "size of a move must be more than 0"),
        ({"start": 0.1, "end": 0.2}, "temperatures must fall"),
    ):
        with pytest.raises(GanglionError, match=message):
            Proposal(**arguments)  # type: ignore[arg-type]
    with pytest.raises(EventError, match="labels must be 0 to 1"):
        CountLoss(task().samples, np.full(40, 2), [0, 1])
    with pytest.raises(EventError, match="40 samples need as many labels"):
        CountLoss(task().samples, [0, 1], [0, 1])
    program().save(tmp_path / "program.npz")
    with pytest.raises(FormatError, match="Ganglion chain"):
        Chain.load(tmp_path / "program.npz")
