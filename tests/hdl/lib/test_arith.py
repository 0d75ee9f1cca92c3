"""Arithmetic on signals against its twins on integers, for every number of small widths."""

from collections.abc import Sequence

import pytest
from amaranth.hdl import Signal, signed, unsigned

from ganglion.hdl.lib import arith
from ganglion.model.spec import arithmetic
from tests.hdl.simulate import evaluate

WIDTHS = range(2, 9)


def every(bits: int) -> Sequence[tuple[int]]:
    return [(value,) for value in range(-(1 << (bits - 1)), 1 << (bits - 1))]


@pytest.mark.parametrize("name", ["saturate", "wrap"])
@pytest.mark.parametrize("bits", WIDTHS)
def test_narrows_as_the_specification_does(name: str, bits: int) -> None:
    value = Signal(signed(bits))
    targets = range(2, bits + 1)
    rtl = evaluate([value], [getattr(arith, name)(value, target) for target in targets], every(bits))
    assert rtl == [[getattr(arithmetic, name)(v, target) for target in targets] for (v,) in every(bits)]


@pytest.mark.parametrize("bits", WIDTHS)
def test_a_narrow_number_saturates_to_itself(bits: int) -> None:
    value = Signal(signed(bits))
    assert evaluate([value], [arith.saturate(value, bits + 3)], every(bits)) == [list(v) for v in every(bits)]


@pytest.mark.parametrize("bits", range(1, 7))
def test_below_compares(bits: int) -> None:
    number = Signal(unsigned(bits))
    limits, numbers = range(1, (1 << bits) + 1), range(1 << bits)
    rtl = evaluate([number], [arith.below(number, limit) for limit in limits], [(n,) for n in numbers])
    assert rtl == [[n < limit for limit in limits] for n in numbers]
