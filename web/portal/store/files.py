"""The files of jobs: a folder each, with names that the portal gives and no user can choose."""

import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ganglion.model.spec.errors import PortalError
from ganglion.model.spec.files import written_folder

NETWORK, EVENTS = "network", "events"
"""What the files of a job are called, before the end of the name that says what they are."""

NETWORKS = (".npz", ".nir", ".json")

EVENT_FILES = (".npz", ".npy", ".json")

RESULTS = {"trace.npz": "application/octet-stream", "report.html": "text/html", "raster.svg": "image/svg+xml"}
"""What comes of a job, and the media type of each."""

UNFINISHED = 3600.0
"""Seconds after which a folder that no job has is what a portal left that was killed."""


@dataclass(frozen=True, kw_only=True)
class Disk:
    """How full the disk is, in bytes."""

    jobs: int
    free: int
    total: int


class Files:
    """A folder of jobs.

    Args:
        folder: made where it is missing, for this user of the machine alone.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "jobs"
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    @contextmanager
    def written(self, id: str) -> Iterator[Path]:
        """An empty folder, that is the one of a new job when the block ends well."""
        with written_folder(self._folder / id) as folder:
            yield folder

    def keep_results(self, id: str, lease: str, results: Mapping[str, IO[bytes]], most: int) -> int:
        """Writes what came of an attempt, all or nothing. What was sent before, of the same attempt, is it already.

        Args:
            id: of the job.
            lease: of the attempt.
            results: files by name.
            most: bytes that they may have.

        Returns:
            Bytes of the files.

        Raises:
            PortalError: they have more.
        """
        folder, size = self._folder / id / lease, 0
        try:
            with written_folder(folder) as made:
                for name, content in results.items():
                    with (made / name).open("wb") as file:
                        while block := content.read(1 << 20):
                            size += file.write(block)
                            if size > most:
                                raise PortalError(f"files of a job have at most {most:,} bytes", status=413)
        except OSError:
            if not folder.is_dir():
                raise
        return size_of(folder)

    def input(self, id: str, name: str) -> Path:
        """The file of the network or of the events.

        Raises:
            PortalError: it is not there.
        """
        for ending in dict.fromkeys((*NETWORKS, *EVENT_FILES)):
            if (path := self._folder / id / (name + ending)).is_file():
                return path
        raise PortalError(f"the job has no file of {name}: it was removed after its time", status=404)

    def result(self, id: str, lease: str | None, name: str) -> Path:
        """A file that came of a job.

        Raises:
            PortalError: it is not there.
        """
        path = self._folder / id / (lease or "none") / name
        if name not in RESULTS or not path.is_file():
            raise PortalError(f"the job has no file '{name[:40]}'; files are {', '.join(RESULTS)}", status=404)
        return path

    def results(self, id: str, lease: str | None) -> list[tuple[str, int]]:
        """Names and sizes of what came of a job."""
        paths = [(name, self._folder / id / (lease or "none") / name) for name in RESULTS]
        return [(name, path.stat().st_size) for name, path in paths if path.is_file()]

    def remove(self, id: str) -> None:
        """Removes all of a job."""
        shutil.rmtree(self._folder / id, ignore_errors=True)

    def remove_others(self, known: Sequence[str]) -> None:
        """Removes folders of no job, which a portal left that was killed between a file and its entry."""
        there = set(known)
        for path in self._folder.iterdir():
            if path.name not in there and time.time() - path.stat().st_mtime > UNFINISHED:
                shutil.rmtree(path, ignore_errors=True)

    def disk(self) -> Disk:
        """How full the disk is."""
        used = 0
        for folder, _, names in os.walk(self._folder):
            for name in names:
                try:
                    used += (Path(folder) / name).stat().st_size
                except FileNotFoundError:  # removed since
                    continue
        usage = shutil.disk_usage(self._folder)
        return Disk(jobs=used, free=usage.free, total=usage.total)


def size_of(folder: Path) -> int:
    """Bytes of the files of a folder."""
    return sum(path.stat().st_size for path in folder.iterdir())
