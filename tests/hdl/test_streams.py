"""Merging of streams: nothing lost, doubled or overtaken."""

import random

import pytest

from ganglion.hdl.streams import Merge
from tests.hdl.simulate import Simulation, Stalls, stalls_of

FIRST = 1 << 7
"""Marks items of the first stream."""


def rtl_merge(first: list[int], second: list[int], stalls: Stalls) -> tuple[list[int], int]:
    """What comes out, and the cycle of the last transfer."""
    dut = Merge(8)
    simulation = Simulation(dut)
    simulation.source(dut.first, first, stalls.sequence(stalls.source, "first"))
    simulation.source(dut.second, second, stalls.sequence(stalls.source, "second"))
    out = simulation.sink(dut.o, stalls.sequence(stalls.sink, "o"))
    transfers = simulation.record(dut.o.valid & dut.o.ready)
    simulation.run()
    return out, transfers[-1][0]


@pytest.mark.parametrize("seed", range(12))
def test_each_stream_keeps_its_order(seed: int) -> None:
    rng = random.Random(seed)
    first = [FIRST | rng.randrange(128) for _ in range(rng.randrange(100))]
    second = [rng.randrange(128) for _ in range(rng.randrange(1, 100))]
    out, _ = rtl_merge(first, second, stalls_of(seed))
    assert ([x for x in out if x & FIRST], [x for x in out if not x & FIRST]) == (first, second), f"seed {seed}"


def test_the_first_goes_first_and_no_cycle_is_lost() -> None:
    first, second = [FIRST + k for k in range(20)], list(range(30))
    out, cycle = rtl_merge(first, second, Stalls(0))
    assert out == first + second
    assert cycle == len(out) + 1
