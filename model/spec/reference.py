"""The golden reference: the specification of Ganglion, to be read aloud.

It is slow and complete. A step is `update`, then `deliver`, then the end; each is written as section 3 of
docs/developer/architecture.md says it, one neuron and one synapse at a time, in plain Python integers. Every other
implementation is correct where it does what this one does.
"""

from collections.abc import Iterable, Mapping

import numpy as np

from ganglion.model.spec.arithmetic import decay, saturate, wrap
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.events import Events
from ganglion.model.spec.fields import STATE_FIELDS
from ganglion.model.spec.noise import noise
from ganglion.model.spec.params import GUARD_BITS
from ganglion.model.spec.program import Program
from ganglion.model.spec.state import State
from ganglion.model.spec.target import Target
from ganglion.model.spec.trace import Trace


class Reference(Target):
    """Runs a `Program` by the book. See `ganglion.model.spec.target.Target` for the methods all targets share."""

    name = "reference"
    t = 0

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.params = program.params
        self.threshold = program.threshold.tolist()
        self.bias = program.bias.tolist()
        self.type = program.type.tolist()
        self.weight = program.weight.tolist()
        self._row = program.indptr.tolist()
        self._target = program.post_neuron.tolist()
        self._delay = program.delay.tolist()
        self._reset()

    def _reset(self) -> None:
        neurons = self.program.neurons
        self.t = 0
        self.v = [0] * neurons
        self.u = [0] * neurons
        self.a = [0] * neurons
        self.refractory = [0] * neurons
        self.accumulators = [[0] * neurons for _ in range(self.params.delay_slots)]
        self.synops = 0
        self.overflows = 0

    def take_step(self, axons: Iterable[int] = ()) -> list[int]:
        """One step with these events from the host; the neurons that fired, ascending."""
        spikes = self.update()
        for axon in axons:
            self.deliver(axon)
        for neuron in spikes:
            self.deliver(self.program.inputs + neuron)
        self.t += 1
        return spikes

    def update(self) -> list[int]:
        """Part one of a step: every neuron reads and clears its accumulator of this step, and may spike."""
        slot = self.accumulators[self.t % self.params.delay_slots]
        spikes = []
        for neuron in range(self.program.neurons):
            exact, slot[neuron] = slot[neuron], 0
            i = wrap(exact, self.params.accumulator_bits)
            self.overflows += i != exact
            if self.refractory[neuron] > 0:
                self.refractory[neuron] -= 1
            elif self.update_neuron(neuron, i):
                spikes.append(neuron)
        return spikes

    def update_neuron(self, neuron: int, i: int) -> bool:
        """A neuron that is not refractory takes its input i; whether it spikes."""
        neuron_type = self.program.types[self.type[neuron]]
        bits = self.params.membrane_bits
        threshold = self.threshold[neuron]

        if neuron_type.current_decay is None:
            u = i
        else:
            u = self.u[neuron]
            u = saturate(u - decay(u, *neuron_type.current_decay) + i, self.params.current_bits)
            self.u[neuron] = u

        a = self.a[neuron]
        a = a - decay(a, *neuron_type.adaptation_decay)

        v = self.v[neuron]
        drive = u + self.bias[neuron] + noise(self.program.seed, self.t, neuron, neuron_type.noise)
        v = saturate(v - decay(v, *neuron_type.decay) + drive, bits)

        spike: bool = v > threshold + a
        if spike:
            self.refractory[neuron] = neuron_type.refractory
            v = saturate(v - threshold, bits) if neuron_type.reset == "subtract" else neuron_type.v_reset
            if self.params.adaptation_bits:
                a = saturate(a + neuron_type.adaptation_raise, self.params.adaptation_bits)
        self.v[neuron] = v
        self.a[neuron] = a
        return spike

    def deliver(self, source: int) -> None:
        """Part two of a step, for one event: add each weight of the row to its target, `delay` steps ahead."""
        bits = self.params.accumulator_bits + GUARD_BITS
        for synapse in range(self._row[source], self._row[source + 1]):
            slot = self.accumulators[(self.t + self._delay[synapse]) % self.params.delay_slots]
            target, weight = self._target[synapse], self.weight[synapse]
            slot[target] = wrap(slot[target] + weight, bits)
            self.synops += weight != 0

    def _run(self, events: Events, keep_states: bool, probes: Mapping[str, IntArray]) -> Trace:
        first = self.t
        spikes: list[tuple[int, int]] = []
        states: list[State] = []
        counted: dict[str, list[int]] = {"spikes": [], "synops": [], "overflows": []}
        recorded: dict[str, list[IntArray]] = {field: [] for field in probes}
        for step in range(events.steps):
            synops, overflows = self.synops, self.overflows
            fired = self.take_step(events[step].tolist())
            spikes += [(first + step, neuron) for neuron in fired]
            counted["spikes"].append(len(fired))
            counted["synops"].append(self.synops - synops)
            counted["overflows"].append(self.overflows - overflows)
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
        arrays = {spec.name: np.array(getattr(self, spec.name), dtype=np.int64) for spec in STATE_FIELDS}
        return State(arrays, step=self.t)

    def _load_state(self, state: State) -> None:
        self.t = state.step
        for name, array in state.arrays().items():
            setattr(self, name, array.tolist())

    def _read(self, field: str, neurons: IntArray | None) -> IntArray:
        values = np.array(getattr(self, field), dtype=np.int64)
        return values if neurons is None else values[neurons]

    def _write(self, field: str, neurons: IntArray, values: IntArray) -> None:
        column = getattr(self, field)
        for neuron, value in zip(neurons.tolist(), values.tolist(), strict=True):
            column[neuron] = value

    def _weights(self, synapses: IntArray | None) -> IntArray:
        weights = np.array(self.weight, dtype=np.int64)
        return weights if synapses is None else weights[synapses]

    def _write_weights(self, synapses: IntArray, values: IntArray) -> None:
        for synapse, value in zip(synapses.tolist(), values.tolist(), strict=True):
            self.weight[synapse] = value
