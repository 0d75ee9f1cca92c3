"""Which rows are sparse and which dense: the cheapest split in words, or one that was asked for."""

from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from ganglion.model.compiler.layout import Rows, Synapses
from ganglion.model.compiler.pack.kinds import full_planes, only_full
from ganglion.model.compiler.pack.rows import EmptyRows, build_rows, planes
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import PlacementError
from ganglion.model.spec.params import Params

Encoding = Literal["auto", "fast", "sparse", "dense", "random"]


@dataclass(frozen=True, eq=False)
class Split:
    """One way to split the synapses of every source into rows, and what it costs per source."""

    segment: IntArray
    """Shape (synapses,), as in `ganglion.model.compiler.pack.rows`."""
    rows: IntArray
    """Rows of the axon table, shape (sources,)."""
    words: IntArray
    """Words of synapse memory, shape (sources,)."""
    cycles: IntArray
    """Cycles that an event takes to walk its rows, shape (sources,)."""


def check_encoding(encoding: str, rng: np.random.Generator | None) -> None:
    """Whether there is such an encoding, and chance for "random".

    Raises:
        PlacementError: there is not.
    """
    if encoding not in get_args(Encoding):
        raise PlacementError(f"encoding must be one of {', '.join(get_args(Encoding))}, not {encoding!r}")
    if encoding == "random" and rng is None:
        raise PlacementError('encoding "random" needs rng, such as numpy.random.default_rng(seed)')


