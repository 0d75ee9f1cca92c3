"""The golden reference: the specification of Ganglion, to be read aloud.

It is slow and complete. A step is `update`, then `deliver`, then the end; each is written as section 3 of
docs/developer/architecture.md says it, one neuron and one synapse at a time, in plain Python integers. Every other
implementation is correct where it does what this one does.
"""

from collections.abc import Iterable

from ganglion.model.spec.arithmetic import decay, saturate, wrap
from ganglion.model.spec.noise import noise
from ganglion.model.spec.params import GUARD_BITS
from ganglion.model.spec.plasticity import Plasticity
from ganglion.model.spec.program import Program
from ganglion.model.spec.stepping import SteppedTarget
from ganglion.model.spec.target import check_network


class Reference(SteppedTarget):
    """Runs a `Program` by the book. See `ganglion.model.spec.target.Target` for the methods all targets share."""

    name = "reference"
    t = 0

    def __init__(self, program: Program) -> None:
        check_network("Reference", program)
        super().__init__(program)
        self.params = program.params
        self.threshold = program.threshold.tolist()
        self.bias = program.bias.tolist()
        self.type = program.type.tolist()
        self.weight = program.weight.tolist()
        self.plasticity = Plasticity(program, self) if program.learning else None
        self._wire(program)
        self._reset()

    def _wire(self, program: Program) -> None:
        self.row = program.indptr.tolist()
        self.target = program.post_neuron.tolist()
        self.delay = program.delay.tolist()
        self.receptor = program.receptor.tolist()

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
        if self.plasticity:
            self.plasticity.reset()

    def take_step(self, axons: Iterable[int] = ()) -> list[int]:
        """One step with these events from the host; the neurons that fired, ascending."""
        learner = self.plasticity if self._learning else None
        if learner:
            learner.begin_step()
        spikes = self.update()
        events = [*axons, *(self.program.inputs + neuron for neuron in spikes)]
        for source in events:
            self.deliver(source)
        if learner:
            for source in set(events):
                learner.source_fires(source)
            learner.end_step()
        self.t += 1
        return spikes

    def update(self) -> list[int]:
        """Part one of a step: every neuron reads and clears its accumulator of this step, and may spike."""
        slot, spikes = self.t % self.params.delay_slots, []
        for neuron in range(self.program.neurons):
            i, spike = self.arrived(self.accumulators[slot], neuron), False
            if self.refractory[neuron] > 0:
                self.refractory[neuron] -= 1
            elif spike := self.update_neuron(neuron, i):
                spikes.append(neuron)
            if self.plasticity:
                errors = self.arrived(self.plasticity.receptor[slot], neuron)
                if self._learning:
                    self.plasticity.neuron_steps(neuron, spike, errors)
        return spikes

    def arrived(self, slot: list[int], neuron: int) -> int:
        """What an accumulator of a slot holds, which is cleared."""
        exact, slot[neuron] = slot[neuron], 0
        i = wrap(exact, self.params.accumulator_bits)
        self.overflows += i != exact
        return i

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
        for synapse in range(self.row[source], self.row[source + 1]):
            accumulators = self.plasticity.receptor if self.plasticity and self.receptor[synapse] else self.accumulators
            slot = accumulators[(self.t + self.delay[synapse]) % self.params.delay_slots]
            target, weight = self.target[synapse], self.weight[synapse]
            slot[target] = wrap(slot[target] + weight, bits)
            self.synops += weight != 0
