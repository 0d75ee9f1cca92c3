"""Where neurons sit."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ganglion.model.spec.errors import PlacementError
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import IntArray


@dataclass(frozen=True, eq=False)
class Places:
    """Where each of a list of things sits: both int64 of shape (things,)."""

    core: IntArray
    """Core, from 0; -1 where the thing is nowhere."""
    row: IntArray
    """Row of that core's memory; -1 where the thing is nowhere."""


def place_neurons(neurons: int, params: Params, order: npt.ArrayLike | None = None) -> Places:
    """A row of core 0 for each neuron: its own number, or what `order` says.

    The rows may lie beyond the core's: whether the network fits is asked later, for all resources at once.

    Args:
        neurons: how many there are.
        params: the chip.
        order: the row of each neuron, shape (neurons,), each row at most once.

    Raises:
        PlacementError: `order` has another shape, a row that the core does not have, or a row twice.
    """
    if order is None:
        rows = np.arange(neurons, dtype=np.int64)
    else:
        rows = np.asarray(order)
        if rows.dtype.kind not in "iu" or rows.shape != (neurons,):
            raise PlacementError(
                f"order must be one row per neuron, integers of shape ({neurons},), not {rows.dtype} of {rows.shape}"
            )
        rows = rows.astype(np.int64)
        wrong = np.flatnonzero((rows < 0) | (rows >= params.neurons))
        if wrong.size:
            raise PlacementError(
                f"order puts neuron {wrong[0]} in row {rows[wrong[0]]}; a core has rows 0 to {params.neurons - 1}"
            )
        counts = np.bincount(rows)
        if counts.max(initial=0) > 1:
            twice = int(counts.argmax())
            raise PlacementError(f"order puts {counts[twice]} neurons in row {twice}: {np.flatnonzero(rows == twice)}")
    return Places(core=np.zeros(neurons, dtype=np.int64), row=rows)
