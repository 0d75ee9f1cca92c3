"""Input events of a run: which axons fire in which step."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import EventError


@dataclass(frozen=True, eq=False)
class Events:
    """Events sorted by step; within a step order does not matter and an axon may fire more than once."""

    axon: IntArray
    """Shape (events,)."""
    start: IntArray
    """Shape (steps + 1,): the events of step t are axon[start[t] : start[t+1]]."""

    @classmethod
    def from_steps(cls, steps: Iterable[Sequence[int] | IntArray]) -> "Events":
        """From one list of axons per step."""
        lists = [np.asarray(axons, dtype=np.int64).ravel() for axons in steps]
        start = np.concatenate(([0], np.cumsum([a.size for a in lists]))).astype(np.int64)
        return cls(np.concatenate(lists) if lists else np.zeros(0, dtype=np.int64), start)

    @classmethod
    def from_raster(cls, raster: npt.ArrayLike) -> "Events":
        """From counts of shape (steps, axons): how often each axon fires in each step."""
        counts = np.asarray(raster).astype(np.int64)
        if counts.ndim != 2 or (counts < 0).any():
            raise EventError(f"a raster is counts of shape (steps, axons), got shape {counts.shape}")
        axons = np.repeat(np.tile(np.arange(counts.shape[1]), counts.shape[0]), counts.ravel())
        start = np.concatenate(([0], np.cumsum(counts.sum(axis=1)))).astype(np.int64)
        return cls(axons.astype(np.int64), start)

    @property
    def steps(self) -> int:
        """Number of steps."""
        return self.start.size - 1

    def __getitem__(self, step: int) -> IntArray:
        """Axons that fire in one step."""
        return self.axon[self.start[step] : self.start[step + 1]]

    def part(self, begin: int, end: int) -> "Events":
        """Steps begin … end - 1 as a run of their own."""
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
