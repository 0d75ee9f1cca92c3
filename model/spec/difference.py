"""The first places in which two runs differ."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ganglion.model.spec.arrays import IntArray


@dataclass(frozen=True)
class Difference:
    """The first value of a field in which two runs differ."""

    step: int
    neuron: int | None
    """None where the field is none of a neuron."""
    field: str
    """As in "spike", "v", "accumulators of slot 3", "counter synops"."""
    got: int
    wanted: int

    def __str__(self) -> str:
        where = "" if self.neuron is None else f"neuron {self.neuron}, "
        return f"step {self.step}, {where}{self.field}: {self.got}, not {self.wanted}"


def first_of(
    field: str, first: int, got: Iterable[IntArray], wanted: Iterable[IntArray], *, of: str = "neuron"
) -> Difference | None:
    """The first difference of a field, which has one array for each step.

    Args:
        field: its name.
        first: number of the first step.
        got: of each step, shape () or (neurons,) or (slots, neurons).
        wanted: the same of the other run, which has as many steps.
        of: what has a value of the field each.
    """
    for step, (mine, theirs) in enumerate(zip(got, wanted, strict=True), start=first):
        if not np.array_equal(mine, theirs):
            at = tuple(np.argwhere(np.asarray(mine != theirs))[0].tolist())
            where = [f" of slot {at[0]}"] if len(at) == 2 else []
            where += [f" of {of} {at[-1]}"] if at and of != "neuron" else []
            return Difference(
                step=step,
                neuron=at[-1] if at and of == "neuron" else None,
                field=field + "".join(where),
                got=int(mine[at]),
                wanted=int(theirs[at]),
            )
    return None


def first_spike(got: IntArray, wanted: IntArray) -> Difference | None:
    """The first step, in it the first neuron, that spiked in one run more often than in the other.

    Args:
        got: step and neuron of every spike, shape (spikes, 2).
        wanted: the same of the other run.
    """
    both = np.concatenate((got, wanted))
    pairs, which = np.unique(both, axis=0, return_inverse=True)
    counts = np.bincount(which.ravel() * 2 + np.repeat([0, 1], [len(got), len(wanted)]), minlength=2 * len(pairs))
    times = counts.reshape(-1, 2)
    wrong = np.flatnonzero(times[:, 0] != times[:, 1])
    if not wrong.size:
        return None
    (step, neuron), (mine, theirs) = pairs[wrong[0]].tolist(), times[wrong[0]].tolist()
    return Difference(step=step, neuron=neuron, field="spike", got=mine, wanted=theirs)


def in_order(found: Sequence[Difference | None]) -> list[Difference]:
    """Those that are some, the earliest first; of one step in the order given."""
    return sorted((difference for difference in found if difference), key=lambda difference: difference.step)
