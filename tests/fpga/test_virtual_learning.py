"""Two cores that learn, behind a serial line: the top level of the ULX3S, driven by the code that drives the real one.

A board is slow to simulate, and slower to build, so that all of this is for the soak.
"""

from collections.abc import Iterator

import numpy as np
import pytest

from ganglion.fpga.boards import BOARDS
from ganglion.fpga.host.board import Board
from ganglion.fpga.virtual.build import build_virtual, virtual_board
from ganglion.fpga.virtual.emulator import VirtualBoard
from ganglion.jobs.learn import learn
from ganglion.model.compiler.predict import predict_cycles
from ganglion.model.spec.events import Events
from ganglion.model.spec.reference import Reference
from ganglion.model.tasks import pong
from tests.model.spec.learning_calls import LearningCaller
from tests.model.spec.target_calls import answer
from tests.model.tasks.both import same

END_CYCLES, SPIKE_CYCLES, EVENT_CYCLES = 12, 5, 7
"""Cycles that a board does not count: those in which the END of a step, a spike, and an event pass the host's port."""

pytestmark = [pytest.mark.sim, pytest.mark.slow, pytest.mark.timeout(3600)]


@pytest.fixture(scope="module")
def device() -> Iterator[str]:
    with VirtualBoard(build_virtual(virtual_board(BOARDS["ulx3s-learning"]))) as board:
        yield board.device


def test_a_board_learns_pong_as_the_emulator_does(device: str) -> None:
    on_board, emulated = (
        learn("pong", target=target, seed=5, length=20, device=device if target == "board" else None).found
        for target in ("board", "emulator")
    )
    same(on_board, emulated)


def test_a_board_that_learns_and_the_reference_answer_alike(device: str) -> None:
    program = pong.network(seed=1)
    with Board(program, device) as board:
        reference = Reference(program)
        for call in LearningCaller(reference, seed=3).calls(20):
            assert answer(board, call) == answer(reference, call), call


def test_an_epoch_takes_the_cycles_of_the_model(device: str) -> None:
    """Sweeps counted with the rest, and all but the few cycles of a step in which packets go in and out."""
    program = pong.network(seed=1)
    events = Events.from_steps(([7], *[[]] * (pong.INTERVAL - 1)) * pong.SPIKES)
    wanted = Reference(program).run(events, keep_states=True)
    with Board(program, device) as board:
        trace = board.run(events)
        assert trace.differences(wanted, program.outputs) == []
        model = predict_cycles(board.image, events, wanted)
    fired = np.bincount(wanted.spikes[:, 0], minlength=events.steps)
    passing = END_CYCLES + SPIKE_CYCLES * fired + EVENT_CYCLES * np.diff(events.start)
    assert np.array_equal(model - trace.counters["cycles"], passing), (trace.counters["cycles"], model)
    assert model.max() > 1000
