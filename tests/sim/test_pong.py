"""Pong on the simulated chip of the ULX3S that learns: the same game, and the same weights, as on the emulator."""

from contextlib import closing

import pytest

from ganglion.model.compiler import compile_program
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.spec.params import PRESETS
from ganglion.model.tasks import pong
from ganglion.sim.native import NativeDriver
from ganglion.sim.rtl import Rtl
from tests.model.tasks.both import same


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_two_hundred_iterations_of_pong_are_those_of_the_emulator() -> None:
    with closing(NativeDriver(PRESETS["ulx3s-learning"])) as driver:
        found = pong.learn(lambda program: Rtl(compile_program(program), driver), seed=0, iterations=200)
    same(found, pong.learn(Emulator, seed=0, iterations=200))
