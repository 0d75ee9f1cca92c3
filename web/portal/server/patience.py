"""A protocol of uvicorn that does not wait for ever: the head of each request comes in time, or the line is closed."""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

ANSWER = (
    b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-type: text/plain\r\n\r\n"
    b"the head of the request did not come in time\n"
)


class Impatient(H11Protocol):
    """The protocol; a subclass of `patient` for a time."""

    head_time = 10.0
    """Seconds that the head of a request may take."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """See asyncio."""
        super().connection_made(transport)
        self._timer: asyncio.TimerHandle | None = self.loop.call_later(self.head_time, self._give_up)

    def data_received(self, data: bytes) -> None:
        """See asyncio."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._cancel()
        elif self._timer is None:
            self._timer = self.loop.call_later(self.head_time, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio."""
        self._cancel()
        super().connection_lost(exc)

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        self._timer = None
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self.transport.write(ANSWER)
            self.transport.close()


def impatient(seconds: float) -> type[asyncio.Protocol]:
    """The protocol with a time for the head of a request."""
    members: dict[str, Any] = {"head_time": seconds}
    return type("Impatient", (Impatient,), members)
