"""What can run a classifier, and what is noted of each sample that it runs."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import GanglionError
from ganglion.model.spec.events import Events
from ganglion.model.spec.memories import Counter
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference
from ganglion.model.spec.target import Target
from ganglion.model.spec.trace import Trace
from ganglion.sim.rtl import COUNTERS, Rtl

CLOCK_MHZ = 80.0
"""Clock at which latencies are stated, unless another is asked for."""


def _emulator(program: Program) -> Target:
    """Imported when it is asked for: its kernels take seconds to load."""
    from ganglion.model.emulator.emulator import Emulator

    return Emulator(program)


def _rtl(program: Program) -> Target:
    return Rtl(program, counters=(*COUNTERS, Counter.EVENTS, Counter.WORDS))


TARGETS: dict[str, Callable[[Program], Target]] = {"reference": Reference, "rtl": _rtl, "emulator": _emulator}
"""What can run a classifier on any machine."""


@dataclass(frozen=True, kw_only=True)
class Hardware:
    """A chip that is there: one more target, for whose sizes a network must be made."""

    name: str
    """Of the target."""
    params: Params
    clock_mhz: float
    option: str
    """By which the user names it on the command line."""
    target: Callable[[Program], Target]
    """Loads a program."""


def find_targets(
    targets: Sequence[str], clock_mhz: float, hardware: Hardware | None = None
) -> dict[str, Callable[[Program], Target]]:
    """What makes each of some targets of a program.

    Raises:
        GanglionError: a target unknown or named twice, none at all, a board that is not there, or that nobody wants, or
            a clock that is not positive.
    """
    known = {**TARGETS, **({hardware.name: hardware.target} if hardware else {})}
    if "board" in targets and "board" not in known:
        raise GanglionError("the target board needs its --device, such as /dev/ttyUSB1; see: ganglion board list")
    if any(name not in known for name in targets) or not targets or len(set(targets)) < len(targets):
        raise GanglionError(
            f"targets must be one or more of {', '.join((*TARGETS, 'board'))}, each once, not {', '.join(targets)!r}"
        )
    if hardware and hardware.name not in targets:
        raise GanglionError(f"{hardware.option} is for the target {hardware.name}, which is not among the targets")
    if not clock_mhz > 0:
        raise GanglionError(f"the clock must be a positive number of MHz, not {clock_mhz}")
    return {name: known[name] for name in targets}


class Recorder:
    """A target that passes everything on to another, and notes what came of each sample.

    Args:
        name: of the target.
        target: what runs.
        decode: the class that the run of a sample tells.
    """

    def __init__(self, name: str, target: Target, decode: Callable[[Trace], int]) -> None:
        self.name, self.target, self.program = name, target, target.program
        self.reset, self.state, self.weights = target.reset, target.state, target.weights
        self.write, self.write_weight = target.write, target.write_weight
        self.guesses: list[int] = []
        self.counters: list[dict[str, IntArray]] = []
        """Of each sample, step by step."""
        self.seconds = 0.0
        """Time of the samples that were kept."""
        self._decode = decode
        self._last: tuple[Trace, float]

    def run(self, events: Events, *, keep_states: bool = False) -> Trace:
        begin = time.perf_counter()
        trace = self.target.run(events, keep_states=keep_states)
        self._last = trace, time.perf_counter() - begin
        return trace

    def keep(self) -> None:
        """The last run was of one sample, and is to be counted."""
        trace, seconds = self._last
        self._note(trace, seconds)

    def run_samples(self, samples: Sequence[Events]) -> None:
        """Run samples, each from step 0, and keep what came of them; in one call where the target can."""
        self.reset()
        if hasattr(self.target, "run_batch"):
            begin = time.perf_counter()
            traces = self.target.run_batch(samples)
            seconds = (time.perf_counter() - begin) / max(1, len(traces))
            for trace in traces:
                self._note(trace, seconds)
        else:
            for events in samples:
                self.reset()
                self.run(events)
                self.keep()

    def _note(self, trace: Trace, seconds: float) -> None:
        self.guesses.append(self._decode(trace))
        self.counters.append(trace.counters)
        self.seconds += seconds
