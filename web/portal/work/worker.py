"""A worker: asks the portal for a job, runs it in a process of its own, and sends what came of it."""

import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Event
from typing import Any

from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.errors import PortalError
from ganglion.web.portal.connection import Connection
from ganglion.web.portal.job import JobRequest, State
from ganglion.web.portal.store.files import RESULTS
from ganglion.web.portal.work.apart import Apart, Outcome
from ganglion.web.portal.work.tasks import Limits, Run

IDLE = 1.0
"""Seconds between two questions, where there is no job."""

BEATS = 1.0
"""Seconds between two heartbeats of a job that says something new; of others, a quarter of the lease."""

GONE = (404, 409)
"""Statuses by which the portal says that this worker does not have the job any more."""


class Worker:
    """One worker.

    Args:
        connection: to the portal, with the worker's token.
        targets: that it can run.
        about: its machine and its board, for the page of those who run the portal.
        device: of its board.
        progress: told of the jobs.
    """

    def __init__(
        self,
        connection: Connection,
        targets: Sequence[str],
        *,
        about: Mapping[str, str] | None = None,
        device: str | None = None,
        progress: Progress = SILENT,
    ) -> None:
        self._connection, self._targets, self._device = connection, list(targets), device
        self._about, self._progress = dict(about or {}), progress
        self._apart = Apart()
        self._stopping = Event()

    def stop(self) -> None:
        """Asks it to stop; a job that runs is given back."""
        self._stopping.set()

    def serve(self, most: int | None = None) -> int:
        """Runs jobs until it is asked to stop.

        Args:
            most: jobs after which it stops by itself.

        Returns:
            Jobs that it has ended.

        Raises:
            PortalError: the portal refuses this worker.
        """
        ended = 0
        try:
            while not self._stopping.is_set() and (most is None or ended < most):
                leased = self._claim()
                if leased is None:
                    self._stopping.wait(IDLE)
                    continue
                try:
                    ended += self._run(leased)
                except PortalError as error:
                    if error.status not in GONE and 400 <= error.status < 500:
                        raise
                    self._progress.note(f"job {leased['id']}: {error}")
            return ended
        finally:
            self._apart.close()

    def _claim(self) -> dict[str, Any] | None:
        """A job, if there is one, and if there is a portal."""
        try:
            response = self._connection.send(
                "POST",
                "/api/worker/claim",
                again=lambda: not self._stopping.is_set(),
                json={"targets": self._targets, "about": self._about},
            )
        except PortalError as error:
            if error.status and error.status != 429 and error.status < 500:
                raise
            return None
        found: dict[str, Any] | None = None if response.status_code == 204 else response.json()
        return found

    def _run(self, leased: dict[str, Any]) -> int:
        """Runs a job from its files to its results; 1 where it has ended here, 0 where it was given back."""
        with tempfile.TemporaryDirectory(prefix="ganglion-job-") as name:
            folder, line = Path(name), _Line(self._connection, leased)
            paths = [folder / leased[what] for what in ("network", "events")]
            for what, path in zip(("network", "events"), paths, strict=True):
                path.write_bytes(line.send("GET", what).content)
            out = folder / "results"
            out.mkdir()
            request = JobRequest.model_validate(leased["request"])
            self._progress.note(f"job {leased['id']}: {request.name} on the {request.target}")
            task = Run(request=request, network=paths[0], events=paths[1], out=out, device=self._device)
            limits = Limits(seconds=leased["seconds"], memory=leased["memory"], file=leased["results"])
            outcome = self._apart.perform(
                task,
                limits,
                seconds=leased["seconds"],
                hear=line.hear,
                stop=lambda: line.beat() or self._stopping.is_set(),
            )
            if outcome.stopped and not line.cancelled and not line.lost:
                line.send("POST", "back")
                return 0
            if line.lost:
                raise PortalError("another worker has it, or it has ended", status=409)
            self._end(line, outcome, out)
            return 1

    def _end(self, line: "_Line", outcome: Outcome, out: Path) -> None:
        """Tells how it ended, again and again until the portal has heard it."""
        state = State.CANCELLED if line.cancelled else State.FAILED if outcome.error else State.DONE
        ended: dict[str, Any] = {"state": state, "found": dict(outcome.result)}
        ended |= {"error": outcome.error[:2000]} if state is State.FAILED else {}
        files = {path.name: path.read_bytes() for path in sorted(out.iterdir()) if path.name in RESULTS}
        line.beat(now=True)
        parts = {name: (name, content, RESULTS[name]) for name, content in files.items() if state is State.DONE}
        line.end(ended, parts)


class _Line:
    """What a worker says of one job: heartbeats with what is new, and the end."""

    def __init__(self, connection: Connection, leased: dict[str, Any]) -> None:
        self._connection, self._id = connection, leased["id"]
        self._headers = {"ganglion-lease": leased["lease"]}
        self._quiet = leased["silence"] / 4
        self._progress: dict[str, Any] = {"what": "starting"}
        self._lines: list[str] = []
        self._new, self._last = True, 0.0
        self.cancelled = self.lost = False

    def send(self, method: str, what: str, **arguments: Any) -> Any:
        """A request about the job."""
        path = f"/api/worker/jobs/{self._id}/{what}"
        return self._connection.send(method, path, headers=self._headers, **arguments)

    def hear(self, message: dict[str, Any]) -> None:
        """Keeps what the job's process says for the next heartbeat."""
        if "progress" in message:
            self._progress, self._new = message["progress"], True
        if "note" in message:
            self._lines.append(str(message["note"])[:500])
            self._new = True

    def beat(self, *, now: bool = False) -> bool:
        """A heartbeat, if it is time for one; whether to stop, as the user has cancelled the job or it is lost."""
        since = time.monotonic() - self._last
        if not now and since < (BEATS if self._new else self._quiet):
            return self.cancelled or self.lost
        lines, self._lines, self._new, self._last = self._lines[:200], [], False, time.monotonic()
        try:
            # Not repeated here: the job goes on while the portal is away.
            heard = self.send("POST", "beat", json={"progress": self._progress, "lines": lines}, again=lambda: False)
            self.cancelled = bool(heard.json()["cancel"])
        except PortalError as error:
            self.lost = error.status in GONE
            self._lines, self._new = lines + self._lines, True
        return self.cancelled or self.lost

    def end(self, ended: dict[str, Any], parts: Mapping[str, Any]) -> None:
        """The end. What the portal cannot take is told as a failure, so that the job does not come again."""
        while True:
            try:
                self.send("POST", "end", data={"ended": json.dumps(ended)}, files=parts or None)
                return
            except PortalError as error:
                if error.status in GONE or (400 <= error.status < 500 and ended["state"] == State.FAILED):
                    raise
                if 400 <= error.status < 500 and error.status not in (408, 429):
                    ended, parts = {"state": State.FAILED, "error": f"its results were refused: {error}"}, {}
