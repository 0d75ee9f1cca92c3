"""What a training lowers: the loss of a target on labelled samples."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ganglion.model.spec.arrays import FloatArray, IntArray
from ganglion.model.spec.errors import EventError, ProgramError
from ganglion.model.spec.events import Events
from ganglion.model.spec.explained import explained
from ganglion.model.spec.target import Target


@explained(ProgramError)
class CountLoss:
    """Cross entropy of the spike counts of output neurons, one for each class.

    Args:
        samples: events of each sample.
        labels: class of each, shape (samples,).
        outputs: number of the neuron of each class, shape (classes,).
        gain: nats per spike.

    Raises:
        EventError: samples and labels do not match, or a label has no output.
    """

    def __init__(
        self, samples: Sequence[Events], labels: npt.ArrayLike, outputs: npt.ArrayLike, *, gain: float = 0.5
    ) -> None:
        self.samples, self.outputs, self.gain = list(samples), np.asarray(outputs, dtype=np.int64), gain
        self.labels = np.asarray(labels, dtype=np.int64)
        if self.labels.shape != (len(self.samples),) or not self.samples:
            raise EventError(f"{len(self.samples)} samples need as many labels, at least one, not {self.labels.shape}")
        if self.labels.min() < 0 or self.labels.max() >= self.outputs.size:
            wrong = int(self.labels[(self.labels < 0) | (self.labels >= self.outputs.size)][0])
            raise EventError(f"labels must be 0 to {self.outputs.size - 1}, as there are outputs, not {wrong}")

    def counts(self, target: Target) -> IntArray:
        """Spikes of each output in each sample, shape (samples, classes)."""
        traces = target.run_batch(self.samples)
        neurons = traces[0].neurons
        sample = np.repeat(np.arange(len(traces)), [len(trace.spikes) for trace in traces])
        fired = np.concatenate([trace.spikes[:, 1] for trace in traces])
        counts = np.bincount(sample * neurons + fired, minlength=len(traces) * neurons)
        return counts.reshape(len(traces), neurons)[:, traces[0].numbers(self.outputs)]

    def __call__(self, target: Target) -> float:
        """Mean loss, in nats."""
        return float(self._losses(self.counts(target)).mean())

    def accuracy(self, target: Target) -> float:
        """Share of the samples whose class spikes most; of several the lowest class counts."""
        return float((self.counts(target).argmax(axis=1) == self.labels).mean())

    def _losses(self, counts: IntArray) -> FloatArray:
        score = self.gain * counts
        score = score - score.max(axis=1, keepdims=True)
        picked = np.take_along_axis(score, self.labels[:, np.newaxis], axis=1)[:, 0]
        return np.asarray(np.log(np.exp(score).sum(axis=1)) - picked)
