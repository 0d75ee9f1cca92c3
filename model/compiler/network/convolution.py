"""Convolutions and poolings, unrolled into synapses: the chip shares no weights."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from ganglion.model.compiler.network.population import Shape
from ganglion.model.spec.arrays import FloatArray, IntArray
from ganglion.model.spec.errors import NetworkError
from ganglion.model.spec.explained import explained

Padding = int | tuple[int, ...] | tuple[tuple[int, int], ...] | Literal["same", "valid"]
"""One number, one per axis, one before and one after per axis, or a word."""


@explained(NetworkError)
@dataclass(frozen=True, eq=False, kw_only=True)
class Convolution:
    """A convolution in one or two dimensions, as PyTorch defines it (a cross-correlation, zero padding)."""

    weight: FloatArray
    """Shape (channels out, channels in / groups, kernel…)."""
    stride: tuple[int, ...]
    padding: tuple[tuple[int, int], ...]
    """Zeros before and after, per dimension."""
    dilation: tuple[int, ...]
    groups: int

    @classmethod
    def build(
        cls,
        where: str,
        weight: npt.ArrayLike,
        *,
        stride: int | tuple[int, ...] = 1,
        padding: Padding = 0,
        dilation: int | tuple[int, ...] = 1,
        groups: int = 1,
    ) -> "Convolution":
        """A checked convolution.

        Raises:
            NetworkError: a weight that is not of 3 or 4 axes or not finite, or an option out of range.
        """
        kernel = np.asarray(weight, dtype=np.float64)
        if kernel.ndim not in (3, 4) or not kernel.size:
            raise NetworkError(
                f"{where}: the weight of a convolution has shape (channels out, channels in / groups, kernel…) with "
                f"one or two kernel axes, not {kernel.shape}"
            )
        if not np.isfinite(kernel).all():
            raise NetworkError(f"{where}: a weight is not finite ({kernel[~np.isfinite(kernel)][0]})")
        axes = kernel.ndim - 2
        strides = _per_axis(where, "stride", stride, axes, 1)
        dilations = _per_axis(where, "dilation", dilation, axes, 1)
        if isinstance(padding, str):
            pads = _named_padding(where, padding, kernel.shape[2:], strides, dilations)
        elif np.ndim(padding) == 2 and len(np.atleast_1d(padding)) == axes:
            pads = tuple((p, q) for p, q in (_per_axis(where, "padding", pair, 2, 0) for pair in np.asarray(padding)))
        else:
            pads = tuple((p, p) for p in _per_axis(where, "padding", np.asarray(padding), axes, 0))
        if groups < 1 or kernel.shape[0] % groups:
            raise NetworkError(f"{where}: groups must divide the {kernel.shape[0]} output channels, not be {groups}")
        return cls(weight=kernel, stride=strides, padding=pads, dilation=dilations, groups=int(groups))

    def output_shape(self, where: str, source: Shape) -> Shape:
        """Shape of what comes out, (channels, length) or (channels, height, width).

        Raises:
            NetworkError: the source has another number of axes or channels, or is smaller than the kernel.
        """
        channels = self.weight.shape[1] * self.groups
        if len(source) != self.weight.ndim - 1 or source[0] != channels:
            axes = "length" if self.weight.ndim == 3 else "height, width"
            raise NetworkError(f"{where}: the source must have shape ({channels}, {axes}), not {source}")
        lengths = []
        for axis, length in enumerate(source[1:]):
            reach = self.dilation[axis] * (self.weight.shape[2 + axis] - 1) + 1
            room = length + sum(self.padding[axis]) - reach
            if room < 0:
                raise NetworkError(
                    f"{where}: the kernel reaches over {reach}, the padded source has only "
                    f"{length + sum(self.padding[axis])} along axis {axis + 1}"
                )
            lengths.append(room // self.stride[axis] + 1)
        return (self.weight.shape[0], *lengths)

    def unroll(self, where: str, source: Shape) -> tuple[IntArray, IntArray, FloatArray]:
        """Source, target and weight of every synapse, all flat numbers in C order.

        Synapses of one source come channel by channel of the target.

        Raises:
            NetworkError: as `output_shape`.
        """
        target = self.output_shape(where, source)
        if len(source) == 2:
            flat = Convolution(
                weight=self.weight[:, :, np.newaxis],
                stride=(1, *self.stride),
                padding=((0, 0), *self.padding),
                dilation=(1, *self.dilation),
                groups=self.groups,
            )
            return flat.unroll(where, (source[0], 1, source[1]))
        out_channels, in_channels = self.weight.shape[:2]
        out = np.arange(out_channels)
        # Channels in of each channel out, shape (out, in): a group sees its own channels alone.
        seen = (out // (out_channels // self.groups) * in_channels)[:, np.newaxis] + np.arange(in_channels)
        pres, posts, weights = [], [], []
        for kernel in np.ndindex(*self.weight.shape[2:]):
            taken, given = [], []
            for axis in (0, 1):
                to = np.arange(target[1 + axis])
                at = to * self.stride[axis] - self.padding[axis][0] + kernel[axis] * self.dilation[axis]
                inside = (at >= 0) & (at < source[1 + axis])
                taken.append(at[inside])
                given.append(to[inside])
            pre = (taken[0][:, np.newaxis] * source[2] + taken[1]).ravel()
            post = (given[0][:, np.newaxis] * target[2] + given[1]).ravel()
            shape = (out_channels, in_channels, pre.size)
            pres.append(np.broadcast_to(seen[:, :, np.newaxis] * (source[1] * source[2]) + pre, shape).ravel())
            posts.append(
                np.broadcast_to(out[:, np.newaxis, np.newaxis] * (target[1] * target[2]) + post, shape).ravel()
            )
            weights.append(np.broadcast_to(self.weight[(..., *kernel, np.newaxis)], shape).ravel())
        pre, post, weight = (np.concatenate(column) for column in (pres, posts, weights))
        by_channel = np.argsort(post // (target[1] * target[2]), kind="stable")
        return pre[by_channel], post[by_channel], weight[by_channel]

    def __str__(self) -> str:
        kernel = "x".join(map(str, self.weight.shape[2:]))
        options = [f"{self.weight.shape[0]} channels of {kernel}"]
        for name, values, plain in (("stride", self.stride, 1), ("dilation", self.dilation, 1)):
            if any(value != plain for value in values):
                options.append(f"{name} {'x'.join(map(str, values))}")
        if any(map(any, self.padding)):
            options.append("padding " + "x".join(str(a) if a == b else f"{a}+{b}" for a, b in self.padding))
        if self.groups > 1:
            options.append(f"{self.groups} groups")
        return ", ".join(options)


def pooling(
    where: str,
    channels: int,
    kernel: int | tuple[int, ...],
    *,
    stride: int | tuple[int, ...] | None = None,
    padding: int | tuple[int, ...] = 0,
    weight: float | None = None,
) -> Convolution:
    """Pooling in two dimensions, as a convolution of each channel by itself with equal weights.

    Args:
        where: for messages.
        channels: channels in, and out.
        kernel: its size.
        stride: None is the size of the kernel.
        padding: zeros around, which count as part of an average.
        weight: 1 is sum pooling; None is average pooling, 1 / size of the kernel.

    Raises:
        NetworkError: an option out of range.
    """
    size = _per_axis(where, "kernel", kernel, 2, 1)
    value = 1 / (size[0] * size[1]) if weight is None else weight
    weights = np.full((channels, 1, *size), value)
    return Convolution.build(
        where, weights, stride=size if stride is None else stride, padding=padding, groups=channels
    )


def _per_axis(where: str, name: str, value: int | npt.ArrayLike, axes: int, least: int) -> tuple[int, ...]:
    values = np.atleast_1d(np.asarray(value))
    if values.dtype.kind not in "iu" or values.shape not in ((1,), (axes,)) or (values < least).any():
        raise NetworkError(f"{where}: {name} must be a whole number from {least}, or {axes} of them, not {value!r}")
    return tuple(int(v) for v in np.broadcast_to(values, (axes,)))


def _named_padding(
    where: str, padding: str, kernel: Shape, stride: tuple[int, ...], dilation: tuple[int, ...]
) -> tuple[tuple[int, int], ...]:
    if padding == "valid":
        return tuple((0, 0) for _ in kernel)
    if padding != "same":
        raise NetworkError(f'{where}: padding must be a whole number, "same" or "valid", not {padding!r}')
    if any(step != 1 for step in stride):
        raise NetworkError(f'{where}: padding "same" needs stride 1, not {stride}; give the padding as a number')
    totals = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
    return tuple((total // 2, total - total // 2) for total in totals)
