"""The folder of the playground: the page as it lies here, and the data that is made from the code."""

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from shutil import copytree
from typing import Any

from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.errors import ToolError
from ganglion.model.spec.files import written_whole
from ganglion.web.playground.chip import model_values
from ganglion.web.playground.kernels import build_modules
from ganglion.web.playground.networks import CODES, network_values
from ganglion.web.playground.vectors import vectors

PAGE = Path(__file__).with_name("page")
"""The page that ships, all its data included."""

DATA = "data"


def packed(values: Mapping[str, Any]) -> bytes:
    """Values as compressed JSON, the same bytes whenever they are made."""
    text = json.dumps(values, separators=(",", ":"))
    return gzip.compress(text.encode(), 9, mtime=0)


def write_data(page: Path = PAGE, progress: Progress = SILENT) -> None:
    """Make all data anew, and write it where the page of a checkout reads it.

    Raises:
        ToolError: the kernels did not compile.
        OSError: a file cannot be written.
    """
    with progress.task("compiling the kernels to WebAssembly"):
        files = build_modules()
    with progress.task("a thousand networks on the reference"):
        files["vectors.json.gz"] = packed(vectors())
    files["model.json"] = json.dumps(model_values(), indent=1).encode()
    for name in CODES:
        files[f"{name}.json.gz"] = packed(network_values(name))
    for name, content in files.items():
        with written_whole(page / DATA / name) as file:
            file.write(content)


def copy_page(to: Path) -> Path:
    """Copy the page to a folder that any web server can hold; its first file.

    Raises:
        ToolError: something else is there already.
        OSError: a file cannot be written.
    """
    if to.exists() and not (to / "index.html").exists() and any(to.iterdir()):
        raise ToolError(f"{to} has other files in it: give a folder that is empty or not there yet")
    copytree(PAGE, to, dirs_exist_ok=True)
    return to / "index.html"


if __name__ == "__main__":
    write_data()
