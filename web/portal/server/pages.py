"""The pages of users: jobs, one job, a login, an account, and what is public."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from ganglion.model.spec.errors import PortalError
from ganglion.web.portal.server.api import Id, Portal, file_response
from ganglion.web.portal.server.auth import Visitor
from ganglion.web.portal.server.parts import Parts, parts
from ganglion.web.portal.server.templates import page
from ganglion.web.portal.server.views import job_view
from ganglion.web.portal.store.users import Kind

router = APIRouter(include_in_schema=False)

PER_PAGE = 25

FIELDS = 40
"""Entries of a form, at most."""

Key = Annotated[str, Path(pattern="^[A-Za-z0-9_-]{20,64}$")]



def visitor(request: Request) -> Visitor:
    """Who looks at a page.

    Raises:
        PortalError: nobody knows.
    """
    found = parts(request).access.visitor(request)
    if found is None:
        raise PortalError("log in first, with a token", status=401)
    return found


Guest = Annotated[Visitor, Depends(visitor)]


@asynccontextmanager
async def form_of(request: Request, guest: Visitor) -> AsyncIterator[FormData]:
    """The form of a page, made for this session.

    Raises:
        PortalError: it is not.
    """
    async with request.form(max_files=2, max_fields=FIELDS) as form:
        parts(request).access.check_form(guest, form.get("form_token"))
        yield form


def text(form: FormData, name: str) -> str:
    """A field of a form, as text; empty where it is not there."""
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""


def seen_at(path: str) -> RedirectResponse:
    """What a form that was done leads to."""
    return RedirectResponse(path, 303)


@router.get("/", response_class=HTMLResponse)
def home(request: Request, portal: Portal, first: int = 0) -> Response:
    """Your jobs, or, where nobody knows you, the way in."""
    guest = portal.access.visitor(request)
    if guest is None:
        if portal.access.demo:
            response = seen_at("/")
            portal.access.log_in(request, response, "")
            return response
        return page(request, "login", words="")
    first = min(max(first, 0), 1_000_000)
    found = portal.store.jobs.page(guest.user, most=PER_PAGE + 1, first=first)
    return page(
        request,
        "jobs",
        jobs=[job_view(portal.store, job) for job in found[:PER_PAGE]],
        more=len(found) > PER_PAGE,
        first=first,
        step=PER_PAGE,
        counts=portal.store.jobs.counts(guest.user),
        targets=portal.targets(),
        kept=portal.store.settings.kept,
    )


@router.post("/login", response_class=HTMLResponse)
async def log_in(request: Request, portal: Portal) -> Response:
    """A session for the user of a token."""
    async with request.form(max_files=0, max_fields=FIELDS) as form:
        token = text(form, "token")
    response = seen_at("/")
    try:
        await run_in_threadpool(portal.access.log_in, request, response, token)
    except PortalError as error:
        return await run_in_threadpool(page, request, "login", status=error.status, words=str(error))
    return response


@router.post("/logout")
async def log_out(request: Request, guest: Guest, portal: Portal) -> Response:
    """End a session."""
    response = seen_at("/")
    async with form_of(request, guest):
        await run_in_threadpool(portal.access.log_out, response, guest)
    return response


@router.get("/jobs/{id}", response_class=HTMLResponse)
def job(request: Request, id: Id, guest: Guest, portal: Portal) -> Response:
    """One of your jobs."""
    found = portal.store.jobs.get(id, guest.user)
    lines = [line.text for line in portal.store.jobs.lines(id)]
    return page(request, "job", job=job_view(portal.store, found), lines=lines, at=f"/jobs/{id}", shared=False)


@router.get("/jobs/{id}/live")
def live(id: Id, guest: Guest, portal: Portal) -> StreamingResponse:
    """What becomes of it."""
    return portal.streams.of_job(portal.store.jobs.get(id, guest.user).id, guest.user.id)


@router.get("/jobs/{id}/files/{name}")
def file(id: Id, name: str, guest: Guest, portal: Portal) -> FileResponse:
    """A file that came of it."""
    found = portal.store.jobs.get(id, guest.user)
    return file_response(portal, found.id, found.lease, name)


@router.post("/jobs/{id}/{action}")
async def act(
    request: Request, id: Id, action: Annotated[str, Path(max_length=20)], guest: Guest, portal: Portal
) -> Response:
    """Cancel, publish, unpublish or remove a job."""
    async with form_of(request, guest):
        return await run_in_threadpool(_act, portal, id, action, guest)


def _act(portal: Parts, id: str, action: str, guest: Visitor) -> Response:
    jobs = portal.store.jobs
    if action == "cancel":
        jobs.cancel(id, guest.user)
    elif action in ("publish", "unpublish"):
        jobs.publish(id, guest.user, action == "publish")
    elif action == "remove":
        jobs.remove(id, guest.user)
        portal.store.files.remove(id)
        return seen_at("/")
    else:
        raise PortalError("there is nothing here", status=404)
    return seen_at(f"/jobs/{id}")


@router.get("/public/{key}", response_class=HTMLResponse)
def public(request: Request, key: Key, portal: Portal) -> Response:
    """A job that its user shows to all."""
    found = portal.store.jobs.shown(key)
    return page(request, "job", job=job_view(portal.store, found), lines=[], at=f"/public/{key}", shared=True)


@router.get("/public/{key}/files/{name}")
def public_file(key: Key, name: str, portal: Portal) -> FileResponse:
    """A file that came of it."""
    found = portal.store.jobs.shown(key)
    return file_response(portal, found.id, found.lease, name)


@router.get("/account", response_class=HTMLResponse)
def account(request: Request, guest: Guest, portal: Portal) -> Response:
    """Your tokens."""
    return page(request, "account", tokens=portal.store.users.tokens(Kind.USER, guest.user), new="")


@router.post("/account", response_class=HTMLResponse)
async def change_account(request: Request, guest: Guest, portal: Portal) -> Response:
    """Make a token, or revoke one."""
    users, new = portal.store.users, ""
    async with form_of(request, guest) as form:
        if hash := text(form, "revoke"):
            await run_in_threadpool(users.revoke, hash, guest.user)
        else:
            new = await run_in_threadpool(users.token, Kind.USER, guest.user, _label(form))
    tokens = await run_in_threadpool(users.tokens, Kind.USER, guest.user)
    return await run_in_threadpool(page, request, "account", tokens=tokens, new=new)


def _label(form: FormData) -> str:
    label = text(form, "label") or "token"
    if not label.isprintable() or len(label) > 60:
        raise PortalError("a token is called by 1 to 60 letters that can be printed", status=422)
    return label


@router.get("/api", response_class=HTMLResponse)
def documentation(request: Request) -> Response:
    """The API, for people."""
    paths = request.app.openapi()["paths"]
    calls = [(method.upper(), path, what) for path, methods in paths.items() for method, what in methods.items()]
    return page(request, "api", calls=calls)
