"""The memory of the chip against a list."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from amaranth.hdl import Module

from ganglion.hdl.lib.memory import Ram
from ganglion.model.spec.formats import Field, Layout
from tests.hdl.simulate import Simulation

ROWS = 6
LAYOUT = Layout("ROW", (Field("low", 3, ""), Field("high", 5, "", signed=True)))


@dataclass
class Cycle:
    """What happens to the memory in one cycle: rows read and written, or None."""

    read: int | None
    write: int | None
    data: int


def cycles_of(seed: int) -> list[Cycle]:
    rng = random.Random(seed)
    cycles = [Cycle(None, row, rng.randrange(256)) for row in range(ROWS)]
    for _ in range(200):
        read, write = (rng.randrange(ROWS) if rng.random() < 0.7 else None for _ in range(2))
        if read != write or read is None:
            cycles.append(Cycle(read, write, rng.randrange(256)))
    return cycles


class Columns(Ram):
    """A memory in columns of 3 bits, as on an FPGA where it is deep."""

    def in_arrays(self, width: int | None = None, attrs: Mapping[str, str] | None = None) -> Module:
        return super().in_arrays(3, attrs)


async def take(ctx: Any, dut: Ram, cycle: Cycle) -> None:
    """One cycle of the memory."""
    ctx.set(dut.read, cycle.read is not None)
    ctx.set(dut.read_row, cycle.read or 0)
    ctx.set(dut.write, cycle.write is not None)
    ctx.set(dut.write_row, cycle.write or 0)
    ctx.set(dut.write_data, cycle.data)
    await ctx.tick()


def rtl_ram(cycles: list[Cycle], kind: type[Ram] = Ram, *, collisions: bool = False) -> list[int]:
    """What `read_data` is after each cycle."""
    dut, shown = kind(LAYOUT, ROWS, collisions=collisions), list[int]()
    simulation = Simulation(dut)

    async def process(ctx: Any) -> None:
        for cycle in cycles:
            await take(ctx, dut, cycle)
            shown.append(ctx.get(dut.read_data.as_value()))
        ctx.set(dut.read, 0)
        ctx.set(dut.write, 0)

    simulation.drive(process)
    simulation.run()
    return shown


def ref_ram(cycles: list[Cycle]) -> list[int]:
    rows, held, shown = [0] * ROWS, 0, list[int]()
    for cycle in cycles:
        held = held if cycle.read is None else rows[cycle.read]
        if cycle.write is not None:
            rows[cycle.write] = cycle.data
        shown.append(held)
    return shown


@pytest.mark.parametrize("kind", [Ram, Columns])
@pytest.mark.parametrize("seed", range(3))
def test_holds_what_was_written(kind: type[Ram], seed: int) -> None:
    cycles = cycles_of(seed)
    assert rtl_ram(cycles, kind) == ref_ram(cycles), f"seed {seed}"


def test_a_collision_is_an_error() -> None:
    with pytest.raises(AssertionError, match="a row was read in the cycle in which it was written"):
        rtl_ram([Cycle(3, 3, 1)])


def test_an_owner_may_allow_collisions() -> None:
    cycles = [Cycle(3, 3, 7), Cycle(3, None, 0)]
    assert rtl_ram(cycles, collisions=True)[1] == 7


class Open(Ram):
    """A memory of one array, with parity, into which the test reaches."""

    def in_arrays(self, width: int | None = None, attrs: Mapping[str, str] | None = None) -> Module:
        m = super().in_arrays(width, attrs)
        self.array = m.submodules["array"]
        return m


def rtl_faults(cycles: list[Cycle], flips: dict[int, tuple[int, int]]) -> list[tuple[int, int]]:
    """The cycles in which a memory with parity tells of a wrong row, and which; `flips` has row and bit by cycle."""
    dut = Open(LAYOUT, ROWS, collisions=True, parity=True)
    simulation, told = Simulation(dut), list[tuple[int, int]]()

    async def process(ctx: Any) -> None:
        for k, cycle in enumerate(cycles):
            if k in flips:
                row, bit = flips[k]
                ctx.set(dut.array.data[row], ctx.get(dut.array.data[row]) ^ 1 << bit)
            await take(ctx, dut, cycle)
            if ctx.get(dut.fault.there):
                told.append((k, ctx.get(dut.fault.row)))

    simulation.drive(process)
    simulation.run()
    return told


def ref_faults(cycles: list[Cycle], flips: dict[int, tuple[int, int]]) -> list[tuple[int, int]]:
    wrong, told = [0] * ROWS, list[tuple[int, int]]()
    for k, cycle in enumerate(cycles):
        if k in flips:
            row, bit = flips[k]
            wrong[row] ^= 1 << bit
        if cycle.read is not None and cycle.read != cycle.write and wrong[cycle.read].bit_count() % 2:
            told.append((k + Ram.FAULT_LATENCY - 1, cycle.read))
        if cycle.write is not None:
            wrong[cycle.write] = 0
    return [one for one in told if one[0] < len(cycles)]


@pytest.mark.parametrize("seed", range(3))
def test_parity_tells_of_every_flipped_bit_that_is_read(seed: int) -> None:
    rng = random.Random(seed)
    cycles = [
        Cycle(*(rng.randrange(ROWS) if rng.random() < 0.4 else None for _ in range(2)), rng.randrange(256))
        for _ in range(300)
    ]
    flips = {k: (rng.randrange(ROWS), rng.randrange(LAYOUT.width + 1)) for k in rng.sample(range(300), 40)}
    told = rtl_faults(cycles, flips)
    assert told == ref_faults(cycles, flips) != [], f"seed {seed}"


def test_fields_come_back_as_they_are_packed() -> None:
    word = LAYOUT.pack(low=5, high=-9)
    dut, shown = Ram(LAYOUT, ROWS), dict[str, int]()
    simulation = Simulation(dut)

    async def process(ctx: Any) -> None:
        ctx.set(dut.write, 1)
        ctx.set(dut.write_data, word)
        await ctx.tick()
        ctx.set(dut.write, 0)
        ctx.set(dut.read, 1)
        await ctx.tick()
        shown.update(low=ctx.get(dut.read_data.low), high=ctx.get(dut.read_data.high))

    simulation.drive(process)
    simulation.run()
    assert shown == LAYOUT.unpack(word)
