"""The names of instances, as netlists, Verilog and waveforms have them: who looks for a part of the chip asks here."""

import re
from collections.abc import Sequence

from ganglion.model.spec.memories import Memory

CHIP = "chip"
"""The module of a whole chip."""

CORE = "core"
"""The module of a core."""

TREE = "tree"
"""What stands below the port of the host, in a chip."""


def cluster(level: int) -> str:
    """The module of a cluster of a level; that of level 0 is a core."""
    return f"cluster_{level}" if level else CORE


def child(k: int) -> str:
    """A core or a cluster, in the cluster above it."""
    return f"child_{k}"


def lane(k: int) -> str:
    """A lane, in its core."""
    return f"lane_{k}"


def core_path(places: Sequence[int]) -> tuple[str, ...]:
    """From the chip to a core.

    Args:
        places: which child it is at each level, lowest level first, as `ganglion.model.spec.tree.places_in` has it.
    """
    return (TREE, *(child(k) for k in reversed(places)))


def owner_of(path: str) -> tuple[int, int | None] | None:
    """The core of what has this path in a chip of one level, and its lane, where it is in one; None is no core."""
    owner = re.search(r"\bchild_(\d+)\.(?:lane_(\d+)\.)?", path)
    return (int(owner[1]), int(owner[2]) if owner[2] else None) if owner else None


def memory_path(memory: Memory, part: int) -> tuple[str, ...]:
    """From a core to the module that holds a part of a memory by which networks remember, and no other memory.

    Args:
        memory: such a memory.
        part: the lane, where the memory is divided among them.
    """
    return {
        Memory.STATE: (lane(part), "neurons", "state"),
        Memory.ACCUMULATORS: (lane(part), "accumulators", "ram"),
        Memory.RECEPTOR: (lane(part), "receptor", "ram"),
        Memory.SYNAPSES: (lane(part), "synapses", "store"),
        Memory.TAGS: (lane(part), "tags", "store"),
        Memory.PRE: ("learning", "pre", "pre"),
    }[memory]
