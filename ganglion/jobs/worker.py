"""`ganglion worker`: runs jobs of a portal on this machine, until it is interrupted."""

import platform
import signal
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from threading import Thread

from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.errors import PortalError
from ganglion.web.portal.connection import Connection
from ganglion.web.portal.job import TARGETS
from ganglion.web.portal.work.worker import Worker


def worker(
    url: str,
    token: str | None,
    *,
    targets: Sequence[str] = ("reference", "emulator", "rtl"),
    device: str | None = None,
    certificate: Path | None = None,
    insecure: bool = False,
    until_eof: bool = False,
    progress: Progress = SILENT,
) -> None:
    """Pulls jobs and runs them. SIGTERM and Ctrl-C let go of the one that runs, and another worker gets it.

    Args:
        url: of the portal.
        token: of the worker.
        targets: that it runs.
        device: serial device of the board, which the target `board` needs.
        certificate: of the portal, to trust alone.
        insecure: send the token though it can be read on the way.
        until_eof: stop where standard input ends.
        progress: told of the jobs.

    Raises:
        PortalError: no token, no such target, or the portal refuses this worker.
        BoardError: nothing answers on the device.
    """
    if not token:
        raise PortalError("a worker needs its token, from the admin page of the portal: set GANGLION_TOKEN to it")
    if not targets or (unknown := [name for name in targets if name not in TARGETS]):
        raise PortalError(f"targets are one or more of {', '.join(TARGETS)}, not {', '.join(unknown or ['none'])}")
    if ("board" in targets) != (device is not None):
        raise PortalError("the target board and its --device go together; see: ganglion board list")
    about = {"machine": f"{platform.machine()}, Python {platform.python_version()}"}
    if device is not None:
        from ganglion.fpga.host.driver import BoardDriver  # loads the chip

        with closing(BoardDriver(device)) as board:
            about["board"] = f"{board.port.greeting.name}, {board.port.greeting.clock / 1e6:g} MHz"
    with closing(Connection(url, token, certificate=certificate, insecure=insecure)) as connection:
        made = Worker(connection, targets, about=about, device=device, progress=progress)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: made.stop())
        if until_eof:
            Thread(target=_stop_at_eof, args=(made,), daemon=True).start()
        made.serve()


def _stop_at_eof(worker: Worker) -> None:
    """Stops a worker where standard input ends."""
    sys.stdin.buffer.read()
    worker.stop()
