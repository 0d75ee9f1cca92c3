"""The streams of the chip in cocotb: a source, a sink, and a monitor that holds the chip to the law of streams.

The law: `valid` never waits for `ready`; once high, it and the payload stay until the transfer. After a rising edge of
the clock cocotb reads the values of the cycle that ends there, and what it writes holds from the next cycle on.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from cocotb.triggers import RisingEdge

NEVER: Iterator[bool] = iter(lambda: False, None)
"""Stalls of a stream that never pauses."""


def random_stalls(probability: float, seed: str) -> Iterator[bool]:
    """Whether to pause in the next cycle, for ever; repeats with the seed."""
    random = Random(seed)
    return iter(lambda: random.random() < probability, None)


@dataclass
class Stream:
    """The handles of one stream of a module, found once."""

    clock: Any
    payload: Any
    valid: Any
    ready: Any

    @classmethod
    def of(cls, module: Any, name: str) -> "Stream":
        """The stream `name` of an Amaranth module."""
        parts = (getattr(module, f"{name}__{part}") for part in ("payload", "valid", "ready"))
        return cls(module.clk, *parts)


@dataclass
class StreamSource:
    """Drives a stream."""

    stream: Stream
    stalls: Iterator[bool] = NEVER
    taken: int = 0
    """Payloads transferred."""

    async def send(self, payloads: Iterable[int], offered: Callable[[int], None] | None = None) -> None:
        """Offers the payloads one after the other; returns at the edge that ends the last transfer.

        `offered` is called with each when it is put on the wires.
        """
        edge = RisingEdge(self.stream.clock)
        for payload in payloads:
            while next(self.stalls):
                await edge
            self.stream.payload.value = payload
            self.stream.valid.value = 1
            if offered:
                offered(payload)
            await edge
            while not self.stream.ready.value:
                await edge
            self.stream.valid.value = 0
            self.taken += 1


@dataclass
class StreamSink:
    """Accepts whatever a stream brings."""

    stream: Stream
    stalls: Iterator[bool] = NEVER

    async def run(self) -> None:
        """For ever."""
        edge = RisingEdge(self.stream.clock)
        while True:
            self.stream.ready.value = not next(self.stalls)
            await edge


@dataclass
class StreamMonitor:
    """Notes the transfers of a stream, and asserts its law."""

    stream: Stream
    receive: Callable[[int], None]
    """Called with each payload at the edge that ends its transfer."""
    withheld: int | None = field(default=None, init=False)
    """Payload that was offered in the last cycle and not accepted."""

    async def run(self) -> None:
        """For ever.

        Raises:
            AssertionError: the stream broke its law.
        """
        edge = RisingEdge(self.stream.clock)
        while True:
            await edge
            offered = int(self.stream.payload.value) if self.stream.valid.value else None
            if self.withheld is not None:
                assert offered == self.withheld, (
                    f"the chip offered {self.withheld:#x}, which was not accepted yet, and then "
                    + ("nothing" if offered is None else f"{offered:#x}")
                )
            self.withheld = offered
            if offered is not None and self.stream.ready.value:
                self.withheld = None
                self.receive(offered)
