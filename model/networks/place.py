"""The job of `ganglion place`: a network on a chip of so many cores, and what it takes there."""

from pathlib import Path

from rich.console import Console

from ganglion.model.compiler import compile_program, load_image, save_image
from ganglion.model.compiler.report.picture import draw_placement
from ganglion.model.compiler.report.table import summary, usage_table
from ganglion.model.networks import shipped
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.errors import GanglionError
from ganglion.model.spec.params import Params, levels_for
from ganglion.model.spec.program import Program


def place_job(
    network: str,
    *,
    params: Params | None,
    cores: int | None,
    picture: Path | None,
    image: Path | None,
    console: Console,
    progress: Progress = SILENT,
) -> None:
    """Places a network, and prints what it takes of each core.

    Args:
        network: an image file, whose network is placed anew where params or cores are given; or the name of a network
            that ships with Ganglion.
        params: sizes of a core; None is the network's own.
        cores: of the chip; None is as many as params says.
        picture: where to write the picture, if anywhere.
        image: where to save the image, if anywhere.
        console: where to print.
        progress: told of placing and packing.

    Raises:
        GanglionError: there is no such network or chip, or the network does not fit; the message says why.
    """
    if Path(network).suffix == ".npz":
        loaded = load_image(network)
        program = loaded.program
        placed = loaded if params is None and cores is None else None
    else:
        program, placed = _shipped(network), None
    if placed is None:
        chip = params or program.params
        chip = chip if cores is None else chip.replace(name=chip.name, levels=levels_for(cores))
        placed = compile_program(program, chip, progress=progress)
    console.print(usage_table(placed))
    for line in summary(placed):
        console.print(line, soft_wrap=True)
    if picture:
        draw_placement(placed, picture)
        console.print(f"picture: {picture}", soft_wrap=True)
    if image:
        save_image(placed, image)
        console.print(f"image: {image}", soft_wrap=True)


def _shipped(name: str) -> Program:
    if name in shipped.SHIPPED:
        return shipped.load(name).program()
    known = ", ".join(shipped.SHIPPED)
    raise GanglionError(f"there is no network '{name}'; there are {known}, and image files, which end in .npz")
