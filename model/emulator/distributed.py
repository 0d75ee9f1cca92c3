"""One network over many processes with MPI: `mpiexec -n K python …`, with the bits of one process.

Every process holds a share of the neurons and the synapses that end in them. Spikes are exchanged every `least delay`
steps, which is as late as they may arrive; each process then delivers all of them to its own synapses.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ganglion.model.emulator import checkpoint
from ganglion.model.emulator.engine import Engine
from ganglion.model.emulator.inputs import check_events
from ganglion.model.emulator.network import StoredNetwork
from ganglion.model.emulator.recording import spike_table
from ganglion.model.emulator.store import store_program
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import FormatError, GanglionError, ProgramError
from ganglion.model.spec.events import Events
from ganglion.model.spec.limits import Limits
from ganglion.model.spec.program import Program
from ganglion.model.spec.state import State
from ganglion.model.spec.target import Target
from ganglion.model.spec.trace import COUNTED, Trace


def share_of(neurons: int, processes: int, rank: int) -> tuple[int, int]:
    """First neuron of a process, and the first that is not its own."""
    return neurons * rank // processes, neurons * (rank + 1) // processes


class DistributedEmulator(Target):
    """A target whose every method all processes call together, with the same arguments; all get the same answers.

    Synapses are numbered as in the program; where there is none, those of process 0 come first, as stored.

    Args:
        network: the program; or this process's share of a network too large for one, from
            `store(…, share=share_of(…))`.
        communicator: an mpi4py communicator; None is all processes.
        progress: told of runs by the first process.

    Raises:
        ProgramError: fewer neurons than processes, or not this process's share.
    """

    name = "emulator"

    def __init__(
        self, network: Program | StoredNetwork, communicator: Any = None, *, progress: Progress = SILENT
    ) -> None:
        if communicator is None:
            from mpi4py import MPI

            communicator = MPI.COMM_WORLD
        self._comm = communicator
        self.progress = SILENT if communicator.rank else progress
        whole = network if isinstance(network, Program) else network.neurons
        if whole.neurons < communicator.size:
            raise ProgramError(f"{whole.neurons} neurons cannot be divided over {communicator.size} processes")
        share = share_of(whole.neurons, communicator.size, communicator.rank)
        stored = store_program(network, share=share) if isinstance(network, Program) else network
        if (stored.first, stored.first + stored.count) != share:
            raise ProgramError(f"process {communicator.rank} must hold neurons {share[0]} to {share[1] - 1}")
        self._here = Engine(stored)
        self._share = slice(*share)
        sizes = communicator.allgather(stored.synapses)
        super().__init__(whole, Limits.of(whole, synapses=sum(sizes)))
        self._synapses = sum(sizes[: communicator.rank]) + np.arange(stored.synapses)
        """Number in the network of each synapse here, in the order in which they are stored."""
        if isinstance(network, Program):
            here = np.flatnonzero((network.post_neuron >= share[0]) & (network.post_neuron < share[1]))
            self._synapses = here[np.lexsort((network.post_neuron[here], network.delay[here], network.pre[here]))]
        # All processes must exchange spikes equally often, whatever delays their own synapses happen to have.
        self._interval = min(communicator.allgather(stored.rows.least_delay))

    @property
    def t(self) -> int:
        """Number of the step that comes next."""
        return self._here.t

    def _reset(self) -> None:
        self._here.reset()

    def _check_events(self, events: Events) -> None:
        self._here.make_room(check_events(events, self._program.inputs))

    def _count(self, trace: Trace) -> None:
        """The kernels count."""

    def _run(self, events: Events, keep_states: bool, probes: Mapping[str, IntArray]) -> Trace:
        here, inputs = self._here, self._program.inputs
        recorded: dict[str, list[IntArray]] = {field: [] for field in probes}
        first, states = here.t, []
        counts = np.zeros((3, events.steps), dtype=np.int64)
        spikes = [np.zeros(0, dtype=np.int64)]
        interval = 1 if keep_states or probes else self._interval
        with self.progress.task("emulating", events.steps) as task:
            for begin in range(0, events.steps, interval):
                steps = range(begin, min(begin + interval, events.steps))
                mine = []
                for step in steps:
                    fired, counts[2, step] = here.update()
                    mine.append(fired)
                for step, parts in zip(steps, zip(*self._comm.allgather(mine), strict=True), strict=True):
                    fired = np.concatenate(parts)
                    counts[0, step] = fired.size
                    counts[1, step] = here.deliver(np.concatenate((events[step], inputs + fired)), first + step)
                    spikes.append(fired)
                for field, neurons in probes.items():
                    recorded[field].append(self._read(field, neurons))
                if keep_states:
                    states.append(self.state())
                task.advance(len(steps))
        for counter in (1, 2):
            counts[counter] = sum(self._comm.allgather(counts[counter]))
        return Trace(
            ran_on="emulator",
            first=first,
            neurons=self._program.neurons,
            spikes=spike_table(first + np.arange(events.steps), counts[0], np.concatenate(spikes)),
            counters=dict(zip(COUNTED, counts, strict=True)),
            states=states,
            probes={
                field: np.array(recorded[field], dtype=np.int64).reshape(events.steps, neurons.size)
                for field, neurons in probes.items()
            },
        )

    def _read(self, field: str, neurons: IntArray | None) -> IntArray:
        values: IntArray = np.concatenate(self._comm.allgather(self._here.read(field)))
        return values if neurons is None else values[neurons]

    def _write(self, field: str, neurons: IntArray, values: IntArray) -> None:
        here = (neurons >= self._share.start) & (neurons < self._share.stop)
        self._here.write(field, neurons[here] - self._share.start, values[here])

    def _weights(self, synapses: IntArray | None) -> IntArray:
        weights = np.empty(self._limits.synapses, dtype=np.int64)
        for numbers, mine in self._comm.allgather((self._synapses, self._here.network.weights())):
            weights[numbers] = mine
        return weights if synapses is None else weights[synapses]

    def _write_weights(self, synapses: IntArray, values: IntArray) -> None:
        order = np.argsort(self._synapses)
        places = np.searchsorted(self._synapses, synapses, sorter=order)
        found = order[np.minimum(places, order.size - 1)] if order.size else places
        here = np.isin(synapses, self._synapses)
        self._here.network.write_weights(found[here], values[here])

    def save(self, path: str | Path) -> None:
        """Write a checkpoint: one file per process, named for its rank."""
        checkpoint.save(self._file(path), self._here.snapshot())

    def resume(self, path: str | Path) -> None:
        """Take up where a checkpoint of as many processes left off.

        Raises:
            FormatError, MismatchError: as `Emulator.resume`, of the file of any process; all are as they were.
        """
        failure: GanglionError | None = None
        try:
            snapshot = checkpoint.read(self._file(path), self._here.network)
        except GanglionError as error:
            failure = error
        failures = self._comm.allgather(str(failure or ""))
        if failure:
            raise failure
        if any(failures):
            raise FormatError(f"not resumed, since another process could not: {max(failures)}")
        self._here.restore(snapshot)
        self._at_rest = False

    def _file(self, path: str | Path) -> str:
        return f"{path}.{self._comm.rank}-of-{self._comm.size}"

    def counters(self) -> Mapping[str, int]:
        counts = np.sum(self._comm.allgather(self._here.counts), axis=0)
        return dict(zip(COUNTED, counts.tolist(), strict=True))

    def state(self) -> State:
        shares = [state.arrays() for state in self._comm.allgather(self._here.state())]
        return State({name: np.concatenate([s[name] for s in shares], axis=-1) for name in shares[0]}, step=self.t)

    def _load_state(self, state: State) -> None:
        arrays = {name: array[..., self._share] for name, array in state.arrays().items()}
        self._here.load_state(State(arrays, step=state.step))
