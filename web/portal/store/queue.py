"""The queue as workers see it: a job is leased to one of them, who keeps the lease alive by heartbeats.

Whoever is silent for the length of a lease has lost the job, and another gets it. Only the holder of the lease that a
job has now may end it, so that a job ends once, whatever is killed and whatever is sent twice.
"""

import json
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from ganglion.model.spec.errors import PortalError
from ganglion.web.portal.job import Progress, State
from ganglion.web.portal.settings import Settings
from ganglion.web.portal.store.database import Database
from ganglion.web.portal.store.jobs import Job, Jobs
from ganglion.web.portal.store.tables import jobs, users, workers

FOUND = 20_000
"""Characters of JSON that a worker may tell of what it found."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A worker, as it told of itself when it last asked."""

    name: str
    targets: tuple[str, ...]
    about: dict[str, str]
    seen: float


class Queue:
    """Who runs which job.

    Args:
        database: where the jobs are.
        settings: length of a lease, and how many may be lost.
        jobs: the same jobs as users see them.
    """

    def __init__(self, database: Database, settings: Settings, jobs: Jobs) -> None:
        self._database, self._settings, self._jobs = database, settings, jobs

    def claim(self, worker: str, targets: Sequence[str], about: dict[str, str]) -> Job | None:
        """Leases the next job of these targets to a worker; None where there is none.

        Round robin between users: those with the fewest jobs that run come first, of these who was served longest ago,
        and of each user the oldest job.
        """
        self._see(worker, targets, about)
        self.expire()
        busy = select(jobs.c.user, func.count().label("running")).where(jobs.c.state == State.RUNNING)
        running = busy.group_by(jobs.c.user).subquery()
        waiting = select(jobs.c.id, jobs.c.user).where(jobs.c.state == State.QUEUED, jobs.c.target.in_(targets))
        following = (
            waiting.join(users, users.c.id == jobs.c.user)
            .outerjoin(running, running.c.user == jobs.c.user)
            .order_by(func.coalesce(running.c.running, 0), users.c.served, jobs.c.created, jobs.c.id)
            .limit(1)
        )
        while True:
            with self._database.write() as connection:
                row = connection.execute(following).first()
                if row is None:
                    return None
                now = time.time()
                taken = connection.execute(
                    update(jobs)
                    .where(jobs.c.id == row.id, jobs.c.state == State.QUEUED)
                    .values(
                        state=State.RUNNING,
                        started=now,
                        worker=worker,
                        lease=secrets.token_hex(16),
                        lease_ends=now + self._settings.lease,
                        attempts=jobs.c.attempts + 1,
                        progress=Progress(what="starting").model_dump_json(),
                    )
                )
                connection.execute(update(users).where(users.c.id == row.user).values(served=now))
            if taken.rowcount:
                return self._jobs.get(row.id)

    def beat(self, id: str, lease: str, progress: Progress) -> bool:
        """A heartbeat: the lease counts anew from now on.

        Returns:
            Whether the worker is to stop, as the user has cancelled the job.

        Raises:
            PortalError: the lease is lost.
        """
        with self._database.write() as connection:
            kept = connection.execute(
                update(jobs)
                .where(*_held(id, lease))
                .values(lease_ends=time.time() + self._settings.lease, progress=progress.model_dump_json())
            )
        if not kept.rowcount:
            raise _lost()
        return self._jobs.get(id).cancel

    def check_lease(self, id: str, lease: str) -> None:
        """Whether a job is leased so.

        Raises:
            PortalError: not.
        """
        with self._database.read() as connection:
            if connection.execute(select(jobs.c.id).where(*_held(id, lease))).first() is None:
                raise _lost()

    def end(
        self, id: str, lease: str, state: State, *, error: str = "", found: dict[str, Any] | None = None, size: int = 0
    ) -> None:
        """Ends a job. To say so twice is as good as once.

        Args:
            id: of the job.
            lease: of who ends it.
            state: DONE, FAILED or CANCELLED.
            error: a sentence for the user, where it failed.
            found: figures, where it is done.
            size: of its results, in bytes.

        Raises:
            PortalError: the lease is lost, or too much was found.
        """
        text = json.dumps(found or {})
        if len(text) > FOUND:
            raise PortalError(f"what was found is {len(text)} characters; {FOUND} are the most", status=413)
        values = {"state": state, "ended": time.time(), "error": error[:2000].replace("\x00", ""), "found": text}
        with self._database.write() as connection:
            ended = connection.execute(
                update(jobs).where(*_held(id, lease)).values(**values, size=jobs.c.size + size, lease_ends=None)
            )
            if not ended.rowcount:
                before = select(jobs.c.id).where(jobs.c.id == id, jobs.c.lease == lease, jobs.c.state == state)
                if connection.execute(before).first() is None:
                    raise _lost()

    def give_back(self, id: str, lease: str) -> None:
        """A worker that is asked to stop gives its job back: it is next again, and this was no attempt.

        Raises:
            PortalError: the lease is lost.
        """
        values = {"state": State.QUEUED, "lease": None, "lease_ends": None, "worker": None}
        with self._database.write() as connection:
            query = update(jobs).where(*_held(id, lease)).values(**values, attempts=jobs.c.attempts - 1)
            if not connection.execute(query).rowcount:
                raise _lost()

    def expire(self) -> None:
        """Puts jobs whose workers are silent back into the queue, or ends those that have had enough of them."""
        now, most = time.time(), self._settings.attempts
        lost = (jobs.c.state == State.RUNNING, jobs.c.lease_ends < now)
        with self._database.read() as connection:
            if connection.execute(select(jobs.c.id).where(*lost)).first() is None:
                return
        failed = f"{most} workers were lost while they ran it, so that it may be what ends them; it is not tried again"
        ended = {"ended": now, "lease": None, "lease_ends": None}
        with self._database.write() as connection:
            for condition, values in (
                (jobs.c.cancel, {"state": State.CANCELLED, **ended}),
                (jobs.c.attempts >= most, {"state": State.FAILED, "error": failed, **ended}),
                (jobs.c.attempts < most, {"state": State.QUEUED, "lease": None, "lease_ends": None, "worker": None}),
            ):
                connection.execute(update(jobs).where(*lost, condition).values(**values))

    def renew_all(self) -> None:
        """All leases count anew: the portal was away, and nobody could tell it anything."""
        with self._database.write() as connection:
            ends = time.time() + self._settings.lease
            connection.execute(update(jobs).where(jobs.c.state == State.RUNNING).values(lease_ends=ends))

    def _see(self, worker: str, targets: Sequence[str], about: dict[str, str]) -> None:
        values = {"targets": json.dumps(list(targets)), "about": json.dumps(about), "seen": time.time()}
        with self._database.write() as connection:
            if not connection.execute(update(workers).where(workers.c.name == worker).values(**values)).rowcount:
                connection.execute(insert(workers).values(name=worker, **values))

    def workers(self, since: float = 0.0) -> list[Seen]:
        """Workers that have asked for a job since then, by name."""
        query = select(workers).where(workers.c.seen >= since).order_by(workers.c.name)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return [
            Seen(name=row.name, targets=tuple(json.loads(row.targets)), about=json.loads(row.about), seen=row.seen)
            for row in rows
        ]

    def forget_workers(self, before: float) -> None:
        """Removes workers that have not asked since then."""
        with self._database.write() as connection:
            connection.execute(delete(workers).where(workers.c.seen < before))


def _held(id: str, lease: str) -> tuple[Any, ...]:
    return jobs.c.id == id, jobs.c.lease == lease, jobs.c.state == State.RUNNING


def _lost() -> PortalError:
    return PortalError("this worker does not have the job any more: another has it, or it has ended", status=409)
