"""The tree of routers: levels, cores and links."""

import pytest

from ganglion.model.spec.errors import ParamsError
from ganglion.model.spec.params import Params, levels_for


@pytest.mark.parametrize(("levels", "cores"), [((), 1), ((3,), 3), ((4, 2), 8), ((4, 4, 4, 4), 256)])
def test_cores_are_the_product_of_the_levels(levels: tuple[int, ...], cores: int) -> None:
    assert Params(levels=levels).cores == cores
    assert levels_for(cores) == levels


@pytest.mark.parametrize("levels", [(5,), (0,), (1, 1, 1, 1, 1), 4, "44", (2.0,), ([2],)], ids=str)
def test_levels_that_no_tree_has_are_refused(levels: object) -> None:
    with pytest.raises(ParamsError, match="levels must be a tuple of up to 4 numbers from 1 to 4, not"):
        Params(levels=levels)  # type: ignore[arg-type]


def test_links_are_as_wide_as_packets_divide() -> None:
    with pytest.raises(ParamsError, match="link_bits must be 8, 16, 32 or 64, not 24"):
        Params(link_bits=24)


@pytest.mark.parametrize(("cores", "near"), [(0, 1), (5, 4), (511, 256)])
def test_a_count_of_cores_that_no_tree_has_is_told_the_nearest(cores: int, near: int) -> None:
    with pytest.raises(ParamsError, match=f"no tree of routers has {cores} cores; {near} is the nearest"):
        levels_for(cores)
