"""The verbs for the portal: parse, call, print."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from ganglion import options

Portal = Annotated[
    str, typer.Option(metavar="URL", envvar="GANGLION_PORTAL", help="address of the portal", show_default=True)
]
Token = Annotated[
    str | None, typer.Option(envvar="GANGLION_TOKEN", help="who you are there; a demo needs none", show_envvar=True)
]
Certificate = Annotated[
    Path | None, typer.Option(metavar="FILE", help="certificate of the portal, to trust alone; unless signed as usual")
]
Insecure = Annotated[bool, typer.Option("--insecure", help="send the token though it can be read on the way")]
JobId = Annotated[str, typer.Argument(help="id of the job, from ganglion jobs")]
Wait = Annotated[bool, typer.Option("--wait", help="until the job is over")]
LocalTargets = Annotated[str, typer.Option(metavar="NAMES", help="what its workers run, comma-separated")]

HERE = "http://127.0.0.1:8000"

SETTINGS = "Limits"
"""The part of the help that has these options."""


def serve(
    folder: Annotated[
        Path | None, typer.Option("--data", metavar="FOLDER", help="where the portal keeps what it has")
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(metavar="URL", envvar="GANGLION_DATABASE", help="a PostgreSQL in place of SQLite in that folder"),
    ] = None,
    host: Annotated[str, typer.Option(help="address to answer at; 0.0.0.0 is all of this machine")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="port to answer at; 0 is any that is free")] = 8000,
    certificate: Annotated[Path | None, typer.Option(metavar="FILE", help="certificate for TLS")] = None,
    key: Annotated[Path | None, typer.Option(metavar="FILE", help="key of the certificate")] = None,
    proxy: Annotated[bool, typer.Option("--proxy", help="a reverse proxy speaks TLS for it")] = False,
    insecure: Annotated[bool, typer.Option("--insecure", help="answer others without TLS")] = False,
    demo: Annotated[bool, typer.Option("--demo", help="no login, for this machine alone")] = False,
    workers: Annotated[int, typer.Option(min=0, max=1000, help="processes of this machine that run jobs")] = 1,
    targets: LocalTargets = "reference,emulator,rtl",
    seconds: Annotated[float, typer.Option(min=1, help="a job may run", rich_help_panel=SETTINGS)] = 600,
    memory: Annotated[int, typer.Option(min=64, help="megabytes a job may take", rich_help_panel=SETTINGS)] = 2048,
    upload: Annotated[int, typer.Option(min=1, help="megabytes of an upload", rich_help_panel=SETTINGS)] = 64,
    stored: Annotated[int, typer.Option(min=1, help="megabytes of files of a user", rich_help_panel=SETTINGS)] = 1024,
    waiting: Annotated[
        int, typer.Option(min=1, help="jobs of a user that may wait or run", rich_help_panel=SETTINGS)
    ] = 200,
    keep: Annotated[float, typer.Option(min=0, help="days results are kept", rich_help_panel=SETTINGS)] = 14,
) -> None:
    """Run a portal: pages and an API to which jobs are submitted, and workers of this machine that run them.

    It needs the extra portal. docs/04_portal.md has how to run it for a class, behind a reverse proxy, with a board.

    Example: ganglion serve --demo
    """
    from ganglion.progress import TerminalProgress

    with _extra():
        from ganglion.jobs.serve import serve as job
    job(
        folder,
        database=database,
        host=host,
        port=port,
        certificate=certificate,
        key=key,
        proxy=proxy,
        insecure=insecure,
        demo=demo,
        workers=workers,
        targets=targets.split(","),
        seconds=seconds,
        memory=memory,
        upload=upload,
        stored=stored,
        waiting=waiting,
        keep=keep,
        progress=TerminalProgress(),
    )


def worker(
    url: Annotated[str, typer.Argument(help="address of the portal")],
    token: Token = None,
    targets: LocalTargets = "reference,emulator,rtl",
    device: Annotated[str | None, typer.Option(help="serial device of the board, such as /dev/ttyUSB1")] = None,
    certificate: Certificate = None,
    insecure: Insecure = False,
    until_eof: Annotated[bool, typer.Option("--until-eof", hidden=True)] = False,
) -> None:
    """Run jobs of a portal on this machine, or on its board, until interrupted.

    The worker asks the portal, which need not reach this machine. The token of the worker is in GANGLION_TOKEN.

    Example: ganglion worker https://portal.example.org --targets board --device /dev/ttyUSB1
    """
    from ganglion.progress import TerminalProgress

    with _extra():
        from ganglion.jobs.worker import worker as job
    job(
        url,
        token,
        targets=targets.split(","),
        device=device,
        certificate=certificate,
        insecure=insecure,
        until_eof=until_eof,
        progress=TerminalProgress(),
    )


def submit(
    network: Annotated[Path, typer.Argument(help="NIR (.nir), a program or an image (.npz), HiAER-Spike (.json)")],
    events: Annotated[Path, typer.Argument(help="a raster or axons (.npz, .npy), or steps (.json)")],
    target: Annotated[str, typer.Option(help="what runs it: reference, emulator, rtl or board")] = "emulator",
    name: Annotated[str | None, typer.Option(help="what to call it; the file's name unless given")] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="steps to run; as many as the events unless given")] = None,
    states: Annotated[bool, typer.Option("--states", help="keep all state at the end of every step")] = False,
    membranes: Annotated[
        Any,
        typer.Option(
            metavar="NUMBERS",
            parser=options.typed(lambda values, text: values.whole_numbers("--membranes", text)),
            help="neurons whose membranes to record: 3,17 or 0-49",
        ),
    ] = None,
    seconds: Annotated[float | None, typer.Option(min=0, help="it may run, at most")] = None,
    convention: options.Convention = None,
    choices: options.Choices = None,
    preset: options.Preset = None,
    wait: Wait = False,
    out: options.Out = None,
    portal: Portal = HERE,
    token: Token = None,
    certificate: Certificate = None,
    insecure: Insecure = False,
    as_json: options.Json = False,
) -> None:
    """Submit a job to a portal.

    Example: ganglion submit network.npz events.npz --target rtl --wait --out results
    """
    from ganglion.console import show
    from ganglion.progress import TerminalProgress

    with _client(portal, token, certificate, insecure) as client:
        from ganglion.jobs.submit import submit as job

        found = job(
            client,
            network,
            events,
            target=target,
            name=name,
            steps=steps,
            states=states,
            membranes=membranes or (),
            seconds=seconds,
            convention=convention,
            choices=choices or (),
            preset=preset,
            wait=wait,
            out=out,
            progress=TerminalProgress(),
        )
        show(found, as_json=as_json)


def jobs(
    most: Annotated[int, typer.Option(min=1, max=200, help="so many at most")] = 20,
    portal: Portal = HERE,
    token: Token = None,
    certificate: Certificate = None,
    insecure: Insecure = False,
    as_json: options.Json = False,
) -> None:
    """List your jobs at a portal, the newest first.

    Example: ganglion jobs --portal https://portal.example.org
    """
    from ganglion.console import show

    with _client(portal, token, certificate, insecure) as client:
        from ganglion.jobs.jobs import jobs as job

        show(job(client, most), as_json=as_json)


def fetch(
    job: JobId,
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="folder for results, made where it is missing")] = Path(),
    wait: Wait = False,
    portal: Portal = HERE,
    token: Token = None,
    certificate: Certificate = None,
    insecure: Insecure = False,
    as_json: options.Json = False,
) -> None:
    """Fetch the trace, the report and the picture of a job.

    Example: ganglion fetch 0123456789abcdef01234567 --out results
    """
    from ganglion.console import show
    from ganglion.progress import TerminalProgress

    with _client(portal, token, certificate, insecure) as client:
        from ganglion.jobs.fetch import fetch as run

        show(run(client, job, out, wait=wait, progress=TerminalProgress()), as_json=as_json)


def cancel(
    job: JobId,
    portal: Portal = HERE,
    token: Token = None,
    certificate: Certificate = None,
    insecure: Insecure = False,
    as_json: options.Json = False,
) -> None:
    """End a job at a portal: at once where it waits; where it runs, its worker is told.

    Example: ganglion cancel 0123456789abcdef01234567
    """
    from ganglion.console import show

    with _client(portal, token, certificate, insecure) as client:
        from ganglion.jobs.cancel import cancel as run

        show(run(client, job), as_json=as_json)


@contextmanager
def _extra() -> Iterator[None]:
    """What imports libraries of the extra, and says so where they are missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        from ganglion.model.spec.errors import ToolError

        if (error.name or "").partition(".")[0] in ("ganglion", ""):
            raise
        raise ToolError(f"this needs {error.name}: pip install 'ganglion-chip[portal]'") from None


@contextmanager
def _client(url: str, token: str | None, certificate: Path | None, insecure: bool) -> Iterator[Any]:
    """A client of a portal."""
    with _extra():
        from ganglion.portal import Client
    with Client(url, token, certificate=certificate, insecure=insecure) as client:
        yield client
