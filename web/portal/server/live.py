"""Live pages, by server-sent events: what becomes of jobs, told as it happens."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable

from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from ganglion.model.spec.errors import PortalError
from ganglion.web.portal.job import State
from ganglion.web.portal.server.views import Live
from ganglion.web.portal.store.store import Store

TICK = 0.4
"""Seconds between two looks."""

QUIET = 15.0
"""Seconds after which a stream says that it is still there."""


class Streams:
    """Streams of events, so many of one user at most.

    Args:
        store: what they tell of.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._open: Counter[int] = Counter()

    def of_job(self, id: str, user: int) -> StreamingResponse:
        """What becomes of a job, from the first line of its log on, until it is over.

        Args:
            id: of the job, which is there.
            user: number of who listens.

        Raises:
            PortalError: this user has too many streams.
        """
        last = 0

        def look() -> tuple[BaseModel, bool]:
            nonlocal last
            job = self._store.jobs.get(id)
            lines = self._store.jobs.lines(id, last)
            last = lines[-1].id if lines else last
            ahead = self._store.jobs.ahead(job) if job.state is State.QUEUED else 0
            said = [line.text for line in lines]
            over = job.state.over
            return Live(state=job.state, over=over, progress=job.progress, ahead=ahead, lines=said), over

        return self._stream(look, user)

    def _stream(self, look: Callable[[], tuple[BaseModel, bool]], user: int) -> StreamingResponse:
        """A stream of what `look` finds, whenever that is something new."""
        if self._open[user] >= self._store.settings.streams:
            raise PortalError(f"{self._open[user]} of your pages are live, which are the most: close some", status=429)

        async def events() -> AsyncIterator[str]:
            self._open[user] += 1
            try:
                ends, before, said = time.monotonic() + self._store.settings.stream_time, "", time.monotonic()
                yield "retry: 1000\n\n"
                while time.monotonic() < ends:
                    try:
                        found, over = await run_in_threadpool(look)
                    except PortalError:  # removed meanwhile
                        return
                    text = found.model_dump_json()
                    if text != before:
                        yield f"data: {text}\n\n"
                        before, said = text, time.monotonic()
                    elif time.monotonic() - said > QUIET:
                        yield ": still here\n\n"
                        said = time.monotonic()
                    if over:
                        return
                    await asyncio.sleep(TICK)
            finally:
                self._open[user] -= 1

        return StreamingResponse(events(), media_type="text/event-stream", headers={"x-accel-buffering": "no"})
