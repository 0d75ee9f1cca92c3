"""Samples per second of a board, by the clock of the virtual one whose line is as fast as the real one's."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ganglion.fpga.board_spec import BoardSpec
from ganglion.fpga.host.board import Board
from ganglion.fpga.host.coding import CODINGS
from ganglion.fpga.host.driver import BoardDriver
from ganglion.fpga.virtual.build import build_virtual, virtual_board
from ganglion.fpga.virtual.emulator import Traffic, VirtualBoard
from ganglion.model.compiler import compile_program
from ganglion.model.compiler.loading import loading_packets
from ganglion.model.networks.classifier import Classifier
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.errors import MismatchError
from ganglion.model.spec.events import Events
from ganglion.model.spec.frames import OVERHEAD, PAYLOAD
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference

PATIENCE = 600.0
"""Seconds that host and test wait for a board whose every cycle is simulated."""


@dataclass(frozen=True, kw_only=True)
class Throughput:
    """One network over one line, samples one behind the other."""

    line: str
    """What carries them."""
    samples: int
    loading_bytes: float
    """On the line, in full frames, for the image; it is loaded faster than the line is, and so not timed."""
    running: Traffic
    """Of the samples."""
    clock: int
    """Of the board, Hz."""
    line_bytes_per_second: float
    """What the line carries at most."""

    @property
    def loading_seconds(self) -> float:
        """Time that the bytes of the image take on the line."""
        return self.loading_bytes / self.line_bytes_per_second

    @property
    def samples_per_second(self) -> float:
        return self.samples * self.clock / self.running.cycles


def throughputs(
    board: BoardSpec, classifier: Classifier, samples: int, *, compact: bool | None = None, progress: Progress = SILENT
) -> Iterator[Throughput]:
    """Measures packets as they are, then compact ones, where the board has them.

    The spikes of outputs of each sample are compared with those of the reference.

    Args:
        board: which.
        classifier: the network.
        samples: of its test set, from the first on.
        compact: True measures compact packets alone, and False plain ones.
        progress: told what is going on.

    Raises:
        MismatchError: other spikes than the reference's.
        GanglionError: the network does not fit, its data is not here, or a tool is missing.
    """
    program = classifier.program(board.params)
    events = [classifier.encode(sample) for sample in classifier.test_set(None).inputs[:samples]]
    with progress.task("the samples on the reference", total=len(events)) as task:
        wanted = []
        for each in events:
            wanted.append(_outputs(program, each))
            task.advance()
    kinds = (False, True)[: 1 + board.compact] if compact is None else (compact,)
    for kind in kinds:
        yield _measure(replace(board, compact=kind), program, events, wanted, progress)


def _outputs(program: Program, events: Events) -> "np.ndarray[tuple[int, int], np.dtype[np.int64]]":
    spikes = Reference(program).run(events).spikes
    return spikes[np.isin(spikes[:, 1], program.outputs)]


def _measure(
    board: BoardSpec,
    program: Program,
    events: Sequence[Events],
    wanted: Sequence["np.ndarray[tuple[int, int], np.dtype[np.int64]]"],
    progress: Progress,
) -> Throughput:
    line = f"{board.line}, {'compact' if board.compact else 'plain'}"
    built = build_virtual(virtual_board(board, timed=True), progress)
    with VirtualBoard(built) as virtual:
        driver = BoardDriver(virtual.device, timeout=PATIENCE, patience=PATIENCE, progress=progress)
        virtual.traffic(free=True)
        image = compile_program(program)
        target = Board(image, driver, counters=())
        virtual.traffic()
        traces = target.run_batch(events)
        running = virtual.traffic()
        target.close()
    for number, (trace, spikes) in enumerate(zip(traces, wanted, strict=True)):
        if not np.array_equal(trace.spikes, spikes):
            raise MismatchError(f"{line}: sample {number} has other spikes on the board than on the reference")
    loading = CODINGS[board.greeting.version]().encode(loading_packets(image))
    return Throughput(
        line=line,
        samples=len(events),
        loading_bytes=len(loading) * (1 + OVERHEAD / PAYLOAD),
        running=running,
        clock=board.clock,
        line_bytes_per_second=board.line_bytes_per_second,
    )
