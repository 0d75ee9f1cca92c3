"""The network of a job, told by the end of its file's name: NIR, a program, an image, or HiAER-Spike's dictionaries."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ganglion.jobs.saved import load_saved
from ganglion.model.compiler.image import Image
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.errors import GanglionError
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program
from ganglion.model.spec.untrusted import load_json
from ganglion.web.portal.job import Nir

if TYPE_CHECKING:
    from ganglion.model.compiler.network.network import Network


@dataclass(frozen=True, eq=False, kw_only=True)
class JobNetwork:
    """What the file of a network holds."""

    kind: str
    """In a few words."""
    inputs: int
    content: "Program | Image | Network"
    keys: Mapping[Any, int] | None = None
    """The number of each axon by its key, of a network of HiAER-Spike."""
    nir: Nir = field(default_factory=Nir)

    @property
    def about(self) -> dict[str, Any]:
        """What it is, as values of JSON."""
        if not isinstance(self.content, Program | Image):
            neurons = sum(population.size for population in self.content.populations.values())
            return {"kind": self.kind, "inputs": self.inputs, "neurons": neurons}
        program = self.content.program if isinstance(self.content, Image) else self.content
        return {
            "kind": self.kind,
            "inputs": self.inputs,
            "neurons": program.neurons,
            "synapses": program.synapses,
            "chip": program.params.name,
        }

    def runnable(self, progress: Progress = SILENT, chip: Params | None = None) -> Program | Image:
        """What a target can run: a NIR network in the integers of a chip, anything else as it is.

        Args:
            progress: told of the quantising.
            chip: of the board that it is to run on.

        Raises:
            GanglionError: no such chip, or one that cannot be this network; says why.
        """
        if not isinstance(self.content, Program | Image):
            from ganglion.jobs.sizes import Sizes
            from ganglion.model.compiler.quantize import quantize

            params = Sizes(preset=self.nir.preset, changes=self.nir.changes).of(chip)
            return quantize(self.content, params, granularity=self.nir.granularity, progress=progress).program
        return self.content


def read_network(path: Path, nir: Nir) -> JobNetwork:
    """The network in a file, which may be anything.

    Args:
        path: the file.
        nir: how to read a NIR file.

    Raises:
        GanglionError: it is none, or what it says cannot be; says why.
    """
    ending = path.suffix.lower()
    if ending == ".nir":
        return _read_nir(path, nir)
    if nir != Nir():
        raise GanglionError("options for reading a NIR file are not for a network in integers: leave them out")
    if ending == ".json":
        return _read_hiaer(path)
    saved = load_saved(path)
    if isinstance(saved, Image):
        return JobNetwork(kind="image", inputs=saved.program.inputs, content=saved)
    return JobNetwork(kind="program", inputs=saved.inputs, content=saved)


def _read_nir(path: Path, nir: Nir) -> JobNetwork:
    # What reads other projects' networks takes long to load, and few jobs need it.
    from ganglion.jobs.conventions import make_conventions
    from ganglion.jobs.own_network import input_shape
    from ganglion.model.interchange.nir.importer import import_nir

    convention, nodes = make_conventions(nir.convention, nir.choices)
    network = import_nir(path, convention, nodes=nodes, timing=nir.timing)
    return JobNetwork(kind="NIR", inputs=math.prod(input_shape(network)), content=network, nir=nir)


def _read_hiaer(path: Path) -> JobNetwork:
    from ganglion.model.interchange.cri.program import build_program
    from ganglion.web.portal import hiaer

    connectome = hiaer.from_json(load_json(path, "network of HiAER-Spike"))
    program = build_program(connectome)
    return JobNetwork(kind="HiAER-Spike", inputs=program.inputs, content=program, keys=connectome.axons)