def encode(
    synapses: Synapses,
    sources: IntArray,
    params: Params,
    encoding: Encoding = "auto",
    rng: np.random.Generator | None = None,
    axons: int | None = None,
) -> Rows:
    """The rows of all sources.

    "sparse" is one sparse row per source; "dense" is one dense row per plane (source and delay); "auto" takes for each
    source the fewest words, and where that needs more rows than the axon table has, goes back to single rows where it
    costs least; "fast" takes for each source the fewest cycles, and of these the fewest words, and where that needs
    more of the core than there is, goes back to what "auto" takes where it costs least; "random" takes any split that
    fits the memories where "auto" does.

    Where synapses are of several kinds, each kind of a source is laid out as if it were a source. Dense rows of a rule
    have a synapse in every lane of every group; what of a plane does not fill such rows is sparse.

    Args:
        synapses: the synapses of the core.
        sources: the sources that need a row, ascending; all sources of synapses, and more.
        params: the chip.
        encoding: see above.
        rng: the chance of "random".
        axons: rows that "auto" and "fast" may take where fewer would do; None is all that the core has.

    Raises:
        PlacementError: no such encoding, or "random" without `rng`.
    """
    check_encoding(encoding, rng)
    kinds = len(synapses.kinds)
    apart = replace(synapses, source=synapses.source * kinds + synapses.kind)
    idle = np.setdiff1d(sources, synapses.source) * kinds
    rows = _encode(apart, np.union1d(apart.source, idle), params, encoding, rng, axons)
    return replace(rows, source=rows.source // kinds, kind=np.where(rows.words > 0, rows.source % kinds, 0))


def _encode(
    synapses: Synapses,
    sources: IntArray,
    params: Params,
    encoding: Encoding,
    rng: np.random.Generator | None,
    axons: int | None,
) -> Rows:
    """`encode`, where the synapses of a source are of one kind."""
    idle = np.setdiff1d(sources, synapses.source)
    empty = EmptyRows(idle, np.zeros(idle.size, dtype=np.int64))

    def split(segment: IntArray, empty: EmptyRows = empty) -> Split:
        rows = build_rows(synapses, segment, empty, params)
        size = int(sources.max(initial=-1)) + 1
        words, cycles = (
            np.bincount(rows.source, weights=weights, minlength=size).astype(np.int64)
            for weights in (rows.words, np.maximum(1, rows.length))
        )
        return Split(segment, np.bincount(rows.source, minlength=size), words, cycles)

    sparse = np.zeros(synapses.count, dtype=np.int64)
    if encoding == "sparse":
        return build_rows(synapses, sparse, empty, params)
    plane = full_planes(synapses, planes(synapses, params), params)

    def allowed(segment: IntArray) -> IntArray:
        return only_full(synapses, segment, params)

    if encoding == "dense":
        return build_rows(synapses, allowed(plane + 1), empty, params)

    def pays(size: int) -> list[Split]:
        parts = (plane, _runs(synapses, plane, params, size))
        return [split(allowed(_where_dense_pays(synapses, part, params, size))) for part in parts]

    splits = [split(sparse), split(allowed(plane + 1)), *pays(params.beats)]
    room = params.axons if axons is None else axons
    choice = _cheapest(splits, room)
    if encoding == "fast":
        splits += pays(params.stride)
        return build_rows(synapses, _chosen(splits, _fastest(splits, choice, room, params), synapses), empty, params)
    if encoding == "auto" or rng is None:
        return build_rows(synapses, _chosen(splits, choice, synapses), empty, params)

    stray = sources[rng.random(sources.size) < 1 / 8]
    gaps = EmptyRows(np.concatenate((idle, stray)), np.concatenate((empty.segment, np.full(stray.size, EMPTY_SEGMENT))))
    splits.append(split(allowed(_random(synapses, plane, rng)), gaps))
    choice = _any_that_fits(splits, choice, params, rng)
    kept = np.isin(gaps.source, idle) & (gaps.segment == 0) | (choice[gaps.source] == len(splits) - 1)
    empty = EmptyRows(gaps.source[kept], gaps.segment[kept])
    return build_rows(synapses, _chosen(splits, choice, synapses), empty, params, shuffle=rng)


SPARSE_SEGMENTS = 2
"""Sparse rows that a random split makes of a source."""

EMPTY_SEGMENT = -SPARSE_SEGMENTS
"""Segment of the empty rows that a random split adds: no synapse has it."""


def _runs(synapses: Synapses, plane: IntArray, params: Params, size: int) -> IntArray:
    """Runs of as many groups as one word or one cycle takes in a dense row, which are at least as good dense as sparse;
    all others are runs of their own.

    Args:
        synapses: those of a core.
        plane: number of the plane of each, shape (synapses,).
        params: the chip, of which groups and lanes matter.
        size: groups of a word, or of a cycle.
    """
    bins = -(-params.groups // size)
    key, inverse, count = np.unique(plane * bins + synapses.group // size, return_inverse=True, return_counts=True)
    full = count >= params.lanes
    joined = np.zeros(key.size, dtype=bool)
    joined[1:] = full[1:] & full[:-1] & (np.diff(key) == 1) & (key[1:] // bins == key[:-1] // bins)
    runs: IntArray = np.cumsum(~joined)[inverse]
    return runs


def _where_dense_pays(synapses: Synapses, part: IntArray, params: Params, size: int) -> IntArray:
    """The split in which each part is a dense row where that takes fewer words, or cycles, than its share of a sparse
    row. Arguments as for `_runs`."""
    _, number, count = np.unique(part, return_inverse=True, return_counts=True)
    first = np.full(count.size, np.iinfo(np.int64).max)
    last = np.full(count.size, -1, dtype=np.int64)
    np.minimum.at(first, number, synapses.group)
    np.maximum.at(last, number, synapses.group)
    taken = -(-(last + 1 - first // params.stride * params.stride) // size)
    pays = taken * params.lanes < count
    dense: IntArray = np.where(pays[number], number + 1, 0)
    return dense


def _random(synapses: Synapses, plane: IntArray, rng: np.random.Generator) -> IntArray:
    """A split of each plane, cut anywhere, into dense rows and entries of sparse rows."""
    order = np.lexsort((synapses.group, plane))
    often = rng.uniform(0, 0.5, size=int(plane.max(initial=0)) + 1)
    cut = rng.random(plane.size) < often[plane[order]]
    cut |= np.diff(plane[order], prepend=-1) != 0
    piece = np.cumsum(cut)
    sparse = -rng.integers(SPARSE_SEGMENTS, size=plane.size)
    segment = np.empty(plane.size, dtype=np.int64)
    segment[order] = np.where((rng.random(plane.size + 1) < 0.5)[piece], piece, sparse)
    return segment


def _cheapest(splits: list[Split], axons: int) -> IntArray:
    """For each source the split of fewest words, and of fewest rows among these, as far as the axon table allows."""
    rows, words = np.stack([s.rows for s in splits]), np.stack([s.words for s in splits])
    source = np.arange(rows.shape[1])
    best: IntArray = (words * (int(rows.max(initial=0)) + 1) + rows).argmin(axis=0)
    short = (rows * (int(words.max(initial=0)) + 1) + words).argmin(axis=0)
    saved = rows[best, source] - rows[short, source]
    over = int(rows[best, source].sum()) - axons
    if over <= 0:
        return best
    can = np.flatnonzero(saved)
    price = (words[short, source] - words[best, source])[can] / saved[can]
    can = can[np.argsort(price, kind="stable")]
    give = can[: int(np.searchsorted(np.cumsum(saved[can]), over)) + 1]
    best[give] = short[give]
    return best


def _fastest(splits: list[Split], frugal: IntArray, axons: int, params: Params) -> IntArray:
    """For each source the split of fewest cycles, and of fewest words among these, as far as the memories allow.

    Args:
        splits: those to choose from.
        frugal: the choice of fewest words, to which sources go back that gain least by what they take.
        axons: rows that may be taken.
        params: the chip.
    """
    rows, words, cycles = (np.stack([getattr(s, name) for s in splits]) for name in ("rows", "words", "cycles"))
    source = np.arange(frugal.size)
    size = int(max(words.max(initial=0), rows.max(initial=0))) + 1
    best: IntArray = ((cycles * size + words) * size + rows).argmin(axis=0)
    gained = (cycles[frugal, source] - cycles[best, source]).astype(float)
    for costs, available in ((words, params.synapse_words), (rows, axons)):
        taken = costs[best, source] - costs[frugal, source]
        over = int(costs[best, source].sum()) - available
        can = np.flatnonzero((taken > 0) & (best != frugal))
        can = can[np.argsort(gained[can] / taken[can], kind="stable")]
        give = can[: int(np.searchsorted(np.cumsum(taken[can]), over)) + 1] if over > 0 else can[:0]
        best[give] = frugal[give]
    return best


def _any_that_fits(splits: list[Split], safe: IntArray, params: Params, rng: np.random.Generator) -> IntArray:
    """A random split for as many sources, in random order, as the memories allow; the safe one for the rest."""
    source = rng.permutation(safe.size)
    wish = rng.integers(len(splits), size=safe.size)
    fits = np.ones(safe.size, dtype=bool)
    for costs, available in (
        (np.stack([s.rows for s in splits]), params.axons),
        (np.stack([s.words for s in splits]), params.synapse_words),
    ):
        wanted, least = costs[wish[source], source], costs[safe[source], source]
        fits &= least.sum() + np.cumsum(wanted - least) <= available
    count = int(np.flatnonzero(fits)[-1]) + 1 if fits.any() else 0
    choice = safe.copy()
    choice[source[:count]] = wish[source[:count]]
    return choice


def _chosen(splits: list[Split], choice: IntArray, synapses: Synapses) -> IntArray:
    """The split in which each source has its chosen one; dense segments of different splits never meet in a source."""
    segments = np.stack([s.segment for s in splits])
    chosen: IntArray = segments[choice[synapses.source], np.arange(synapses.count)]
    return chosen
