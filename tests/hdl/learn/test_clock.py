"""The clock of learning: steps, phases and epochs, and what the host reads and writes of it."""

import random
from typing import Any

import pytest

from ganglion.hdl.learn.clock import LearningClock
from ganglion.model.spec.memories import Memory
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.registers import REGISTER_BITS, Register
from tests.hdl.simulate import Simulation, write

PARAMS = PRESETS["tiny-learning"]


@pytest.mark.parametrize("epoch", [1, 2, 5])
def test_steps_make_epochs(epoch: int) -> None:
    """A step counts when it ends, one that closes an epoch when its sweep does, and none while learning is off."""
    dut = LearningClock(PARAMS)
    simulation, rng = Simulation(dut), random.Random(epoch)

    async def pulse(ctx: Any, port: Any) -> None:
        ctx.set(port, 1)
        await ctx.tick()
        ctx.set(port, 0)
        for _ in range(2):
            await ctx.tick()

    async def process(ctx: Any) -> None:
        learned, learning = 0, True
        await write(ctx, dut.bus, Memory.REGISTERS, {Register.EPOCH_STEPS: epoch, Register.LEARNING: 1})
        for step in range(40):
            if rng.random() < 0.2:
                learning = not learning
                await write(ctx, dut.bus, Memory.REGISTERS, {Register.LEARNING: learning})
            await ctx.tick()
            closes = learning and learned % epoch == epoch - 1
            seen = [ctx.get(port) for port in (dut.learning, dut.closes, dut.now, dut.epoch)]
            assert seen == [learning, closes, learned + 1, learned // epoch], f"step {step}"
            await pulse(ctx, dut.step_ends)
            if closes:
                assert ctx.get(dut.epoch) == learned // epoch, "the sweep is part of the epoch"
                await pulse(ctx, dut.swept)
            learned += learning
            for register, value in (
                (Register.LEARNED, learned),
                (Register.PHASE, learned % epoch),
                (Register.EPOCH, learned // epoch),
            ):
                ctx.set(dut.bus.row, register)
                assert ctx.get(dut.register) == value, f"step {step}: {register.name}"
        await write(ctx, dut.bus, Memory.REGISTERS, {Register.MODULATOR_1: -3 & ((1 << REGISTER_BITS) - 1)})
        assert ctx.get(dut.modulators[1]) == -3
        await pulse(ctx, dut.clear)
        for register in Register:
            ctx.set(dut.bus.row, register)
            kept = {Register.EPOCH_STEPS: epoch, Register.LEARNING: learning}
            assert ctx.get(dut.register) == kept.get(register, 0), register.name

    simulation.drive(process)
    simulation.run()
