"""The verbs for this machine: parse, call, print."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from ganglion import options

DataName = Literal["mnist", "speech"]
"""Data sets that networks need which ship with Ganglion."""


def doctor(as_json: options.Json = False) -> None:
    """Look for all that Ganglion can use on this machine, and say what to do about what is missing.

    Compiler, make, perl, caches, data, extras, serial ports, the loader of boards. Nothing is changed.

    Example: ganglion doctor
    """
    from ganglion.console import show
    from ganglion.jobs.doctor import doctor as job

    show(job(), as_json=as_json)


def data(
    name: Annotated[DataName, typer.Argument(help="mnist, or speech: the Free Spoken Digit Dataset")],
    downloads: Annotated[
        Path, typer.Argument(help="a folder or a .zip with what was downloaded, at whatever depth in it")
    ],
    to: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="folder of all data; $GANGLION_DATA, or data in the cache, unless given"),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Put the data of a network where it looks for it, made from a public download, and checked by its sums.

    Example: ganglion data speech free-spoken-digit-dataset-master.zip
    """
    from ganglion.console import show
    from ganglion.jobs.data import data as job
    from ganglion.progress import TerminalProgress

    show(job(name, downloads, to=to, progress=TerminalProgress()), as_json=as_json)


def playground(
    port: Annotated[int, typer.Option(min=0, max=65535, help="of this machine; any that is free unless given")] = 0,
    browser: Annotated[bool, typer.Option(help="open a browser, or only serve")] = True,
    out: options.Out = None,
    as_json: options.Json = False,
) -> None:
    """Open the playground: the chip in a browser, bit for bit; draw digits, build networks, check hashes.

    It is served on the loopback interface alone, until Ctrl-C. --out writes the page into a folder, for any web server,
    and serves nothing.

    Example: ganglion playground
    """
    from ganglion.console import show
    from ganglion.jobs.playground import playground as job

    show(job(port=port, browser=browser, out=out), as_json=as_json)


def cache(
    clear: Annotated[bool, typer.Option("--clear", help="remove all of it, but for data")] = False,
    as_json: options.Json = False,
) -> None:
    """Show what is kept of what takes long to make: chips for simulation, kernels, waveforms.

    Example: ganglion cache --clear
    """
    from ganglion.console import show
    from ganglion.jobs.cache import cache as job

    show(job(clear=clear), as_json=as_json)
