"""`CRI_network`: the class that HiAER-Spike programs build and run their network with."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt

from ganglion.model.interchange.cri import backend as backends
from ganglion.model.interchange.cri.arguments import read_arguments, warn_of_perturbation
from ganglion.model.interchange.cri.bridge import on_core
from ganglion.model.interchange.cri.connectome import WEIGHTS, read_connectome, saturated
from ganglion.model.interchange.cri.cost import COUNTERS, StepCost
from ganglion.model.interchange.cri.dump import dump
from ganglion.model.interchange.cri.neuron import whole
from ganglion.model.interchange.cri.noise import Noise
from ganglion.model.interchange.cri.program import build_program, membranes
from ganglion.model.interchange.cri.result import Counted
from ganglion.model.interchange.cri.simulator import SimpleSim
from ganglion.model.interchange.cri.view import ConnectomeView, named_core
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.events import Events
from ganglion.model.spec.explained import explained
from ganglion.model.spec.program import Program
from ganglion.model.spec.target import Target
from ganglion.model.spec.trace import Trace

Key = Hashable
Fired = list[Key]
Potentials = list[tuple[Key, int]]


@explained(ProgramError)
class CRI_network:
    """A network as a HiAER-Spike program describes it, run on any target of Ganglion.

    `CRI_network(axons, connections, outputs, target=None, simDump=False, coreID=0)`, or the older form with a
    dictionary `config` in third place and `outputs` in the fourth. docs/reference/hiaer.md has all of it.

    Args:
        axons: `{key: [(neuron, weight), …]}`.
        connections: `{key: ([(neuron, weight), …], model)}`.
        outputs: keys of the neurons whose spikes `step` returns.
        target: "simpleSim" (None is the same) or "CRI": what `step` returns, not what it runs on.
        simDump: with target "CRI", note what is sent, for `sim_flush`.
        coreID: of "CRI": which network `hs_bridge` speaks of. Placement is invisible.
        backend: what runs it, made from a program: `Emulator`, `Reference`, or `RTL` of `ganglion.hs_api`. One with
            `params` gets a program for that chip. None is what `ganglion.hs_api` was told to use, else the emulator.
        seed: of the noise.
        progress: told of long dictionaries.

    Raises:
        ProgramError: a dictionary that cannot be, or a neuron that cannot be met exactly; names the key.
    """

    def __init__(
        self,
        axons: Any,
        connections: Any,
        *arguments: Any,
        backend: Callable[[Program], Target] | None = None,
        seed: int = 0,
        progress: Progress = SILENT,
        **named: Any,
    ) -> None:
        chosen = read_arguments(arguments, named)
        self.target, self.simDump, self.config = chosen.target, chosen.simDump, chosen.config
        self.userAxons, self.userConnections, self.outputs = axons, connections, chosen.outputs
        self.membership: Any
        self.n_cores: Any
        self.random_shuffle: Any
        self.coreID: Any
        self.perturbMag: Any
        self.__dict__.update(chosen.others)
        self._connectome = read_connectome(axons, connections, chosen.outputs, chosen.default, progress)
        self._neurons = list(self._connectome.numbers)
        self._axons = self._connectome.axons
        self._reported = [False] * len(self._neurons)
        for neuron in self._connectome.outputs.tolist():
            self._reported[neuron] = True
        make = backend or backends.default()
        self.program = build_program(self._connectome, getattr(make, "params", None))
        self._noise = Noise(self._connectome.neurons, seed)
        self._weight = self.program.weight.copy()
        self._sent: list[IntArray] = []
        self.machine = make(self.program)
        self.simpleSim = SimpleSim(self) if self.target == "simpleSim" else None
        self._counts = False
        """Whether the target counts what "CRI" tells."""
        if self.target == "CRI":
            self._counts = set(self.machine.run(Events.from_steps([])).counters) >= COUNTERS
            cores = sorted({named_core(value) for value in connections.values()})
            self.CRI = SimpleNamespace(_active_cores=cores)
            for core in (self.coreID, *cores):
                on_core[core] = self

    @cached_property
    def connectome(self) -> ConnectomeView:
        """The network as their programs look at it."""
        return ConnectomeView(self)

    @cached_property
    def _cost(self) -> StepCost:
        return StepCost(self.program)

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
        axons = self._numbers(inputs)
        if self._counts:
            traces = self._run([axons])
            fired: Any = Counted(self._keys(traces[0].spikes[:, 1].tolist()), lambda: self._cost.of([axons], traces))
        else:
            numbers = self.machine.step(axons)
            self._after([axons], numbers)
            fired = self._keys(numbers)
            if self.target == "CRI":
                fired = Counted(fired, lambda: self._cost.of_step(axons, numbers))
        if not membranePotential:
            return fired
        return list(zip(self._neurons, self.potentials().tolist(), strict=True)), fired

    def run_cont(self, inputs: Sequence[Iterable[Key]]) -> Any:
        """Run one step for each list of axon keys.

        Returns:
            "simpleSim": a list of (number of the list, output key that fired); "CRI": that list, and the sums of
            cycles and of synapse words read.

        Raises:
            ProgramError: an input that is no axon; no step was run.
        """
        steps = [self._numbers(keys) for keys in inputs]
        traces = self._run(steps)
        first = traces[0].first if traces else 0
        spikes = [
            (step - first, self._neurons[neuron])
            for trace in traces
            for step, neuron in trace.spikes.tolist()
            if self._reported[neuron]
        ]
        return spikes if self.target == "simpleSim" else Counted(spikes, lambda: self._cost.of(steps, traces))

    def read_membrane(self, keys: Iterable[Key]) -> Any:
        """Membranes as they are after the last step: what the next one will compare with the thresholds.

        Returns:
            in the order asked for: "simpleSim": [v, …]; "CRI": [(key, v), …].

        Raises:
            ProgramError: a key that is no neuron.
        """
        numbers = [(key, self._connectome.neuron_of(key)) for key in keys]
        values = self.potentials().tolist()
        if self.target == "simpleSim":
            return [values[number] for _, number in numbers]
        return [(key, values[number]) for key, number in numbers]

    def potentials(self) -> IntArray:
        """The membranes of all neurons, shape (neurons,)."""
        bias = np.zeros(self.program.neurons, dtype=np.int64)
        bias[self._noise.neurons] = self._noise.bias
        return membranes(self.program, self.machine.state(), self.machine.t, bias)

    def read_synapse(self, preKey: Key, postKey: Key) -> int:
        """The weight of the synapse from an axon or neuron to a neuron; of the first in the list where it has several.

        Raises:
            ProgramError: there is no such synapse.
        """
        return int(self._weight[self._synapse(preKey, postKey)])

    def write_synapse(self, preKey: Key, postKey: Key, weight: int) -> None:
        """Set the weight of the synapse that `read_synapse` reads. A weight beyond 16 bits saturates, with a warning.

        Raises:
            ProgramError: there is no such synapse, or the weight is no whole number; nothing was changed.
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
        pairs = list(zip(preKeys, postKeys, strict=True))
        synapses = [self._synapse(pre, post) for pre, post in pairs]
        names = [f"weight from {pre!r} to {post!r}" for pre, post in pairs]
        wanted = [whole(name, weight, *WEIGHTS, beyond=True) for name, weight in zip(names, weights, strict=True)]
        values = saturated(np.array(wanted, dtype=np.int64), lambda number: f"the {names[number]}")
        if synapses:
            self.machine.write_weights(synapses, values)
            self._weight[synapses] = values

    def clear(self) -> None:
        """All membranes back to zero. Weights stay as they are, and noise goes on."""
        self.machine.reset()
        self._noise.clear()
        if self._noise.neurons.size:
            self.machine.write("bias", self._noise.neurons, self._noise.bias)
        if self.simpleSim is not None:
            self.simpleSim.stepNum = 0

    def set_perturbMag(self, perturbMag: Any) -> None:
        """Taken with a warning, without effect: noise is the shift of each model."""
        warn_of_perturbation(perturbMag)
        self.perturbMag = perturbMag

    def sim_flush(self, file: str | Path) -> str:
        """Write what a chip has been sent since the network was made: a packet of 64 bits a line, in hexadecimal.

        Args:
            file: where to.

        Returns:
            What was written.

        Raises:
            ProgramError: the network was made without simDump, or for another target than "CRI".
            CapacityError: no chip of one core has room for it.
        """
        if self.target != "CRI" or not self.simDump:
            raise ProgramError(f"sim_flush needs target='CRI' and simDump=True, not {self.target!r} and {self.simDump}")
        return dump(self.program, self._sent, file)

    def checkHw(self) -> bool:
        """Whether there is an FPGA of theirs: no."""
        return False

    def _numbers(self, keys: Iterable[Key]) -> IntArray:
        """The numbers of axons, ascending, each once."""
        if isinstance(keys, (str, Mapping)) or not isinstance(keys, Iterable):
            raise ProgramError(f"inputs must be a list of keys of axons, not {keys!r}")
        wanted = list(keys)
        try:
            numbers = {self._axons[key] for key in wanted}
        except (KeyError, TypeError):
            numbers = {self._connectome.axon_of(key) for key in wanted}
        return np.array(sorted(numbers), dtype=np.int64)

    def _run(self, steps: Sequence[IntArray]) -> list[Trace]:
        """Several steps: at once, but for those between which noise has to be written."""
        traces = []
        for together in [[axons] for axons in steps] if self._noise.neurons.size else [steps]:
            traces.append(self.machine.run(Events.from_steps(together)))
            self._after(together, traces[-1].spikes[:, 1])
        return traces

    def _after(self, steps: Sequence[IntArray], fired: npt.ArrayLike) -> None:
        """These steps have been run, the last of which spikes `fired` are of if there is noise."""
        if self.simpleSim is not None:
            self.simpleSim.stepNum += len(steps)
        if self.simDump:
            self._sent += steps
        if self._noise.neurons.size:
            self._noise.after_step(fired)
            self.machine.write("bias", self._noise.neurons, self._noise.bias)

    def _keys(self, fired: Iterable[int]) -> Fired:
        return [self._neurons[neuron] for neuron in fired if self._reported[neuron]]

    def _synapse(self, pre: Key, post: Key) -> int:
        source, target = self._connectome.source_of(pre), self._connectome.neuron_of(post)
        first, last = int(self.program.indptr[source]), int(self.program.indptr[source + 1])
        found = np.flatnonzero(self.program.post_neuron[first:last] == target)
        if not found.size:
            raise ProgramError(f"there is no synapse from {pre!r} to {post!r}")
        return first + int(found[0])
