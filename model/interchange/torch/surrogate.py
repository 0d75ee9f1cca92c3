"""A spike whose gradient is another function's: the surrogate gradient of Neftci, Mostafa and Zenke (2019)."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

SLOPE = 5.0
"""Of the surrogate, per threshold."""


def soft_spike(over: Tensor, slope: float) -> Tensor:
    """A smooth step from -1 / slope to 1 / slope, whose derivative is the surrogate 1 / (1 + slope |x|)^2."""
    return over / (1 + slope * over.abs())


class _ObservedSpike(torch.autograd.Function):
    """Spikes that were observed, with the gradient of `soft_spike` of what the membrane was over the threshold."""

    @staticmethod
    def forward(ctx: Any, over: Tensor, observed: Tensor, slope: float) -> Tensor:
        ctx.save_for_backward(over)
        ctx.slope = slope
        return observed

    @staticmethod
    def backward(ctx: Any, *gradient: Tensor) -> tuple[Tensor, None, None]:
        (over,) = ctx.saved_tensors
        return gradient[0] / (1 + ctx.slope * over.abs()).square(), None, None


observed_spike: Callable[[Tensor, Tensor, float], Tensor] = _ObservedSpike.apply
