"""The register of the first fault, beside a list."""

import random
from typing import Any

import pytest

from ganglion.hdl.access.fault import FaultRegister
from ganglion.model.spec.memories import Memory, Where, memories
from ganglion.model.spec.params import ALL_PARITY, PRESETS
from ganglion.model.spec.registers import FAULT_LAYOUT, Register
from tests.hdl.simulate import Simulation

PARAMS = PRESETS["tiny"].replace(parity=ALL_PARITY)
SPECS = memories(PARAMS)
DIVIDED = [memory for memory, spec in SPECS.items() if spec.where is Where.LANES]
SHARED = [Memory.AXONS, Memory.FANOUT, Memory.COUNTERS]

Told = tuple[Memory, int] | None
"""Memory and row, if there is a fault."""

Cycle = tuple[list[Told], bool]
"""What the core and each lane tell, and whether the host writes the register."""


def cycles_of(seed: int) -> list[Cycle]:
    rng = random.Random(seed)
    cycles = list[Cycle]()
    for _ in range(300):
        told: list[Told] = []
        for of in (SHARED, *[[*DIVIDED, Memory.TYPES]] * PARAMS.lanes):
            memory = rng.choice(of)
            row = rng.randrange(SPECS[memory].depth)
            told.append((memory, row) if rng.random() < 0.1 else None)
        cycles.append((told, rng.random() < 0.05))
    return cycles


def rtl_register(cycles: list[Cycle]) -> tuple[list[dict[str, int]], int]:
    """The register after each cycle, and how many faults were counted."""
    dut = FaultRegister(PARAMS)
    simulation, shown, faults = Simulation(dut), list[dict[str, int]](), 0

    async def process(ctx: Any) -> None:
        nonlocal faults
        ctx.set(dut.bus.row, Register.FAULT)
        for told, written in cycles:
            for port, one in zip((dut.outside, *dut.lanes), told, strict=True):
                ctx.set(port.there, one is not None)
                ctx.set(port.memory, one[0] if one else 0)
                ctx.set(port.row, one[1] if one else 0)
            ctx.set(dut.bus.write[Memory.REGISTERS], written)
            await ctx.tick()
            shown.append(FAULT_LAYOUT.unpack(ctx.get(dut.register)))
            faults += ctx.get(dut.faults)

    simulation.drive(process)
    simulation.run()
    return shown, faults


def ref_register(cycles: list[Cycle]) -> tuple[list[dict[str, int]], int]:
    kept, shown, faults = {"memory": 0, "row": 0}, list[dict[str, int]](), 0
    before: list[Told] = [None] * (PARAMS.lanes + 1)
    for told, written in cycles:
        firsts = [(lane, *one) for lane, one in enumerate(before, start=-1) if one]
        if not kept["memory"] and firsts:
            lane, memory, row = firsts[0]
            kept = {"memory": memory, "row": row * PARAMS.lanes + lane if memory in DIVIDED else row}
        if written:
            kept = {**kept, "memory": 0}
        faults += sum(one is not None for one in before)
        before = told
        shown.append(dict(kept))
    return shown, faults


@pytest.mark.parametrize("seed", range(2))
def test_the_first_fault_is_kept_until_the_host_writes(seed: int) -> None:
    cycles = cycles_of(seed)
    assert rtl_register(cycles) == ref_register(cycles), f"seed {seed}"
