"""Chunks side by side."""

import random
from typing import Any

import pytest

from ganglion.hdl.access.assembly import RowAssembly
from ganglion.model.spec.formats import CHUNK_BITS
from tests.hdl.simulate import Simulation

CHUNKS = 3


@pytest.mark.parametrize("seed", range(3))
def test_a_row_is_the_chunks_that_came_last(seed: int) -> None:
    rng, dut = random.Random(seed), RowAssembly(CHUNKS)
    simulation = Simulation(dut)
    held, shown, wanted = [0] * CHUNKS, list[int](), list[int]()

    async def process(ctx: Any) -> None:
        for _ in range(200):
            chunk, data, what = (
                rng.randrange(CHUNKS),
                rng.getrandbits(CHUNK_BITS),
                rng.choice(("", "chunk", "chunk", "clear")),
            )
            ctx.set(dut.chunk, chunk)
            ctx.set(dut.data, data)
            ctx.set(dut.valid, what == "chunk")
            ctx.set(dut.clear, what == "clear")
            if what == "chunk":
                held[chunk] = data
            if what == "clear":
                held[:] = [0] * CHUNKS
            await ctx.tick()
            shown.append(ctx.get(dut.row))
            wanted.append(sum(value << (k * CHUNK_BITS) for k, value in enumerate(held)))

    simulation.drive(process)
    simulation.run()
    assert shown == wanted, f"seed {seed}"
