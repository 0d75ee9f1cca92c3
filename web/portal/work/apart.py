"""A process beside this one that performs tasks, one at a time, within limits: this end of the fork server."""

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ganglion.web.portal.work.tasks import AnyTask, Limits

COMMAND = [sys.executable, "-m", "ganglion.web.portal.work.fork_server"]

TICK = 0.1
"""Seconds after which a task is looked at, whether or not it has said something."""

START = 60.0
"""Seconds that the fork server itself may take to load."""


@dataclass(frozen=True)
class Outcome:
    """How a task ended."""

    result: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    """A sentence for the user; empty where all is well."""
    stopped: bool = False
    """Whether it was stopped from here."""


class Apart:
    """Performs tasks in processes of their own. For one thread at a time."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def perform(
        self,
        task: AnyTask,
        limits: Limits,
        *,
        seconds: float,
        hear: Callable[[dict[str, Any]], None] | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> Outcome:
        """Performs a task.

        Args:
            task: what to do.
            limits: of its process.
            seconds: on the clock, after which it is ended.
            hear: told of progress and notes.
            stop: asked ten times a second whether to end it.
        """
        process = self._started()
        assert process.stdin and process.stdout
        order = {"do": task.model_dump(mode="json"), "limits": limits.model_dump()}
        result: dict[str, Any] | None = None
        error, ends, waiting = "", time.monotonic() + seconds, b""
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            try:
                process.stdin.write(json.dumps(order).encode() + b"\n")
                process.stdin.flush()
            except BrokenPipeError:
                self.close()
                return Outcome(error="the process that runs jobs has ended: try again")
            while True:
                if selector.select(TICK):
                    more = os.read(process.stdout.fileno(), 1 << 16)
                    if not more:
                        self.close()
                        return Outcome(error="the process that runs jobs has ended: try again")
                    *lines, waiting = (waiting + more).split(b"\n")
                    for message in map(json.loads, lines):
                        if "end" in message:
                            return _outcome(result, error, message["end"], limits)
                        result, error = message.get("result", result), message.get("error", error)
                        if hear:
                            hear(message)
                if stop and stop():
                    self.close()
                    return Outcome(error="it was stopped", stopped=True)
                if time.monotonic() > ends:
                    self.close()
                    return Outcome(error=f"it took longer than the {seconds:g} s that it may take")

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._process is None or self._process.poll() is not None:
            self.close()
            path = os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)
            self._process = subprocess.Popen(
                COMMAND,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                env={**os.environ, "PYTHONPATH": path},
            )
        return self._process

    def close(self) -> None:
        """Ends the process, and all that it started. Safe to call twice."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                with suppress(BrokenPipeError):
                    stream.close()
        self._process = None


def _outcome(result: dict[str, Any] | None, error: str, code: int, limits: Limits) -> Outcome:
    if error:
        return Outcome(error=error)
    if code == -signal.SIGXCPU or (code == -signal.SIGKILL and result is None):
        return Outcome(error=f"it took more of the processors than {limits.seconds:g} s, or more memory than there is")
    allowed = f"the {limits.memory >> 20} MB of memory that it may take"
    if code == -signal.SIGABRT:
        return Outcome(error=f"its process was aborted, as one is that needs more than {allowed}")
    if code < 0:
        return Outcome(error=f"its process ended by signal {-code}")
    if code or result is None:
        return Outcome(error=f"its process ended without a word, as one does that needs more than {allowed}")
    return Outcome(result=result)
