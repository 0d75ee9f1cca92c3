"""What is seen of traces, one per cycle, against the kernel said in Python."""

import random
from typing import Any, NamedTuple

from ganglion.hdl.learn.kernel import KernelLookup
from ganglion.model.spec.learning_memories import KERNEL_ONE
from ganglion.model.spec.memories import Memory
from ganglion.model.spec.params import PRESETS
from tests.hdl.simulate import Simulation, Stalls

PARAMS = PRESETS["tiny-learning"]


class Look(NamedTuple):
    """A trace that is looked at."""

    kernel: int
    age: int
    value: int


def looks_of(rng: random.Random) -> list[Look]:
    most = (1 << PARAMS.trace_bits) - 1
    values = [rng.choice((0, most, rng.randint(0, most))) for _ in range(200)]
    return [Look(rng.randrange(PARAMS.kernels), rng.randrange(PARAMS.trace_ages), value) for value in values]


def rtl_kernel(kernels: list[int], looks: list[Look], stalls: Stalls) -> list[int]:
    """What is seen of each; while nothing goes on, it has to stay."""
    dut, found = KernelLookup(PARAMS), list[int]()
    simulation, pauses = Simulation(dut), stalls.sequence(stalls.source, "advance")
    simulation.load(dut.bus, Memory.KERNELS, dict(enumerate(kernels)))

    async def process(ctx: Any) -> None:
        for look in [*looks, *[Look(0, 0, 0)] * dut.LATENCY]:
            while next(pauses):
                held = ctx.get(dut.seen)
                ctx.set(dut.advance, 0)
                await ctx.tick()
                assert ctx.get(dut.seen) == held
            ctx.set(dut.advance, 1)
            ctx.set(dut.kernel, look.kernel)
            ctx.set(dut.age, look.age)
            ctx.set(dut.value, look.value)
            found.append(ctx.get(dut.seen))
            await ctx.tick()

    simulation.drive(process)
    simulation.run()
    return found[dut.LATENCY :]


def ref_kernel(kernels: list[int], looks: list[Look]) -> list[int]:
    return [look.value * kernels[look.kernel * PARAMS.trace_ages + look.age] // KERNEL_ONE for look in looks]


def test_a_trace_is_weighted_by_its_age() -> None:
    for seed in range(2):
        rng = random.Random(seed)
        rows = PARAMS.kernels * PARAMS.trace_ages
        kernels = [rng.choice((0, KERNEL_ONE, rng.randint(0, KERNEL_ONE))) for _ in range(rows)]
        looks = looks_of(rng)
        assert rtl_kernel(kernels, looks, Stalls(seed, source=0.4 * seed)) == ref_kernel(kernels, looks), f"seed {seed}"
