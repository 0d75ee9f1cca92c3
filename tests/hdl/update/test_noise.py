"""The noise in hardware, as a function: keys, then a draw per cycle, against the specification."""

import random
from collections.abc import Sequence
from typing import Any

from amaranth.hdl import Module, Signal, unsigned
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.update.noise import NoiseKeys, NoiseLane, narrow
from ganglion.model.spec.noise import draw, noise, step_keys
from ganglion.model.spec.noise_constants import KEY_CYCLES, NOISE_BITS, NUMBER_BITS
from tests.hdl.simulate import Simulation, evaluate

SEED = 20240607
WORDS = (0, 1, 0x80000000, 0xFFFFFFFF)
NUMBERS = (0, 1, 0x3FF, 0x400, 0xFFC00, (1 << NUMBER_BITS) - 1)

Case = tuple[int, int, Sequence[int]]
"""Seed, step, and the numbers that draw in it."""


class Noise(wiring.Component):
    """Keys and a lane, connected as a core connects them."""

    def __init__(self) -> None:
        super().__init__(
            {
                "start": In(1),
                "seed": In(32),
                "step": In(32),
                "number": In(NUMBER_BITS),
                "done": Out(1),
                "draw": Out(NOISE_BITS),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.keys = keys = NoiseKeys()
        m.submodules.lane = lane = NoiseLane()
        m.d.comb += [
            keys.start.eq(self.start),
            keys.seed.eq(self.seed),
            keys.step.eq(self.step),
            self.done.eq(keys.done),
            lane.keys.eq(keys.keys),
            lane.number.eq(self.number),
            self.draw.eq(lane.draw),
        ]
        return m


def rtl_draws(cases: Sequence[Case]) -> list[list[int]]:
    """What the numbers of each case draw, one number per cycle; and the keys take the cycles that they say."""
    dut, drawn = Noise(), list[list[int]]()
    simulation = Simulation(dut)

    async def process(ctx: Any) -> None:
        for seed, step, numbers in cases:
            ctx.set(dut.seed, seed)
            ctx.set(dut.step, step)
            ctx.set(dut.start, 1)
            await ctx.tick()
            ctx.set(dut.start, 0)
            for cycle in range(1, NoiseKeys.CYCLES + 1):
                assert ctx.get(dut.done) == (cycle == NoiseKeys.CYCLES), f"seed {seed} step {step} cycle {cycle}"
                if cycle < NoiseKeys.CYCLES:
                    await ctx.tick()
            # The keys hold when seed and step change.
            ctx.set(dut.seed, ~seed & 0xFFFFFFFF)
            ctx.set(dut.step, ~step & 0xFFFFFFFF)
            outputs = []
            for number in [*numbers, *[0] * NoiseLane.LATENCY]:
                outputs.append(ctx.get(dut.draw))
                ctx.set(dut.number, number)
                await ctx.tick()
            drawn.append(outputs[NoiseLane.LATENCY :])

    simulation.drive(process)
    simulation.run()
    return drawn


def ref_draws(cases: Sequence[Case]) -> list[list[int]]:
    return [[draw(step_keys(seed, step), number) for number in numbers] for seed, step, numbers in cases]


def test_draws_are_those_of_the_specification() -> None:
    rng = random.Random(SEED)
    corners = [(seed, step, NUMBERS) for seed in WORDS for step in WORDS]
    drawn = [
        (rng.getrandbits(32), rng.getrandbits(32), [rng.getrandbits(NUMBER_BITS) for _ in range(40)]) for _ in range(40)
    ]
    assert rtl_draws(corners + drawn) == ref_draws(corners + drawn), f"seed {SEED}"


def test_a_start_replaces_one_that_is_under_way() -> None:
    dut = Noise()
    simulation = Simulation(dut)
    drawn = list[int]()

    async def process(ctx: Any) -> None:
        for step, cycles in ((7, 5), (8, NoiseKeys.CYCLES)):
            ctx.set(dut.step, step)
            ctx.set(dut.start, 1)
            await ctx.tick()
            ctx.set(dut.start, 0)
            await ctx.tick().repeat(cycles - 1)
        assert ctx.get(dut.done)
        ctx.set(dut.number, 3)
        await ctx.tick().repeat(NoiseLane.LATENCY)
        drawn.append(ctx.get(dut.draw))

    simulation.drive(process)
    simulation.run()
    assert drawn == [draw(step_keys(0, 8), 3)]


def test_the_sequencer_waits_as_long_as_the_contract_says() -> None:
    assert KEY_CYCLES == NoiseKeys.CYCLES + 1


def test_narrowed_draws_are_the_noise() -> None:
    rng = random.Random(SEED)
    bare, mask = Signal(unsigned(NOISE_BITS)), Signal(NOISE_BITS)
    cases = [
        (rng.getrandbits(32), rng.getrandbits(NUMBER_BITS), bits) for bits in range(NOISE_BITS + 1) for _ in range(30)
    ]
    inputs = [(draw(step_keys(SEED, step), number), (1 << bits) - 1) for step, number, bits in cases]
    assert evaluate([bare, mask], [narrow(bare, mask)], inputs) == [[noise(SEED, *case)] for case in cases]
