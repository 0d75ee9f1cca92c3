"""Presynaptic traces: events noted in any order and density, against traces that age step by step."""

import random
from typing import Any, NamedTuple

import pytest

from ganglion.hdl.learn.pre import PreTraces
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.params import PRESETS, Params
from tests.hdl.simulate import Simulation

BOTH = PRESETS["tiny-learning"]
CHIPS = [BOTH, BOTH.replace(pre_traces=1), BOTH.replace(pre_traces=0)]


class Fed(NamedTuple):
    """How a trace is fed."""

    kernel: int
    jump: int
    set: int


class Run(NamedTuple):
    """Rows that are fetched in each step, and whether they learn."""

    fed: list[Fed]
    kernels: list[int]
    steps: list[list[tuple[int, bool]]]


def run_of(params: Params, seed: int) -> Run:
    rng, ages = random.Random(seed), params.trace_ages
    kernels = [0 if k % ages == ages - 1 else rng.randrange(257) for k in range(params.kernels * ages)]
    most = (1 << params.trace_bits) - 1
    fed = [Fed(rng.randrange(params.kernels), rng.randrange(most + 1), rng.randrange(2)) for _ in range(2)]
    rows = rng.sample(range(params.axons), 4)

    def step() -> list[tuple[int, bool]]:
        return [(rng.choice(rows), rng.random() < 0.8) for _ in range(rng.choice((0, 1, 3, 12)))]

    return Run(fed[: params.pre_traces], kernels, [step() for _ in range(40)])


def rtl_pre(params: Params, run: Run, gaps: float) -> list[list[int]]:
    """Each row of PRE at the end: x0, the traces as they are kept, and what is seen of them."""
    dut, rng, found = PreTraces(params), random.Random(f"{gaps}"), list[list[int]]()
    simulation, layout = Simulation(dut), memories(params)[Memory.PRE].layout
    if run.fed:
        simulation.load(dut.bus, Memory.KERNELS, dict(enumerate(run.kernels)))

    async def fetch(ctx: Any, row: int) -> None:
        ctx.set(dut.fetch, 1)
        ctx.set(dut.fetch_row, row)
        await ctx.tick()
        ctx.set(dut.fetch, 0)

    async def process(ctx: Any) -> None:
        for name, fed in zip(dut.names, run.fed, strict=True):
            for field, value in fed._asdict().items():
                ctx.set(dut.traces[name][field], value)
        ctx.set(dut.advance, 1)
        for number, step in enumerate(run.steps):
            ctx.set(dut.now, number + 1)
            for row, learns in step:
                while rng.random() < gaps:
                    await ctx.tick()
                    ctx.set(dut.learns, 0)
                await fetch(ctx, row)
                ctx.set(dut.learns, learns)
            for _ in range(dut.VIEW_LATENCY + 1):
                await ctx.tick()
                ctx.set(dut.learns, 0)
        for row in range(params.axons):
            await fetch(ctx, row)
            for advances in (0, 1, 0, *[1] * (dut.VIEW_LATENCY - 2)):  # what is not to go on stays
                ctx.set(dut.advance, advances)
                await ctx.tick()
            kept = layout.unpack(ctx.get(dut.kept.as_value()))
            found.append([kept[name] for name in ("x0", *dut.names)] + [ctx.get(dut.view[name]) for name in dut.names])

    simulation.drive(process)
    simulation.run()
    return found


def ref_pre(params: Params, run: Run) -> list[list[int]]:
    ages, most, count = params.trace_ages, (1 << params.trace_bits) - 1, len(run.fed)
    x0, x, age = [0] * params.axons, [[0] * count for _ in range(params.axons)], [0] * params.axons

    def seen(row: int, k: int) -> int:
        return (x[row][k] * run.kernels[run.fed[k].kernel * ages + age[row]]) >> 8

    for step in run.steps:
        age = [min(g + 1, ages - 1) for g in age]
        for row in {row for row, learns in step if learns}:
            for k, fed in enumerate(run.fed):
                x[row][k] = fed.jump if fed.set else min(seen(row, k) + fed.jump, most)
            x0[row], age[row] = 1, 0
    return [[x0[row], *x[row], *(seen(row, k) for k in range(count))] for row in range(params.axons)]


@pytest.mark.parametrize("params", CHIPS, ids=lambda params: f"{params.pre_traces} traces")
@pytest.mark.parametrize("gaps", [0, 0.5])
def test_events_are_noted_once_a_step(params: Params, gaps: float) -> None:
    for seed in range(2):
        run = run_of(params, seed)
        assert rtl_pre(params, run, gaps) == ref_pre(params, run), f"seed {seed}"
