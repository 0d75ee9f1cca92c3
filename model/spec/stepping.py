"""Targets that take one step at a time, on plain lists: what a run records, how state is read and written."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping

import numpy as np

from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.events import Events
from ganglion.model.spec.explained import explained
from ganglion.model.spec.fields import STATE_FIELDS
from ganglion.model.spec.learning_fields import LEARNING_STATE, Of
from ganglion.model.spec.plasticity import Plasticity
from ganglion.model.spec.program import Program
from ganglion.model.spec.state import State
from ganglion.model.spec.target import Target
from ganglion.model.spec.trace import LEARN_COUNTED, Trace


@explained(ProgramError)
class SteppedTarget(Target):
    """A target whose subclass takes one step at a time. Each field of state, of constants, and the weight is an
    attribute: a list."""

    learns = True
    t = 0
    weight: list[int]
    synops = 0
    overflows = 0
    plasticity: Plasticity | None
    """What learns; None in a network that does not."""

    @abstractmethod
    def take_step(self, axons: Iterable[int] = ()) -> list[int]:
        """One step with these events from the host; the neurons that fired, ascending."""

    @abstractmethod
    def _wire(self, program: Program) -> None:
        """The ends and delays of the synapses are those of this program."""

    def counted(self) -> dict[str, int]:
        """All counters but that of spikes."""
        mine = {"synops": self.synops, "overflows": self.overflows}
        return mine | ({name: getattr(self.plasticity, name) for name in LEARN_COUNTED} if self.plasticity else {})

    def _run(self, events: Events, keep_states: bool, probes: Mapping[str, IntArray]) -> Trace:
        first = self.t
        spikes: list[tuple[int, int]] = []
        states: list[State] = []
        counted: dict[str, list[int]] = {name: [] for name in ("spikes", *self.counted())}
        recorded: dict[str, list[IntArray]] = {field: [] for field in probes}
        for step in range(events.steps):
            before = self.counted()
            fired = self.take_step(events[step].tolist())
            spikes += [(first + step, neuron) for neuron in fired]
            counted["spikes"].append(len(fired))
            for name, total in self.counted().items():
                counted[name].append(total - before[name])
            for field, neurons in probes.items():
                recorded[field].append(self._read(field, neurons))
            if keep_states:
                states.append(self.state())
        return Trace(
            ran_on=self.name,
            first=first,
            neurons=self.program.neurons,
            spikes=np.array(spikes, dtype=np.int64).reshape(-1, 2),
            counters={name: np.array(values, dtype=np.int64) for name, values in counted.items()},
            states=states,
            probes={
                field: np.array(recorded[field], dtype=np.int64).reshape(events.steps, neurons.size)
                for field, neurons in probes.items()
            },
        )

    def state(self) -> State:
        arrays = {spec.name: _array(getattr(self, spec.name)) for spec in STATE_FIELDS}
        if not self.plasticity:
            return State(arrays, step=self.t)
        kept = [spec.name for spec in LEARNING_STATE if spec.of is not Of.SYNAPSE]
        arrays |= {name: _array(getattr(self.plasticity, name)) for name in kept}
        ruled, clock = self.program.ruled, self.plasticity.learned
        arrays |= {"e": self._tags(ruled), "w": self._weights(ruled)}
        return State(arrays, step=self.t, learned=clock, modulators=self.modulators)

    def _load_state(self, state: State) -> None:
        self.t = state.step
        for spec in STATE_FIELDS:
            setattr(self, spec.name, getattr(state, spec.name).tolist())
        if self.plasticity:
            ruled, arrays = self.program.ruled, state.arrays()
            self.plasticity.learned = state.learned
            for kept in LEARNING_STATE:
                if kept.of is not Of.SYNAPSE:
                    setattr(self.plasticity, kept.name, arrays[kept.name].tolist())
            self._write_weights(ruled, arrays["w"])
            self.plasticity.e = [0] * self.program.synapses
            self._write_tags(ruled, arrays["e"])

    def _read(self, field: str, neurons: IntArray | None) -> IntArray:
        return _array(getattr(self, field), neurons)

    def _write(self, field: str, neurons: IntArray, values: IntArray) -> None:
        _put(getattr(self, field), neurons, values)

    def _weights(self, synapses: IntArray | None) -> IntArray:
        return _array(self.weight, synapses)

    def _write_weights(self, synapses: IntArray, values: IntArray) -> None:
        _put(self.weight, synapses, values)

    def _switch_learning(self) -> None:
        """A step looks whether the network learns."""

    def _write_modulators(self) -> None:
        if self.plasticity:
            self.plasticity.modulators = self.modulators

    def _tags(self, synapses: IntArray | None) -> IntArray:
        return _array(self.plasticity.e if self.plasticity else [0] * self.program.synapses, synapses)

    def _write_tags(self, synapses: IntArray, values: IntArray) -> None:
        if self.plasticity:
            _put(self.plasticity.e, synapses, values)

    def _rewire(self, program: Program, number: IntArray) -> None:
        weights, tags = self._weights(None), self._tags(None)
        self._wire(program)
        self._write_weights(number, weights)
        if self.plasticity:
            self.plasticity.rewire(program)
            self._write_tags(number, tags)


def _array(values: list[int], which: IntArray | None = None) -> IntArray:
    array = np.array(values, dtype=np.int64)
    return array if which is None else array[which]


def _put(column: list[int], places: IntArray, values: IntArray) -> None:
    for place, value in zip(places.tolist(), values.tolist(), strict=True):
        column[place] = value
