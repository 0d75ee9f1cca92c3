"""Spiking layers in PyTorch whose forward pass is the chip's arithmetic: whole numbers, exact in float32.

Values are kept in units of the integer network. A layer runs in one of two ways: quantised, where weights, biases and
thresholds are rounded and the leak is floored as on the chip, or float, the original that the integer network is
compared with. The gradient passes a rounding as if it were not there (straight-through), and a threshold by the fast
sigmoid of Neftci, Mostafa and Zenke (2019, eq. 5-6).
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from ganglion.model.networks.weights_file import as_stored
from ganglion.model.spec.arrays import FloatArray

WEIGHT_LIMIT = 127.0


class _Spike(torch.autograd.Function):
    """1 where v is above its threshold; the gradient is that of a fast sigmoid, as wide as `unit`."""

    @staticmethod
    def forward(ctx: Any, v: Tensor, threshold: Tensor, unit: float) -> Tensor:
        over = v - threshold
        ctx.save_for_backward(over)
        ctx.unit, ctx.shape = unit, threshold.shape
        return (over > 0).to(v.dtype)

    @staticmethod
    def backward(ctx: Any, *gradient: Tensor) -> tuple[Tensor, Tensor, None]:
        (over,) = ctx.saved_tensors
        slope = over.abs().mul_(2 / ctx.unit).add_(1).square_().mul_(ctx.unit)
        at_v = gradient[0] / slope
        return at_v, -at_v.sum_to_size(ctx.shape), None


class _Leak(torch.autograd.Function):
    """v - v * share + arrived, with the loss rounded down; the gradient is that of the unrounded."""

    @staticmethod
    def forward(ctx: Any, v: Tensor, share: Tensor, arrived: Tensor, floored: bool) -> Tensor:
        ctx.save_for_backward(share)
        loss = v * share
        return (v - (loss.floor_() if floored else loss)).add_(arrived)

    @staticmethod
    def backward(ctx: Any, *gradient: Tensor) -> tuple[Tensor, None, Tensor, None]:
        (share,) = ctx.saved_tensors
        return gradient[0] * (1 - share), None, gradient[0], None


_spike: Callable[[Tensor, Tensor, float], Tensor] = _Spike.apply
_leak: Callable[[Tensor, Tensor, Tensor, bool], Tensor] = _Leak.apply


def rounded(values: Tensor) -> Tensor:
    """Rounded to whole numbers, half to even, with the gradient of the unrounded."""
    return values + (values.round() - values).detach()


class Neurons(nn.Module):
    """LIF neurons, reset by subtraction: a threshold and a bias per neuron or channel.

    Args:
        count: neurons, or channels of a convolution.
        unit: threshold that the neurons start with, in units of the integer network.
        leak: share of the membrane that is lost in a step, a power of 1/2, one value or one per neuron; 0 is no leak.
        trailing: dimensions behind that of the neurons, 2 for maps.
    """

    leak: Tensor

    def __init__(self, count: int, unit: float, leak: float | Tensor = 0.0, trailing: int = 0) -> None:
        super().__init__()
        self.unit = unit
        self.shape = (count, *[1] * trailing)
        self.register_buffer("leak", torch.as_tensor(leak))
        self.threshold = nn.Parameter(torch.ones(count))
        self.bias = nn.Parameter(torch.zeros(count))

    def constants(self, quantised: bool) -> tuple[Tensor, Tensor]:
        """Thresholds and biases in units of the integer network, shape (count,)."""
        values = self.threshold * self.unit, self.bias * self.unit
        return (rounded(values[0]), rounded(values[1])) if quantised else values

    def forward(
        self, drive: Tensor, quantised: bool, recurrent: Tensor | None = None, kept: Tensor | None = None
    ) -> Tensor:
        """Spikes of each step from the input of each step, shape (steps, runs, ...neurons) both.

        Args:
            drive: input of each step, as it arrives.
            quantised: whether thresholds and biases are rounded and the leak is rounded down.
            recurrent: weights among the neurons, shape (neurons, neurons), whose synapses take one step.
            kept: factor on the spikes, shape (runs, neurons): dropout.
        """
        threshold, bias = (constant.view(self.shape) for constant in self.constants(quantised))
        v = spikes = torch.zeros_like(drive[0])
        told = []
        for arrived in drive + bias:
            if recurrent is not None:
                arrived = torch.addmm(arrived, spikes, recurrent)
            v = _leak(v, self.leak, arrived, quantised)
            spikes = _spike(v, threshold, self.unit)
            # The reset is taken as a constant.
            v = torch.addcmul(v, spikes.detach(), threshold.detach(), value=-1)
            if kept is not None:
                spikes = spikes * kept
            told.append(spikes)
        return torch.stack(told)

    def rate(self, drive: Tensor, steps: int) -> Tensor:
        """Spikes per step of IF neurons with a constant input for so many steps, input in units of the threshold."""
        level = (drive + self.bias.view(self.shape)) / self.threshold.view(self.shape)
        count = (level * steps).clamp(0, steps)
        return (count + (count.floor() - count).detach()) / steps

    def arrays(self, name: str) -> dict[str, FloatArray]:
        """Thresholds and biases for `weights_file`, under this population's name."""
        threshold, bias = self.constants(quantised=False)
        return {f"{name}_threshold": exported(threshold), f"{name}_bias": exported(bias)}


def weights(values: Tensor, unit: float, quantised: bool) -> Tensor:
    """Weights in units of the integer network, within 8 bits."""
    scaled = (values * unit).clamp(-WEIGHT_LIMIT, WEIGHT_LIMIT)
    return rounded(scaled) if quantised else scaled


def uniform(limit: float, *shape: int) -> nn.Parameter:
    """Weights to begin with, uniform in plus or minus `limit`, in units of the threshold."""
    return nn.Parameter((2 * torch.rand(shape) - 1) * limit)


def exported(values: Tensor) -> FloatArray:
    """As an array for `weights_file`."""
    return as_stored(values.detach().double().numpy())


def later(spikes: Tensor) -> Tensor:
    """The spikes of step t in step t + 1: a synapse takes one step."""
    return torch.cat((torch.zeros_like(spikes[:1]), spikes[:-1]))
