"""What stands before all that the portal answers: limits of size and time of requests, and headers for browsers."""

import asyncio
import time
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ganglion.model.spec.errors import PortalError
from ganglion.web.portal.settings import Settings

SAFE = ("GET", "HEAD", "OPTIONS")

PAGES = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
"""What a page of the portal may load: its own files. Nothing in it is run that is not one."""

FILES = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
"""What a file that a worker sent may do where a browser shows it: be looked at."""

HEADERS = {
    "content-security-policy": PAGES,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}


class Guard:
    """ASGI middleware.

    Args:
        app: what it guards.
        settings: limits.
        hosts: that may be asked for, of a demo, so that no name of elsewhere leads to it; None is any.
    """

    def __init__(self, app: ASGIApp, settings: Settings, hosts: Collection[str] | None = None) -> None:
        self._app, self._settings, self._hosts = app, settings, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if scope["scheme"] == "https":
                    headers.setdefault("strict-transport-security", "max-age=31536000")
            await send(message)

        refused = self._refusal(scope)
        if refused:
            words, status = refused
            return await PlainTextResponse(f"{words}\n", status)(scope, receive, answer)
        await self._app(scope, _Body(receive, self._settings), answer)

    def _refusal(self, scope: Scope) -> tuple[str, int] | None:
        """Why a request is not even looked at, and the status for it."""
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if self._hosts is not None and (urlsplit(f"//{host}").hostname or "") not in self._hosts:
            return f"a demo answers on this machine alone, by the names {', '.join(sorted(self._hosts))}", 421
        declared = headers.get("content-length", "0")
        if not declared.isdigit() or int(declared[:20]) > self._settings.upload:
            return f"a request has at most {self._settings.upload:,} bytes, and this one says {declared[:20]}", 413
        if scope["method"] not in SAFE:
            origin = headers.get("origin")
            if headers.get("sec-fetch-site", "none") not in ("none", "same-origin") or (
                origin is not None and urlsplit(origin).netloc != host
            ):
                return "this request was made by a page of another site, and changes nothing here", 403
        return None


class _Body:
    """The body of a request, within limits of size and time."""

    def __init__(self, receive: Receive, settings: Settings) -> None:
        self._receive, self._most, self._seconds = receive, settings.upload, settings.body_time
        self._ends = time.monotonic() + settings.body_time
        self._got, self._whole = 0, False

    async def __call__(self) -> Message:
        if self._whole:
            return await self._receive()  # waits for the client to go away
        try:
            message = await asyncio.wait_for(self._receive(), max(0.0, self._ends - time.monotonic()))
        except TimeoutError:
            raise PortalError(f"the request did not come in within {self._seconds:g} s", status=408) from None
        self._got += len(message.get("body", b""))
        self._whole = not message.get("more_body", False)
        if self._got > self._most:
            raise PortalError(f"a request has at most {self._most:,} bytes", status=413)
        return message
