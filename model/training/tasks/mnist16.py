"""MNIST at 16 x 16 through the chip: how well, how fast, and what the loop gives back of what a distortion takes.

The network has BrainScaleS-2's size, 256-246-10 (Cramer et al. 2022: 97.6 % in the loop), and fills a core of 256
neurons. A pixel fires up to four times in four steps; the class is the output with the highest membrane at the end.
"""

import time
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ganglion.model.compiler.network.network import Network
from ganglion.model.interchange.torch.augment import varied
from ganglion.model.interchange.torch.chip import Chip
from ganglion.model.interchange.torch.session import fit
from ganglion.model.mismatch.distortion import Distortion
from ganglion.model.mismatch.target import Mismatch
from ganglion.model.networks.mnist.images import BRIGHTEST, CLASSES, load_test, load_training
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.program import Program
from ganglion.model.spec.target import Target
from ganglion.model.tasks.digits_data import smaller
from ganglion.model.training.metrics import measure
from ganglion.model.training.study import Claim, Lines, Outcome, Session, Study, Trial

SIDE, HIDDEN = 16, 246

SHOWN = 4
"""Steps of input; the last of it takes two more to the outputs."""

STEPS = SHOWN + 2

BATCH, RATE = 500, 0.003

TESTED = 1000
"""Images that run at once where accuracy is told."""

AGAIN = 2 / 3
"""Epochs in the loop with the distorted chip, behind those on the ideal one, as a share of those."""

DEPLOYED, LOOP = "deployed", "in the loop"


def encoded(pixels: npt.NDArray[np.uint8]) -> Tensor:
    """Events of images of 28 x 28 pixels, shape (images, 784): shape (steps, images, 256)."""
    rate = np.rint(smaller(pixels, SIDE).astype(np.float64) / BRIGHTEST * SHOWN) / SHOWN
    step = np.arange(SHOWN)[:, np.newaxis, np.newaxis]
    spikes = np.floor((step + 1) * rate) - np.floor(step * rate)
    silence = np.zeros((STEPS - SHOWN, *rate.shape))
    return torch.tensor(np.concatenate([spikes, silence]), dtype=torch.float32)


def network(seed: int) -> Network:
    """256-246-10, integrate-and-fire, with membranes for outputs."""
    rng = np.random.default_rng([seed, 16])
    made = Network("mnist16")
    source = made.input("pixels", (1, SIDE, SIDE))
    hidden = made.population("hidden", HIDDEN, threshold=1.0, reset="subtract")
    last = made.readout("out", CLASSES)
    made.all_to_all(source, hidden, rng.normal(0, 0.1, (HIDDEN, SIDE * SIDE)))
    made.all_to_all(hidden, last, rng.normal(0, 0.08, (CLASSES, HIDDEN)))
    made.output(last)
    return made


def distorted(program: Program, seed: int) -> Distortion:
    """The chip of a seed."""
    return Distortion.draw(program, seed=2000 + seed, gain=0.6, threshold=0.4, bias=0.05, dead=0.1, stuck=0.02)


def accuracy(chip: Chip, images: Tensor, label: IntArray) -> float:
    """Share of the images that are read rightly."""
    right = 0
    with torch.no_grad():
        for first in range(0, label.size, TESTED):
            told = chip(images[:, first : first + TESTED])[-1].argmax(dim=1).numpy()
            right += int((told == label[first : first + TESTED]).sum())
    return right / label.size


@lru_cache(maxsize=1)
def _data(folder: Path | None) -> tuple[Tensor, Tensor, Tensor, IntArray]:
    """Pixels and classes to learn from; events and classes of the test set."""
    learn, test = load_training(folder), load_test(folder)
    label = torch.as_tensor(learn.label.astype(np.int64))
    return torch.tensor(learn.pixels), label, encoded(test.pixels), test.label.astype(np.int64)


def run(trial: Trial, session: Session) -> Outcome:
    """One trial: on the ideal chip, deployed on the distorted one, and then on in the loop with that."""
    pixels, label, test, answer = _data(session.data)
    state = session.state
    chip = Chip(network(trial.seed), session.open_target)
    distortion = distorted(chip.program(), trial.seed)

    def worse(program: Program) -> Target:
        return Mismatch(program, distortion, session.open_target)

    def loss(chosen: IntArray) -> Tensor:
        images = encoded(varied(pixels[chosen]).numpy())
        return torch.nn.functional.cross_entropy(chip(images)[-1], label[chosen])

    ideal = max(1, round(session.epochs / (1 + AGAIN)))
    begin, used = time.perf_counter(), time.process_time()
    fit(chip, loss, session, samples=len(label), batch=BATCH, rate=RATE, seed=trial.seed, end=ideal)
    if "ideal" not in state.found:
        state.found |= {
            "seconds": time.perf_counter() - begin,
            "processor": time.process_time() - used,
            "ideal": accuracy(chip, test, answer),
        }
        session.keep(chip.program())
        state.found |= measure(chip.program(), chip.trace)
        state.found["deployed"] = accuracy(chip.use(worse), test, answer)
        state.save()
    chip.use(worse)
    fit(chip, loss, session, samples=len(label), batch=BATCH, rate=RATE, seed=trial.seed, begin=ideal)
    found = dict(state.found)
    seconds = {
        f"{what} of {ideal} epochs on the ideal chip": found.pop(name)
        for name, what in (("seconds", "seconds"), ("processor", "processor seconds"))
    }
    looped = accuracy(chip, test, answer)
    chip.close()
    scores = found.pop("ideal"), found.pop("deployed")
    return Outcome(scores=scores, curve=tuple(state.curve), figures={**seconds, **found}, besides={LOOP: looped})


def trials(seed: int) -> Sequence[Trial]:
    """That of a seed."""
    return [Trial(panel="distortion", arm=DEPLOYED, points=(0.0, 1.0), seed=seed)]


def claims(lines: Lines) -> Sequence[Claim]:
    """What has to be shown."""
    deployed, loop = (lines["distortion"][arm] for arm in (DEPLOYED, LOOP))
    lost = deployed.at(0.0) - deployed.at(1.0)
    return [
        Claim(what="accuracy in the loop with the ideal chip", got=deployed.at(0.0), wanted=0.976),
        Claim(
            what="share of what the distortion takes that the loop gives back",
            got=(loop.at(1.0) - deployed.at(1.0)) / lost if lost > 0 else 0.0,
            wanted=0.8,
        ),
    ]


STUDY = Study(
    what="MNIST at 16 x 16, 256-246-10, through the chip",
    measure="share of MNIST's 10,000 test images that are read rightly",
    panels={"distortion": "distortion: none, and that of the seed"},
    epochs=20,
    trials=trials,
    run=run,
    claims=claims,
)
