"""The interface that everything which runs a network has in common."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import EventError, ProgramError, described
from ganglion.model.spec.events import Events
from ganglion.model.spec.explained import explained
from ganglion.model.spec.fields import NEURON_STATE
from ganglion.model.spec.learning_target import LearningTarget
from ganglion.model.spec.limits import Limits, Probes
from ganglion.model.spec.program import Program
from ganglion.model.spec.state import MODULATORS, State
from ganglion.model.spec.trace import COUNTED, LEARN_COUNTED, Trace


@explained(ProgramError)
class Target(LearningTarget, ABC):
    """Something that runs a `Program`: reference, emulator, RTL, board. A test or a user swaps one for another.

    A target is made with its program (or image), loaded and at step 0; used in `with`, it is closed at the end. What
    it is asked is checked here, before the target itself does anything: the same mistake is the same error everywhere.
    A subclass answers in the methods that begin with an underscore, whose arguments are right.

    Raises (every method):
        ChipError: a chip does not answer as it should.
    """

    name: str
    """What messages and traces call it: reference, emulator, array, rtl, board."""

    def __init__(self, program: Program, limits: Limits | None = None) -> None:
        """Of a target that has just been loaded.

        Args:
            program: what it runs.
            limits: where they are not those of the program.
        """
        super().__init__(program, limits or Limits.of(program))
        self._totals = self._no_counts()

    @property
    @abstractmethod
    def t(self) -> int:
        """Number of the step that comes next."""

    def place_of(self, neuron: int) -> str:
        """Where on a chip a neuron is, for messages; empty on what is no chip."""
        return ""

    def run(self, events: Events, *, keep_states: bool = False, probes: Probes | None = None) -> Trace:
        """Run `events.steps` steps from where the target stands.

        Args:
            events: the host's events of each step.
            keep_states: keep all state at the end of every step in the trace.
            probes: state fields, and the neurons of which to record them at the end of every step; goes to
                `Trace.probes`.

        Raises:
            EventError: an event for an axon the network has not, or steps that are not in order; nothing was run.
            ProgramError: a probe that does not exist; nothing was run.
        """
        _check_kind(events)
        self._check_events(events)
        wanted = self._limits.check_probes(probes) if probes else {}
        self._at_rest = False
        trace = self._run(events, keep_states, wanted)
        self._count(trace)
        return trace

    def step(self, axons: Sequence[int] | IntArray = ()) -> list[int]:
        """Run one step with these events from the host.

        Returns:
            the neurons that fired (of a chip: those that are outputs), ascending.

        Raises:
            EventError: as `run`.
        """
        spikes: list[int] = self.run(Events.from_steps([axons])).spikes[:, 1].tolist()
        return spikes

    def run_batch(self, samples: Sequence[Events], *, probes: Probes | None = None) -> list[Trace]:
        """Run each sample from where the target stands, which stays there; the samples are not counted.

        Args:
            samples: the host's events of each.
            probes: as `run`.

        Returns:
            what `run` would return for each.

        Raises:
            EventError: as `run`; nothing was run.
            ProgramError: a probe that does not exist, or the network learns; nothing was run.
        """
        if self.learning:
            raise ProgramError(
                "a batch would have to learn from each sample by itself, and then forget it; set learning = False on "
                "the target to run one, or run the samples one after the other"
            )
        wanted = self._limits.check_probes(probes) if probes else {}
        if isinstance(samples, Events) or not isinstance(samples, Sequence):
            raise EventError(f"run_batch takes a list of Events, one for each sample, not {described(samples)}")
        for events in samples:
            _check_kind(events)
        self._check_samples(samples)
        traces = self._run_batch(samples, wanted)
        if self._program.learning is not None:
            for trace in traces:
                for name in LEARN_COUNTED:
                    trace.counters.setdefault(name, np.zeros(trace.steps, dtype=np.int64))
        return traces

    def read(self, field: str, neurons: npt.ArrayLike | None = None) -> IntArray:
        """A field now, between two steps.

        Args:
            field: `v`, `u`, `a`, `refractory`, `threshold`, `bias` or `type`; those of options that the chip lacks are
                zeros.
            neurons: which; None is all.

        Returns:
            int64 of shape (neurons,).

        Raises:
            ProgramError: there is no such field or neuron.
        """
        self._limits.check_readable(field)
        return self._read(field, None if neurons is None else self._limits.check_neurons(neurons))

    def write(self, field: str, neurons: npt.ArrayLike, values: npt.ArrayLike) -> None:
        """Set a field, as `read` reads it, between two steps.

        Args:
            field: of an option that the chip has.
            neurons: one or several; of one that is there twice, the last value counts.
            values: one for all, or one for each.

        Raises:
            ProgramError: a field, neuron or value that the network cannot have; nothing was written.
        """
        numbers, wanted = self._limits.check_write(field, neurons, values)
        self._at_rest = self._at_rest and field not in _STATE
        self._write(field, numbers, wanted)

    def weights(self, synapses: npt.ArrayLike | None = None) -> IntArray:
        """Weights now, between two steps.

        Args:
            synapses: which, numbered as in the program; None is all.

        Returns:
            int64 of shape (synapses,).

        Raises:
            ProgramError: there is no such synapse.
        """
        return self._weights(None if synapses is None else self._limits.check_synapses(synapses))

    def write_weights(self, synapses: npt.ArrayLike, values: npt.ArrayLike) -> None:
        """Set weights, between two steps.

        Args:
            synapses: one or several; of one that is there twice, the last value counts.
            values: one for all, or one for each.

        Raises:
            ProgramError: a synapse that is not there, or a weight that does not fit; nothing was written.
        """
        self._write_weights(*self._limits.check_weights(synapses, values))

    def write_delays(self, synapses: npt.ArrayLike, values: npt.ArrayLike) -> None:
        """Set delays, between two steps; they are those of `program` from then on. Spikes that are on their way arrive
        when they were to.

        Args:
            synapses: one or several; of one that is there twice, the last value counts.
            values: steps, one for all, or one for each.

        Raises:
            ProgramError: a synapse that is not there, or a delay that the chip has not; nothing was written.
            CapacityError: of a chip: the network does not fit it any more; nothing was written.
        """
        numbers, wanted = self._limits.check_delays(synapses, values)
        delay = self._program.delay.copy()
        delay[numbers] = wanted
        if np.array_equal(delay, self._program.delay):
            return
        program = self._program.replace(delay=delay)
        self._write_delays(program)
        self._program = program

    @abstractmethod
    def state(self) -> State:
        """All state now, between two steps."""

    def load_state(self, state: State) -> None:
        """Go on from a state that a target of the same network was in; constants, and weights without a learning rule,
        stay as they are.

        Raises:
            ProgramError: the network cannot have this state; nothing was loaded.
        """
        self._limits.check_state(state)
        self._at_rest = False
        self._modulators = state.modulators
        self._load_state(state)
        if state.learns:
            self._write_modulators()

    def counters(self) -> Mapping[str, int]:
        """Totals since the last reset of what `Trace.counters` tells step by step."""
        return dict(self._totals)

    def reset(self) -> None:
        """Back to step 0 and to all state zero. Weights, learned ones too, and constants stay as they are."""
        self._modulators = (0,) * MODULATORS
        self._reset()
        self._at_rest = True
        self._totals = self._no_counts()

    def close(self) -> None:
        """Lets go of whatever the target holds: a simulator, a device. Safe to call twice."""

    def record(self, events: Events, steps: int, path: Path) -> Trace | None:
        """Run again from step 0 what this target is a simulation of, and write all signals of the last steps to a file.

        Args:
            events: of the whole run; the target itself stays where it is.
            steps: how many, at the end of the run, are recorded.
            path: of a VCD file.

        Returns:
            The trace of the recorded steps, states included; None where there are no signals, and no file is written.
        """
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _check_events(self, events: Events) -> None:
        """As `Events.check`."""
        events.check(self._program.inputs)

    def _check_samples(self, samples: Sequence[Events]) -> None:
        """As `_check_events`, of many."""
        for events in samples:
            events.check_order()
        for events in samples:
            self._check_events(events)

    def _no_counts(self) -> dict[str, int]:
        return dict.fromkeys((*COUNTED, *(LEARN_COUNTED if self._program.learning is not None else ())), 0)

    def _count(self, trace: Trace) -> None:
        """Add a run to the totals."""
        for name, values in trace.counters.items():
            self._totals[name] = self._totals.get(name, 0) + int(values.sum())

    @abstractmethod
    def _run(self, events: Events, keep_states: bool, probes: Mapping[str, IntArray]) -> Trace: ...

    def _run_batch(self, samples: Sequence[Events], probes: Mapping[str, IntArray]) -> list[Trace]:
        """One after another; a target that can run many at once does that."""
        start = None if self._at_rest else self.state()
        traces = []
        for events in samples:
            traces.append(self._run(events, False, probes))
            if start is None:
                self._reset()
            else:
                self._load_state(start)
        return traces

    @abstractmethod
    def _reset(self) -> None: ...

    @abstractmethod
    def _read(self, field: str, neurons: IntArray | None) -> IntArray: ...

    @abstractmethod
    def _write(self, field: str, neurons: IntArray, values: IntArray) -> None: ...

    @abstractmethod
    def _weights(self, synapses: IntArray | None) -> IntArray: ...

    @abstractmethod
    def _write_weights(self, synapses: IntArray, values: IntArray) -> None: ...

    def _write_delays(self, program: Program) -> None:
        """Go on with this program, which differs in delays alone."""
        self._rewire(program, np.arange(program.synapses))

    @abstractmethod
    def _load_state(self, state: State) -> None: ...


def check_network(target: str, network: object, *kinds: type) -> None:
    """Whether a target is made of what it can run.

    Args:
        target: its class, for the message.
        network: what it is made of.
        kinds: what it can run besides a `Program`.

    Raises:
        ProgramError: it cannot run that; says what to do with it.
    """
    if isinstance(network, (Program, *kinds)):
        return
    known = " or ".join(f"a {kind.__name__}" for kind in (Program, *kinds))
    raise ProgramError(f"{target} runs {known}, not {described(network)}{_hint(target, network)}")


def _hint(target: str, network: object) -> str:
    if isinstance(network, str | PathLike):
        return ": load the file first, with Program.load or ganglion.load_image"
    if isinstance(getattr(network, "program", None), Program):
        return f": give it its program, {target}(….program)"
    if hasattr(network, "populations") and hasattr(network, "projections"):
        return f": quantize the network first, {target}(ganglion.quantize(network).program)"
    return ""


def _check_kind(events: object) -> None:
    if not isinstance(events, Events):
        raise EventError(
            f"a run takes Events, not {described(events)}: Events.from_raster makes them of a raster of counts, "
            "Events.from_steps of a list of axons for each step"
        )


_STATE = {spec.name for spec in NEURON_STATE}
