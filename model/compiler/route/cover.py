"""Covering a set of cores with as few routes as can be.

A *box* is what one route reaches: a child mask per level, and all cores whose places lie in all masks. A set of cores
is a number here, bit c for core c. The boxes of a cover are disjoint, since a core that two of them had would get the
same event twice.
"""

from dataclasses import dataclass
from functools import cache
from itertools import product
from math import prod

from ganglion.model.spec.params import RADIX
from ganglion.model.spec.tree import places_in, route_of

Levels = tuple[int, ...]

EXACT_CORES = 16
"""Chips of up to so many cores get the fewest boxes; all their sets of cores are few enough to remember."""


@dataclass(frozen=True)
class Box:
    """The cores that one route reaches."""

    route: int
    """Child masks, lowest level first."""
    cores: tuple[int, ...]
    """The cores, ascending."""


@cache
def cover(levels: Levels, cores: int) -> tuple[Box, ...]:
    """Disjoint boxes that are together a set of cores: the fewest on chips of up to `EXACT_CORES`, else few.

    Args:
        levels: sizes of the routers.
        cores: the set, bit c for core c.
    """
    return tuple(_box(levels, masks) for masks in _masks(levels, cores))


def halves(levels: Levels, box: Box) -> tuple[Box, Box]:
    """A box of several cores cut in two, at the highest level where it branches."""
    masks = [box.route >> RADIX * k & ((1 << size) - 1) for k, size in enumerate(levels)]
    level = max(k for k, mask in enumerate(masks) if mask.bit_count() > 1)
    low = masks[level] & -masks[level]
    one, other = [*masks], [*masks]
    one[level], other[level] = low, masks[level] ^ low
    return _box(levels, tuple(one)), _box(levels, tuple(other))


@cache
def _box(levels: Levels, masks: Levels) -> Box:
    return Box(route_of(masks), tuple(_members(_cores_of(levels, masks))))


def _cores_of(levels: Levels, masks: Levels) -> int:
    """The cores of a box, as a set."""
    cores = 1
    width = 1
    for size, mask in zip(levels, masks, strict=True):
        cores = sum(cores << child * width for child in range(size) if mask >> child & 1)
        width *= size
    return cores


def _members(cores: int) -> list[int]:
    return [core for core in range(cores.bit_length()) if cores >> core & 1]


def _masks(levels: Levels, cores: int) -> tuple[Levels, ...]:
    return _fewest(levels, cores) if prod(levels) <= EXACT_CORES else _by_slices(levels, cores)


@cache
def _fewest(levels: Levels, cores: int) -> tuple[Levels, ...]:
    """The fewest boxes: the lowest core is in one of the boxes it can be in, and the rest is a smaller set."""
    if not cores:
        return ()
    best: tuple[Levels, ...] | None = None
    for masks, members in _boxes_from(levels, (cores & -cores).bit_length() - 1):
        if members & ~cores:
            continue
        rest = _fewest(levels, cores ^ members)
        if best is None or 1 + len(rest) < len(best):
            best = (masks, *rest)
            if not rest:
                break
    assert best is not None, "a single core is a box"
    return best


@cache
def _boxes_from(levels: Levels, lowest: int) -> tuple[tuple[Levels, int], ...]:
    """The boxes whose lowest core is this one, with their cores, large ones first."""
    choices = [
        [1 << child | above << child + 1 for above in range(1 << size - child - 1)]
        for size, child in zip(levels, places_in(levels, lowest), strict=True)
    ]
    boxes = [(masks, _cores_of(levels, masks)) for masks in product(*choices)]
    return tuple(sorted(boxes, key=lambda box: -box[1].bit_count()))


@cache
def _by_slices(levels: Levels, cores: int) -> tuple[Levels, ...]:
    """Few boxes: children of a level that need the same are served together; of all levels the one that does best."""
    covers = []
    for level in range(len(levels)):
        alike: dict[int, int] = {}
        for child, where in enumerate(_slices(levels, level)):
            part = sum(1 << k for k, core in enumerate(where) if cores >> core & 1)
            if part:
                alike[part] = alike.get(part, 0) | 1 << child
        rest = levels[:level] + levels[level + 1 :]
        covers.append(
            tuple(
                (*masks[:level], children, *masks[level:])
                for part, children in alike.items()
                for masks in _masks(rest, part)
            )
        )
    return min(covers, key=len)


@cache
def _slices(levels: Levels, level: int) -> tuple[tuple[int, ...], ...]:
    """For each child of a level, the cores below such a child, in the order of the tree without that level."""
    everything = [(core, places_in(levels, core)[level]) for core in range(prod(levels))]
    return tuple(tuple(core for core, child in everything if child == wanted) for wanted in range(levels[level]))
