"""Input events of a run: which axons fire in which step."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import EventError, described
from ganglion.model.spec.explained import explained

MOST = 1 << 33
"""Events of a run, at most: those of 64 GiB."""


@explained(EventError)
@dataclass(frozen=True, eq=False)
class Events:
    """Events sorted by step; within a step order does not matter and an axon may fire more than once.

    So two are equal (`==`) where each step has the same axons, each as often.
    """

    axon: IntArray
    """Shape (events,)."""
    start: IntArray
    """Shape (steps + 1,): the events of step t are axon[start[t] : start[t+1]]."""

    @classmethod
    def from_steps(cls, steps: Iterable[Sequence[int] | IntArray]) -> "Events":
        """From one list of axons per step.

        Raises:
            EventError: an axon that is no whole number.
        """
        if not isinstance(steps, Iterable) or isinstance(steps, str):
            raise EventError(f"steps are a list of axons for each step, not {described(steps)}")
        lists = [_axons(step, axons) for step, axons in enumerate(steps)]
        start = np.concatenate(([0], np.cumsum([a.size for a in lists]))).astype(np.int64)
        return cls(np.concatenate(lists) if lists else np.zeros(0, dtype=np.int64), start)

    @classmethod
    def from_raster(cls, raster: npt.ArrayLike) -> "Events":
        """From whether, or how often, each axon fires in each step.

        Args:
            raster: bool or whole numbers from 0, shape (steps, axons).

        Raises:
            EventError: another shape or type, or a negative count.
        """
        try:
            counts = np.asarray(raster)
        except ValueError as error:
            raise EventError(f"a raster has the shape (steps, axons), as many axons in each step: {error}") from None
        if counts.ndim != 2:
            raise EventError(f"a raster has the shape (steps, axons), not {counts.shape}")
        if counts.dtype.kind not in "iub":
            raise EventError(
                f"a raster is of whole numbers or bool, not {counts.dtype}: make spikes of rates first "
                "(ganglion.encode.rate), or say that they are whole (raster.astype(int))"
            )
        if counts.size and counts.min() < 0:
            step, axon = np.argwhere(counts < 0)[0].tolist()
            raise EventError(f"a raster counts from 0; axon {axon} has {counts[step, axon]} in step {step}")
        if counts.size and counts.sum(dtype=np.float64) > MOST:
            raise EventError(f"a raster has at most {MOST:,} events, not {counts.sum(dtype=np.float64):,.0f}")
        counts = counts.astype(np.int64)
        axons = np.repeat(np.tile(np.arange(counts.shape[1]), counts.shape[0]), counts.ravel())
        return cls(axons, np.concatenate(([0], np.cumsum(counts.sum(axis=1)))))

    def to_raster(self, inputs: int) -> IntArray:
        """How often each axon fires in each step: the inverse of `from_raster`.

        Args:
            inputs: how many axons there are.

        Returns:
            int64 of shape (steps, inputs).

        Raises:
            EventError: as `check`.
        """
        self.check(inputs)
        step = np.repeat(np.arange(self.steps), np.diff(self.start))
        flat: IntArray = np.bincount(step * inputs + self.axon, minlength=self.steps * inputs)
        return flat.reshape(self.steps, inputs)

    @property
    def steps(self) -> int:
        """Number of steps."""
        return self.start.size - 1

    def __getitem__(self, step: int) -> IntArray:
        """Axons that fire in one step."""
        return self.axon[self.start[step] : self.start[step + 1]]

    def part(self, begin: int, end: int) -> "Events":
        """Steps begin … end - 1 as a run of their own.

        Raises:
            EventError: there are no such steps.
        """
        if not 0 <= begin <= end <= self.steps:
            raise EventError(f"steps {begin} to {end} are no part of {self.steps}")
        start = self.start[begin : end + 1]
        return Events(self.axon[start[0] : start[-1]], start - start[0])

    def check_order(self) -> None:
        """Whether the steps are in order.

        Raises:
            EventError: they are not.
        """
        axon, start = self.axon, self.start
        if not start.size or start[0] != 0 or start[-1] != axon.size or (start[1:] < start[:-1]).any():
            raise EventError(
                f"events must be in the order of their steps: start must rise from 0 to {axon.size}, the number of "
                "events"
            )

    def check(self, inputs: int) -> None:
        """Whether the steps are in order, and every event has an axon.

        Raises:
            EventError: they are not, or one has not; names the first, its step, and the axons there are.
        """
        self.check_order()
        wrong = np.flatnonzero((self.axon < 0) | (self.axon >= inputs))
        if wrong.size:
            event = int(wrong[0])
            step = int(np.searchsorted(self.start, event, side="right")) - 1
            raise EventError(
                f"event {event}, in step {step}, is for axon {self.axon[event]}; "
                f"the network has axons 0 to {inputs - 1}"
            )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Events):
            return NotImplemented
        return np.array_equal(self.start, other.start) and np.array_equal(self._sorted(), other._sorted())

    def _sorted(self) -> IntArray:
        """The axons of each step, ascending."""
        step = np.repeat(np.arange(self.steps), np.diff(self.start))
        return self.axon[np.lexsort((self.axon, step))]

    def __repr__(self) -> str:
        return f"<Events {self.steps} steps, {self.axon.size} events>"


def _axons(step: int, axons: Sequence[int] | IntArray) -> IntArray:
    try:
        array = np.asarray(axons).ravel()
    except ValueError as error:
        raise EventError(f"the axons of step {step} must be a list of whole numbers: {error}") from None
    if array.size and array.dtype.kind not in "iu":
        raise EventError(f"the axons of step {step} must be whole numbers, not {array.dtype}")
    return array.astype(np.int64)
