"""The server: uvicorn around the application, and workers of this machine beside it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

import uvicorn

from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.errors import PortalError
from ganglion.web.portal.connection import LOOPBACK
from ganglion.web.portal.server.app import create_app
from ganglion.web.portal.server.patience import impatient
from ganglion.web.portal.store.store import Store
from ganglion.web.portal.store.users import Kind

CONNECTIONS = 1000
"""At a time, at most."""

PREFIX = "local-"
"""What workers of the portal's own machine are called, before their number."""

RESPITE = 1.0
"""Seconds before a worker that has ended is started again."""


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where a portal answers, and how."""

    host: str = "127.0.0.1"
    port: int = 8000
    """0 is any that is free."""
    certificate: Path | None = None
    key: Path | None = None
    proxy: bool = False
    """A reverse proxy on this machine or in this network speaks TLS for it."""
    insecure: bool = False

    def check(self, *, demo: bool) -> None:
        """Whether it may be.

        Raises:
            PortalError: a demo for others, or what others could read on the way and nobody has said so.
        """
        if (self.certificate is None) != (self.key is None):
            raise PortalError("TLS takes a certificate and its key, --certificate and --key: one is missing")
        for path in (self.certificate, self.key):
            if path is not None and not path.is_file():
                raise PortalError(f"{path}: there is no such file")
        if demo and self.host not in LOOPBACK:
            raise PortalError(f"a demo has no login, and is for this machine alone: not on {self.host}")
        if self.host not in LOOPBACK and not (self.certificate or self.proxy or self.insecure):
            raise PortalError(
                f"on {self.host} tokens and results could be read on their way: give --certificate and --key, or "
                "--proxy where a reverse proxy speaks TLS for it, or --insecure if that is meant"
            )

    @property
    def plain(self) -> bool:
        """Whether others could read what is said."""
        return self.host not in LOOPBACK and not (self.certificate or self.proxy)


def serve(
    store: Store,
    address: Address,
    *,
    demo: bool = False,
    workers: int = 0,
    targets: Sequence[str] = ("reference", "emulator", "rtl"),
    progress: Progress = SILENT,
) -> None:
    """Answers until it is interrupted.

    Args:
        store: what the portal remembers.
        address: where.
        demo: there is no login.
        workers: processes of this machine that run jobs.
        targets: that they run.
        progress: told where the portal is.

    Raises:
        PortalError: an address that may not be, or that another program has.
    """
    server = make_server(store, address, demo=demo)
    with listening(address) as line:
        port = line.getsockname()[1]
        url = f"http{'s' if address.certificate else ''}://{_bracketed(address.host)}:{port}"
        progress.note(f"the portal is at {url}" + (", for this machine alone" if demo else ""))
        if address.plain:
            progress.note(f"what is sent to {url} is not encrypted: tokens and results can be read on their way")
        own = f"{url.partition(':')[0]}://127.0.0.1:{port}" if address.host in ("0.0.0.0", "::") else url
        crew = Crew(store, own, workers, targets, address.certificate)
        try:
            server.run(sockets=[line])
        finally:
            crew.close()


def make_server(store: Store, address: Address, *, demo: bool = False) -> uvicorn.Server:
    """A server, to be run on a socket that listens.

    Raises:
        PortalError: an address that may not be.
    """
    address.check(demo=demo)
    config = uvicorn.Config(
        create_app(store, demo=demo, plain=address.plain),
        http=impatient(store.settings.header_time),
        ws="none",
        log_level="warning",
        access_log=False,
        server_header=False,
        limit_concurrency=CONNECTIONS,
        proxy_headers=address.proxy,
        forwarded_allow_ips="*" if address.proxy else None,
        ssl_certfile=address.certificate,
        ssl_keyfile=address.key,
        timeout_graceful_shutdown=3,
    )
    return uvicorn.Server(config)


def listening(address: Address) -> socket.socket:
    """A socket that listens there.

    Raises:
        PortalError: another program has the port, or this machine has no such address.
    """
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        return socket.create_server((address.host, address.port), family=family, backlog=256)
    except OSError as error:
        raise PortalError(f"nothing can be served at {address.host}, port {address.port}: {error.strerror}") from None


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


class Crew:
    """Workers of this machine: processes that end with this one, and are started again where they end before.

    Args:
        store: where their tokens are.
        url: of the portal.
        count: of them.
        targets: that they run.
        certificate: of the portal.
    """

    def __init__(
        self, store: Store, url: str, count: int, targets: Sequence[str], certificate: Path | None = None
    ) -> None:
        for token in store.users.tokens(Kind.WORKER):
            if token.label.startswith(PREFIX):
                store.users.revoke(token.hash, None)
        self._command = [sys.executable, "-m", "ganglion", "worker", url, "--until-eof", "--targets", ",".join(targets)]
        self._command += ["--certificate", str(certificate)] if certificate else []
        self._tokens = [store.users.token(Kind.WORKER, None, f"{PREFIX}{k + 1}") for k in range(count)]
        self._ending = Event()
        self._threads = [Thread(target=self._keep, args=(token,), daemon=True) for token in self._tokens]
        for thread in self._threads:
            thread.start()

    def _keep(self, token: str) -> None:
        """Keeps one worker running."""
        environment = {**os.environ, "GANGLION_TOKEN": token}
        path = [entry or str(Path.cwd()) for entry in sys.path]
        environment["PYTHONPATH"] = os.pathsep.join(path)
        while not self._ending.is_set():
            with subprocess.Popen(self._command, stdin=subprocess.PIPE, env=environment) as process:
                while process.poll() is None and not self._ending.is_set():
                    time.sleep(0.1)
                if process.stdin:
                    process.stdin.close()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(10)
                process.kill()
            self._ending.wait(RESPITE)

    def close(self) -> None:
        """Ends them."""
        self._ending.set()
        for thread in self._threads:
            thread.join()
