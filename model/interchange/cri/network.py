"""`CRI_network`: the class that HiAER-Spike programs build and run their network with."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ganglion.model.emulator.emulator import Emulator
from ganglion.model.interchange.cri.arguments import read_arguments
from ganglion.model.interchange.cri.connectome import WEIGHTS, read_connectome
from ganglion.model.interchange.cri.cost import StepCost
from ganglion.model.interchange.cri.program import build_program, loud_noise, membranes
from ganglion.model.spec.arithmetic import whole_number
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.events import Events
from ganglion.model.spec.program import Program
from ganglion.model.spec.target import Target
from ganglion.model.spec.trace import Trace

Key = Hashable
Fired = list[Key]
Potentials = list[tuple[Key, int]]


class CRI_network:
    """A network as a HiAER-Spike program describes it, run on any target of Ganglion.

    `CRI_network(axons, connections, outputs, target=None, simDump=False, coreID=0)`, or the older form with a
    dictionary `config` in third place and `outputs` in the fourth. docs/reference/hiaer.md has all of it.

    Args:
        axons: `{key: [(neuron, weight), …]}`.
        connections: `{key: ([(neuron, weight), …], model)}`.
        outputs: keys of the neurons whose spikes `step` returns.
        target: "simpleSim" (None is the same) or "CRI": what `step` returns, not what it runs on.
        simDump: must be false.
        coreID: taken, without effect, as is the core in an entry of connections: placement is invisible.
        backend: what runs it, made from a program: `Emulator`, `Reference`, or `RTL` of `ganglion.hs_api`.
        seed: of the noise.

    Raises:
        ProgramError: a dictionary that cannot be, or a neuron that cannot be met exactly; names the key.
    """

    def __init__(
        self,
        axons: Any,
        connections: Any,
        *arguments: Any,
        backend: Callable[[Program], Target] = Emulator,
        seed: int = 0,
        **named: Any,
    ) -> None:
        chosen = read_arguments(arguments, named)
        self.target = chosen.target
        self._connectome = read_connectome(axons, connections, chosen.outputs, chosen.default)
        self._neurons = list(self._connectome.neurons)
        self._reported = np.zeros(len(self._neurons), dtype=bool)
        self._reported[self._connectome.outputs] = True
        self.program = build_program(self._connectome, seed)
        self._cost = StepCost(self.program) if self.target == "CRI" else None
        self._weight = self.program.weight.copy()
        shifts = np.array([model.shift for model in self._connectome.models], dtype=np.int64)
        self._loud = np.flatnonzero(shifts > 0)
        self._shifts = shifts[self._loud]
        self.machine = backend(self.program)
        self._step = 0

    def step(self, inputs: Iterable[Key], target: str = "simpleSim", membranePotential: bool = False) -> Any:
        """Run one step.

        Args:
            inputs: keys of the axons that fire. A key that is there twice fires once.
            target: taken, without effect: the network's own target counts.
            membranePotential: return the membranes of all neurons too.

        Returns:
            "simpleSim": the list of output keys that fired; "CRI": that list, cycles, and synapse words read.
            With membranePotential: `([(key, v), …], that)`.

        Raises:
            ProgramError: an input that is no axon; no step was run.
        """
        axons = self._axons(inputs)
        trace = self._run(axons)
        keys = self._keys(trace)
        fired: Any = keys if self._cost is None else (keys, *self._cost(axons, trace))
        return (self.read_membrane(self._neurons), fired) if membranePotential else fired

    def run_cont(self, inputs: Sequence[Iterable[Key]]) -> Any:
        """Run one step for each list of axon keys.

        Returns:
            "simpleSim": a list of (number of the list, output key that fired); "CRI": that list, and the sums of
            cycles and of synapse words read.

        Raises:
            ProgramError: an input that is no axon; no step was run.
        """
        steps = [self._axons(keys) for keys in inputs]
        spikes: list[tuple[int, Key]] = []
        totals = np.zeros(2, dtype=np.int64)
        for number, axons in enumerate(steps):
            trace = self._run(axons)
            spikes += [(number, key) for key in self._keys(trace)]
            if self._cost is not None:
                totals += self._cost(axons, trace)
        return spikes if self._cost is None else (spikes, *totals.tolist())

    def read_membrane(self, keys: Iterable[Key]) -> Potentials:
        """Membranes as they are after the last step: what the next one will compare with the thresholds.

        Returns:
            [(key, v), …], in the order asked for.

        Raises:
            ProgramError: a key that is no neuron.
        """
        numbers = [(key, self._connectome.neuron_of(key)) for key in keys]
        values = membranes(self.program, self.machine.state(), self._step, self._biases())
        return [(key, int(values[number])) for key, number in numbers]

    def read_synapse(self, preKey: Key, postKey: Key) -> int:
        """The weight of the synapse from an axon or neuron to a neuron; of the first in the list where it has several.

        Raises:
            ProgramError: there is no such synapse.
        """
        return int(self._weight[self._synapse(preKey, postKey)])

    def write_synapse(self, preKey: Key, postKey: Key, weight: int) -> None:
        """Set the weight of the synapse that `read_synapse` reads.

        Raises:
            ProgramError: there is no such synapse, or the weight is not one of 16 bits; nothing was changed.
        """
        self.write_listofSynapses([preKey], [postKey], [weight])

    def write_listofSynapses(self, preKeys: Sequence[Key], postKeys: Sequence[Key], weights: Sequence[int]) -> None:
        """Set the weights of several synapses.

        Raises:
            ProgramError: as `write_synapse`, or lists of different lengths; nothing was changed.
        """
        if not len(preKeys) == len(postKeys) == len(weights):
            raise ProgramError(
                f"lists must have one length, not {len(preKeys)} preKeys, {len(postKeys)} postKeys, "
                f"{len(weights)} weights"
            )
        writes = [
            (self._synapse(pre, post), whole_number(f"weight from {pre!r} to {post!r}", weight, *WEIGHTS))
            for pre, post, weight in zip(preKeys, postKeys, weights, strict=True)
        ]
        synapses, values = np.array(writes, dtype=np.int64).reshape(-1, 2).T
        self.machine.write_weights(synapses, values)
        self._weight[synapses] = values

    def clear(self) -> None:
        """Back to step 0 and to all membranes zero. Weights stay as they are."""
        self.machine.reset()
        self._step = 0

    def _axons(self, keys: Iterable[Key]) -> IntArray:
        if isinstance(keys, (str, Mapping)) or not isinstance(keys, Iterable):
            raise ProgramError(f"inputs must be a list of keys of axons, not {keys!r}")
        return np.array(sorted({self._connectome.axon_of(key) for key in keys}), dtype=np.int64)

    def _run(self, axons: IntArray) -> Trace:
        biases = self._biases()
        if self._loud.size:
            self.machine.write("bias", self._loud, biases[self._loud])
        trace = self.machine.run(Events.from_steps([axons]))
        self._step += 1
        return trace

    def _biases(self) -> IntArray:
        """Of the update of the next step, shape (neurons,)."""
        biases = np.zeros(self.program.neurons, dtype=np.int64)
        if self._loud.size:
            biases[self._loud] = loud_noise(self.program, self._loud, self._shifts, self._step)
        return biases

    def _keys(self, trace: Trace) -> Fired:
        fired = trace.spikes[:, 1]
        return [self._neurons[neuron] for neuron in fired[self._reported[fired]].tolist()]

    def _synapse(self, pre: Key, post: Key) -> int:
        source, target = self._connectome.source_of(pre), self._connectome.neuron_of(post)
        first, last = int(self.program.indptr[source]), int(self.program.indptr[source + 1])
        found = np.flatnonzero(self.program.post_neuron[first:last] == target)
        if not found.size:
            raise ProgramError(f"there is no synapse from {pre!r} to {post!r}")
        return first + int(found[0])
