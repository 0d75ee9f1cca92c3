"""The page of those who run the portal: queue, workers, boards, disk, users."""

import time
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from ganglion.model.spec.errors import PortalError
from ganglion.web.portal.job import State
from ganglion.web.portal.server.api import Portal
from ganglion.web.portal.server.auth import Visitor
from ganglion.web.portal.server.pages import Guest, form_of, text
from ganglion.web.portal.server.parts import LATELY, Parts
from ganglion.web.portal.server.templates import page
from ganglion.web.portal.server.views import job_view
from ganglion.web.portal.store.users import Kind, check_name

router = APIRouter(include_in_schema=False)

SHOWN = 20
"""Jobs in each list."""


def administrator(guest: Guest) -> Visitor:
    """Who runs the portal.

    Raises:
        PortalError: another user.
    """
    if not guest.user.admin:
        raise PortalError("this page is for those who run the portal", status=403)
    return guest


Admin = Annotated[Visitor, Depends(administrator)]


@router.get("/admin", response_class=HTMLResponse)
def overview(request: Request, admin: Admin, portal: Portal) -> Response:
    """All of it."""
    return _overview(request, portal)


def _overview(request: Request, portal: Parts, new: str = "", whose: str = "") -> Response:
    store, now = portal.store, time.time()
    waiting = store.jobs.page(None, state=State.QUEUED, most=SHOWN)
    running = store.jobs.page(None, state=State.RUNNING, most=SHOWN)
    return page(
        request,
        "admin",
        counts=store.jobs.counts(),
        running=[job_view(store, job) for job in running],
        waiting=[job_view(store, job) for job in waiting],
        workers=[(worker, now - worker.seen < LATELY) for worker in store.queue.workers()],
        worker_tokens=store.users.tokens(Kind.WORKER),
        shares=store.users.shares(),
        disk=store.files.disk(),
        settings=store.settings,
        new=new,
        whose=whose,
    )


@router.post("/admin", response_class=HTMLResponse)
async def change(request: Request, admin: Admin, portal: Portal) -> Response:
    """Make a user or a worker, let somebody in or keep them out, cancel a job, revoke a worker's token."""
    async with form_of(request, admin) as form:
        new, whose = await run_in_threadpool(_change, portal, form)
    return await run_in_threadpool(_overview, request, portal, new, whose)


def _change(portal: Parts, form: FormData) -> tuple[str, str]:
    """Does what a form asks for; a new token, and whose it is, where there is one."""
    users, action, name = portal.store.users, text(form, "action"), text(form, "name")
    if action == "user":
        return users.token(Kind.USER, users.add(name, admin=text(form, "admin") == "yes"), "first"), name
    if action == "token":
        return users.token(Kind.USER, users.named(_checked(name)), "from the administrator"), name
    if action == "worker":
        return users.token(Kind.WORKER, None, name), name
    if action in ("let in", "keep out"):
        users.activate(_checked(name), action == "let in")
    elif action == "revoke":
        users.revoke(name, None)
    elif action == "cancel":
        portal.store.jobs.cancel(name, None)
    else:
        raise PortalError("there is nothing of this name to be done", status=422)
    return "", ""


def _checked(name: str) -> str:
    check_name("user", name)
    return name
