"""The portal as an application of FastAPI: the API, the pages, and what stands before them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from ganglion import __version__
from ganglion.model.spec.errors import PortalError
from ganglion.web.portal.server import admin, api, form, pages, worker_api
from ganglion.web.portal.server.auth import DEMO, Access
from ganglion.web.portal.server.door import Door
from ganglion.web.portal.server.guard import Guard
from ganglion.web.portal.server.live import Streams
from ganglion.web.portal.server.parts import Parts
from ganglion.web.portal.server.templates import page
from ganglion.web.portal.store.store import Store

STATIC = Path(__file__).parent / "static"

TIDY = 5.0
"""Seconds between two looks for what is past its time."""

NOTHING = "there is nothing here"

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def create_app(store: Store, *, demo: bool = False, plain: bool = False) -> FastAPI:
    """The application.

    Args:
        store: what the portal remembers; closed when the application ends.
        demo: there is no login; for this machine alone.
        plain: say on each page that what is sent here can be read on the way.
    """
    if demo and DEMO not in [share.user.name for share in store.users.shares()]:
        store.users.add(DEMO, admin=True)
    parts = Parts(store=store, access=Access(store, demo=demo), door=Door(store), streams=Streams(store), plain=plain)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(store.queue.renew_all)
        tidying = asyncio.create_task(_tidy(store))
        yield
        tidying.cancel()
        await run_in_threadpool(parts.door.close)
        store.close()

    app = FastAPI(
        title="Ganglion portal",
        version=__version__,
        summary="Runs networks on the targets of Ganglion: reference, emulator, RTL and boards.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    app.state.parts = parts
    for part in (api, worker_api, pages, form, admin):
        app.include_router(part.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_exception_handler(PortalError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_middleware(Guard, settings=store.settings, hosts=LOOPBACK if demo else None)
    return app


async def _tidy(store: Store) -> None:
    """Tidies, again and again."""
    while True:
        await asyncio.sleep(TIDY)
        with suppress(SQLAlchemyError, OSError):  # a database or a disk that is away may be back at the next look
            await run_in_threadpool(store.tidy)


def _say(request: Request, words: str, status: int, headers: dict[str, str] | None = None) -> Response:
    """A refusal, for programs as JSON and for people as a page."""
    if request.url.path.startswith(("/api/", "/static/")):
        return JSONResponse({"detail": words}, status, headers=headers)
    return page(request, "problem", status=status, words=words)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, PortalError)
    headers = {401: {"www-authenticate": "Bearer"}, 429: {"retry-after": "10"}}.get(error.status)
    return await run_in_threadpool(_say, request, str(error), error.status or 400, headers)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    problems: Sequence[dict[str, object]] = error.errors()
    where = problems[0]["loc"]
    if isinstance(where, tuple) and where[:1] == ("path",):
        return await run_in_threadpool(_say, request, NOTHING, 404)
    named = ".".join(str(part)[:40] for part in (where[1:] if isinstance(where, tuple) else ())) or "the request"
    return await run_in_threadpool(_say, request, f"{named}: {problems[0]['msg']}", 422)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    words = {404: NOTHING, 405: "this cannot be done here"}.get(error.status_code, str(error.detail))
    headers = dict(error.headers or {})
    return await run_in_threadpool(_say, request, words, error.status_code, headers)
