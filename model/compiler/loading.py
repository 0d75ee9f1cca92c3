"""The packets that load a whole chip: rows that are the same in several cores are sent once, to all."""

from collections.abc import Collection

import numpy as np

from ganglion.model.compiler.image import Image
from ganglion.model.compiler.layout import Content
from ganglion.model.spec import packet_arrays
from ganglion.model.spec.arrays import BoolArray, IntArray
from ganglion.model.spec.memories import Memory
from ganglion.model.spec.packet_arrays import Chunks, Words
from ganglion.model.spec.tree import route_of, route_to


def loading_packets(image: Image, only: Collection[Memory] = tuple(Memory)) -> Words:
    """The WRITE packets that load every core, in order; shape (packets,).

    For every row of a memory, all cores get what most of them must hold, where that are two or more; then each core
    gets the rows in which it differs. A row of SYNAPSES that a core does not use may be written on the way; no row of
    its axon table leads there. CLEAR comes last, as in `Image.packets`.

    Args:
        image: what to load.
        only: the memories to write.
    """
    if image.params.cores == 1:
        return image.packets(only=only)
    levels = image.params.levels
    everyone = route_of((1 << size) - 1 for size in levels)
    packets = []
    for memory in (memory for memory in image.cores[0].memories if memory in only):
        contents = [core.memories[memory] for core in image.cores]
        shared, differs = _shared(contents)
        first = contents[0].first
        for rows, source in shared:
            packets.append(packet_arrays.writes(memory, first + rows, contents[source].chunks[rows], everyone))
        for core, content in enumerate(contents):
            rows = np.flatnonzero(differs[core, : len(content.chunks)])
            packets.append(packet_arrays.writes(memory, first + rows, content.chunks[rows], route_to(levels, core)))
    return np.concatenate(packets)


def differing_rows(old: Image, new: Image, memory: Memory) -> tuple[IntArray, IntArray, Chunks]:
    """The rows of a memory that an image has otherwise than another of the same placement, or alone.

    Returns:
        row and core of each, shape (rows,), and its content, shape (rows, chunks).
    """
    rows, cores, chunks = [], [], []
    for core, (before, after) in enumerate(zip(old.cores, new.cores, strict=True)):
        was, now = before.memories[memory].chunks, after.memories[memory].chunks
        both = min(len(was), len(now))
        changed = np.ones(len(now), dtype=bool)
        changed[:both] = (was[:both] != now[:both]).any(axis=1)
        rows.append(after.memories[memory].first + np.flatnonzero(changed))
        cores.append(np.full(rows[-1].size, core))
        chunks.append(now[changed])
    return np.concatenate(rows), np.concatenate(cores), np.concatenate(chunks)


def _shared(contents: list[Content]) -> tuple[list[tuple[IntArray, int]], BoolArray]:
    """Rows that two or more cores hold alike, and which rows each core must get by itself.

    Returns:
        Rows, ascending, with the core whose content is the common one; and a mask of shape (cores, most rows).
    """
    cores = len(contents)
    most = max(len(content.chunks) for content in contents)
    rows = np.concatenate([np.arange(len(content.chunks)) for content in contents])
    owner = np.repeat(np.arange(cores), [len(content.chunks) for content in contents])
    words = np.concatenate([content.chunks for content in contents]).astype(np.int64)
    # Equal rows get equal numbers: those of the same row and the same chunks.
    order = np.lexsort((owner, *words.T, rows))
    new = np.ones(order.size, dtype=bool)
    if order.size:
        table = np.column_stack((rows, words))[order]
        new[1:] = (table[1:] != table[:-1]).any(axis=1)
    group = np.cumsum(new) - 1
    count = np.bincount(group)
    head = order[new]

    # Of the groups of a row the largest one; the first of them where several are.
    ranked = np.lexsort((np.arange(count.size), -count, rows[head]))
    leads = ranked[np.diff(rows[head][ranked], prepend=-1) != 0]
    leads = leads[count[leads] > 1]
    differs = np.zeros((cores, most), dtype=bool)
    differs[owner, rows] = True
    alike = np.isin(group, leads)
    differs[owner[order[alike]], rows[order[alike]]] = False
    common_rows, common_owner = rows[head[leads]], owner[head[leads]]
    return [(common_rows[common_owner == core], core) for core in np.unique(common_owner).tolist()], differs
