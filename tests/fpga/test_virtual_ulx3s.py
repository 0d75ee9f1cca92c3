"""Four cores behind a serial line: the ULX3S's top level, driven by the code that drives the real one."""

from collections.abc import Iterator

import numpy as np
import pytest

from ganglion.fpga.boards import BOARDS
from ganglion.fpga.host.board import Board
from ganglion.fpga.virtual.build import build_virtual, virtual_board
from ganglion.fpga.virtual.emulator import VirtualBoard
from ganglion.jobs.run import run
from ganglion.model.compiler.predict import predict_cycles
from ganglion.model.networks import shipped
from ganglion.model.spec.reference import Reference

pytestmark = [pytest.mark.sim, pytest.mark.slow]

ULX3S = BOARDS["ulx3s"]


@pytest.fixture(scope="module")
def device() -> Iterator[str]:
    with VirtualBoard(build_virtual(virtual_board(ULX3S))) as board:
        yield board.device


def test_digits(device: str) -> None:
    """The digits do on four cores behind a serial line what the reference does: spikes and counters of every step."""
    result = run("digits", targets=("reference", "board"), samples=3, device=device, states=False)
    assert result.program.params == ULX3S.params and result.clock_mhz == ULX3S.clock / 1e6
    judged, board = (target.counters["spikes"] for target in result.targets)
    assert np.array_equal(judged, board) and board.any()


def test_mnist_takes_the_cycles_of_the_model(device: str) -> None:
    """MNIST on four cores behind a serial line takes the cycles of the model, but for waits: events come one by one."""
    shown = shipped.load("mnist")
    network = shown.program(ULX3S.params, report_all=True)
    events = shown.encode(shown.test_set(None).inputs[0])
    wanted = Reference(network).run(events)
    board = Board(network, device)
    trace = board.run(events)
    assert np.array_equal(trace.spikes, wanted.spikes) and wanted.spikes.shape[0] > 50
    for name in ("spikes", "synops", "overflows"):
        assert np.array_equal(trace.counters[name], wanted.counters[name])
    model = predict_cycles(board.image, events, wanted)
    assert np.all(np.abs(trace.counters["cycles"] / model - 1) < 0.1), (trace.counters["cycles"], model)
    board.close()
