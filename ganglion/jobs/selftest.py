"""`ganglion board selftest`: random networks and handwritten digits on a board, bit for bit the golden model's."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table

from ganglion.fpga.host.board import Board
from ganglion.fpga.host.driver import BoardDriver
from ganglion.jobs.result import Result
from ganglion.jobs.samples import choose
from ganglion.model.lockstep import lockstep
from ganglion.model.networks import shipped
from ganglion.model.progress import SILENT, Progress
from ganglion.model.random_network import random_network
from ganglion.model.spec.reference import Reference

STEPS = 8
"""Steps of a random network."""


@dataclass(frozen=True, kw_only=True)
class SelfTest(Result):
    """What ran, all of it equal to the golden model."""

    device: str
    board: str
    """What it says it is."""
    networks: int
    samples: int
    right: int
    """Digits told right."""
    damaged: int
    """Frames that were damaged on the line, and sent again."""

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def shown(self) -> Iterator[str | Table]:
        yield (
            f"{self.board} on {self.device}: {self.networks} random networks and {self.samples} digits "
            f"({self.right} right), all state of every step equal to the golden model; {self.damaged} damaged frames "
            "were sent again"
        )


def selftest(
    device: str, *, baud: int | None = None, networks: int = 3, samples: int = 10, progress: Progress = SILENT
) -> SelfTest:
    """Runs networks on a board and on the golden model, and compares all state after every step.

    Args:
        device: such as /dev/ttyUSB1.
        baud: bits per second; None is that of all boards.
        networks: random networks, of the seeds from 0 on.
        samples: held-out handwritten digits.
        progress: told what is going on.

    Raises:
        BoardError: nothing answers.
        MismatchError: the board differs from the golden model; says where.
    """
    with closing(BoardDriver(device, baud=baud)) as driver:
        with progress.task(f"{driver.params.name}: random networks", total=networks) as task:
            for seed in range(networks):
                network = random_network(driver.params, seed, STEPS)
                replay = f"ganglion board selftest {device} --networks {seed + 1} --samples 0"
                board = Board(network.image, driver)
                lockstep(network.program, network.events, board, Reference(network.program), replay=replay)
                task.advance()
        right = _digits(driver, samples, progress) if samples else 0
        return SelfTest(
            device=device,
            board=driver.params.name,
            networks=networks,
            samples=samples,
            right=right,
            damaged=driver.port.link.counts.damaged,
        )


def _digits(driver: BoardDriver, samples: int, progress: Progress) -> int:
    """Held-out digits on a board and on the golden model, in lockstep; returns how many the board told right."""
    classifier = shipped.load("digits")
    test = classifier.test_set(None)
    program = classifier.program(driver.params)
    board, reference = Board(program, driver), Reference(program)
    right = 0
    with progress.task(f"{driver.params.name}: digits", total=samples) as task:
        for index in choose(len(test), samples):
            trace = lockstep(program, classifier.encode(test.inputs[index]), board, reference).got
            right += int(classifier.decode(trace) == test.label[index])
            task.advance()
    return right
