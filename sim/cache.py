"""The cache of builds: what takes long to make is made once, and kept under a hash of all that it depends on."""

import hashlib
import platform
import re
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from ganglion.model.cache import cache_folder, writable_cache
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.files import locked, written_folder


@cache
def processor() -> str:
    """The kind of processor that compiled code is for: its family and, where the system tells them, its instructions.

    Several machines may share a cache, in a home folder or an image of a container; what one compiles for itself is an
    illegal instruction to another.
    """
    info = Path("/proc/cpuinfo")
    told = re.search(r"^(?:flags|Features)\s*:.*$", info.read_text(), re.MULTILINE) if info.exists() else None
    return "\n".join([platform.machine(), told[0] if told else platform.processor()])


def key_of(inputs: list[str]) -> str:
    """A short name for all of this."""
    return hashlib.sha256("\0".join(inputs).encode()).hexdigest()[:20]


def cached_build(
    name: str,
    inputs: list[str],
    build: Callable[[Path], None],
    progress: Progress = SILENT,
    *,
    compiled: bool = True,
) -> Path:
    """The folder that `build` filled for these inputs, now or earlier, here or in another process.

    Args:
        name: what is built, for people: part of the folder's name and of the progress message.
        inputs: everything that the result depends on.
        build: fills an empty folder. What it leaves there must not depend on where the folder is.
        progress: told that something is being built.
        compiled: the result is code of this kind of processor, and of no use to another.

    Raises:
        ToolError: there is no folder to keep it in; says what to do.
    """
    folder = cache_folder() / f"{name}-{key_of([*inputs, processor()] if compiled else inputs)}"
    if folder.is_dir():
        return folder
    writable_cache()
    with locked(folder.with_name(f"{folder.name}.lock")):
        if folder.is_dir():
            return folder
        # Folders with spaces break Verilator's makefiles, and the cache may be in one.
        scratch = Path(tempfile.mkdtemp(prefix="ganglion-"))
        try:
            with progress.task(f"building {name} (once; kept in {cache_folder()})"):
                build(scratch)
                # The scratch folder is its owner's alone; what is kept has the modes of the umask, for all to share.
                with written_folder(folder) as kept:
                    for part in scratch.iterdir():
                        (shutil.copytree if part.is_dir() else shutil.copy)(part, kept / part.name)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    return folder
