"""The tree of routers between the cores, and the links between routers."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from ganglion.model.spec.errors import ParamsError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.packets import ROUTE_BITS
from ganglion.model.spec.params.part import Part, whole

RADIX = 4
"""Children of a router, at most: bits of the child mask of a level."""

LEVELS = ROUTE_BITS // RADIX
"""Levels of routers, at most: a route has a child mask for each."""


@dataclass(frozen=True, kw_only=True)
class TreeParams(Part):
    """How many cores there are, and what is between them."""

    levels: tuple[int, ...] = ()
    """Children of each router, level by level from the cores up: () is one core and no router, (4, 4) is 16 cores."""

    link_bits: int = 64
    """Wires of a link between two routers, each way: 8, 16, 32 or 64; a packet takes 64 / link_bits + 1 cycles."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._one_of(link_bits=(8, 16, 32, 64))
        levels = tuple(map(whole, self.levels)) if isinstance(self.levels, Sequence) else None
        if levels is None or len(levels) > LEVELS or not set(levels) <= set(range(1, RADIX + 1)):
            raise ParamsError(
                f"levels must be a tuple of up to {LEVELS} numbers from 1 to {RADIX}, not {self.levels!r}; "
                "levels_for(cores) makes one"
            )
        object.__setattr__(self, "levels", levels)

    @property
    def cores(self) -> int:
        """Cores of the chip."""
        return prod(self.levels)


@explained(ParamsError)
def levels_for(cores: int) -> tuple[int, ...]:
    """The levels of a chip of so many cores, large routers lowest: 8 cores are (4, 2).

    Raises:
        ParamsError: not a product of up to four numbers from 1 to 4; names the nearest count that is.
    """
    if whole(cores) is None:
        raise ParamsError(f"cores must be a whole number from 1, not {cores!r}")
    sizes, rest = [], cores
    for size in range(RADIX, 1, -1):
        while rest > 1 and rest % size == 0:
            sizes.append(size)
            rest //= size
    if cores < 1 or rest > 1 or len(sizes) > LEVELS:
        counts = sorted({prod(c) for c in product(range(1, RADIX + 1), repeat=LEVELS)})
        near = min(counts, key=lambda count: abs(count - cores))
        raise ParamsError(f"no tree of routers has {cores} cores; {near} is the nearest count that one has")
    return tuple(sizes)
