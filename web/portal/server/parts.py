"""What all answers of a portal are made with, and who asks for them."""

import time
from collections import Counter
from dataclasses import dataclass

from fastapi import Request

from ganglion.web.portal.job import TARGETS
from ganglion.web.portal.server.auth import Access
from ganglion.web.portal.server.door import Door
from ganglion.web.portal.server.live import Streams
from ganglion.web.portal.store.store import Store
from ganglion.web.portal.store.users import User

LATELY = 60.0
"""Seconds within which a worker that is there has asked for a job, or told of one."""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The parts of one portal."""

    store: Store
    access: Access
    door: Door
    streams: Streams
    plain: bool
    """Whether what is said here can be read on the way."""

    def targets(self) -> dict[str, int]:
        """How many workers of each target there are."""
        seen = self.store.queue.workers(time.time() - LATELY)
        counts = Counter(target for worker in seen for target in worker.targets)
        return {target: counts[target] for target in TARGETS}


def parts(request: Request) -> Parts:
    """Those of the portal that is asked."""
    found: Parts = request.app.state.parts
    return found


def user(request: Request) -> User:
    """Who calls the API."""
    return parts(request).access.user(request)


def worker(request: Request) -> str:
    """The worker that calls."""
    return parts(request).access.worker(request)
