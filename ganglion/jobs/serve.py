"""`ganglion serve`: the portal, and workers of this machine."""

import os
from collections.abc import Sequence
from pathlib import Path

from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.errors import PortalError
from ganglion.web.portal.server import serve as server
from ganglion.web.portal.server.serve import Address
from ganglion.web.portal.settings import DAY, MEGABYTE, Settings
from ganglion.web.portal.store.store import Store
from ganglion.web.portal.store.users import Kind

FIRST = "admin"
"""The first user, who makes the others."""

LOCAL = ("reference", "emulator", "rtl")
"""What workers of this machine run: a board is a worker of its own."""


def serve(
    folder: Path | None = None,
    *,
    database: str | None = None,
    host: str = "127.0.0.1",
    port: int = 8000,
    certificate: Path | None = None,
    key: Path | None = None,
    proxy: bool = False,
    insecure: bool = False,
    demo: bool = False,
    workers: int = 1,
    targets: Sequence[str] = LOCAL,
    seconds: float = Settings.seconds,
    memory: int = Settings.memory // MEGABYTE,
    upload: int = Settings.upload // MEGABYTE,
    stored: int = Settings.stored // MEGABYTE,
    waiting: int = Settings.waiting,
    keep: float = Settings.kept / DAY,
    progress: Progress = SILENT,
) -> None:
    """Serves until it is interrupted. A portal without users gets one, `FIRST`, and tells its token.

    Args:
        folder: of all that the portal keeps, made where it is missing; None is the usual one.
        database: address of a PostgreSQL; None is SQLite in the folder.
        host: address of this machine to answer at.
        port: of it; 0 is any that is free.
        certificate: for TLS.
        key: of the certificate.
        proxy: a reverse proxy speaks TLS for it.
        insecure: answer others without TLS.
        demo: no login, for this machine alone.
        workers: processes of this machine that run jobs.
        targets: that they run.
        seconds: a job may run.
        memory: megabytes (2^20) that a job may take.
        upload: megabytes that a request may have.
        stored: megabytes of files that a user may have.
        waiting: jobs of a user that may wait or run.
        keep: days for which results are kept.
        progress: told where it is.

    Raises:
        PortalError: an address that may not be, or a database that cannot be used.
        OSError: the folder cannot be made.
    """
    address = Address(host=host, port=port, certificate=certificate, key=key, proxy=proxy, insecure=insecure)
    address.check(demo=demo)
    if unknown := [name for name in targets if name not in LOCAL]:
        raise PortalError(
            f"workers of this machine run {', '.join(LOCAL)}, not {unknown[0]!r}; a board is a worker of its own: "
            "ganglion worker"
        )
    settings = Settings(
        seconds=seconds,
        memory=memory * MEGABYTE,
        upload=upload * MEGABYTE,
        stored=stored * MEGABYTE,
        waiting=waiting,
        kept=keep * DAY,
    )
    store = Store(folder or usual_folder(demo), database, settings)
    if not demo and not [share for share in store.users.shares() if share.user.admin]:
        token = store.users.token(Kind.USER, store.users.add(FIRST, admin=True), "first")
        progress.note(f"the first user is {FIRST}; the token, which is not told again: {token}")
    server.serve(store, address, demo=demo, workers=workers, targets=targets, progress=progress)


def usual_folder(demo: bool) -> Path:
    """Where a portal keeps what it has, unless told otherwise; a demo has a place of its own."""
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base, "ganglion", "demo" if demo else "portal")
