"""Losses on what a network tells: spike rates, first spikes, membranes; shape (steps, samples, classes) all."""

import torch
import torch.nn.functional as functional
from torch import Tensor

from ganglion.model.spec.errors import NetworkError, ProgramError
from ganglion.model.spec.explained import explained


@explained(ProgramError)
def rate_loss(spikes: Tensor, labels: Tensor, *, gain: float = 1.0) -> Tensor:
    """Cross entropy of the spike counts: the right class is to spike most.

    Args:
        spikes: shape (steps, samples, classes).
        labels: shape (samples,).
        gain: nats per spike.
    """
    return _finite(functional.cross_entropy(gain * spikes.sum(dim=0), labels))


@explained(ProgramError)
def first_spike_times(spikes: Tensor) -> Tensor:
    """The step of each neuron's first spike; the number of steps where it has none. Shape (samples, classes).

    It is the number of steps before which nothing fired, sum over t of prod over k <= t of (1 - s_k), so a spike that
    could have come earlier has a gradient.
    """
    return torch.cumprod(1 - spikes.clamp(0, 1), dim=0).sum(dim=0)


@explained(ProgramError)
def first_spike_loss(spikes: Tensor, labels: Tensor, *, tau: float = 4.0) -> Tensor:
    """Cross entropy of -time / tau of the first spikes: the right class is to fire first.

    Args:
        spikes: shape (steps, samples, classes).
        labels: shape (samples,).
        tau: steps by which the right one should lead.
    """
    return _finite(functional.cross_entropy(-first_spike_times(spikes) / tau, labels))


@explained(ProgramError)
def membrane_loss(membranes: Tensor, labels: Tensor) -> Tensor:
    """Cross entropy of the greatest membrane over time (max-over-time of Cramer et al. 2020).

    Args:
        membranes: of read-outs, shape (steps, samples, classes).
        labels: shape (samples,).
    """
    return _finite(functional.cross_entropy(membranes.amax(dim=0), labels))


def _finite(loss: Tensor) -> Tensor:
    """The loss, if it is a number.

    Raises:
        NetworkError: it is not.
    """
    if not torch.isfinite(loss):
        raise NetworkError("the loss is not finite: the training diverged; take a smaller step size")
    return loss
