"""Whether a board is what it says: networks of random shape, and handwritten digits, bit for bit the golden model's."""

from rich.console import Console

from ganglion.fpga.host.board import Board
from ganglion.fpga.host.driver import BoardDriver
from ganglion.model.lockstep import lockstep
from ganglion.model.networks import digits
from ganglion.model.progress import SILENT, Progress
from ganglion.model.random_network import random_network
from ganglion.model.spec.reference import Reference

STEPS = 8
"""Steps of a random network."""


def selftest(
    device: str,
    *,
    baud: int | None = None,
    networks: int = 3,
    images: int = 10,
    console: Console,
    progress: Progress = SILENT,
) -> None:
    """Runs networks on a board and on the golden model, and compares all state after every step.

    Args:
        device: such as /dev/ttyUSB1.
        baud: bits per second; that of all boards unless given.
        networks: random networks, of the seeds from 0 on.
        images: held-out handwritten digits.
        console: told what was found.
        progress: told of the networks and images that were run.

    Raises:
        BoardError: nothing answers.
        MismatchError: the board differs from the golden model; says where.
    """
    driver = BoardDriver(device, baud=baud)
    try:
        params = driver.params
        with progress.task(f"{params.name}: random networks", networks) as task:
            for seed in range(networks):
                network = random_network(params, seed, STEPS)
                board, reference = Board(network.image, driver), Reference(network.program)
                replay = f"ganglion board selftest {device} --networks {seed + 1} --images 0"
                lockstep(network.program, network.events, board, reference, replay=replay)
                task.advance()
        right = run_digits(driver, images, progress) if images else 0
    finally:
        driver.close()
    counts = driver.port.link.counts
    console.print(
        f"{params.name} on {device}: {networks} random networks and {images} digits ({right} right), all state of "
        f"every step equal to the golden model; {counts.damaged} damaged frames were sent again",
        soft_wrap=True,
    )


def run_digits(driver: BoardDriver, images: int, progress: Progress = SILENT) -> int:
    """Held-out digits on a board and on the golden model, in lockstep; returns how many the board got right."""
    network = digits.load()
    held_out = network.test_set(None)
    program = network.program(driver.params)
    board, reference = Board(program, driver), Reference(program)
    right = 0
    with progress.task(f"{driver.params.name}: digits", images) as task:
        for index in range(images):
            events = network.encode(held_out.inputs[index])
            trace = lockstep(program, events, board, reference).got
            right += network.decode(trace) == held_out.label[index]
            task.advance()
    return right
