"""The door: what is uploaded is read, in a process of its own and within limits, before it becomes a job."""

import queue
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from fastapi import UploadFile
from pydantic import ValidationError

from ganglion.model.spec.errors import PortalError
from ganglion.web.portal.job import JobRequest
from ganglion.web.portal.store.files import EVENT_FILES, EVENTS, NETWORK, NETWORKS, size_of
from ganglion.web.portal.store.jobs import Job, new_id
from ganglion.web.portal.store.store import Store
from ganglion.web.portal.store.users import User
from ganglion.web.portal.work.apart import Apart
from ganglion.web.portal.work.tasks import Check, Limits

READERS = 2
"""Files that are read at a time."""

PATIENCE = 20.0
"""Seconds that an upload waits for a reader."""


class Door:
    """Takes jobs in.

    Args:
        store: where they go.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._readers: queue.Queue[Apart] = queue.LifoQueue()
        self._all = [Apart() for _ in range(READERS)]
        for reader in self._all:
            self._readers.put(reader)

    def submit(
        self, user: User, request: JobRequest, network: UploadFile, events: UploadFile, key: str | None = None
    ) -> Job:
        """A job of two files that were uploaded.

        Args:
            user: whose.
            request: what to do with them.
            network: NIR (.nir), a program or an image (.npz), or HiAER-Spike's dictionaries (.json).
            events: .npz, .npy or .json.
            key: of the request.

        Raises:
            PortalError: a name, a limit or a file that cannot be, or no room; says why.
        """
        if key is not None and (first := self._store.jobs.of_key(user, key)) is not None:
            return first
        self._check_limits(request)
        endings = _ending(NETWORK, network, NETWORKS), _ending(EVENTS, events, EVENT_FILES)
        self._store.jobs.check_room(user, (network.size or 0) + (events.size or 0))
        id = new_id()
        with self._store.files.written(id) as folder:
            paths = folder / (NETWORK + endings[0]), folder / (EVENTS + endings[1])
            for upload, path in zip((network, events), paths, strict=True):
                with path.open("wb") as file:
                    shutil.copyfileobj(upload.file, file)
            about = self._check(request, *paths)
            size = size_of(folder)
        try:
            job = self._store.jobs.submit(user, request, about, size, id=id, key=key)
        except BaseException:
            self._store.files.remove(id)
            raise
        if job.id != id:
            self._store.files.remove(id)
        return job

    def _check_limits(self, request: JobRequest) -> None:
        most = self._store.settings
        for what, asked, allowed in (
            ("seconds", request.limits.seconds, most.seconds),
            ("bytes of memory", request.limits.memory, most.memory),
        ):
            if asked is not None and asked > allowed:
                raise PortalError(f"a job may take {allowed:,g} {what} here, not {asked:,g}", status=422)

    def _check(self, request: JobRequest, network: Path, events: Path) -> dict[str, object]:
        most = self._store.settings
        limits = Limits(seconds=most.door_time, memory=most.memory, file=0)
        with self._reader() as reader:
            task = Check(request=request, network=network, events=events)
            outcome = reader.perform(task, limits, seconds=most.door_time)
        if outcome.error:
            # The user knows the files by what they are, and not by where they are here.
            words = outcome.error.replace(str(network), "the network").replace(str(events), "the file of events")
            raise PortalError(words, status=422)
        return dict(outcome.result)

    @contextmanager
    def _reader(self) -> Iterator[Apart]:
        try:
            reader = self._readers.get(timeout=PATIENCE)
        except queue.Empty:
            raise PortalError("too many files are being read: send it again in a minute", status=429) from None
        try:
            yield reader
        finally:
            self._readers.put(reader)

    def close(self) -> None:
        """Ends the processes that read."""
        for reader in self._all:
            reader.close()


def read_request(text: object) -> JobRequest:
    """The request of a job, from JSON.

    Raises:
        PortalError: it is none; says where.
    """
    if not isinstance(text, str):
        raise PortalError("the part 'job' is the request as a text of JSON", status=422)
    try:
        return JobRequest.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part)[:40] for part in first["loc"]) or "the request"
        raise PortalError(f"{where}: {first['msg']}", status=422) from None


def _ending(what: str, upload: UploadFile, endings: Collection[str]) -> str:
    """How the name of an upload ends. The rest of the name is used for nothing."""
    name = upload.filename or ""
    if not name.isprintable() or any(letter in name for letter in '/\\<>"') or name.startswith(".") or len(name) > 200:
        raise PortalError(f"the file of {what} has a name that is none of a file: {name[:60]!r}", status=422)
    ending = Path(name).suffix.lower()
    if ending not in endings:
        raise PortalError(f"the file of {what} ends in {', '.join(endings)}, not '{ending[:20]}'", status=422)
    return ending
