"""A snapshot of a chip: all that its network remembers, as rows of its memories, read through packets."""

import numpy as np

from ganglion.model.spec import packet_arrays
from ganglion.model.spec.memories import Memory, state_memories
from ganglion.model.spec.packet_arrays import Chunks, Words
from ganglion.model.spec.params import Params
from ganglion.model.spec.tree import route_to


def snapshot_reads(params: Params) -> Words:
    """The READ packets of a snapshot: memory by memory, core by core, row by row."""
    routes = [route_to(params.levels, core) for core in range(params.cores)]
    return np.concatenate(
        [
            packet_arrays.reads(memory, np.arange(spec.rows), spec.layout.chunks, route)
            for memory, spec in state_memories(params).items()
            for route in routes
        ]
    )


def snapshot_rows(params: Params, data: Chunks) -> dict[Memory, Chunks]:
    """The memories of several snapshots, each of shape (snapshots, cores, rows, chunks).

    Args:
        params: the chip.
        data: of the replies to `snapshot_reads`, one snapshot after another.
    """
    shapes = {memory: (params.cores, spec.rows, spec.layout.chunks) for memory, spec in state_memories(params).items()}
    bounds = np.cumsum([np.prod(shape) for shape in shapes.values()])
    parts = np.split(data.reshape(-1, bounds[-1]), bounds[:-1], axis=1)
    return {memory: part.reshape(-1, *shape) for (memory, shape), part in zip(shapes.items(), parts, strict=True)}
