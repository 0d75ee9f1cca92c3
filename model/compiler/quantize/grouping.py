"""Fewer neuron types than a network has: decays that are near each other become one."""

import numpy as np

from ganglion.model.spec.arrays import IntArray

MOST = 2000
"""Distinct rows that are compared pair by pair; more are first brought together on a coarser scale."""


def grouped(rows: IntArray, decays: tuple[int, ...], limit: int) -> IntArray | None:
    """Rows of which no more than `limit` are distinct, with decays moved and all else as it was.

    Decays are compared by their logarithms, since it is the relative error that a time constant has, and joined so that
    the sum of squares within the groups grows least (Ward 1963, "Hierarchical Grouping to Optimize an Objective
    Function"). Each group gets the mean of its neurons. No leak stays no leak.

    Args:
        rows: one per neuron, shape (neurons, columns).
        decays: which columns are decays, in units of 2^-decay_bits, or -1 for none.
        limit: rows to be left.

    Returns:
        the new rows; None where what are no decays are too many by themselves.
    """
    from scipy.cluster.hierarchy import fcluster, linkage  # seldom needed, and long to load

    distinct, of = np.unique(rows, axis=0, return_inverse=True)
    of = of.ravel()
    fixed = distinct.copy()
    fixed[:, decays] = np.sign(fixed[:, decays])
    kinds, kind = np.unique(fixed, axis=0, return_inverse=True)
    if len(kinds) > limit:
        return None
    place = np.log2(np.maximum(distinct[:, decays], 1))
    if len(distinct) > MOST:
        cells = np.round(place * 64).astype(np.int64)
        distinct, of, kind, place = _coarser(distinct, of, kind.ravel(), cells, place)
    # Kinds are so far apart that none are joined before all of one kind are.
    apart = 1e6 * np.arange(len(kinds))[kind.ravel(), np.newaxis]
    group = fcluster(linkage(np.hstack([place, apart]), "ward"), limit, "maxclust")[of]
    result = rows.copy()
    for number in np.unique(group):
        members = group == number
        for column in decays:
            result[members, column] = np.rint(rows[members, column].mean())
    return result


def _coarser(
    distinct: IntArray,
    of: IntArray,
    kind: IntArray,
    cells: IntArray,
    place: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
) -> tuple[IntArray, IntArray, IntArray, np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
    """One row for all that share a cell and a kind."""
    _, first, where = np.unique(np.hstack([kind[:, np.newaxis], cells]), axis=0, return_index=True, return_inverse=True)
    return distinct[first], where.ravel()[of], kind[first], place[first]
