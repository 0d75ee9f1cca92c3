"""Many packets at once, as arrays of 64-bit words. The fields are those of `ganglion.model.spec.packets`."""

import numpy as np
import numpy.typing as npt

from ganglion.model.spec.arrays import BoolArray, IntArray
from ganglion.model.spec.formats import Layout
from ganglion.model.spec.memories import Memory
from ganglion.model.spec.packets import ACCESS, AXON_BITS, SPIKE, Kind, Scope

Words = npt.NDArray[np.uint64]
"""Packets."""

Chunks = npt.NDArray[np.uint16]
"""Rows of a memory in chunks; the last axis is over the chunks of a row, least significant first."""


def spikes(axons: npt.ArrayLike, routes: npt.ArrayLike = 0) -> Words:
    """SPIKE packets to the chip, one per axon."""
    return _pack(SPIKE, kind=Kind.SPIKE, axon=axons, route=routes)


def writes(memory: Memory, rows: npt.ArrayLike, chunks: Chunks, routes: npt.ArrayLike = 0) -> Words:
    """WRITE packets for whole rows.

    Args:
        memory: which memory of the core.
        rows: shape (rows,).
        chunks: shape (rows, chunks), least significant chunk first.
        routes: to the cores; one for all rows, or one for each.
    """
    places = _chunks_of(rows, chunks.shape[1], routes)
    return _pack(ACCESS, kind=Kind.WRITE, memory=memory, data=chunks.ravel(), **places)


def reads(memory: Memory, rows: npt.ArrayLike, count: int, routes: npt.ArrayLike = 0) -> Words:
    """READ packets for whole rows of `count` chunks of cores or routers; the replies' data, reshaped to (rows, count),
    are the chunks. `routes` as for `writes`."""
    return _pack(ACCESS, kind=Kind.READ, memory=memory, **_chunks_of(rows, count, routes))


def _chunks_of(rows: npt.ArrayLike, count: int, routes: npt.ArrayLike) -> dict[str, npt.NDArray[np.uint64]]:
    """Route, row and chunk of each packet for whole rows of `count` chunks."""
    row = np.asarray(rows, dtype=np.uint64)
    route = np.broadcast_to(np.asarray(routes, dtype=np.uint64), row.shape)
    chunk = np.tile(np.arange(count, dtype=np.uint64), row.size)
    return {"route": np.repeat(route, count), "row": np.repeat(row, count), "chunk": chunk}


def kinds(words: Words) -> IntArray:
    """The kind of each packet."""
    return unpack(SPIKE, "kind", words)


def is_output(words: Words) -> BoolArray:
    """Which packets are spikes for the host."""
    outputs: BoolArray = (kinds(words) == Kind.SPIKE) & (unpack(SPIKE, "scope", words) == Scope.HOST)
    return outputs


def output_of(words: Words) -> IntArray:
    """The number of the output that each spike for the host is of."""
    return unpack(SPIKE, "axon", words) | unpack(SPIKE, "route", words) << AXON_BITS


def unpack(layout: Layout, name: str, words: Words) -> IntArray:
    """One unsigned field of many words."""
    shift, mask = layout.places[name]
    return ((words >> shift) & mask).astype(np.int64)


def _pack(layout: Layout, **columns: npt.ArrayLike) -> Words:
    words = np.zeros((), dtype=np.uint64)
    for name, column in columns.items():
        shift, mask = layout.places[name]
        words = words | ((np.asarray(column).astype(np.uint64) & mask) << shift)
    return words
