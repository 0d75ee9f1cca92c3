"""`ganglion playground`: the playground in a browser of this machine, or as a folder for any web server."""

import webbrowser
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from ganglion.jobs.result import Result
from ganglion.web.playground.folder import copy_page
from ganglion.web.playground.serve import address, server


@dataclass(frozen=True, kw_only=True)
class Playground(Result):
    """Where it is."""

    address: str | None = None
    """Of the server of this machine; None where it was copied."""
    page: Path | None = None
    """The first file of the copy."""

    def to_dict(self) -> dict[str, Any]:
        return {"address": self.address, "page": None if self.page is None else str(self.page)}

    def shown(self) -> Iterator[str | Table]:
        if self.address:
            yield f"the playground is at {self.address}; Ctrl-C ends it"
        if self.page:
            yield f"{self.page}: the folder may go to any web server"


def playground(*, port: int = 0, browser: bool = True, out: Path | None = None) -> Iterator[Result]:
    """Serves the playground until it is interrupted, or copies it.

    Args:
        port: on the loopback interface; 0 is any that is free.
        browser: open it.
        out: copy the page to this folder instead.

    Raises:
        ToolError: the port is taken, or the folder has other files in it.
        OSError: a file cannot be written.
    """
    if out is not None:
        yield Playground(page=copy_page(out))
        return
    with server(port) as found:
        yield Playground(address=address(found))
        if browser:
            webbrowser.open(address(found))
        with suppress(KeyboardInterrupt):
            found.serve_forever()
