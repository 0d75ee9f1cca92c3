"""A client of the portal, for programs: jobs are submitted, watched and fetched."""

import json
import secrets
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.errors import PortalError
from ganglion.model.spec.events import Events
from ganglion.model.spec.files import write_text, written_whole
from ganglion.model.spec.program import Program
from ganglion.model.spec.trace import Trace
from ganglion.web.portal.connection import Connection
from ganglion.web.portal.events_file import save_events

if TYPE_CHECKING:
    from ganglion.model.compiler.image import Image

TICK = 0.5
"""Seconds between two looks at a job."""


@dataclass(frozen=True, kw_only=True)
class RemoteJob:
    """A job of a portal, as it was when it was asked for."""

    id: str
    state: str
    """queued, running, done, failed or cancelled."""
    name: str
    target: str
    done: int
    """Steps that have run, of a job that runs."""
    total: int
    error: str
    found: Mapping[str, Any]
    """Figures of the run: totals of counters, steps, seconds."""
    files: Sequence[str]
    public: str | None
    """Address of the page that anyone may read."""
    _client: "Client" = field(repr=False)

    @property
    def over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in ("done", "failed", "cancelled")

    def file(self, name: str) -> bytes:
        """A file that came of it: trace.npz, report.html or raster.svg.

        Raises:
            PortalError: there is none.
        """
        return self._client.connection.send("GET", f"/api/jobs/{self.id}/files/{name}").content

    def trace(self) -> Trace:
        """The trace of the run.

        Raises:
            PortalError: the job is not done; says why.
            FormatError: the file is damaged.
        """
        if self.state != "done":
            raise PortalError(f"job {self.id} is {self.state}, and has no trace{self.error and ': ' + self.error}")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "trace.npz")
            path.write_bytes(self.file("trace.npz"))
            return Trace.load(path)

    def save(self, folder: str | Path) -> list[Path]:
        """Writes all that came of it into a folder, which is made where it is missing.

        Raises:
            PortalError: as `file`.
            OSError: it cannot be written.
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        for name in self.files:
            content = self.file(name)
            with written_whole(folder / name) as file:
                file.write(content)
        return [folder / name for name in self.files]


class Client:
    """A user of a portal. Use it in a `with`, or close it.

    Args:
        url: such as https://portal.example.org.
        token: of the user; None is enough for a demo.
        certificate: of the portal, to trust alone; None trusts those that this machine does.
        insecure: send the token though it can be read on the way.
        patience: seconds for which a request is repeated where nothing answers.

    Raises:
        PortalError: no address of a portal, or one where the token could be read on the way.
    """

    def __init__(
        self,
        url: str,
        token: str | None = None,
        *,
        certificate: str | Path | None = None,
        insecure: bool = False,
        patience: float = 30.0,
    ) -> None:
        self.connection = Connection(url, token, certificate=certificate, insecure=insecure, patience=patience)

    def submit(
        self,
        network: "Program | Image | Mapping[str, Any] | str | Path",
        events: Events | str | Path,
        *,
        target: str = "emulator",
        name: str | None = None,
        steps: int | None = None,
        states: bool = False,
        report: bool = True,
        probes: Mapping[str, Sequence[int]] | None = None,
        seconds: float | None = None,
        memory: int | None = None,
        nir: Mapping[str, Any] | None = None,
    ) -> RemoteJob:
        """Submits a job. It is one job, however often the request had to be sent.

        Args:
            network: a program or an image, HiAER-Spike's dictionaries as `hiaer_json` makes them, or a file: .npz, .nir
                or .json.
            events: the host's events of each step, or a file: .npz, .npy or .json.
            target: reference, emulator, rtl or board.
            name: what to call it; the file's name unless given.
            steps: to run; as many as the events have unless given.
            states: keep all state at the end of every step in the trace.
            report: draw a picture and a page, too.
            probes: state fields, and the neurons of which to record them.
            seconds: it may run, at most; what the portal allows unless given.
            memory: bytes it may take, at most; what the portal allows unless given.
            nir: how to read a NIR file: convention, choices, timing, granularity, preset, changes.

        Raises:
            PortalError: the portal refuses it; says why.
            OSError: a file cannot be read.
        """
        record = {"states": states, "report": report, "probes": dict(probes or {})}
        asked: dict[str, Any] = {"target": target, "record": record}
        asked["name"] = name or (Path(network).stem[:100] if isinstance(network, str | Path) else "job")
        asked |= {"steps": steps} if steps is not None else {}
        limits = {"seconds": seconds, "memory": memory}
        asked["limits"] = {name: most for name, most in limits.items() if most is not None}
        asked |= {"nir": dict(nir)} if nir else {}
        response = self.connection.send(
            "POST",
            "/api/jobs",
            headers={"idempotency-key": secrets.token_hex(16)},
            data={"job": json.dumps(asked)},
            files={"network": _network(network), "events": _events(events)},
        )
        return self._job(response.json())

    def job(self, id: str) -> RemoteJob:
        """One of your jobs, as it is now.

        Raises:
            PortalError: you have no such job.
        """
        return self._job(self.connection.send("GET", f"/api/jobs/{id}").json())

    def jobs(self, most: int = 50) -> list[RemoteJob]:
        """Your jobs, the newest first."""
        found = self.connection.send("GET", "/api/jobs", params={"most": most}).json()
        return [self._job(each) for each in found]

    def wait(self, job: RemoteJob | str, timeout: float | None = None, progress: Progress = SILENT) -> RemoteJob:
        """Waits until a job is over.

        Args:
            job: the job, or its id.
            timeout: seconds after which to give up; None is never.
            progress: told of its steps, and of the lines of its log.

        Raises:
            PortalError: it is not over in time, or there is no such job.
        """
        id = job if isinstance(job, str) else job.id
        began, before, last = time.monotonic(), 0, 0
        with progress.task(f"job {id}") as task:
            while True:
                now = self.job(id)
                for line in self.connection.send("GET", f"/api/jobs/{id}/log", params={"after": last}).json():
                    progress.note(line["text"])
                    last = line["id"]
                task.describe(f"{now.name} on the {now.target}: {now.state}")
                task.advance(max(0, now.done - before))
                before = max(before, now.done)
                if now.over:
                    return now
                if timeout is not None and time.monotonic() - began > timeout:
                    raise PortalError(f"job {id} is still {now.state} after {timeout:g} s")
                time.sleep(TICK)

    def cancel(self, id: str) -> RemoteJob:
        """Ends a job: at once where it waits; where it runs, its worker is told.

        Raises:
            PortalError: you have no such job.
        """
        return self._job(self.connection.send("POST", f"/api/jobs/{id}/cancel").json())

    def publish(self, id: str) -> RemoteJob:
        """Gives a job a page that whoever has its address may read.

        Raises:
            PortalError: you have no such job.
        """
        return self._job(self.connection.send("POST", f"/api/jobs/{id}/public").json())

    def remove(self, id: str) -> None:
        """Removes a job that is over, and its files.

        Raises:
            PortalError: you have no such job, or it waits or runs.
        """
        self.connection.send("DELETE", f"/api/jobs/{id}")

    def _job(self, found: dict[str, Any]) -> RemoteJob:
        return RemoteJob(
            id=found["id"],
            state=found["state"],
            name=found["request"]["name"],
            target=found["request"]["target"],
            done=found["progress"]["done"],
            total=found["progress"]["total"],
            error=found["error"],
            found=found["found"],
            files=[each["name"] for each in found["files"]],
            public=self.connection.url + found["public"] if found["public"] else None,
            _client=self,
        )

    def close(self) -> None:
        """Lets go of the line. Safe to call twice."""
        self.connection.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _network(network: "Program | Image | Mapping[str, Any] | str | Path") -> tuple[str, bytes]:
    """Name and content of a file."""
    if isinstance(network, str | Path):
        return Path(network).name, Path(network).read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        if isinstance(network, Mapping):
            path = Path(folder, "network.json")
            write_text(path, json.dumps(network))
        else:
            path = Path(folder, "network.npz")
            if isinstance(network, Program):
                network.save(path)
            else:
                from ganglion.model.compiler.file import save_image  # loads the compiler

                save_image(network, path)
        return path.name, path.read_bytes()


def _events(events: Events | str | Path) -> tuple[str, bytes]:
    if isinstance(events, str | Path):
        return Path(events).name, Path(events).read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "events.npz")
        save_events(events, path)
        return path.name, path.read_bytes()
