"""Whether a board is what it says: networks of random shape, and handwritten digits, bit for bit the golden model's."""

from rich.console import Console
from rich.progress import track

from ganglion.fpga.host.board import Board
from ganglion.fpga.host.driver import BoardDriver
from ganglion.model.lockstep import lockstep
from ganglion.model.networks import digits
from ganglion.model.random_network import random_network
from ganglion.model.spec.reference import Reference

STEPS = 8
"""Steps of a random network."""


def selftest(device: str, *, baud: int | None = None, networks: int = 3, images: int = 10, console: Console) -> None:
    """Runs networks on a board and on the golden model, and compares all state after every step.

    Args:
        device: such as /dev/ttyUSB1.
        baud: bits per second; that of all boards unless given.
        networks: random networks, of the seeds from 0 on.
        images: held-out handwritten digits.
        console: told what was found.

    Raises:
        BoardError: nothing answers.
        MismatchError: the board differs from the golden model; says where.
    """
    bench = BoardDriver(device, baud=baud, quiet=True)
    err = Console(stderr=True)
    try:
        params = bench.params
        for seed in track(range(networks), f"{params.name}: random networks", console=err):
            network = random_network(params, seed, STEPS)
            board = Board(network.image, bench)
            replay = f"ganglion board selftest {device} --networks {seed + 1} --images 0"
            lockstep(network.program, network.events, board, Reference(network.program), name="board", replay=replay)
        right = run_digits(bench, images, err) if images else 0
    finally:
        bench.close()
    counts = bench.port.link.counts
    console.print(
        f"{params.name} on {device}: {networks} random networks and {images} digits ({right} right), all state of "
        f"every step equal to the golden model; {counts.damaged} damaged frames were sent again",
        soft_wrap=True,
    )


def run_digits(bench: BoardDriver, images: int, console: Console) -> int:
    """Held-out digits on a board and on the golden model, in lockstep; returns how many the board got right."""
    network = digits.load()
    held_out = network.heldout()
    program = network.program(bench.params)
    board, reference = Board(program, bench), Reference(program)
    right = 0
    for index in track(range(images), f"{bench.params.name}: digits", console=console):
        events = network.encode(held_out.pixels[index])
        trace = lockstep(program, events, board, reference, name="board")
        right += network.decode(trace) == held_out.label[index]
    return right
