"""Stream plumbing: nothing lost, doubled or overtaken, and nobody left waiting."""

import random
from collections import Counter

import pytest

from ganglion.hdl.lib.streams import Arbiter, Buffer, Merge
from tests.hdl.simulate import Simulation, Stalls, stalls_of

FIRST = 1 << 7
"""Marks items of the first stream."""


def rtl_buffer(items: list[int], stalls: Stalls) -> tuple[list[int], list[int], list[int]]:
    """What comes out, and the cycles in which something went in and came out."""
    dut = Buffer(8)
    simulation = Simulation(dut)
    simulation.source(dut.i, items, stalls.sequence(stalls.source, "i"))
    out = simulation.sink(dut.o, stalls.sequence(stalls.sink, "o"))
    entering = simulation.record(dut.i.valid & dut.i.ready)
    leaving = simulation.record(dut.o.valid & dut.o.ready)
    simulation.run()
    return out, [cycle for (cycle,) in entering], [cycle for (cycle,) in leaving]


@pytest.mark.parametrize("seed", range(8))
def test_a_buffer_is_a_queue_of_two(seed: int) -> None:
    rng = random.Random(seed)
    items = [rng.randrange(256) for _ in range(150)]
    out, entering, leaving = rtl_buffer(items, stalls_of(seed))
    assert out == items, f"seed {seed}"
    held = [sum(cycle < now for cycle in entering) - sum(cycle < now for cycle in leaving) for now in entering]
    assert max(held) <= 1, f"something was taken while two waited, seed {seed}"


def test_a_buffer_passes_one_item_per_cycle_a_cycle_later() -> None:
    out, entering, leaving = rtl_buffer(list(range(40)), Stalls(0))
    assert out == list(range(40))
    assert leaving == [cycle + 1 for cycle in entering] == list(range(leaving[0], leaving[0] + 40))


def test_a_buffer_keeps_two_items_for_who_is_slow() -> None:
    """Both places are used: an item goes in while another waits."""
    _, entering, leaving = rtl_buffer(list(range(40)), Stalls(1, sink=0.8))
    held = Counter(sum(cycle <= now for cycle in entering) - sum(cycle < now for cycle in leaving) for now in leaving)
    assert max(held) == 2


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


def rtl_arbiter(inputs: list[list[int]], stalls: Stalls) -> tuple[list[int], list[int], int]:
    """What comes out; the most transfers of other inputs that each input waited for; cycle of the last transfer.

    Items are marked with their input from bit 8 on.
    """
    dut = Arbiter(11, len(inputs))
    simulation = Simulation(dut)
    for k, items in enumerate(inputs):
        marked = [k << 8 | item for item in items]
        simulation.source(dut.i[k], marked, stalls.sequence(stalls.source, f"i {k}"))
    out = simulation.sink(dut.o, stalls.sequence(stalls.sink, "o"))
    passed, waited = [0] * len(inputs), [0] * len(inputs)
    transfers = simulation.record(dut.o.valid & dut.o.ready)
    cycles = simulation.record(1, *(signal for port in dut.i for signal in (port.valid, port.ready)))
    simulation.run()
    for _, *signals in cycles:
        valid, ready = signals[::2], signals[1::2]
        taken = [k for k in range(len(inputs)) if valid[k] and ready[k]]
        assert len(taken) <= 1, f"two inputs at once, stalls of seed {stalls.seed}"
        for k in range(len(inputs)):
            passed[k] = passed[k] + len(taken) if valid[k] and k not in taken else 0
            waited[k] = max(waited[k], passed[k])
    return out, waited, transfers[-1][0]


@pytest.mark.parametrize("inputs", [1, 2, 3, 6])
@pytest.mark.parametrize("seed", range(5))
def test_an_arbiter_loses_nothing_and_lets_nobody_wait_long(inputs: int, seed: int) -> None:
    rng = random.Random(seed)
    items = [[rng.randrange(256) for _ in range(rng.randrange(1, 60))] for _ in range(inputs)]
    out, waited, _ = rtl_arbiter(items, stalls_of(seed))
    assert [[x & 255 for x in out if x >> 8 == k] for k in range(inputs)] == items, f"seed {seed}"
    assert max(waited) <= inputs - 1, f"an input was passed {max(waited)} times, seed {seed}"


def test_an_arbiter_goes_round_and_no_cycle_is_lost() -> None:
    out, waited, cycle = rtl_arbiter([[k] * 20 for k in range(3)], Stalls(0))
    assert [x >> 8 for x in out] == [1, 2, 0] * 20
    assert waited == [2, 2, 2]
    assert cycle == len(out) + 1
