"""`ganglion place`: a network on a chip of so many cores, and what it takes there."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from ganglion.jobs.outputs import check_file, check_picture
from ganglion.jobs.result import Result
from ganglion.jobs.saved import load_saved
from ganglion.jobs.sizes import Sizes, place_on
from ganglion.model.compiler import Image, save_image
from ganglion.model.compiler.placing import Aim
from ganglion.model.compiler.report.picture import draw_placement
from ganglion.model.compiler.report.table import summary, usage_table
from ganglion.model.compiler.report.traffic import traffic_of
from ganglion.model.networks import shipped
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.errors import GanglionError
from ganglion.model.spec.named import nearest
from ganglion.model.spec.program import Program


@dataclass(frozen=True, eq=False, kw_only=True)
class Placement(Result):
    """Where a network sits."""

    image: Image
    picture: Path | None
    """The file that was drawn."""
    saved: Path | None
    """The file of the image."""

    def to_dict(self) -> dict[str, Any]:
        image, traffic = self.image, traffic_of(self.image)
        cores = image.params.cores
        inner = traffic.synapses[:cores]
        return {
            "chip": image.params.to_dict() | {"cores": cores},
            "neurons": image.program.neurons,
            "synapses": image.program.synapses,
            "cores": [
                {
                    "used": {str(use.resource): use.used for use in usage.uses},
                    "available": {str(use.resource): use.available for use in usage.uses},
                    "populations": image.populations(core),
                }
                for core, usage in enumerate(image.usage)
            ],
            "synapses_between_neurons": int(inner.sum()),
            "synapses_between_cores": int(inner.sum() - inner.trace()),
            "packets_by_level": traffic.packets.tolist(),
        }

    def shown(self) -> Iterator[str | Table]:
        yield usage_table(self.image)
        yield from summary(self.image)
        if self.picture:
            yield f"picture: {self.picture}"
        if self.saved:
            yield f"image: {self.saved}"


def place(
    network: str,
    *,
    sizes: Sizes | None = None,
    aim: Aim = "memory",
    picture: Path | None = None,
    image: Path | None = None,
    progress: Progress = SILENT,
) -> Placement:
    """Places a network on a chip.

    Args:
        network: the file of an image, whose network is placed anew where sizes or an aim are given, or of a program; or
            the name of a network that ships with Ganglion.
        sizes: of the chip; None is the network's own.
        aim: what to take little of, see `compile_program`.
        picture: where to write the picture, if anywhere.
        image: where to save the image, if anywhere.
        progress: told of the placing.

    Raises:
        GanglionError: there is no such network or chip, the network does not fit, or a file cannot be written; the
            message says why, and nothing was written.
    """
    check_picture(picture)
    check_file(image)
    wanted = sizes or Sizes()
    own = _program(network, anew=wanted.given or aim != "memory")
    placed = own if isinstance(own, Image) else place_on(own, wanted, progress, aim)
    if picture:
        draw_placement(placed, picture)
    if image:
        save_image(placed, image)
    return Placement(image=placed, picture=picture, saved=image)


def _program(network: str, *, anew: bool) -> Program | Image:
    """The image of a file, unless its network is to be placed anew; or the program of a file or a shipped network."""
    if Path(network).suffix == ".npz":
        loaded = load_saved(Path(network))
        return loaded.program if anew and isinstance(loaded, Image) else loaded
    if network not in shipped.SHIPPED:
        raise GanglionError(
            f"there is no network '{network}'{nearest(network, shipped.SHIPPED)}; there are "
            f"{', '.join(shipped.SHIPPED)}, and images and programs, which end in .npz"
        )
    return shipped.load(network).program()
