"""Image files: an .npz of the arrays of an `Image` and a JSON header."""

import dataclasses
import json
import os
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from ganglion.model.compiler.image import Core, Image, SynapsePlaces
from ganglion.model.compiler.pack.memories import Content
from ganglion.model.compiler.place.neurons import Places
from ganglion.model.compiler.route.axons import Destinations
from ganglion.model.compiler.usage import Resource, Usage
from ganglion.model.spec import memories
from ganglion.model.spec.errors import FormatError, GanglionError
from ganglion.model.spec.memories import Memory
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import ARRAYS, Program

_T = TypeVar("_T", Places, Destinations, SynapsePlaces)

FORMAT = "ganglion image"

FILE_VERSION = 3
"""Version of the file; that of the memories' contents is `ganglion.model.spec.memories.VERSION`."""


def save_image(image: Image, path: str | Path) -> None:
    """Write an image: to a file beside `path`, which then takes its place, so that no half image is ever seen."""
    path, program = Path(path), image.program
    header = {
        "format": FORMAT,
        "version": FILE_VERSION,
        "memories": memories.VERSION,
        "params": image.params.to_dict(),
        "types": [dataclasses.asdict(each) for each in program.types],
        "inputs": program.inputs,
        "seed": program.seed,
        "names": {name: list(where) for name, where in program.names.items()},
        "cores": [
            {
                "first": {memory.name: int(content.first) for memory, content in core.memories.items()},
                "usage": [dataclasses.asdict(resource) for resource in core.usage.resources],
            }
            for core in image.cores
        ],
    }
    arrays = {f"program/{name}": getattr(program, name) for name in ARRAYS}
    for name in ("neurons", "inputs", "synapses"):
        arrays |= {f"{name}/{field}": values for field, values in vars(getattr(image, name)).items()}
    for number, core in enumerate(image.cores):
        arrays |= {f"core{number}/{memory.name}": content.chunks for memory, content in core.memories.items()}

    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez_compressed(file, header=np.array(json.dumps(header)), **arrays)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink()
        raise


def load_image(path: str | Path, params: Params | None = None) -> Image:
    """Read an image.

    Args:
        path: the file.
        params: the chip that the image must be for; None takes any.

    Raises:
        FormatError: no image, cut short, of another version, or for other parameters; the message says which.
    """
    try:
        # Opened here, since numpy leaves a file open that turns out to be no archive.
        with Path(path).open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            arrays = dict(file)
        header = json.loads(str(arrays["header"]))
        if header["format"] != FORMAT:
            raise KeyError("format")
    except FileNotFoundError:
        raise FormatError(f"{path}: there is no such file") from None
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, LookupError, TypeError) as error:
        raise FormatError(f"{path} is not a whole Ganglion image (cut short, or another kind of file)") from error
    versions = (header.get("version"), header.get("memories"))
    if versions != (FILE_VERSION, memories.VERSION):
        raise FormatError(
            f"{path} is an image of version {versions[0]}, memories {versions[1]}; this Ganglion reads version "
            f"{FILE_VERSION}, memories {memories.VERSION}: compile the network again"
        )
    try:
        image = _build(header, arrays)
    except (GanglionError, LookupError, TypeError, ValueError) as error:
        raise FormatError(f"{path} is a damaged Ganglion image: {error}") from error
    if params is not None and (differences := image.params.differences(params)):
        raise FormatError(
            f"{path} is an image for another chip ({image.params.name}, not {params.name}); "
            f"field: image, chip: {'; '.join(differences)}"
        )
    return image


def _build(header: dict[str, Any], arrays: dict[str, Any]) -> Image:
    params = Params.from_dict(header["params"])
    stored = {name: arrays[f"program/{name}"] for name in ARRAYS}
    indptr = stored.pop("indptr")
    program = Program.build(
        params=params,
        types=tuple(NeuronType(**values) for values in header["types"]),
        inputs=header["inputs"],
        pre=np.repeat(np.arange(indptr.size - 1), np.diff(indptr)),
        post=header["inputs"] + stored.pop("post_neuron"),
        seed=header["seed"],
        names={name: (first, count) for name, (first, count) in header["names"].items()},
        **stored,
    )
    cores = tuple(
        Core(
            memories={
                Memory[name]: Content(first, arrays[f"core{number}/{name}"]) for name, first in core["first"].items()
            },
            usage=Usage(tuple(Resource(**resource) for resource in core["usage"])),
        )
        for number, core in enumerate(header["cores"])
    )

    def stored_as(kind: type[_T], name: str) -> _T:
        return kind(**{field.name: arrays[f"{name}/{field.name}"] for field in dataclasses.fields(kind)})

    return Image(
        params=params,
        program=program,
        cores=cores,
        neurons=stored_as(Places, "neurons"),
        inputs=stored_as(Destinations, "inputs"),
        synapses=stored_as(SynapsePlaces, "synapses"),
    )
