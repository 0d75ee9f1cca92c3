"""Files that Ganglion saved: images and programs, told apart by what is in them."""

from pathlib import Path

from ganglion.model.compiler import Image, load_image
from ganglion.model.compiler import file as image_file
from ganglion.model.spec.archive import HEADER
from ganglion.model.spec.errors import FormatError
from ganglion.model.spec.program import Program
from ganglion.model.spec.untrusted import load_npz, object_from_json


def load_saved(path: Path) -> Image | Program:
    """A saved image, or a saved program.

    Raises:
        FormatError: neither; says what is wrong with it.
    """
    header = load_npz(path, "Ganglion image or program").get(HEADER)
    try:
        kind = object_from_json(str(header)).get("format")
    except (ValueError, RecursionError):
        raise FormatError(
            f"{path} is neither an image nor a program that Ganglion saved (.npz), nor a NIR file (.nir)"
        ) from None
    return load_image(path) if kind == image_file.FORMAT.what.lower() else Program.load(path)
