"""`ganglion cache`: what is kept of what takes long to make, and making room."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from ganglion.jobs.result import Result, table
from ganglion.model.cache import cache_folder

DATA = "data"
"""The folder of real data, which nothing here can make again."""

KINDS = {
    "native": "chips for simulation",
    "quick": "chips for simulation, built quickly",
    "waveform": "chips for simulation, with waveforms",
    "cocotb": "chips for cocotb",
    "board": "virtual boards",
    "verilog": "Verilog of chips",
    "verilated": "Verilator's runtime",
    "kernels": "kernels of the emulator",
    "waves": "waveforms of differences",
}
"""What the names of its folders begin with."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What is kept of one kind."""

    what: str
    entries: int
    bytes: int


@dataclass(frozen=True, kw_only=True)
class Cache(Result):
    """The cache as it was found."""

    folder: Path
    kept: tuple[Kept, ...]
    cleared: bool
    """Whether all of it has been removed since."""

    def to_dict(self) -> dict[str, Any]:
        return {"folder": str(self.folder), "cleared": self.cleared, "kept": [vars(each) for each in self.kept]}

    def shown(self) -> Iterator[str | Table]:
        if self.kept:
            rows = table("", "entries", "MB", title=str(self.folder))
            for each in self.kept:
                rows.add_row(each.what, f"{each.entries:,}", f"{each.bytes / 1e6:,.1f}")
            yield rows
        total = sum(each.bytes for each in self.kept) / 1e6
        yield f"{self.folder}: {total:,.1f} MB{', all of it removed' if self.cleared and self.kept else ''}"


def cache(*, clear: bool = False) -> Cache:
    """What is in the cache.

    Args:
        clear: remove all of it afterwards, but for data; what is built next is built anew.

    Raises:
        ToolError: there is no cache, and no home folder for one.
        OSError: something cannot be removed.
    """
    folder = cache_folder()
    entries = sorted(path for path in folder.iterdir() if path.name != DATA) if folder.is_dir() else []
    kinds: dict[str, list[Path]] = {}
    for path in entries:
        kinds.setdefault(KINDS.get(path.name.split("-")[0], "other files"), []).append(path)
    kept = tuple(
        Kept(what=what, entries=sum(path.is_dir() for path in paths), bytes=sum(map(_size, paths)))
        for what, paths in kinds.items()
    )
    if clear:
        for path in entries:
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    return Cache(folder=folder, kept=kept, cleared=clear)


def _size(path: Path) -> int:
    """Bytes of a file, or of all files in a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file() and not file.is_symlink())
