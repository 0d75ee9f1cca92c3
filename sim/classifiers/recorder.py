"""What can run a classifier, and what is noted of each sample that it runs."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ganglion.model.lockstep import lockstep
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import GanglionError
from ganglion.model.spec.events import Events
from ganglion.model.spec.memories import Counter
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference
from ganglion.model.spec.target import Target
from ganglion.model.spec.trace import Trace
from ganglion.sim.rtl import Rtl
from ganglion.sim.target import COUNTERS
from ganglion.sim.waveform import waveform_file

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
    """A target, and what came of each sample that it ran.

    Args:
        name: of the target.
        target: what runs.
        decode: the class that the run of a sample tells.
    """

    def __init__(self, name: str, target: Target, decode: Callable[[Trace], int]) -> None:
        self.name, self.target = name, target
        self.guesses: list[int] = []
        self.counters: list[dict[str, IntArray]] = []
        """Of each sample, step by step."""
        self.seconds = 0.0
        """Time of all samples."""
        self._decode = decode

    def run_samples(self, samples: Sequence[Events]) -> None:
        """Run samples, each from step 0, in one call, and note what came of them."""
        self.target.reset()
        begin = time.perf_counter()
        traces = self.target.run_batch(samples)
        seconds = (time.perf_counter() - begin) / max(1, len(traces))
        for trace in traces:
            self.note(trace, seconds)

    def note(self, trace: Trace, seconds: float) -> None:
        """Note the run of one sample."""
        self.guesses.append(self._decode(trace))
        self.counters.append(trace.counters)
        self.seconds += seconds


def run_in_lockstep(
    program: Program, events: Events, name: str, replay: str, recorders: Sequence[Recorder], *, states: bool
) -> None:
    """Run one sample on all targets, each in lockstep with the first one, and note what came of it.

    Args:
        program: of all.
        events: the sample.
        name: of the file for a waveform.
        replay: the command that shows the sample again.
        recorders: two or more.
        states: compare all state after every step, not spikes and counters alone.

    Raises:
        MismatchError: two targets differ; tells where.
    """
    judge, *others = recorders
    for other in others:
        run = lockstep(
            program,
            events,
            other.target,
            judge.target,
            name=other.name,
            replay=replay,
            waveform=waveform_file(name),
            states=states,
        )
        other.note(run.got, run.seconds[0])
    judge.note(run.wanted, run.seconds[1])
