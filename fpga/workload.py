"""What shipped networks cost on a board: cycles by the cycle model, bytes on the line by the format of the link."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from rich.console import Console

from ganglion.fpga.boards import BoardSpec
from ganglion.fpga.uart_link.uart import BITS
from ganglion.model.compiler import compile_program
from ganglion.model.compiler.predict import predict_cycles
from ganglion.model.networks import shipped
from ganglion.model.spec.errors import GanglionError
from ganglion.model.spec.events import Events
from ganglion.model.spec.frames import OVERHEAD, PACKET_BYTES, PAYLOAD
from ganglion.model.spec.packets import Kind
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference

SAMPLES = 8
"""Samples whose mean counts."""


@dataclass(frozen=True, kw_only=True)
class Workload:
    """One network on one board, means over SAMPLES samples."""

    name: str
    cycles: float
    """By the cycle model, events at hand."""
    latency_ms: float
    """Those cycles at the board's clock."""
    line_ms: float
    """Time that the events of a sample take on the serial line."""
    samples_per_second: float
    """Line and chip work at the same time; the slower one counts."""


@dataclass(frozen=True)
class _Network:
    program: Callable[[Params], Program]
    samples: Callable[[], Sequence[Events]]


def _shipped(name: str) -> Callable[[], _Network]:
    def make() -> _Network:
        network = shipped.load(name)
        return _Network(
            lambda p: network.program(p, report_all=True),
            lambda: [network.encode(each) for each in network.test_set(None).inputs[:SAMPLES]],
        )

    return make


NETWORKS: dict[str, Callable[[], _Network]] = {name: _shipped(name) for name in shipped.SHIPPED}
"""Networks that ship with Ganglion."""


def workloads(board: BoardSpec, console: Console) -> list[Workload]:
    """Those shipped networks that fit the board and whose data is here; of the others the console is told why."""
    found = []
    for name, make in NETWORKS.items():
        try:
            found.append(measure(name, make(), board))
        except GanglionError as error:
            console.print(f"{name} is not in the figures: {error}", soft_wrap=True, highlight=False)
    return found


def measure(name: str, network: _Network, board: BoardSpec) -> Workload:
    """One network on one board.

    Raises:
        GanglionError: it does not fit, or its data is not here.
    """
    program = network.program(board.params)
    image = compile_program(program)
    samples = network.samples()
    cycles, line = [], []
    for events in samples:
        reference = Reference(program)
        trace = reference.run(events)
        cycles.append(int(predict_cycles(image, events, trace).sum()))
        line.append(line_bytes(events) * BITS / board.baud)
    latency = float(np.mean(cycles)) / board.clock
    slower = max(latency, float(np.mean(line)))
    return Workload(
        name=name,
        cycles=round(float(np.mean(cycles)), 1),
        latency_ms=round(1e3 * latency, 4),
        line_ms=round(1e3 * float(np.mean(line)), 4),
        samples_per_second=round(1 / slower, 1),
    )


def line_bytes(events: Events) -> float:
    """Bytes on the line that bring the events of a sample to a board, in full frames."""
    payload = events.axon.size * PACKET_BYTES[Kind.SPIKE] + events.steps * PACKET_BYTES[Kind.END]
    return payload * (1 + OVERHEAD / PAYLOAD)
