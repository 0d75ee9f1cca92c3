"""What is compared: a network, its input, and the membranes that every run begins with."""

from dataclasses import dataclass, replace

import numpy as np

from ganglion.model.benchmarks.learning import PARAMS, network
from ganglion.model.benchmarks.workloads import RECURRENT, SETTLE, Recurrent, layered, rasters
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.events import Events
from ganglion.model.spec.program import Program


@dataclass(frozen=True, eq=False, kw_only=True)
class Workload:
    """Neurons with a shift leak, a bias and a hard reset to zero, and synapses with a delay of one step."""

    name: str
    program: Program
    samples: list[Events]
    """Runs of the same length; each begins with the membranes `start`, and no input on its way."""
    start: IntArray
    """Shape (neurons,)."""
    layers: tuple[int, ...] = ()
    """Sizes of the layers, inputs first, where the network is dense layers; then `start` and the bias are zero."""
    small: bool = False
    """Whether targets run it that are far too slow for the others."""

    @property
    def steps(self) -> int:
        """Steps of a sample."""
        return self.samples[0].steps

    @property
    def neurons(self) -> int:
        return self.program.threshold.size

    @property
    def decay(self) -> float:
        """What a step takes of a membrane, as a fraction."""
        m, s = self.program.types[0].decay
        return float(m / 2**s)

    def synapses(self, *, inputs: bool) -> tuple[IntArray, IntArray, IntArray]:
        """Source, target and weight of the synapses that come from inputs, or else from neurons, each from number 0."""
        program = self.program
        first, end = (0, program.inputs) if inputs else (program.inputs, program.indptr.size - 1)
        source = np.repeat(np.arange(end - first), np.diff(program.indptr[first : end + 1]))
        where = slice(program.indptr[first], program.indptr[end])
        return source, program.post_neuron[where], program.weight[where]

    def input_spikes(self) -> tuple[IntArray, IntArray]:
        """Step and axon of every event of all samples one after another, ascending."""
        step = [
            index * self.steps + np.repeat(np.arange(self.steps), np.diff(events.start))
            for index, events in enumerate(self.samples)
        ]
        return np.concatenate(step), np.concatenate([events.axon for events in self.samples])

    @property
    def learns(self) -> bool:
        """Whether its synapses change by pairs of spikes."""
        return self.program.learning is not None

    def work(self, spikes: IntArray) -> int:
        """SynOps, or updates of weights, of a run of all samples in which each neuron, (neurons,), spiked so often.

        SynOps are as our targets count them: a weight of zero is none. Where the network learns, each synapse from and
        to what has spiked is updated once for that.
        """
        program = self.program
        driven = np.bincount(self.input_spikes()[1], minlength=program.inputs)
        if self.learns:
            into = np.bincount(program.post_neuron, minlength=program.neurons)
            return int(np.concatenate((driven, spikes)) @ np.diff(program.indptr) + spikes @ into)
        before = np.concatenate(([0], np.cumsum(program.weight != 0)))
        return int(np.concatenate((driven, spikes)) @ np.diff(before[program.indptr]))


def layers_workload(
    name: str, sizes: tuple[int, int, int], samples: int, steps: int, threshold: int = 1500
) -> Workload:
    """Two dense layers, and inputs of which a tenth fires in each step."""
    program = layered(*sizes, threshold)
    start = np.zeros(program.neurons, dtype=np.int64)
    return Workload(name=name, program=program, samples=rasters(samples, steps, sizes[0]), start=start, layers=sizes)


def small_workload(steps: int = 10) -> Workload:
    """Layers small enough for the reference and the simulated chip."""
    name = f"64-32-10 dense, {steps} steps"
    return replace(layers_workload(name, (64, 32, 10), 1, steps, threshold=150), small=True)


def recurrent_workload(workload: Recurrent) -> Workload:
    """A recurrent network, from a state in which its spikes no longer come in volleys."""
    network = workload.network()
    emulator = Emulator(network)
    emulator.run(workload.silence(SETTLE))
    return Workload(
        name=workload.name,
        program=network.program(),
        samples=[workload.silence(workload.steps)],
        start=emulator.state().v,
    )


def learning_workload() -> Workload:
    """Pair STDP in every step: 1,000 inputs, of which a hundredth fires in each, to 1,000 neurons."""
    program = network("floor", neurons=1000, params=PARAMS.replace(accumulator_bits=24))
    (events,) = rasters(1, 300, program.inputs, 0.01)
    return Workload(
        name="pair STDP, 1000-1000, 300 steps",
        program=program,
        samples=[events],
        start=np.zeros(program.neurons, dtype=np.int64),
    )


WORKLOADS = {
    "small": small_workload,
    "small, longer": lambda: small_workload(100),
    "W1": lambda: layers_workload("W1: 784-256-10 dense, 100 samples of 100 steps", (784, 256, 10), 100, 100),
    "W2": lambda: recurrent_workload(RECURRENT[0]),
    "W3": lambda: recurrent_workload(RECURRENT[2]),
    "STDP": learning_workload,
}
"""What makes each workload, by its short name."""
