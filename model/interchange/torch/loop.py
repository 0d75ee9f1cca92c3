"""The loop of all trainings: Adam (Kingma and Ba 2015), one cycle of the step size (Smith and Topin 2018)."""

from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor, nn

from ganglion.model.interchange.torch.spiking import Neurons
from ganglion.model.progress import SILENT, Progress

LEAST_THRESHOLD = 0.25
"""Thresholds stay above this share of what they began with."""


def make_repeatable(seed: int) -> None:
    """One thread and one seed: on one kind of processor a training then repeats to the bit."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)


def fit(
    network: nn.Module,
    loss: Callable[[Tensor], Tensor],
    *,
    order: Callable[[], Sequence[Tensor]],
    batches: int,
    epochs: int,
    rate: float,
    name: str,
    check: Callable[[], str],
    every: int = 5,
    longest: float = 10.0,
    progress: Progress = SILENT,
) -> None:
    """Train a network.

    Args:
        network: what learns.
        loss: of a batch, given the numbers of its samples.
        order: the batches of an epoch, called before each.
        batches: how many those are.
        epochs: how often.
        rate: the largest step size.
        name: what to call this part of the training.
        check: tells how good the network is; called at the end of each `every` epochs.
        every: see `check`.
        longest: norm to which longer gradients are cut.
        progress: told of batches, and of what `check` tells.
    """
    optimizer = torch.optim.Adam(network.parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=batches * epochs, pct_start=0.1)
    with progress.task(f"training {name}", epochs * batches) as task:
        for epoch in range(epochs):
            for chosen in order():
                optimizer.zero_grad()
                loss(chosen).backward()
                nn.utils.clip_grad_norm_(network.parameters(), longest)
                optimizer.step()
                schedule.step()
                _keep_thresholds(network.modules())
                task.advance()
            if epoch % every == every - 1 or epoch == epochs - 1:
                progress.note(f"{name}, epoch {epoch + 1}: {check()}")


def _keep_thresholds(modules: Iterable[nn.Module]) -> None:
    with torch.no_grad():
        for module in modules:
            if isinstance(module, Neurons):
                module.threshold.clamp_(min=LEAST_THRESHOLD)
