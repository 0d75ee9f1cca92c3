"""Classes that are told by spike counts, trained through a chip: what such studies have in common."""

from collections.abc import Callable, Collection

import numpy as np
import torch
from torch import Tensor

from ganglion.model.compiler.network.network import Network
from ganglion.model.interchange.torch.chip import Chip
from ganglion.model.interchange.torch.losses import rate_loss
from ganglion.model.interchange.torch.session import fit
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.params import PRESETS, Params
from ganglion.model.training.early_stop import EarlyStop
from ganglion.model.training.metrics import measure
from ganglion.model.training.study import Outcome, Session, Trial

CONFIDENCE = 0.95
"""At which a sample is stopped."""

Part = tuple[Tensor, IntArray]
"""Events, shape (steps, samples, inputs), and classes."""

Draw = Callable[[IntArray], Tensor]
"""Gives the events of some samples, which may be others each time."""


def trained(
    made: Network,
    trial: Trial,
    session: Session,
    *,
    learn: Part | tuple[Draw, IntArray],
    test: Part,
    apart: Part,
    params: Params = PRESETS["board"],
    train: Collection[str] = ("weight",),
    batch: int = 20,
    rate: float = 0.01,
    gain: float = 0.5,
    truncated: bool = False,
    ships: bool = False,
) -> Outcome:
    """Train a network whose outputs spike, and tell how well and how soon it answers.

    Args:
        made: the network.
        trial, session: what is trained, and where.
        learn: what it learns from.
        test: what its score is of.
        apart: what its confidence is calibrated on, of neither.
        params: the chip.
        train: as `Chip` takes it.
        batch, rate: samples of a step, and its size.
        gain: nats per spike.
        truncated: as `Chip` takes it.
        ships: whether the session keeps the program.
    """
    (x, label), (told, answer) = learn, test
    chip = Chip(made, session.open_target, params=params, train=train, truncated=truncated)
    labels = torch.as_tensor(label)
    curve = fit(
        chip,
        lambda chosen: rate_loss(chip(x[:, chosen] if isinstance(x, Tensor) else x(chosen)), labels[chosen], gain=gain),
        session,
        samples=label.size,
        batch=batch,
        rate=rate,
        seed=trial.seed,
    )
    with torch.no_grad():
        known = chip(apart[0]).numpy()
        spikes = chip(told).numpy()
    figures = measure(chip.program(), chip.trace)
    score = float((spikes.sum(axis=0).argmax(axis=1) == answer).mean())
    early = EarlyStop(known, apart[1]).stop(spikes, CONFIDENCE)
    figures |= {
        f"accuracy, stopped at a confidence of {CONFIDENCE:g}": early.accuracy(answer),
        f"mean steps of {len(spikes)} then": float(early.steps.mean()),
        "calibration error": early.calibration_error(answer),
    }
    if ships:
        session.keep(chip.program())
    chip.close()
    return Outcome(scores=(score,), curve=tuple(curve), figures=figures)


def joined(first: Part, count: int) -> tuple[Part, Part]:
    """The first samples, and the others."""
    events, label = first
    return (events[:, :count], label[:count]), (events[:, count:], label[count:])


def raster(events: IntArray) -> Tensor:
    """Counts of events as the module takes them."""
    return torch.as_tensor(events.astype(np.float32))
