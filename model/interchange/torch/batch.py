"""A batch of samples for a target, made of a tensor or of events that are there, and the tensors of what it did."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ganglion.model.interchange.torch.twin import Observed
from ganglion.model.spec.arrays import FloatArray, IntArray
from ganglion.model.spec.errors import EventError, described
from ganglion.model.spec.events import Events
from ganglion.model.spec.trace import Trace

Input = Tensor | Sequence[Events]
"""Counts of events, shape (steps, samples, inputs), or the events of each sample."""


@dataclass(frozen=True, eq=False)
class Batch:
    """Samples of one length."""

    samples: Sequence[Events]
    steps: int
    inputs: int
    given: Tensor | None
    """The tensor that they were made of, if they were."""

    @classmethod
    def of(cls, x: Input, inputs: int) -> "Batch":
        """Of what a module is given.

        Raises:
            EventError: it is not of whole numbers of events, or of another shape.
        """
        if isinstance(x, Tensor):
            return cls(_cut(x, inputs), x.shape[0], inputs, x)
        if not isinstance(x, Sequence) or not x or not all(isinstance(sample, Events) for sample in x):
            raise EventError(f"a batch is a tensor, or a list of Events, one for each sample, not {described(x)}")
        steps = sorted({sample.steps for sample in x})
        if len(steps) > 1:
            raise EventError(f"samples of a batch must be of one length, not {steps[0]} to {steps[-1]} steps")
        return cls(x, steps[0], inputs, None)

    def dense(self) -> Tensor:
        """Counts of events, shape (steps, samples, inputs)."""
        if self.given is not None:
            return self.given
        counts = np.stack([sample.to_raster(self.inputs) for sample in self.samples], axis=1)
        return torch.as_tensor(counts, dtype=torch.get_default_dtype())

    @property
    def dtype(self) -> torch.dtype:
        """Of what comes out."""
        return torch.get_default_dtype() if self.given is None else self.given.dtype


@dataclass(frozen=True, eq=False)
class Recorded:
    """What a target did with a batch. Tensors are made of it when they are asked for: the backward pass needs more of
    them than the forward pass."""

    traces: Sequence[Trace]
    steps: int
    scale: FloatArray
    """Quanta of the chip in one of the user's units, of each neuron."""
    dtype: torch.dtype

    def spikes(self, part: slice) -> Tensor:
        """0 or 1, shape (steps, samples, neurons of the part)."""
        first, stop, _ = part.indices(self.scale.size)
        made = torch.zeros((self.steps, len(self.traces), stop - first), dtype=self.dtype)
        sample = np.repeat(np.arange(len(self.traces)), [len(trace.spikes) for trace in self.traces])
        step, neuron = np.concatenate([trace.spikes for trace in self.traces]).T
        step = step - self.traces[0].first
        if stop - first < self.scale.size:
            mine = (neuron >= first) & (neuron < stop)
            step, sample, neuron = step[mine], sample[mine], neuron[mine] - first
        made.numpy()[step, sample, neuron] = 1
        return made

    def probed(self, field: str, part: slice) -> Tensor:
        """A field at the end of each step in the user's units, shape (steps, samples, neurons of the part).

        Args:
            field: that was probed of every neuron, or of those of the part alone.
            part: which neurons.
        """
        scale = self.scale[part]
        which = part if self.traces[0].probes[field].shape[1] > scale.size else slice(None)
        made = torch.empty((self.steps, len(self.traces), scale.size), dtype=self.dtype)
        values = made.numpy()
        for number, trace in enumerate(self.traces):
            values[:, number] = trace.probes[field][:, which]
        values /= scale.astype(values.dtype)
        return made

    def observed(self) -> Observed:
        """What the backward pass replays; every neuron was probed."""
        every = slice(None)
        current = "u" in self.traces[0].probes
        return Observed(self.spikes(every), self.probed("v", every), self.probed("u", every) if current else None)


def _cut(x: Tensor, inputs: int) -> list[Events]:
    """The events of each sample."""
    if x.dim() != 3 or x.shape[2] != inputs:
        raise EventError(f"events must have shape (steps, samples, {inputs}), not {tuple(x.shape)}")
    by_sample = x.detach().numpy().swapaxes(0, 1)
    some = np.ascontiguousarray(by_sample != 0)
    told = by_sample[some]
    if not (np.isfinite(told) & (told == np.floor(told)) & (told > 0)).all():
        raise EventError("events are counted in whole numbers from 0; make spikes of them first (ganglion.encode)")
    place = np.flatnonzero(some.ravel())
    if told.size and told.max() > 1:
        place = np.repeat(place, told.astype(np.int64))
    row, axons = np.divmod(place, inputs)
    samples, steps = some.shape[:2]
    ends: IntArray = np.cumsum(np.bincount(row, minlength=samples * steps)).reshape(samples, steps)
    first = np.concatenate(([0], ends[:, -1]))
    start = np.concatenate([first[:-1, np.newaxis], ends], axis=1) - first[:-1, np.newaxis]
    return [Events(axons[first[k] : first[k + 1]], own) for k, own in enumerate(start)]
