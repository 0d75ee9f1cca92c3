"""Jobs as users see them: submitted, listed, cancelled, shown to the public, removed."""

import json
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, and_, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from ganglion.model.spec.errors import PortalError
from ganglion.web.portal.job import JobRequest, Progress, State
from ganglion.web.portal.settings import Settings
from ganglion.web.portal.store.database import Database
from ganglion.web.portal.store.tables import jobs, log, users
from ganglion.web.portal.store.users import User

WAITS = (State.QUEUED, State.RUNNING)

LINES = 500
"""Of a job's log, at most."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """A job as it is now."""

    id: str
    user: str
    """Name of the user."""
    user_id: int
    request: JobRequest
    about: dict[str, Any]
    """The network and the events."""
    state: State
    created: float
    started: float | None
    ended: float | None
    worker: str | None
    lease: str | None
    attempts: int
    cancel: bool
    """Whether the user has asked for its end."""
    progress: Progress
    error: str
    found: dict[str, Any]
    """What came of it, in figures."""
    size: int
    public: str | None
    """The key of its public page."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of a job's log."""

    id: int
    at: float
    text: str


class Jobs:
    """The jobs of a portal."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database, self._settings = database, settings

    def submit(
        self, user: User, request: JobRequest, about: dict[str, Any], size: int, *, id: str, key: str | None = None
    ) -> Job:
        """Puts a job into the queue.

        Args:
            user: whose.
            request: what is to run.
            about: the network and the events.
            size: of its files, in bytes.
            id: from `new_id`; what its files are kept under.
            key: of the request; a second one of the same key is the first job, once more.

        Raises:
            PortalError: the user has no room for another.
        """
        self.check_room(user, size)
        values = {
            "id": id,
            "user": user.id,
            "key": key or id,
            "name": request.name,
            "target": request.target,
            "request": request.model_dump_json(),
            "about": json.dumps(about),
            "state": State.QUEUED,
            "created": time.time(),
            "attempts": 0,
            "cancel": False,
            "progress": Progress().model_dump_json(),
            "error": "",
            "found": "{}",
            "size": size,
        }
        try:
            with self._database.write() as connection:
                connection.execute(insert(jobs).values(**values))
        except IntegrityError:
            first = self.of_key(user, key or id)
            if first is None:
                raise
            return first
        return self.get(id)

    def check_room(self, user: User, size: int) -> None:
        """Whether a user may have another job of so many bytes.

        Raises:
            PortalError: not; says why, and what to do.
        """
        query = select(func.count().filter(jobs.c.state.in_(WAITS)), func.coalesce(func.sum(jobs.c.size), 0))
        with self._database.read() as connection:
            waiting, stored = connection.execute(query.where(jobs.c.user == user.id)).one()
        most = self._settings
        if waiting >= most.waiting:
            raise PortalError(
                f"{waiting} of your jobs wait or run, and {most.waiting} are the most: come back when some have ended, "
                "or cancel some",
                status=429,
            )
        if stored + size > most.stored:
            raise PortalError(
                f"your jobs have {stored:,} bytes of files, and {most.stored:,} are the most: remove some that have "
                "ended",
                status=429,
            )

    def of_key(self, user: User, key: str) -> Job | None:
        """The job that a request of this key has made."""
        return self._one(jobs.c.user == user.id, jobs.c.key == key)

    def get(self, id: str, user: User | None = None) -> Job:
        """A job; of a user, or, None, anyone's.

        Raises:
            PortalError: there is none, or it is another user's: nobody is told which.
        """
        job = self._one(jobs.c.id == id, *([jobs.c.user == user.id] if user else []))
        if job is None:
            raise PortalError("there is no such job; its results may have been removed after their time", status=404)
        return job

    def shown(self, key: str) -> Job:
        """The job of a public page.

        Raises:
            PortalError: there is none.
        """
        job = self._one(jobs.c.public == key)
        if job is None:
            raise PortalError("there is no such page; who made it may have taken it back", status=404)
        return job

    def _one(self, *conditions: Any) -> Job | None:
        with self._database.read() as connection:
            row = connection.execute(_query().where(*conditions)).first()
        return None if row is None else _job(row)

    def page(self, user: User | None, *, state: State | None = None, most: int = 50, first: int = 0) -> list[Job]:
        """Jobs of a user, or, None, of all, the newest first."""
        query = _query().order_by(jobs.c.created.desc(), jobs.c.id).limit(most).offset(first)
        query = query.where(jobs.c.user == user.id) if user else query
        query = query.where(jobs.c.state == state) if state else query
        with self._database.read() as connection:
            return [_job(row) for row in connection.execute(query).all()]

    def counts(self, user: User | None = None) -> dict[State, int]:
        """How many jobs there are in each state, of a user or, None, of all."""
        query = select(jobs.c.state, func.count()).group_by(jobs.c.state)
        with self._database.read() as connection:
            rows = connection.execute(query.where(jobs.c.user == user.id) if user else query).all()
        return dict.fromkeys(State, 0) | {State(state): count for state, count in rows}

    def ahead(self, job: Job) -> int:
        """Jobs of the same target that were in the queue before this one."""
        before = and_(jobs.c.state == State.QUEUED, jobs.c.target == job.request.target, jobs.c.created < job.created)
        with self._database.read() as connection:
            return connection.execute(select(func.count()).select_from(jobs).where(before)).scalar_one()

    def cancel(self, id: str, user: User | None) -> Job:
        """Ends a job: at once where it waits, and else its worker is told.

        Raises:
            PortalError: there is no such job.
        """
        job = self.get(id, user)
        with self._database.write() as connection:
            here = jobs.c.id == job.id
            ended = {"state": State.CANCELLED, "ended": time.time(), "cancel": True}
            connection.execute(update(jobs).where(here, jobs.c.state == State.QUEUED).values(**ended))
            connection.execute(update(jobs).where(here, jobs.c.state == State.RUNNING).values(cancel=True))
        return self.get(id)

    def publish(self, id: str, user: User, public: bool) -> Job:
        """Gives a job a page that whoever has its address may read, or takes it back.

        Raises:
            PortalError: there is no such job.
        """
        job = self.get(id, user)
        key = (job.public or secrets.token_urlsafe(24)) if public else None
        with self._database.write() as connection:
            connection.execute(update(jobs).where(jobs.c.id == job.id).values(public=key))
        return self.get(id)

    def remove(self, id: str, user: User | None) -> None:
        """Removes a job that is over. Its files are another's care.

        Raises:
            PortalError: there is no such job, or it waits or runs.
        """
        job = self.get(id, user)
        with self._database.write() as connection:
            gone = connection.execute(delete(jobs).where(jobs.c.id == job.id, jobs.c.state.not_in(WAITS)))
        if not gone.rowcount:
            raise PortalError("a job that waits or runs is not removed: cancel it first", status=409)

    def say(self, id: str, lines: Sequence[str]) -> None:
        """Adds lines to a job's log, as far as there is room."""
        with self._database.write() as connection:
            there = connection.execute(select(func.count()).select_from(log).where(log.c.job == id)).scalar_one()
            now = time.time()
            for line in lines[: max(0, LINES - there)]:
                connection.execute(insert(log).values(job=id, at=now, line=line[:500].replace("\x00", "")))

    def lines(self, id: str, after: int = 0) -> list[Line]:
        """The log of a job, behind a line."""
        query = select(log).where(log.c.job == id, log.c.id > after).order_by(log.c.id)
        with self._database.read() as connection:
            return [Line(id=row.id, at=row.at, text=row.line) for row in connection.execute(query).all()]


def new_id() -> str:
    """A name for a job that nobody can guess."""
    return secrets.token_hex(12)


def _query() -> Select[Any]:
    return select(jobs, users.c.name.label("user_name")).join(users, jobs.c.user == users.c.id)


def _job(row: Row[Any]) -> Job:
    return Job(
        id=row.id,
        user=row.user_name,
        user_id=row.user,
        request=JobRequest.model_validate_json(row.request),
        about=json.loads(row.about),
        state=State(row.state),
        created=row.created,
        started=row.started,
        ended=row.ended,
        worker=row.worker,
        lease=row.lease,
        attempts=row.attempts,
        cancel=row.cancel,
        progress=Progress.model_validate_json(row.progress),
        error=row.error,
        found=json.loads(row.found),
        size=row.size,
        public=row.public,
    )
