"""Images per second of the ULX3S by the clock of the virtual one, over both of its lines."""

import pytest

from ganglion.fpga.boards import BOARDS
from ganglion.fpga.virtual.throughput import Throughput, throughputs
from ganglion.model.networks import shipped

pytestmark = [pytest.mark.sim, pytest.mark.slow, pytest.mark.timeout(3600)]

LEAST = {"ulx3s": 1000, "ulx3s-usb": 3000}
"""Images of MNIST per second."""


@pytest.mark.parametrize("board", LEAST)
def test_mnist_keeps_the_board_busy(board: str) -> None:
    """A ULX3S tells 1,000 images of MNIST a second over its UART, and 3,000 over USB, spike for spike."""
    (found,) = throughputs(BOARDS[board], shipped.load("mnist"), 32, compact=True)
    assert isinstance(found, Throughput) and found.samples_per_second >= LEAST[board]
