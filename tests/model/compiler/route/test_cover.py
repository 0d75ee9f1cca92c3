"""Covers of sets of cores: disjoint, complete, and the fewest boxes there are."""

from functools import cache
from itertools import product
from math import prod

import numpy as np
import pytest

from ganglion.model.compiler.route.cover import Box, cover, halves
from ganglion.model.spec.tree import cores_of, route_of

SMALL = [(), (1,), (2,), (3,), (4,), (4, 2), (3, 3), (2, 2, 2), (2, 1, 4)]
SIXTEEN = [(4, 4), (2, 2, 2, 2), (4, 2, 2)]
LARGE = [(4, 4, 4), (4, 4, 2), (4, 4, 4, 4)]


def as_set(cores: int) -> set[int]:
    return {core for core in range(cores.bit_length()) if cores >> core & 1}


def is_cover(levels: tuple[int, ...], boxes: tuple[Box, ...], cores: int) -> bool:
    """Whether each core of the set, and no other, is in exactly one box, by the specification's own routes."""
    reached = [core for box in boxes for core in cores_of(levels, box.route)]
    assert reached == [core for box in boxes for core in box.cores]
    return len(reached) == len(set(reached)) and set(reached) == as_set(cores)


def fewest(levels: tuple[int, ...]) -> dict[int, int]:
    """The least number of disjoint boxes for every set of cores: sets that take 1 box, then 2, and so on."""
    masks = product(*(range(1, 1 << size) for size in levels))
    boxes = {sum(1 << core for core in cores_of(levels, route_of(m))) for m in masks}
    least, found = {0: 0}, [0]
    for count in range(1, prod(levels) + 1):
        found = sorted({cores | box for cores in found for box in boxes if not cores & box} - least.keys())
        least |= dict.fromkeys(found, count)
    return least


@pytest.mark.parametrize("levels", SMALL, ids=str)
def test_small_chips_get_the_fewest_boxes_for_every_set(levels: tuple[int, ...]) -> None:
    least = fewest(levels)
    assert len(least) == 1 << prod(levels)
    for cores, count in least.items():
        boxes = cover(levels, cores)
        assert is_cover(levels, boxes, cores)
        assert len(boxes) == count, f"{levels}, cores {sorted(as_set(cores))}"


@pytest.mark.parametrize("levels", SIXTEEN, ids=str)
def test_sixteen_cores_get_the_fewest_boxes(levels: tuple[int, ...]) -> None:
    """Of random sets: no cover with one box less exists, by a search that only counts."""
    boxes = [
        sum(1 << core for core in cores_of(levels, route_of(m)))
        for m in product(*(range(1, 1 << size) for size in levels))
    ]
    by_lowest: dict[int, list[int]] = {}
    for box in boxes:
        by_lowest.setdefault(box & -box, []).append(box)

    @cache
    def possible(cores: int, count: int) -> bool:
        if not cores or not count:
            return not cores
        return any(possible(cores ^ b, count - 1) for b in by_lowest[cores & -cores] if not b & ~cores)

    rng = np.random.default_rng(1)
    for cores in rng.integers(1, 1 << 16, 150).tolist():
        found = cover(levels, cores)
        assert is_cover(levels, found, cores)
        assert not possible(cores, len(found) - 1), f"{levels}, cores {sorted(as_set(cores))}"


@pytest.mark.parametrize("levels", LARGE, ids=str)
def test_large_chips_get_covers_that_are_right_and_few(levels: tuple[int, ...]) -> None:
    """Any box is one box; a union of random ones takes no more boxes than cutting the tree at its top does."""
    rng = np.random.default_rng(2)
    size = prod(levels)
    below = prod(levels[:-1])
    for seed in range(60):
        boxes = [route_of(int(rng.integers(1, 1 << s)) for s in levels) for _ in range(1 + seed % 3)]
        cores = sum(1 << core for core in {core for route in boxes for core in cores_of(levels, route)})
        if seed % 5 == 4:
            cores = int.from_bytes(rng.bytes(size // 8), "little")
        found = cover(levels, cores)
        assert is_cover(levels, found, cores)
        children = [cores >> below * k & (1 << below) - 1 for k in range(levels[-1])]
        assert len(found) <= sum(len(cover(levels[:-1], child)) for child in children)
        if len(boxes) == 1 and seed % 5 != 4:
            assert [box.route for box in found] == boxes


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 1, 0)], ids=str)
def test_large_chips_are_sliced_at_the_level_that_does_best(order: tuple[int, int, int]) -> None:
    """Two boxes that overlap in two levels and differ in the third, whichever of the three levels that is."""
    levels = (4, 4, 4)
    routes = []
    for masks in ((0b0001, 0b0011, 0b0011), (0b0010, 0b1110, 0b0110)):
        routes.append(route_of([masks[k] for k in order]))
    cores = sum(1 << core for route in routes for core in cores_of(levels, route))
    assert sorted(box.route for box in cover(levels, cores)) == sorted(routes)


def test_halves_are_the_whole() -> None:
    levels = (4, 2, 3)
    for masks in product(range(1, 16), range(1, 4), range(1, 8)):
        (box,) = cover(levels, sum(1 << core for core in cores_of(levels, route_of(masks))))
        if len(box.cores) > 1:
            one, other = halves(levels, box)
            assert is_cover(levels, (one, other), sum(1 << core for core in box.cores))
