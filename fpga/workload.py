"""What shipped networks cost on a board: cycles by the cycle model, bytes on the line by the format of the link."""

from dataclasses import dataclass

import numpy as np

from ganglion.fpga.board_spec import BoardSpec
from ganglion.fpga.host.coding import CODINGS
from ganglion.model.compiler import Image, compile_program
from ganglion.model.compiler.predict import predict_cycles
from ganglion.model.compiler.script import step_packets
from ganglion.model.networks.classifier import Classifier
from ganglion.model.networks.shipped import SHIPPED
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.errors import GanglionError
from ganglion.model.spec.events import Events
from ganglion.model.spec.frames import OVERHEAD, PAYLOAD
from ganglion.model.spec.packets import end
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
    """Time that the events of a sample take on the line."""
    samples_per_second: float
    """Line and chip work at the same time; the slower one counts."""


def workloads(board: BoardSpec, progress: Progress = SILENT) -> tuple[list[Workload], dict[str, str]]:
    """Those shipped networks that fit the board and whose data is here; and by name, why the others are left out."""
    found, left_out = list[Workload](), dict[str, str]()
    with progress.task(f"what shipped networks cost on {board.name}", total=len(SHIPPED)) as task:
        for name, load in SHIPPED.items():
            try:
                found.append(measure(load(), board))
            except GanglionError as error:
                left_out[name] = str(error)
            task.advance()
    return found, left_out


def measure(classifier: Classifier, board: BoardSpec) -> Workload:
    """One network on one board.

    Raises:
        GanglionError: it does not fit, or its data is not here.
    """
    program = classifier.program(board.params, report_all=True)
    image = compile_program(program)
    cycles, line = [], []
    for sample in classifier.test_set(None).inputs[:SAMPLES]:
        events = classifier.encode(sample)
        reference = Reference(program)
        trace = reference.run(events)
        cycles.append(int(predict_cycles(image, events, trace).sum()))
        line.append(line_bytes(image, events, board) / board.line_bytes_per_second)
    latency = float(np.mean(cycles)) / board.clock
    slower = max(latency, float(np.mean(line)))
    return Workload(
        name=classifier.name,
        cycles=round(float(np.mean(cycles)), 1),
        latency_ms=round(1e3 * latency, 4),
        line_ms=round(1e3 * float(np.mean(line)), 4),
        samples_per_second=round(1 / slower, 1),
    )


def line_bytes(image: Image, events: Events, board: BoardSpec) -> float:
    """Bytes on the line that bring the events of a sample to a board, in full frames."""
    words = step_packets(image, events, range(events.steps), np.array([end()], dtype=np.uint64))
    payload = len(CODINGS[board.greeting.version]().encode(words))
    return payload * (1 + OVERHEAD / PAYLOAD)
