"""The API of workers, which pull: a machine behind a firewall asks from there, with its token."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Request
from fastapi.responses import FileResponse, Response
from pydantic import BaseModel, Field, StringConstraints
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from ganglion.model.spec.errors import PortalError
from ganglion.web.portal.job import JobRequest, Progress, State, Target
from ganglion.web.portal.server.api import REFUSALS, Id
from ganglion.web.portal.server.parts import Parts, parts, worker
from ganglion.web.portal.store.files import EVENTS, NETWORK, RESULTS

router = APIRouter(prefix="/api/worker", tags=["workers"], responses=REFUSALS)

Name = Annotated[str, Depends(worker)]
Portal = Annotated[Parts, Depends(parts)]
Lease = Annotated[str, Header(alias="ganglion-lease", pattern="^[0-9a-f]{32}$")]
Input = Annotated[str, Path(pattern=f"^({NETWORK}|{EVENTS})$")]
Text = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


class Asking(BaseModel):
    """What a worker is, when it asks for a job."""

    targets: Annotated[list[Target], Field(min_length=1, max_length=10)]
    about: Annotated[dict[Text, Text], Field(max_length=20)] = {}
    """Its machine, its board."""


class Leased(BaseModel):
    """A job for a worker."""

    id: str
    lease: str
    seconds: float
    """It may run, on the clock."""
    memory: int
    """Bytes it may take."""
    results: int
    """Bytes of files that may come of it."""
    silence: float
    """Seconds without a heartbeat after which it is lost."""
    request: JobRequest
    network: str
    events: str
    """Names of the files."""


class Beat(BaseModel):
    """A heartbeat."""

    progress: Progress = Progress()
    lines: Annotated[list[Annotated[str, StringConstraints(max_length=2000)]], Field(max_length=200)] = []
    """For the log."""


class Heard(BaseModel):
    """What a worker is told at a heartbeat."""

    cancel: bool


class Ended(BaseModel):
    """How a job ended."""

    state: State
    error: Annotated[str, StringConstraints(max_length=4000)] = ""
    found: Annotated[dict[Text, float | int | str], Field(max_length=60)] = {}


@router.post("/claim", response_model=Leased, responses={204: {"description": "there is no job"}})
def claim(asking: Asking, name: Name, portal: Portal) -> Leased | Response:
    """The next job of these targets."""
    job = portal.store.queue.claim(name, asking.targets, asking.about)
    if job is None:
        return Response(status_code=204)
    most, files, asked = portal.store.settings, portal.store.files, job.request.limits
    return Leased(
        id=job.id,
        lease=job.lease or "",
        seconds=min(asked.seconds or most.seconds, most.seconds),
        memory=min(asked.memory or most.memory, most.memory),
        results=most.results,
        silence=most.lease,
        request=job.request,
        network=files.input(job.id, NETWORK).name,
        events=files.input(job.id, EVENTS).name,
    )


@router.get("/jobs/{id}/{name}", response_class=FileResponse)
def input(id: Id, name: Input, _: Name, lease: Lease, portal: Portal) -> FileResponse:
    """A file of a job that this worker has."""
    portal.store.queue.check_lease(id, lease)
    return FileResponse(portal.store.files.input(id, name), media_type="application/octet-stream")


@router.post("/jobs/{id}/beat")
def beat(id: Id, beat: Beat, _: Name, lease: Lease, portal: Portal) -> Heard:
    """A heartbeat: how far it is, and what is new in its log."""
    cancel = portal.store.queue.beat(id, lease, beat.progress)
    if beat.lines:
        portal.store.jobs.say(id, beat.lines)
    return Heard(cancel=cancel)


@router.post("/jobs/{id}/back", status_code=204)
def back(id: Id, _: Name, lease: Lease, portal: Portal) -> None:
    """Give a job back, as this worker is to stop."""
    portal.store.queue.give_back(id, lease)


@router.post("/jobs/{id}/end", status_code=204)
async def end(id: Id, request: Request, _: Name, lease: Lease, portal: Portal) -> None:
    """End a job: a form with `ended` as JSON, and the files that came of it. To say it twice is as good as once."""
    async with request.form(max_files=len(RESULTS), max_fields=4) as form:
        await run_in_threadpool(_keep, portal, id, lease, *read_end(form))


def read_end(form: FormData) -> tuple[Ended, dict[str, UploadFile]]:
    """How a job ended, and the files that came of it.

    Raises:
        PortalError: a form of something else.
    """
    text = form.get("ended")
    if not isinstance(text, str):
        raise PortalError("the part 'ended' says how it ended, as a text of JSON", status=422)
    try:
        ended = Ended.model_validate_json(text)
    except ValueError as error:
        raise PortalError(f"the part 'ended' is not what it should be: {error}", status=422) from None
    if not ended.state.over:
        raise PortalError(f"a job ends done, failed or cancelled, not {ended.state}", status=422)
    files = {name: part for name, part in form.items() if isinstance(part, UploadFile)}
    if unknown := set(files) - set(RESULTS):
        raise PortalError(f"no file '{min(unknown)[:40]}' comes of a job; files are {', '.join(RESULTS)}", status=422)
    return ended, files


def _keep(portal: Parts, id: str, lease: str, ended: Ended, files: dict[str, UploadFile]) -> None:
    """Writes the files, and ends the job: in this order, so that a job that is done has them."""
    job = portal.store.jobs.get(id)
    if job.lease != lease:
        portal.store.queue.check_lease(id, lease)
    contents = {name: part.file for name, part in files.items()}
    size = portal.store.files.keep_results(id, lease, contents, portal.store.settings.results) if contents else 0
    portal.store.queue.end(id, lease, ended.state, error=ended.error, found=dict(ended.found), size=size)
