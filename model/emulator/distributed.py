"""One network over many processes with MPI: `mpiexec -n K python …`, with the bits of one process.

Every process holds a share of the neurons and the synapses that end in them. Spikes are exchanged every `least delay`
steps, which is as late as they may arrive, and at the end of an epoch; each process then delivers all of them to its
own synapses. What a rule sees of sources each process keeps of all of them, and what it sees of targets of its own.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ganglion.model.emulator import checkpoint
from ganglion.model.emulator.engine import Engine
from ganglion.model.emulator.inputs import check_events
from ganglion.model.emulator.network import StoredNetwork
from ganglion.model.emulator.recording import spike_table
from ganglion.model.emulator.store import store_program
from ganglion.model.extras import require
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import FormatError, GanglionError, ProgramError
from ganglion.model.spec.events import Events
from ganglion.model.spec.explained import explained
from ganglion.model.spec.learning_fields import LEARNING_STATE, Of
from ganglion.model.spec.limits import Limits
from ganglion.model.spec.program import Program
from ganglion.model.spec.state import State
from ganglion.model.spec.target import Target
from ganglion.model.spec.trace import Trace

OF_SOURCES, OF_SYNAPSES = (
    {spec.name for spec in LEARNING_STATE if spec.of is kind} for kind in (Of.SOURCE, Of.SYNAPSE)
)
"""Fields of state that each process has of the whole network, and of the synapses here."""


@explained(ProgramError)
def share_of(neurons: int, processes: int, rank: int) -> tuple[int, int]:
    """First neuron of a process, and the first that is not its own."""
    return neurons * rank // processes, neurons * (rank + 1) // processes


@explained(ProgramError)
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
    learns = True

    def __init__(
        self, network: Program | StoredNetwork, communicator: Any = None, *, progress: Progress = SILENT
    ) -> None:
        if communicator is None:
            require("mpi4py", "DistributedEmulator")
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
        self._share = slice(*share)
        sizes = communicator.allgather(stored.synapses)
        super().__init__(whole, Limits.of(whole, synapses=sum(sizes)))
        self._spelled_out = whole.synapses == sum(sizes)
        """Whether there is a program that numbers the synapses."""
        self._synapses = sum(sizes[: communicator.rank]) + np.arange(stored.synapses)
        """Number in the network of each synapse here, in the order in which they are stored."""
        self._hold(stored)

    def _hold(self, stored: StoredNetwork) -> None:
        """This is the share of this process now."""
        self._here = Engine(stored)
        if self._spelled_out:
            self._synapses = stored.held
        # All processes must exchange spikes equally often, whatever delays their own synapses happen to have.
        self._interval = min(self._comm.allgather(stored.rows.least_delay))

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
        counted = here.counted
        recorded: dict[str, list[IntArray]] = {field: [] for field in probes}
        first, states = here.t, []
        counts = np.zeros((events.steps, len(counted)), dtype=np.int64)
        spikes = [np.zeros(0, dtype=np.int64)]
        interval = 1 if keep_states or probes else self._interval
        with self.progress.task("emulating", events.steps) as task:
            while (begin := here.t - first) < events.steps:
                # A rule may see membranes, which must be those of the end of the epoch.
                steps = range(begin, min(begin + interval, begin + here.together, events.steps))
                mine = []
                for step in steps:
                    fired, counts[step, 2] = here.update()
                    mine.append(fired)
                for step, parts in zip(steps, zip(*self._comm.allgather(mine), strict=True), strict=True):
                    fired = np.concatenate(parts)
                    sources = np.concatenate((events[step], inputs + fired))
                    counts[step, 0] = fired.size
                    counts[step, 1] = here.deliver(sources, first + step)
                    here.learn(first + step, sources, mine[step - begin], counts[step])
                    spikes.append(fired)
                for field, neurons in probes.items():
                    recorded[field].append(self._read(field, neurons))
                if keep_states:
                    states.append(self.state())
                task.advance(len(steps))
        counts[:, 1:] = sum(self._comm.allgather(counts[:, 1:]))
        return Trace(
            ran_on="emulator",
            first=first,
            neurons=self._program.neurons,
            spikes=spike_table(first + np.arange(events.steps), counts[:, 0], np.concatenate(spikes)),
            counters=dict(zip(counted, counts.T.copy(), strict=True)),
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
        weights = self._joined(self._here.network.weights())
        return weights if synapses is None else weights[synapses]

    def _joined(self, mine: IntArray) -> IntArray:
        """What each synapse of the network has, shape (synapses,), of what each of those here has."""
        values = np.empty(self._limits.synapses, dtype=np.int64)
        for numbers, theirs in self._comm.allgather((self._synapses, mine)):
            values[numbers] = theirs
        return values

    def _write_weights(self, synapses: IntArray, values: IntArray) -> None:
        places = np.full(self._limits.synapses, -1)
        places[self._synapses] = np.arange(self._synapses.size)
        here = places[synapses] >= 0
        self._here.network.write_weights(places[synapses[here]], values[here])

    def _switch_learning(self) -> None:
        self._here.learns = self._learning

    def _write_modulators(self) -> None:
        self._here.modulate(self._modulators)

    def _tags(self, synapses: IntArray | None) -> IntArray:
        tags = self._joined(self._here.tags())
        return tags if synapses is None else tags[synapses]

    def _write_tags(self, synapses: IntArray, values: IntArray) -> None:
        tags = self._tags(None)
        tags[synapses] = values
        self._here.write_tags(tags[self._synapses])

    def rewire(
        self, synapses: npt.ArrayLike, *, pre: npt.ArrayLike | None = None, post: npt.ArrayLike | None = None
    ) -> IntArray:
        """As `Target.rewire`.

        Raises:
            ProgramError: also of a network that was stored from a rule, whose synapses no program spells out.
        """
        if not self._spelled_out:
            raise ProgramError("a network that was stored from a rule cannot be rewired; make it from a Program")
        return super().rewire(synapses, pre=pre, post=post)

    def _rewire(self, program: Program, number: IntArray) -> None:
        before = self._here.snapshot()
        weights, tags = np.empty((2, number.size), dtype=np.int64)
        weights[number], tags[number] = self._weights(None), self._tags(None)
        stored = store_program(program, share=(self._share.start, self._share.stop))
        stored.write_weights(np.arange(stored.synapses), weights[stored.held])
        self._hold(stored)
        ruled = stored.held[stored.ruled]
        self._here.take_over(before, {"w": weights[ruled], "e": tags[ruled]})

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
        self._learning, self._modulators = self._here.learns, self._here.modulators
        self._at_rest = False

    def _file(self, path: str | Path) -> str:
        return f"{path}.{self._comm.rank}-of-{self._comm.size}"

    def counters(self) -> Mapping[str, int]:
        counts = np.sum(self._comm.allgather(self._here.counts), axis=0)
        return dict(zip(self._here.counted, counts.tolist(), strict=True))

    def state(self) -> State:
        mine = self._here.state()
        shares = [state.arrays() for state in self._comm.allgather(mine)]
        arrays = {name: np.concatenate([share[name] for share in shares], axis=-1) for name in shares[0]}
        if not mine.learns:
            return State(arrays, step=self.t)
        ruled = np.concatenate(self._comm.allgather(self._synapses[self._here.network.ruled]))
        arrays |= {name: array[np.argsort(ruled)] for name, array in arrays.items() if name in OF_SYNAPSES}
        arrays |= {name: array for name, array in shares[0].items() if name in OF_SOURCES}
        return State(arrays, step=self.t, learned=mine.learned, modulators=mine.modulators)

    def _load_state(self, state: State) -> None:
        places = np.searchsorted(self._program.ruled, self._synapses[self._here.network.ruled])
        arrays = {}
        for name, array in state.arrays().items():
            if name in OF_SYNAPSES:
                arrays[name] = array[places]
            else:
                arrays[name] = array if name in OF_SOURCES else array[..., self._share]
        self._here.load_state(State(arrays, step=state.step, learned=state.learned, modulators=state.modulators))
