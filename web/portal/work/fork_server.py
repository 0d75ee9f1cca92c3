"""A fork server: a process that has loaded what jobs need, and forks for each of them a process with limits.

`python -m ganglion.web.portal.work.fork_server` reads a task a line, as JSON, on standard input, and writes messages, a
line each, on standard output: what the task says, and behind it how it ended. One task at a time. Where standard input
ends, whoever started it is gone, and it ends, with all its processes: so does a job whose worker is killed.
"""

import gc
import importlib
import json
import os
import resource
import select
import signal
import sys
from pathlib import Path
from typing import Any, NoReturn

from pydantic import TypeAdapter

from ganglion.model.spec.errors import GanglionError
from ganglion.web.portal.work.execute import modules, perform
from ganglion.web.portal.work.tasks import Limits, Order

LINE = 2000
"""Characters of an error, at most."""


def serve() -> None:
    """Performs tasks until standard input ends."""
    orders, told = TypeAdapter(Order), os.dup(1)
    quiet = os.open(os.devnull, os.O_RDWR)
    for handle in (1, 2):
        os.dup2(quiet, handle)  # what libraries print is for nobody
    waiting = b""
    while True:
        while b"\n" not in waiting:
            if not (more := os.read(0, 1 << 16)):
                return
            waiting += more
        line, waiting = waiting.split(b"\n", 1)
        order = orders.validate_json(line)
        for module in modules(order.do):
            importlib.import_module(module)
        child = os.fork()
        if not child:
            _perform(order, told)
        _tell(told, {"end": _wait(child)})


def _wait(child: int) -> int:
    """How a child ended; never comes back where standard input ends before."""
    ended = os.pidfd_open(child)
    try:
        while True:
            ready, _, _ = select.select([0, ended], [], [])
            if ended in ready:
                return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            if 0 in ready:
                os.killpg(0, signal.SIGKILL)
    finally:
        os.close(ended)


def _perform(order: Order, told: int) -> NoReturn:
    """A task in the child."""
    gc.freeze()
    try:
        _limit(order.limits)
        _tell(told, {"result": perform(order.do, lambda message: _tell(told, message))})
    except GanglionError as error:
        _tell(told, {"error": str(error)[:LINE]})
    except MemoryError:
        _tell(told, {"error": f"it needs more than the {order.limits.memory >> 20} MB of memory that it may take"})
    except OSError as error:
        _tell(told, {"error": f"{error.strerror or error}: a file may have {order.limits.file:,} bytes"})
    except Exception as error:
        _tell(told, {"error": f"{type(error).__name__}: {error}"[:LINE]})
    finally:
        os._exit(0)


def _limit(limits: Limits) -> None:
    """The limits of this process, and of each that it starts. One that asks for more than there are has them all."""
    pages = int(Path("/proc/self/statm").read_text().split()[5])
    seconds = int(limits.seconds * (os.cpu_count() or 1)) + 1
    wanted = {
        # What may be written to, and not all addresses: the synthesis of a chip reserves gigabytes that it never uses.
        resource.RLIMIT_DATA: pages * os.sysconf("SC_PAGE_SIZE") + limits.memory,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_FSIZE: limits.file,
        resource.RLIMIT_CORE: 0,
    }
    for which, most in wanted.items():
        hard = resource.getrlimit(which)[1]
        kept = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(which, (kept, kept))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write fails, and says why


def _tell(told: int, message: dict[str, Any]) -> None:
    """Writes a message whole: one write, of a pipe that only this end writes to."""
    text = json.dumps(message).encode() + b"\n"
    while text:
        text = text[os.write(told, text) :]


if __name__ == "__main__":
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    serve()
    sys.exit(0)
