"""A web server for the page, on this machine alone."""

import os
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from ganglion.model.spec.errors import ToolError
from ganglion.web.playground.folder import PAGE

LOOPBACK = "127.0.0.1"

TYPES = {".js": "text/javascript", ".wasm": "application/wasm"}
"""Media types, by endings."""


class _Handler(SimpleHTTPRequestHandler):
    """Serves files, and says nothing of it."""

    def guess_type(self, path: str | os.PathLike[str]) -> str:
        """The machine's own table may have anything for these, and browsers run no module of another type."""
        return TYPES.get(Path(path).suffix) or super().guess_type(path)

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """A reader wants the page, not its log."""


def server(port: int = 0, folder: Path = PAGE) -> ThreadingHTTPServer:
    """A server of a folder, which runs once it is told to `serve_forever`.

    Args:
        port: 0 is any that is free.
        folder: what it serves.

    Raises:
        ToolError: the port is taken; says what to do.
    """
    try:
        return ThreadingHTTPServer((LOOPBACK, port), partial(_Handler, directory=str(folder)))
    except OSError as error:
        raise ToolError(
            f"port {port} cannot be had ({error.strerror}): give another one, or none at all, which is any that is free"
        ) from error


def address(server: ThreadingHTTPServer) -> str:
    """Where a browser finds it."""
    return f"http://{LOOPBACK}:{server.server_port}/"
