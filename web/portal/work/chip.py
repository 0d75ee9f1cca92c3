"""The targets that take long to load: the emulator, the chip in simulation, and boards."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

from ganglion.fpga.host.board import Board
from ganglion.fpga.host.driver import BoardDriver
from ganglion.jobs.targets import ACCOUNTED, TARGETS
from ganglion.model.compiler.image import Image
from ganglion.model.compiler.placing import for_chip
from ganglion.model.progress import Progress
from ganglion.model.spec.program import Program
from ganglion.model.spec.target import Target
from ganglion.sim.native import NativeDriver
from ganglion.sim.rtl import Rtl
from ganglion.web.portal.network import JobNetwork


@contextmanager
def opened(
    name: str, network: JobNetwork, device: str | None, progress: Progress
) -> Iterator[tuple[Program | Image, Target]]:
    """What is to run, and the target that it is loaded into.

    Args:
        name: of the target.
        network: of the job.
        device: of the board.
        progress: told of building and loading.

    Raises:
        GanglionError: the network cannot run there, or the target cannot be had; says why.
    """
    with ExitStack() as stack:
        driver = None
        if name == "board" and device is not None:
            driver = stack.enter_context(closing(BoardDriver(device, progress=progress)))
        runnable = network.runnable(progress, driver.params if driver else None)
        with progress.task(f"loading it into the {name}"):
            target = stack.enter_context(_loaded(name, runnable, driver, progress))
        yield runnable, target


def _loaded(name: str, network: Program | Image, driver: BoardDriver | None, progress: Progress) -> Target:
    """A target. An image sits on its chip as it says."""
    if name == "rtl" and isinstance(network, Image):
        return Rtl(network, NativeDriver(network.params, progress=progress), counters=ACCOUNTED)
    if driver is not None and isinstance(network, Image):
        return Board(network, driver)
    program = network.program if isinstance(network, Image) else network
    return TARGETS[name].open(for_chip(program, driver.params) if driver else program, driver, progress)
