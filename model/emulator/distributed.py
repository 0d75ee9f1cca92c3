"""One network over many processes with MPI: `mpiexec -n K python …`, with the bits of one process.

Every process holds a share of the neurons and the synapses that end in them. Spikes are exchanged every `least delay`
steps, which is as late as they may arrive; each process then delivers all of them to its own synapses.
"""

from pathlib import Path
from typing import Any

import numpy as np

from ganglion.model.emulator.emulator import Emulator
from ganglion.model.emulator.inputs import check_events
from ganglion.model.emulator.network import PackedNetwork
from ganglion.model.emulator.pack import pack_program
from ganglion.model.emulator.recording import COUNTED, spike_table
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.arithmetic import whole_number
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.events import Events
from ganglion.model.spec.program import Program
from ganglion.model.spec.trace import STATE_FIELDS, State, Trace


def share_of(neurons: int, processes: int, rank: int) -> tuple[int, int]:
    """First neuron of a process, and the first that is not its own."""
    return neurons * rank // processes, neurons * (rank + 1) // processes


class DistributedEmulator:
    """A `Target` whose every method all processes call together, with the same arguments; all get the same answers.

    Args:
        network: the program; or this process's share of a network too large for one, from
            `pack(…, share=share_of(…))`.
        communicator: an mpi4py communicator; None is all processes.
        progress: told of runs by the first process.

    Raises:
        ProgramError: fewer neurons than processes, or not this process's share.
    """

    def __init__(
        self, network: Program | PackedNetwork, communicator: Any = None, *, progress: Progress = SILENT
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
        packed = pack_program(network, share=share) if isinstance(network, Program) else network
        if (packed.first, packed.first + packed.count) != share:
            raise ProgramError(f"process {communicator.rank} must hold neurons {share[0]} to {share[1] - 1}")
        self.program = whole
        self._here = Emulator(packed)
        # All processes must exchange spikes equally often, whatever delays their own synapses happen to have.
        self._interval = min(communicator.allgather(packed.rows.least_delay))

    @property
    def t(self) -> int:
        """Number of the step that comes next."""
        return self._here.t

    def reset(self) -> None:
        self._here.reset()

    def run(self, events: Events, *, keep_states: bool = False) -> Trace:
        here, inputs = self._here, self.program.inputs
        here.make_room(check_events(events, inputs))
        first, states = here.t, []
        counts = np.zeros((3, events.steps), dtype=np.int64)
        spikes = [np.zeros(0, dtype=np.int64)]
        interval = 1 if keep_states else self._interval
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
                if keep_states:
                    states.append(self.state())
                task.advance(len(steps))
        for counter in (1, 2):
            counts[counter] = sum(self._comm.allgather(counts[counter]))
        return Trace(
            ran_on="emulator",
            first=first,
            spikes=spike_table(first + np.arange(events.steps), counts[0], np.concatenate(spikes)),
            counters=dict(zip(COUNTED, counts, strict=True)),
            states=states,
        )

    def write(self, field: str, neuron: int, value: int) -> None:
        """As `Emulator.write`."""
        number = whole_number("neuron", neuron, 0, self.program.neurons - 1)
        network = self._here.network
        if network.first <= number < network.first + network.count:
            self._here.write(field, number - network.first, value)

    def save(self, path: str | Path) -> None:
        """Write a checkpoint: one file per process, named for its rank."""
        self._here.save(f"{path}.{self._comm.rank}-of-{self._comm.size}")

    def resume(self, path: str | Path) -> None:
        """Take up where a checkpoint of as many processes left off."""
        self._here.resume(f"{path}.{self._comm.rank}-of-{self._comm.size}")

    def state(self) -> State:
        shares = self._comm.allgather(self._here.state())
        return State(**{name: np.concatenate([getattr(s, name) for s in shares], axis=-1) for name in STATE_FIELDS})
