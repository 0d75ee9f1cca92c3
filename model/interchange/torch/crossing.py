"""Times of first spikes, and their exact gradients with respect to weights, delays and times of what arrives.

A neuron with a synaptic current u and a membrane v, both leaking, has after an event of weight w the membrane w k(s), s
steps behind its arrival, with k(s) = (b^s - a^s) / (b - a), where a and b are what u and v keep in a step; this is what
the chip does at whole s, and a smooth function between. It fires at T, where the sum over what has arrived reaches the
threshold from below. By the implicit function theorem (Wunderlich and Pehle 2021; Göltz et al. 2021; for delays
Göltz et al. 2025, "DelGrad"), with the slope v'(T) = sum of w k'(s):

    dT / dw = -k(s) / v'(T)        dT / d(arrival) = w k'(s) / v'(T)
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import log
from typing import Any

import torch
from torch import Tensor

BISECTIONS = 50
"""Halvings of a step, behind which a time of the twin is exact to the last bits of float64."""

LEAST_SLOPE = 0.02
"""Of a membrane at its threshold, in thresholds per step, in training: a neuron that barely fires has a gradient that
knows no bounds, and one of a chip may, by the twin's account, not have fired at all."""


@dataclass(frozen=True)
class Kernel:
    """The membrane after an event of weight 1."""

    membrane: float
    """b: what the membrane keeps in a step, 0 to 1."""
    current: float
    """a: what the current keeps in a step, above 0 and below 1."""

    def value(self, s: Tensor) -> Tensor:
        """So many steps behind the arrival, from 0."""
        b, a = self._logarithms
        if a == b:
            return s * torch.exp((s - 1) * b)
        return (torch.exp(s * b) - torch.exp(s * a)) / (self.membrane - self.current)

    def slope(self, s: Tensor) -> Tensor:
        """Its derivative; 0 at the arrival and before it, which is 0 too."""
        b, a = self._logarithms
        if a == b:
            found = (1 + s * b) * torch.exp((s - 1) * b)
        else:
            found = (b * torch.exp(s * b) - a * torch.exp(s * a)) / (self.membrane - self.current)
        return found * (s > 0)

    @property
    def _logarithms(self) -> tuple[float, float]:
        return log(self.membrane), log(self.current)


def since(times: Tensor, arrivals: Tensor) -> Tensor:
    """Steps from each arrival to a time, from 0; an event charges the membrane in the step in which it arrives.

    Args:
        times: shape (samples, neurons), finite.
        arrivals: shape (samples, neurons, sources).
    """
    return (times.unsqueeze(-1) - arrivals + 1).clamp(min=0)


def membranes(times: Tensor, arrivals: Tensor, weights: Tensor, kernel: Kernel) -> Tensor:
    """The membrane of each neuron at its time, shape (samples, neurons), had it not fired before.

    Args:
        times, arrivals: as `since` takes them.
        weights: shape (neurons, sources).
    """
    return (weights * kernel.value(since(times, arrivals))).sum(dim=-1)


def solve(arrivals: Tensor, weights: Tensor, threshold: Tensor, kernel: Kernel, steps: int) -> Tensor:
    """When each neuron of the float twin fires first, to a fraction of a step; infinity where it does not.

    A chip looks at whole steps alone, so of a membrane that is above the threshold between two of them only, neither
    sees anything.

    Args:
        arrivals: shape (samples, neurons, sources); infinity is never.
        weights: shape (neurons, sources).
        threshold: shape (neurons,).
        kernel: of the membranes.
        steps: of the run.
    """
    with torch.no_grad():
        shape = arrivals.shape[:2]
        first = torch.full(shape, float("inf"), dtype=arrivals.dtype)
        for step in range(steps - 1, -1, -1):
            at = torch.full(shape, float(step), dtype=arrivals.dtype)
            first = torch.where(membranes(at, arrivals, weights, kernel) > threshold, at, first)
        never = torch.isinf(first)
        high = torch.where(never, 0, first)
        low = high - 1
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            over = membranes(middle, arrivals, weights, kernel) > threshold
            low, high = torch.where(over, low, middle), torch.where(over, middle, high)
        return torch.where(never, first, high)


def within_step(times: Tensor, arrivals: Tensor, weights: Tensor, threshold: Tensor, kernel: Kernel) -> Tensor:
    """When a membrane passed its threshold, in the step in which it was seen to fire: by a line through both ends.

    Args:
        times: whole numbers, as a chip tells them; infinity where a neuron did not fire.
    """
    with torch.no_grad():
        fired = torch.where(torch.isinf(times), 0, times)
        before, after = (membranes(fired - part, arrivals, weights, kernel) for part in (1, 0))
        rise = after - before
        late = torch.where(rise > 0, (after - threshold) / torch.where(rise > 0, rise, 1), 0)
        return times - late.clamp(0, 1)


class _FirstCrossing(torch.autograd.Function):
    """Times that were found or observed, with the gradient of the implicit function theorem where the membranes passed
    their thresholds."""

    @staticmethod
    def forward(
        ctx: Any, times: Tensor, passed: Tensor, arrivals: Tensor, weights: Tensor, least: Tensor, kernel: Kernel
    ) -> Tensor:
        ctx.save_for_backward(passed, arrivals, weights, least)
        ctx.kernel = kernel
        return times.clone()

    @staticmethod
    def backward(ctx: Any, *gradient: Tensor) -> tuple[Tensor | None, ...]:
        passed, arrivals, weights, least = ctx.saved_tensors
        fired = torch.isfinite(passed)
        steps = since(torch.where(fired, passed, 0), arrivals)
        rises = weights * ctx.kernel.slope(steps)
        slope = torch.maximum(rises.sum(dim=-1), least)
        share = torch.where(fired, gradient[0] / slope, 0).unsqueeze(-1)
        return None, None, share * rises, -(share * ctx.kernel.value(steps)).sum(dim=0), None, None


first_crossing: Callable[[Tensor, Tensor, Tensor, Tensor, Tensor, Kernel], Tensor] = _FirstCrossing.apply
"""Takes times, when exactly the thresholds were passed, arrivals, weights, the least slopes of membranes at their
thresholds, shape (neurons,), and the kernel."""


def time_loss(times: Tensor, labels: Tensor, *, tau: float, never: float, early: float = 0.0) -> Tensor:
    """Cross entropy of -time / tau: the right class is to fire first (Göltz et al. 2021).

    Args:
        times: of first spikes, shape (samples, classes); infinity where there is none.
        labels: shape (samples,).
        tau: steps by which the right one should lead.
        never: the time that counts for infinity, in steps.
        early: weight of a term that keeps the right class from firing late, in nats at `never`.
    """
    told = torch.where(torch.isfinite(times), times, never)
    right = told.gather(1, labels.unsqueeze(1)).mean()
    return torch.nn.functional.cross_entropy(-told / tau, labels) + early * right / never
