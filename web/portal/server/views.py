"""What the API tells of jobs and users, as JSON."""

from typing import Any

from pydantic import BaseModel

from ganglion.web.portal.job import JobRequest, Progress, State
from ganglion.web.portal.store.jobs import Job
from ganglion.web.portal.store.store import Store


class FileView(BaseModel):
    """A file that came of a job."""

    name: str
    size: int
    """Bytes."""


class JobView(BaseModel):
    """A job. Times are seconds since 1970."""

    id: str
    user: str
    state: State
    request: JobRequest
    about: dict[str, Any]
    """The network and the events."""
    ahead: int
    """Jobs of the same target that were there before, while it waits."""
    progress: Progress
    created: float
    started: float | None
    ended: float | None
    removed: float | None
    """When it and its results will be removed."""
    worker: str | None
    attempts: int
    error: str
    found: dict[str, Any]
    """Figures of the run: totals of counters, steps, seconds."""
    files: list[FileView]
    public: str | None
    """Path of the page that anyone may read."""


class Line(BaseModel):
    """A line of a log."""

    id: int
    at: float
    text: str


class Live(BaseModel):
    """What has become of a job since the last event."""

    state: State
    over: bool
    progress: Progress
    ahead: int
    lines: list[str]


class Me(BaseModel):
    """A user, and what they may have."""

    name: str
    admin: bool
    jobs: dict[State, int]
    upload: int
    """Bytes of a request, at most."""
    seconds: float
    memory: int
    """Bytes."""
    kept: float
    """Seconds that results are kept."""
    targets: dict[str, int]
    """Workers of each target that have asked for a job lately."""


class Problem(BaseModel):
    """Why a request was refused."""

    detail: str


def job_view(store: Store, job: Job) -> JobView:
    """A job as the API tells it."""
    return JobView(
        id=job.id,
        user=job.user,
        state=job.state,
        request=job.request,
        about=job.about,
        ahead=store.jobs.ahead(job) if job.state is State.QUEUED else 0,
        progress=job.progress,
        created=job.created,
        started=job.started,
        ended=job.ended,
        removed=job.ended + store.settings.kept if job.ended else None,
        worker=job.worker,
        attempts=job.attempts,
        error=job.error,
        found=job.found,
        files=[FileView(name=name, size=size) for name, size in store.files.results(job.id, job.lease)],
        public=f"/public/{job.public}" if job.public else None,
    )
