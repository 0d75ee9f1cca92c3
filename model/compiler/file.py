"""Image files: an archive of the arrays of an `Image`."""

import dataclasses
from operator import index
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from ganglion.model.compiler.image import Core, Image
from ganglion.model.compiler.layout import Content, Destinations, Places, SynapsePlaces
from ganglion.model.compiler.usage import Resource, Usage
from ganglion.model.spec import memories
from ganglion.model.spec.archive import Archive, Format
from ganglion.model.spec.errors import FormatError, ProgramError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.formats import CHUNK_BITS
from ganglion.model.spec.memories import Memory
from ganglion.model.spec.packets import ROUTE_BITS
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program

_T = TypeVar("_T", Places, Destinations, SynapsePlaces)

AGAIN = "compile the network again"

FORMAT = Format("Ganglion image", 3, AGAIN)
"""Of the file; the version of the memories' contents is `ganglion.model.spec.memories.VERSION`."""


@explained(ProgramError)
def save_image(image: Image, path: str | Path) -> None:
    """Write an image: to a file beside `path`, which then takes its place, so that no half image is ever seen.

    Raises:
        OSError: the file cannot be written.
    """
    header = {
        **image.program.header(),
        "memories": memories.VERSION,
        "cores": [
            {
                "first": {memory.name: int(content.first) for memory, content in core.memories.items()},
                "usage": {use.resource: use.used for use in core.usage.uses},
            }
            for core in image.cores
        ],
    }
    arrays: dict[str, Any] = {f"program/{name}": values for name, values in image.program.arrays().items()}
    for name in ("neurons", "inputs", "synapses"):
        arrays |= {f"{name}/{field}": values for field, values in vars(getattr(image, name)).items()}
    for number, core in enumerate(image.cores):
        arrays |= {f"core{number}/{memory.name}": content.chunks for memory, content in core.memories.items()}
    Archive(path=Path(path), format=FORMAT, header=header, arrays=arrays).save()


@explained(ProgramError)
def load_image(path: str | Path, params: Params | None = None) -> Image:
    """Read an image. The file may be anything: what is in it is checked.

    Args:
        path: the file.
        params: the chip that the image must be for; None takes any.

    Raises:
        FormatError: no image, cut short, of another version, damaged, or for other parameters; the message says which.
    """
    archive = Archive.load(path, FORMAT)
    version = archive.entry("memories", int)
    if version != memories.VERSION:
        raise FormatError(
            f"{path} is an image of memories of version {version}; this Ganglion reads version {memories.VERSION}: "
            f"{AGAIN}"
        )
    program = Program.restored(archive, "program/")
    image = Image(
        params=program.params,
        program=program,
        cores=_cores(archive, program.params),
        neurons=_stored(Places, archive, "neurons"),
        inputs=_stored(Destinations, archive, "inputs"),
        synapses=_stored(SynapsePlaces, archive, "synapses"),
    )
    _check_places(archive, image)
    archive.check_read()
    if params is not None and (differences := image.params.differences(params)):
        raise FormatError(
            f"{path} is an image for another chip ({image.params.name}, not {params.name}); "
            f"field: image, chip: {'; '.join(differences)}"
        )
    return image


def _stored(of: type[_T], archive: Archive, name: str) -> _T:
    return of(**{field.name: archive.integers(f"{name}/{field.name}") for field in dataclasses.fields(of)})


def _cores(archive: Archive, params: Params) -> tuple[Core, ...]:
    described = archive.entry("cores", lambda cores: [_described(params, **core) for core in cores])
    if len(described) != params.cores:
        raise archive.damaged(f"it has {len(described)} cores; its parameters say {params.cores}")
    specs, cores = memories.memories(params), []
    for number, (first, usage) in enumerate(described):
        contents = {}
        for memory, start in first.items():
            spec, name = specs[memory], f"core{number}/{memory.name}"
            chunks = archive.integers(name, 2)
            high = (1 << CHUNK_BITS) - 1
            if chunks.shape[1] != spec.layout.chunks or not 0 <= start <= spec.rows - len(chunks):
                raise archive.damaged(f"'{name}' is {chunks.shape} from row {start} on, which is not in that memory")
            if ((chunks < 0) | (chunks > high)).any():
                raise archive.damaged(f"'{name}' must be 0 to {high}")
            contents[memory] = Content(start, chunks.astype(np.uint16))
        cores.append(Core(memories=contents, usage=usage))
    return tuple(cores)


def _described(params: Params, first: dict[str, int], usage: dict[str, int]) -> tuple[dict[Memory, int], Usage]:
    used = {Resource(name): index(count) for name, count in usage.items()}
    return {Memory[name]: index(start) for name, start in first.items()}, Usage.of_core(used, params)


def _check_places(archive: Archive, image: Image) -> None:
    """Whether what is placed is all there, and nothing beyond the memories of the chip."""
    params, program, specs = image.params, image.program, memories.memories(image.params)
    weights = specs[Memory.SYNAPSES].rows
    bits = specs[Memory.SYNAPSES].layout.width
    starts, destinations = image.inputs.start, image.inputs.axon.size
    for name, values, count, limit in (
        ("neurons/core", image.neurons.core, program.neurons, params.cores),
        ("neurons/row", image.neurons.row, program.neurons, params.neurons),
        ("inputs/start", starts, program.inputs + 1, destinations + 1),
        ("inputs/route", image.inputs.route, destinations, 1 << ROUTE_BITS),
        ("inputs/axon", image.inputs.axon, destinations, params.axons),
        ("synapses/core", image.synapses.core, program.synapses, params.cores),
        ("synapses/row", image.synapses.row, program.synapses, weights),
        ("synapses/bit", image.synapses.bit, program.synapses, bits),
        ("synapses/axon", image.synapses.axon, program.synapses, params.axons),
    ):
        if values.size != count or ((values < 0) | (values >= limit)).any():
            raise archive.damaged(f"'{name}' must be {count} numbers from 0 to {limit - 1}")
    if starts[0] != 0 or starts[-1] != destinations or (starts[1:] < starts[:-1]).any():
        raise archive.damaged(f"'inputs/start' must rise from 0 to {destinations}")
