"""Pages from templates: all that users wrote is escaped, and no script stands in a page."""

import time
from functools import cache
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from ganglion import __version__
from ganglion.web.portal.server.parts import parts

UNITS = ((86_400, "d"), (3600, "h"), (60, "min"))


def page(request: Request, name: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A page.

    Args:
        request: what asks for it.
        name: of the template.
        status: of HTTP.
        values: what the template shows.
    """
    portal = parts(request)
    visitor = portal.access.visitor(request)
    shared = {
        "visitor": visitor,
        "form_token": portal.access.form_token(visitor) if visitor else "",
        "demo": portal.access.demo,
        "plain": portal.plain,
        "version": __version__,
        "path": request.url.path,
        "now": time.time(),
    }
    return HTMLResponse(_environment().get_template(f"{name}.html.j2").render(**shared, **values), status)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader(__package__, "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"size": size, "span": span, "ago": lambda then: f"{span(max(0.0, time.time() - then))} ago"}
    return made


def size(count: float) -> str:
    """Bytes, as people read them."""
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if count < 1024:
            return f"{count:,.0f} {unit}" if unit == "bytes" or count >= 100 else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:,.1f} TiB"


def span(seconds: float) -> str:
    """A time, as people say it."""
    for length, unit in UNITS:
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
