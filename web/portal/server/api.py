"""The API of users. Every refusal is a status of 4xx and a sentence, `{"detail": "…"}`."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request
from fastapi.responses import FileResponse, StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from ganglion.model.spec.errors import PortalError
from ganglion.web.portal.job import JobRequest, State
from ganglion.web.portal.server.door import read_request
from ganglion.web.portal.server.guard import FILES
from ganglion.web.portal.server.parts import Parts, parts, user
from ganglion.web.portal.server.views import JobView, Line, Me, Problem, job_view
from ganglion.web.portal.store.files import RESULTS
from ganglion.web.portal.store.users import User

REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": words}
    for status, words in (
        (400, "a request that cannot be read"),
        (401, "no token, or one that does not count"),
        (403, "a page of another site asks"),
        (404, "nothing there, or nothing of yours"),
        (408, "the request did not come in in time"),
        (409, "not in this state"),
        (413, "too large"),
        (422, "something in it cannot be: which, and why"),
        (429, "no room now"),
    )
}

router = APIRouter(prefix="/api", tags=["jobs"], responses=REFUSALS)

Me_ = Annotated[User, Depends(user)]
Portal = Annotated[Parts, Depends(parts)]
Id = Annotated[str, Path(pattern="^[0-9a-f]{24}$", description="of the job")]

UPLOAD = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["network", "events"],
                    "properties": {
                        "job": {"type": "string", "contentMediaType": "application/json", "description": "JobRequest"},
                        "network": {"type": "string", "format": "binary", "description": ".npz, .nir or .json"},
                        "events": {"type": "string", "format": "binary", "description": ".npz, .npy or .json"},
                    },
                }
            }
        },
    }
}
"""What `submit` reads, for OpenAPI: it reads the form itself, within limits."""


@router.get("/me")
def me(who: Me_, portal: Portal) -> Me:
    """Who you are, what you may have, and which targets there are."""
    store = portal.store
    return Me(
        name=who.name,
        admin=who.admin,
        jobs=store.jobs.counts(who),
        upload=store.settings.upload,
        seconds=store.settings.seconds,
        memory=store.settings.memory,
        kept=store.settings.kept,
        targets=portal.targets(),
    )


@router.post("/jobs", status_code=201, openapi_extra=UPLOAD)
async def submit(
    request: Request,
    who: Me_,
    portal: Portal,
    idempotency_key: Annotated[str | None, Header(pattern="^[A-Za-z0-9_-]{1,64}$")] = None,
) -> JobView:
    """Submit a job. A request that is sent again with the same Idempotency-Key is the same job."""
    async with request.form(max_files=2, max_fields=4) as form:
        job = await run_in_threadpool(portal.door.submit, who, *read_form(form), idempotency_key)
    return await run_in_threadpool(job_view, portal.store, job)


def read_form(form: FormData) -> tuple[JobRequest, Any, Any]:
    """The request and the two files of a form.

    Raises:
        PortalError: it has not these parts.
    """
    network, events = form.get("network"), form.get("events")
    for name, part in (("network", network), ("events", events)):
        if not isinstance(part, UploadFile):
            raise PortalError(f"a job is a form (multipart/form-data), and its file '{name}' is missing", status=422)
    return read_request(form.get("job", "{}")), network, events


@router.get("/jobs")
def jobs(
    who: Me_,
    portal: Portal,
    state: State | None = None,
    most: Annotated[int, Query(ge=1, le=200)] = 50,
    first: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> list[JobView]:
    """Your jobs, the newest first."""
    found = portal.store.jobs.page(who, state=state, most=most, first=first)
    return [job_view(portal.store, job) for job in found]


@router.get("/jobs/{id}")
def job(id: Id, who: Me_, portal: Portal) -> JobView:
    """One of your jobs."""
    return job_view(portal.store, portal.store.jobs.get(id, who))


@router.get("/jobs/{id}/log")
def log(id: Id, who: Me_, portal: Portal, after: Annotated[int, Query(ge=0, lt=1 << 31)] = 0) -> list[Line]:
    """Its log, behind a line."""
    found = portal.store.jobs.lines(portal.store.jobs.get(id, who).id, after)
    return [Line(id=line.id, at=line.at, text=line.text) for line in found]


@router.get("/jobs/{id}/live", response_class=StreamingResponse)
def live(id: Id, who: Me_, portal: Portal) -> StreamingResponse:
    """Its state, progress and log as server-sent events, until it is over."""
    return portal.streams.of_job(portal.store.jobs.get(id, who).id, who.id)


@router.post("/jobs/{id}/cancel")
def cancel(id: Id, who: Me_, portal: Portal) -> JobView:
    """End a job: at once where it waits; where it runs, its worker is told."""
    return job_view(portal.store, portal.store.jobs.cancel(id, who))


@router.post("/jobs/{id}/public")
def publish(id: Id, who: Me_, portal: Portal) -> JobView:
    """Give it a page that whoever has its address may read."""
    return job_view(portal.store, portal.store.jobs.publish(id, who, True))


@router.delete("/jobs/{id}/public")
def unpublish(id: Id, who: Me_, portal: Portal) -> JobView:
    """Take that page back."""
    return job_view(portal.store, portal.store.jobs.publish(id, who, False))


@router.delete("/jobs/{id}", status_code=204)
def remove(id: Id, who: Me_, portal: Portal) -> None:
    """Remove a job that is over, and its files."""
    portal.store.jobs.remove(id, who)
    portal.store.files.remove(id)


@router.get("/jobs/{id}/files/{name}", response_class=FileResponse)
def file(id: Id, name: str, who: Me_, portal: Portal) -> FileResponse:
    """A file that came of it: trace.npz, report.html or raster.svg."""
    found = portal.store.jobs.get(id, who)
    return file_response(portal, found.id, found.lease, name)


def file_response(portal: Parts, id: str, lease: str | None, name: str) -> FileResponse:
    """A file that came of a job, to be looked at and nothing else.

    Raises:
        PortalError: there is none.
    """
    path = portal.store.files.result(id, lease, name)
    headers = {"content-security-policy": FILES}
    shown = not name.endswith(".npz")
    kind = "inline" if shown else "attachment"
    return FileResponse(path, media_type=RESULTS[name], headers=headers, filename=name, content_disposition_type=kind)
