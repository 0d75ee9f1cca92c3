"""Early stop with a calibrated confidence: a sample ends as soon as its answer is sure enough.

After each step the margin, by how much the most active output leads the second, says how often such an answer was right
on samples that were set apart: an isotonic regression (Zadrozny and Elkan 2002), of each step by itself. A share p of n
samples makes a confidence of (n p + 1) / (n + 2), Laplace's rule of succession: few samples never make one sure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ganglion.model.spec.arrays import FloatArray, IntArray
from ganglion.model.spec.errors import EventError


@dataclass(frozen=True, eq=False, kw_only=True)
class Stopped:
    """What came of samples that were stopped early."""

    answer: IntArray
    """Shape (samples,)."""
    steps: IntArray
    """That each took, shape (samples,)."""
    confidence: FloatArray
    """Of each answer, 0 … 1."""

    def accuracy(self, labels: npt.ArrayLike) -> float:
        """Share of the answers that are right."""
        return float((self.answer == np.asarray(labels)).mean())

    def calibration_error(self, labels: npt.ArrayLike, *, bins: int = 10) -> float:
        """Expected calibration error (Guo et al. 2017): how far confidence and accuracy are apart, over equal bins."""
        right = self.answer == np.asarray(labels)
        which = np.minimum((self.confidence * bins).astype(np.int64), bins - 1)
        gaps = [abs(float(right[which == k].mean() - self.confidence[which == k].mean())) for k in np.unique(which)]
        return float(np.average(gaps, weights=[(which == k).sum() for k in np.unique(which)]))


class EarlyStop:
    """When a sample can be stopped.

    Args:
        spikes: of the outputs, of samples that were set apart, shape (steps, samples, classes).
        labels: shape (samples,).

    Raises:
        EventError: shapes that do not match, or fewer than two classes.
    """

    def __init__(self, spikes: npt.ArrayLike, labels: npt.ArrayLike) -> None:
        from sklearn.isotonic import IsotonicRegression

        answers, margins = _running(spikes)
        right = answers == _labels(labels, answers)
        self._samples = right.shape[1]
        self._sureness: Sequence[Any] = [
            IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(margin, hit)
            for margin, hit in zip(margins, right, strict=True)
        ]

    @property
    def steps(self) -> int:
        """Of a whole run."""
        return len(self._sureness)

    def stop(self, spikes: npt.ArrayLike, confidence: float) -> Stopped:
        """Stop each sample at the first step whose answer is right with at least this confidence, or at the end.

        Args:
            spikes: as the class takes them, of other samples and as many steps.
            confidence: 0 to 1.

        Raises:
            EventError: another shape, or a confidence that is none.
        """
        if not 0 <= confidence <= 1:
            raise EventError(f"confidence must be 0 to 1, not {confidence}")
        answers, margins = _running(spikes)
        if len(answers) != self.steps:
            raise EventError(f"there must be {self.steps} steps, as in the samples set apart, not {len(answers)}")
        sure = np.stack([each.predict(margin) for each, margin in zip(self._sureness, margins, strict=True)])
        sure = (sure * self._samples + 1) / (self._samples + 2)
        enough = sure >= confidence
        step = np.where(enough.any(axis=0), enough.argmax(axis=0), self.steps - 1)
        every = np.arange(step.size)
        return Stopped(answer=answers[step, every], steps=step + 1, confidence=sure[step, every])


def _running(spikes: npt.ArrayLike) -> tuple[IntArray, IntArray]:
    """The output with the most spikes up to each step, of several the lowest, and its lead over the next."""
    counts = np.cumsum(np.asarray(spikes, dtype=np.int64), axis=0)
    if counts.ndim != 3 or counts.shape[2] < 2:
        raise EventError(f"spikes must have shape (steps, samples, classes), classes from two on, not {counts.shape}")
    second, first = np.moveaxis(np.sort(counts, axis=2)[:, :, -2:], 2, 0)
    return counts.argmax(axis=2), first - second


def _labels(labels: npt.ArrayLike, answers: IntArray) -> IntArray:
    told = np.asarray(labels, dtype=np.int64)
    if told.shape != answers.shape[1:]:
        raise EventError(f"{answers.shape[1]} samples need as many labels, not {told.shape}")
    return told
