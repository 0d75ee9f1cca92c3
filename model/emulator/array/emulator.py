"""A target whose every step is a few operations on whole arrays: many samples at a time, on NumPy or a GPU's arrays."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ganglion.model.emulator.array.arithmetic import Integers
from ganglion.model.emulator.array.engine import ArrayEngine
from ganglion.model.emulator.array.record import Record, on_host, steps_of
from ganglion.model.emulator.array.synapses import Synapses
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.arrays import Array, FloatArray, IntArray
from ganglion.model.spec.errors import EventError, ProgramError
from ganglion.model.spec.events import Events
from ganglion.model.spec.explained import explained
from ganglion.model.spec.fields import NEURON_STATE
from ganglion.model.spec.params import GUARD_BITS
from ganglion.model.spec.program import Program
from ganglion.model.spec.state import State
from ganglion.model.spec.target import Target, check_network
from ganglion.model.spec.trace import Trace

TOGETHER = 1 << 18
"""Neurons times samples of a batch that run at once: their state stays in the cache."""

CONSTANTS = ("threshold", "bias", "type")


@explained(ProgramError)
class ArrayEmulator(Target):
    """Runs a program on arrays. See `ganglion.Target` for the methods all targets share.

    It needs no compiler. A step of one sample costs tens of NumPy calls, so a single run of a small network is slow; a
    batch shares them.

    Args:
        program: the network.
        xp: the array module: NumPy, or any other of the array API standard.
        progress: told of batches.
    """

    name = "array"
    learns_not = "a batch shares one matrix of weights, and a step has no work for each synapse"

    def __init__(self, program: Program, *, xp: Any = np, progress: Progress = SILENT) -> None:
        check_network("ArrayEmulator", program)
        super().__init__(program)
        self.params, self.xp, self.progress = program.params, xp, progress
        self._constants = {name: getattr(program, name).copy() for name in CONSTANTS}
        self._weight = program.weight.copy()
        self._arithmetic = Integers.of(program, xp)
        self._synapses = Synapses.of(program, xp=xp)
        self._reset()

    @property
    def t(self) -> int:
        """Number of the step that comes next."""
        return self._engine.t

    def _reset(self) -> None:
        self._engine = self._new_engine(1)
        self._most, self._loaded = 1, 0  # how often an axon fired in a step at most; the greatest sum there was before

    def _new_engine(self, samples: int) -> ArrayEngine:
        return ArrayEngine(self._arithmetic, self._synapses, samples, slots=self.params.delay_slots)

    def _check_events(self, events: Events) -> None:
        super()._check_events(events)
        together = int(np.diff(events.start).max(initial=0))
        if self._synapses.bound * together > self._arithmetic.exact:
            raise EventError(f"{together} events in a step are too many: their sums would not be exact")

    def _run(self, events: Events, keep_states: bool, probes: Mapping[str, IntArray]) -> Trace:
        record = Record(self.name, self.t, self.program.neurons, 1, probes)
        states: list[State] = []
        for counts in steps_of([events], self.program.inputs):
            self._step(self._engine, counts, record)
            if keep_states:
                states.append(self.state())
        (trace,) = record.traces()
        return replace(trace, states=states)

    def _run_batch(self, samples: Sequence[Events], probes: Mapping[str, IntArray]) -> list[Trace]:
        """Many samples at once."""
        start, most = self.state(), self._most
        traces: list[Trace | None] = [None] * len(samples)
        with self.progress.task("emulating", len(samples)) as task:
            for part in _alike(samples, max(1, TOGETHER // self.program.neurons)):
                engine = self._new_engine(len(part))
                self._fill(engine, start)
                record = Record(self.name, self.t, self.program.neurons, len(part), probes)
                for counts in steps_of([samples[k] for k in part], self.program.inputs):
                    self._step(engine, counts, record)
                for k, trace in zip(part, record.traces(), strict=True):
                    traces[k] = trace
                task.advance(len(part))
        self._most = most
        return [trace for trace in traces if trace is not None]

    def _step(self, engine: ArrayEngine, counts: FloatArray, record: Record) -> None:
        # What was delivered before may still be waiting: the most often that an axon ever fired counts.
        self._most = max(self._most, int(counts.max(initial=1)))
        engine.allow(self._most, self._loaded)
        record.keep(engine, engine.step(self.xp.asarray(counts)))

    def state(self) -> State:
        arrays = {name: on_host(values)[:, 0].astype(np.int64) for name, values in self._engine.state.items()}
        ring = self._engine.accumulators(self.params.accumulator_bits + GUARD_BITS)
        return State({**arrays, "accumulators": np.stack([on_host(slot)[:, 0] for slot in ring])}, step=self.t)

    def _load_state(self, state: State) -> None:
        self._loaded = int(np.abs(state.accumulators).max())
        self._fill(self._engine, state)
        self._engine.allow(self._most, self._loaded)

    def _fill(self, engine: ArrayEngine, state: State) -> None:
        """Put all samples of an engine into a state."""

        def columns(values: IntArray) -> Array:
            made: Array = self.xp.asarray(np.repeat(values[:, np.newaxis], engine.samples, axis=1))
            return made

        engine.t = state.step
        arrays = state.arrays()
        engine.state = {spec.name: columns(arrays[spec.name]) for spec in NEURON_STATE}
        engine.ring = [columns(slot) for slot in state.accumulators]
        self._notice(engine)

    def _notice(self, engine: ArrayEngine) -> None:
        """A written state counts, whatever the types say: a refractory period or an adaptation runs down."""
        there = {"refractory": "refractory", "adaptation": "a"}
        used = {use for use, field in there.items() if bool(self.xp.any(engine.state[field] != 0))}
        engine.uses = self._arithmetic.uses | used

    def _read(self, field: str, neurons: IntArray | None) -> IntArray:
        values = self._constants[field] if field in CONSTANTS else on_host(self._engine.state[field])[:, 0]
        return np.array(values if neurons is None else values[neurons], dtype=np.int64)

    def _write(self, field: str, neurons: IntArray, values: IntArray) -> None:
        if field in CONSTANTS:
            self._constants[field][neurons] = values
            program = self.program
            self._arithmetic = Integers(
                self.params, program.types, **self._constants, seed=program.seed, xp=self.xp
            )
            self._engine.arithmetic = self._arithmetic
        else:
            column = self._read(field, None)
            column[neurons] = values
            self._engine.state[field] = self.xp.asarray(column[:, np.newaxis])
        self._notice(self._engine)

    def _weights(self, synapses: IntArray | None) -> IntArray:
        return np.array(self._weight if synapses is None else self._weight[synapses])

    def _write_weights(self, synapses: IntArray, values: IntArray) -> None:
        weight = self._weight.copy()
        weight[synapses] = values
        self._replace_synapses(self.program, weight)

    def _rewire(self, program: Program, number: IntArray) -> None:
        weight = np.empty_like(self._weight)
        weight[number] = self._weight
        self._replace_synapses(program, weight)

    def _replace_synapses(self, program: Program, weight: IntArray) -> None:
        # Sums of the old weights may still be waiting.
        self._loaded += int(self._synapses.bound * self._most)
        self._weight = weight
        self._synapses = self._engine.synapses = Synapses.of(program, weight, self.xp)
        self._engine.allow(self._most, self._loaded)


def _alike(samples: Sequence[Events], together: int) -> Iterator[list[int]]:
    """Numbers of samples of one length, at most so many at a time: so no sample is run behind its end."""
    length = np.array([events.steps for events in samples], dtype=np.int64)
    for steps in np.unique(length):
        alike = np.flatnonzero(length == steps).tolist()
        for begin in range(0, len(alike), together):
            yield alike[begin : begin + together]
