"""The page on which a job is made: from files, or from an example."""

import io
import json
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request, UploadFile
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.datastructures import UploadFile as Uploaded

from ganglion.model.spec.errors import PortalError
from ganglion.model.spec.params import PRESETS
from ganglion.web.portal.events_file import save_events
from ganglion.web.portal.examples import EXAMPLES
from ganglion.web.portal.job import TARGETS, JobRequest
from ganglion.web.portal.server.api import Portal
from ganglion.web.portal.server.door import read_request
from ganglion.web.portal.server.pages import Guest, form_of, seen_at, text
from ganglion.web.portal.server.parts import Parts
from ganglion.web.portal.server.templates import page
from ganglion.web.portal.store.jobs import Job
from ganglion.web.portal.store.users import User

router = APIRouter(include_in_schema=False)

WHAT = {
    "reference": "the specification itself, step by step; slow, and right by definition",
    "emulator": "the fast engine, compiled for this machine",
    "rtl": "the chip's own description, simulated cycle by cycle",
    "board": "an FPGA board at a worker, with the chip on it",
}
"""What each target is, for people."""


@router.get("/new", response_class=HTMLResponse)
def new(request: Request, guest: Guest, portal: Portal) -> Response:
    """The form."""
    return _form(request, portal)


def _form(request: Request, portal: Parts, status: int = 200, words: str = "") -> Response:
    return page(
        request,
        "new",
        status=status,
        words=words,
        targets=[(name, WHAT[name], portal.targets()[name]) for name in TARGETS],
        examples={name: example.what for name, example in EXAMPLES.items()},
        conventions=_conventions(),
        presets=list(PRESETS),
        settings=portal.store.settings,
    )


@cache
def _conventions() -> list[str]:
    """Frameworks whose NIR files have a convention."""
    from ganglion.model.interchange.nir.convention import CONVENTIONS  # loads what reads them

    return list(CONVENTIONS)


@router.post("/new", response_class=HTMLResponse)
async def make(request: Request, guest: Guest, portal: Portal) -> Response:
    """Make a job of what was filled in."""
    async with form_of(request, guest) as form:
        try:
            job = await run_in_threadpool(_make, portal, guest.user, form)
        except PortalError as error:
            return await run_in_threadpool(_form, request, portal, error.status, str(error))
    return seen_at(f"/jobs/{job.id}")


def _make(portal: Parts, user: User, form: FormData) -> Job:
    example = text(form, "example")
    wanted = _request(form)
    if example:
        if example not in EXAMPLES:
            raise PortalError(f"there is no such example; there are {', '.join(EXAMPLES)}", status=422)
        network, events = (UploadFile(io.BytesIO(raw), filename=name) for name, raw in _example(example).items())
    else:
        network, events = _file(form, "network"), _file(form, "events")
    return portal.door.submit(user, wanted, network, events)


def _file(form: FormData, name: str) -> UploadFile:
    part = form.get(name)
    if not isinstance(part, Uploaded) or not part.filename:
        raise PortalError(f"choose a file of the {name}, or an example", status=422)
    return UploadFile(part.file, size=part.size, filename=part.filename)


def _request(form: FormData) -> JobRequest:
    """The request that a form means."""
    asked: dict[str, object] = {"name": text(form, "name") or text(form, "example") or "job"}
    asked["target"] = text(form, "target") or "emulator"
    probed: Mapping[str, Callable[[str], object]] = {"steps": _whole, "seconds": _whole}
    numbers = {name: read(text(form, name)) for name, read in probed.items() if text(form, name)}
    if "steps" in numbers:
        asked["steps"] = numbers["steps"]
    if "seconds" in numbers:
        asked["limits"] = {"seconds": numbers["seconds"]}
    neurons = text(form, "probes")
    probes = {"v": [_whole(part) for part in neurons.replace(",", " ").split()]} if neurons else {}
    asked["record"] = {"states": text(form, "states") == "yes", "probes": probes}
    nir = {name: text(form, name) for name in ("convention", "preset") if text(form, name)}
    if choices := text(form, "choices"):
        nir["choices"] = choices.split()  # type: ignore[assignment]
    asked["nir"] = nir
    return read_request(json.dumps(asked))


def _whole(value: str) -> object:
    """A number of a form, or what is none, for the request to refuse."""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 12 else value


@cache
def _example(name: str) -> dict[str, bytes]:
    """The files of an example, as if they were uploaded."""
    program, events = EXAMPLES[name].make()
    with tempfile.TemporaryDirectory() as folder:
        paths = Path(folder, "network.npz"), Path(folder, "events.npz")
        program.save(paths[0])
        save_events(events, paths[1])
        return {path.name: path.read_bytes() for path in paths}
