"""The emulator: runs a network with the bits of the reference, as fast as the processor will."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np

from ganglion.model.emulator import checkpoint
from ganglion.model.emulator.engine import Engine
from ganglion.model.emulator.inputs import check_events, check_steps, without_gaps
from ganglion.model.emulator.kernels.arrays import Log
from ganglion.model.emulator.network import StoredNetwork
from ganglion.model.emulator.pace import processors
from ganglion.model.emulator.recording import Recorder
from ganglion.model.emulator.store import store_program
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.arithmetic import whole_number
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.events import Events
from ganglion.model.spec.explained import explained
from ganglion.model.spec.limits import Probes
from ganglion.model.spec.program import Program
from ganglion.model.spec.state import State
from ganglion.model.spec.target import Target, check_network
from ganglion.model.spec.trace import Trace

LOG_STEPS = 8
"""Steps of a call of a kernel, at least, whatever fires: its log has room for so many."""

NO_AXONS = np.zeros(0, dtype=np.int64)


class HasProgram(Protocol):
    """Something made from a program: an image of a chip."""

    @property
    def program(self) -> Program: ...


@explained(ProgramError)
class Emulator(Target):
    """Runs a network. See `ganglion.model.spec.target.Target` for the methods all targets share.

    Args:
        network: a program, an image, or a stored network, which is run in place.
        threads: share each step among so many at most, or "auto" for as many as there are processors. Whether others
            help is measured while the network runs, and they do where that is faster. The bits are the same.
        progress: told of storing, and of runs.

    Raises:
        ProgramError: threads is not a positive number, or the network is nothing that it can run.
        CapacityError: the network does not fit into the free memory.
    """

    name = "emulator"
    learns = True

    def __init__(
        self,
        network: Program | StoredNetwork | HasProgram,
        *,
        threads: int | Literal["auto"] = 1,
        progress: Progress = SILENT,
    ) -> None:
        self.threads = processors() if threads == "auto" else whole_number("threads", threads, 1, 1024)
        self.progress = progress
        if not isinstance(network, StoredNetwork):
            program: Any = network if isinstance(network, Program) else getattr(network, "program", network)
            check_network("Emulator", program)
            network = store_program(program, progress=progress)
        super().__init__(network.neurons, network.limits)
        self.network = network
        self._engine = Engine(network, self.threads)

    @property
    def program(self) -> Program:
        """The network as a program; made from the stored one where there was none."""
        return self.network.program()

    @property
    def t(self) -> int:
        """Number of the step that comes next."""
        return self._engine.t

    def counters(self) -> Mapping[str, int]:
        return dict(zip(self._engine.counted, self._engine.counts, strict=True))

    def run(self, events: Events, *, keep_states: bool = False, probes: Probes | None = None) -> Trace:
        """As `Target.run`, sooner where the run is short: one pass over the events checks all of them."""
        if isinstance(events, Events):
            events = without_gaps(events)
            if not keep_states and not probes and events.axon.dtype == np.int64:
                trace = self._engine.run_short(events)
                if trace is not None:
                    self._at_rest = False
                    return trace
        return super().run(events, keep_states=keep_states, probes=probes)

    def step(self, axons: Sequence[int] | IntArray = ()) -> list[int]:
        """As `Target.step`, without the trace that `run` makes: what programs pay that run step by step."""
        try:
            axon = np.array(axons)
        except ValueError:  # Lists in it that are of several lengths: the error says so.
            axon = Events.from_steps([axons]).axon
        axon = axon if axon.size else NO_AXONS
        if axon.dtype == np.int64 and axon.ndim == 1 and (spikes := self._engine.step(axon)) is not None:
            self._at_rest = False
            return spikes
        axon = axon.ravel()
        if axon.dtype != np.int64:
            axon = Events.from_steps([axons]).axon
        events = Events(axon, np.array((0, axon.size)))
        self._engine.make_room(check_steps(events, self.network.neurons.inputs))
        self._at_rest = False
        self._step_log.counts.fill(0)
        _, written = self._engine.run(events, self._step_log, 0, 1)
        found: list[int] = self._step_log.spikes[:written].tolist()
        return found

    @cached_property
    def _step_log(self) -> Log:
        return Recorder(1, self.network.count, {}, counted=self._engine.counted).log

    def state(self) -> State:
        return self._engine.state()

    def snapshot(self) -> dict[str, Any]:
        """All that the running network is, by name: for `restore`."""
        return self._engine.snapshot()

    def restore(self, arrays: Mapping[str, Any]) -> None:
        """Go on from where a snapshot was taken.

        Raises:
            FormatError: it is not whole, or has a value that the network cannot have.
            MismatchError: it is of another network. In both cases the emulator is as it was.
        """
        checkpoint.check(arrays, self.network)
        self._go_on(arrays)

    def save(self, path: str | Path) -> None:
        """Write a checkpoint, from which `resume` continues with the same bits.

        Raises:
            OSError: the file cannot be written; an older one of the name is untouched.
        """
        checkpoint.save(path, self.snapshot())

    def resume(self, path: str | Path) -> None:
        """Take up where a checkpoint of the same network left off.

        Raises:
            FormatError: there is no such file, or it is not a checkpoint of this version, or damaged.
            MismatchError: it is of another network. In both cases the emulator is as it was.
        """
        self._go_on(checkpoint.read(path, self.network))

    def _go_on(self, snapshot: Mapping[str, Any]) -> None:
        """From a snapshot that has been checked."""
        self._engine.restore(snapshot)
        self._learning, self._modulators = self._engine.learns, self._engine.modulators
        self._at_rest = False

    def _check_events(self, events: Events) -> None:
        self._engine.make_room(check_events(events, self.network.neurons.inputs))

    def _check_samples(self, samples: Sequence[Events]) -> None:
        """A batch checks its samples while they are in the cache."""

    def _run_batch(self, samples: Sequence[Events], probes: Mapping[str, IntArray]) -> list[Trace]:
        if self._engine.can_batch:
            return self._engine.run_batch(samples, probes, self.progress) if samples else []
        super()._check_samples(samples)
        return super()._run_batch(samples, probes)

    def _count(self, trace: Trace) -> None:
        """The kernels count."""

    def _run(self, events: Events, keep_states: bool, probes: Mapping[str, IntArray]) -> Trace:
        together = 1 if keep_states else self._engine.call_steps
        recorder = Recorder(
            events.steps,
            self.network.count,
            probes,
            capacity=min(events.steps, LOG_STEPS) * self.network.count,
            counted=self._engine.counted,
        )
        first, step = self.t, 0
        with self.progress.task("emulating", events.steps) as task:
            while step < events.steps:
                reached, written = self._engine.run(events, recorder.log, step, min(events.steps, step + together))
                recorder.keep(written)
                task.advance(reached - step)
                step = reached
                if keep_states:
                    recorder.states.append(self.state())
        return recorder.trace(first)

    def _reset(self) -> None:
        self._engine.reset()

    def _load_state(self, state: State) -> None:
        self._engine.load_state(state)

    def _read(self, field: str, neurons: IntArray | None) -> IntArray:
        return self._engine.read(field, neurons)

    def _write(self, field: str, neurons: IntArray, values: IntArray) -> None:
        self._engine.write(field, neurons, values)

    def _weights(self, synapses: IntArray | None) -> IntArray:
        return self.network.weights() if synapses is None else self.network.weights_of(synapses)

    def _write_weights(self, synapses: IntArray, values: IntArray) -> None:
        self.network.write_weights(synapses, values)

    def _switch_learning(self) -> None:
        self._engine.learns = self._learning

    def _write_modulators(self) -> None:
        self._engine.modulate(self._modulators)

    def _tags(self, synapses: IntArray | None) -> IntArray:
        tags = self._engine.tags()
        return tags if synapses is None else tags[synapses]

    def _write_tags(self, synapses: IntArray, values: IntArray) -> None:
        tags = self._engine.tags()
        tags[synapses] = values
        self._engine.write_tags(tags)

    def _rewire(self, program: Program, number: IntArray) -> None:
        weights, tags, before = self.network.weights(), self._tags(None), self._engine.snapshot()
        network = store_program(program)
        network.write_weights(number, weights)
        engine = Engine(network, self.threads)
        ruled, moved = program.ruled, np.empty_like(tags)
        moved[number] = tags
        engine.take_over(before, {"w": network.weights_of(ruled), "e": moved[ruled]})
        self.network, self._engine = network, engine
