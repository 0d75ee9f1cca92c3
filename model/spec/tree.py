"""The tree of routers: which cores a route reaches, and how far a spike climbs to get there.

Core c is child c mod levels[0] of a router of level 1, which is child c // levels[0] mod levels[1] of a router of
level 2, and so on up to the root.
"""

from collections.abc import Iterable, Sequence
from math import prod

from ganglion.model.spec.errors import FormatError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.params import RADIX

ALL = (1 << RADIX) - 1
"""Child mask of all children."""


@explained(FormatError)
def places_in(levels: Sequence[int], core: int) -> tuple[int, ...]:
    """Which child of its router a core is, and that router of its own, level by level from the core up."""
    children = []
    for size in levels:
        core, child = divmod(core, size)
        children.append(child)
    return tuple(children)


@explained(FormatError)
def route_to(levels: Sequence[int], core: int) -> int:
    """The route from the root to one core; 0 in a chip without routers."""
    return route_of([1 << child for child in places_in(levels, core)])


@explained(FormatError)
def route_of(masks: Iterable[int]) -> int:
    """The route with these child masks, lowest level first."""
    return sum(mask << RADIX * k for k, mask in enumerate(masks))


@explained(FormatError)
def route_to_router(levels: Sequence[int], level: int, router: int) -> int:
    """The route from the root to a router itself: masks of the levels above, and none from its own level down.

    Args:
        levels: sizes of the routers.
        level: of the router, from 1.
        router: its number among those of its level; router r has the cores from r * (product of levels up to its own).
    """
    above = places_in(levels[level:], router)
    return route_of([0] * level + [1 << child for child in above])


@explained(FormatError)
def cores_of(levels: Sequence[int], route: int) -> list[int]:
    """The cores that a packet with this route gets to from the root, ascending."""
    masks = [route >> RADIX * k & ALL for k in range(len(levels))]
    return [
        core
        for core in range(prod(levels))
        if all(mask >> child & 1 for mask, child in zip(masks, places_in(levels, core), strict=True))
    ]


@explained(FormatError)
def meeting_level(levels: Sequence[int], cores: Iterable[int]) -> int:
    """Level of the lowest router that has all these cores below it; 0 for a single core."""
    level, left = 0, set(cores)
    for size in levels:
        if len(left) <= 1:
            break
        left, level = {core // size for core in left}, level + 1
    return level
