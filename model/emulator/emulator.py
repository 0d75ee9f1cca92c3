"""The emulator: runs a network with the bits of the reference, as fast as the processor will."""

import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from ganglion.model.emulator import checkpoint
from ganglion.model.emulator.batch import OftenError, run_batch
from ganglion.model.emulator.blocks import pages, set_flags
from ganglion.model.emulator.inputs import check_events, limits
from ganglion.model.emulator.kernels.arrays import BLOCK
from ganglion.model.emulator.kernels.run import deliver_step, run, update_step
from ganglion.model.emulator.load import UNCHECKED, accumulator_form, flag_all, neurons_of, scratch_of, state_of
from ganglion.model.emulator.network import PackedNetwork
from ganglion.model.emulator.pack import pack_program
from ganglion.model.emulator.recording import Probes, Recorder
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.arithmetic import whole_number
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.events import Events
from ganglion.model.spec.memories import GUARD_BITS
from ganglion.model.spec.program import Program
from ganglion.model.spec.trace import State, Trace

CALL_WORK = 10**9
"""Neurons and synapses, times steps, of one call of a kernel: Ctrl-C waits for the call to end."""

_one_parallel_run = threading.Lock()
"""Numba's own thread pool serves one caller at a time."""


class HasProgram(Protocol):
    """Something made from a program: an image of a chip."""

    @property
    def program(self) -> Program: ...


class Emulator:
    """Runs a network. See `ganglion.model.spec.target.Target` for the methods all targets share.

    Args:
        network: a program, an image, or a packed network, which is run in place.
        threads: share each step among so many; pays from about 100,000 neurons. The bits are the same.
        progress: told of packing, and of runs.

    Raises:
        ProgramError: threads is not a positive number.
        CapacityError: the network does not fit into the free memory.
    """

    def __init__(
        self, network: Program | PackedNetwork | HasProgram, *, threads: int = 1, progress: Progress = SILENT
    ) -> None:
        self.threads = whole_number("threads", threads, 1, 1024)
        self.progress = progress
        if not isinstance(network, PackedNetwork):
            program = network if isinstance(network, Program) else network.program
            network = pack_program(program, progress=progress)
        self.network = network
        self.params = network.neurons.params
        here = slice(network.first, network.first + network.count)
        self._kind = network.neurons.type[here].copy()
        self._neurons = neurons_of(network, self._kind, network.neurons.threshold[here], network.neurons.bias[here])
        self._scratch = scratch_of(network, self.threads)
        self._most = 1
        self.reset()

    @property
    def program(self) -> Program:
        """The network as a program; made from the packed one where there was none."""
        return self.network.program()

    @property
    def t(self) -> int:
        """Number of the step that comes next."""
        return int(self._state.clock[0])

    @property
    def synops(self) -> int:
        """SynOps since the last reset."""
        return int(self._state.clock[2])

    @property
    def overflows(self) -> int:
        """Overflows since the last reset."""
        return int(self._state.clock[3])

    def reset(self) -> None:
        if self.network.written:
            self.network.tighten_bound()
        self._most, self._bound = 1, self.network.bound
        dtype, self._guard = accumulator_form(self.params, self._bound)
        self._state = state_of(self.network, self.threads, dtype)
        flag_all(self._neurons, self._state, self._largest_input)

    @property
    def _largest_input(self) -> int:
        return self._bound if self._guard == UNCHECKED else sys.maxsize

    def step(self, axons: Any = ()) -> list[int]:
        """One step with these events from the host; the neurons that fired, ascending."""
        spikes: list[int] = self.run(Events.from_steps([axons])).spikes[:, 1].tolist()
        return spikes

    def run(self, events: Events, *, keep_states: bool = False, probes: Probes | None = None) -> Trace:
        """Run `events.steps` steps from where the emulator stands.

        Args:
            events: the host's events of each step.
            keep_states: keep all state at the end of every step in the trace.
            probes: state fields and the neurons of which to record them at the end of every step; goes to
                `Trace.probes`.

        Raises:
            EventError: an event for an axon the network has not, or out of order; nothing was run.
            ProgramError: a probe that does not exist; nothing was run.
        """
        recorder = Recorder(events.steps, self.network.count, probes)
        self.make_room(check_events(events, self.network.neurons.inputs))
        first, step = self.t, 0
        together = 1 if keep_states else max(1, CALL_WORK // (self.network.count + self.network.synapses))
        with self.progress.task("emulating", events.steps) as task:
            while step < events.steps:
                reached, written = self._call(events, recorder, step, min(events.steps, step + together))
                recorder.keep(written)
                task.advance(reached - step)
                step = reached
                if keep_states:
                    recorder.states.append(self.state())
        return recorder.trace(first)

    def run_batch(self, samples: Sequence[Events]) -> list[Trace]:
        """Run each sample from where the emulator stands, which stays there. Threads share the samples.

        Returns:
            what `run` would return for each.

        Raises:
            EventError: as `run`; nothing was run.
        """
        if not samples:
            return []
        while True:
            try:
                with self.progress.task("emulating", len(samples)) as task:
                    return run_batch(
                        self.network, self._neurons, self._state, self._guard, self._most, samples, self.threads, task
                    )
            except OftenError as often:
                self.make_room(often.most)

    def _call(self, events: Events, recorder: Recorder, step: int, last: int) -> tuple[int, int]:
        arguments = (
            self._neurons,
            self.network.rows,
            self._state,
            self._scratch,
            events.axon,
            events.start,
            recorder.log,
            step,
            last,
            self.network.pitch,
            self._guard,
        )
        if self.threads == 1:
            return run(*arguments)
        from ganglion.model.emulator.kernels.parallel import run_parallel

        blocks = self._neurons.page.size
        share = -(-blocks // self.threads) * BLOCK
        with _one_parallel_run:
            return run_parallel(*arguments, share)

    def update(self) -> tuple[IntArray, int]:
        """Half a step, for those who exchange spikes themselves: update the neurons, and deliver nothing.

        Returns:
            the neurons here that fired, by their numbers in the network, int64; and overflows.
        """
        update_step(self._neurons, self._state, self._scratch, self.network.pitch, self._guard)
        count, overflows = int(self._scratch.totals[0, 0]), int(self._scratch.totals[0, 2])
        return self._scratch.fired[:count] + self.network.first, overflows

    def deliver(self, sources: IntArray, step: int) -> int:
        """The other half: deliver the events of these sources, of a step less than the least delay ago; the SynOps."""
        return deliver_step(self.network.rows, self._state, self._scratch, sources, step, self.network.pitch)

    def make_room(self, most: int) -> None:
        """Choose accumulators that hold every sum if an axon fires `most` times in a step, now or not long ago."""
        self._most = max(self._most, most)
        bound = self.network.bound * self._most
        if bound == self._bound:
            return
        self._bound = bound
        dtype, self._guard = accumulator_form(self.params, bound)
        if dtype.itemsize > self._state.accumulators.itemsize:
            self._state = self._state._replace(accumulators=self._state.accumulators.astype(dtype))
        flag_all(self._neurons, self._state, self._largest_input)

    def state(self) -> State:
        count, state = self.network.count, self._state
        bits = 64 - self.params.accumulator_bits - GUARD_BITS
        ring = state.accumulators.sum(axis=0, dtype=np.int64).reshape(self.params.delay_slots, -1)[:, :count]
        return State(
            v=state.v[:count].astype(np.int64),
            u=state.u[:count].astype(np.int64),
            a=state.a[:count].astype(np.int64),
            refractory=state.refractory[:count].astype(np.int64),
            accumulators=(ring << bits) >> bits,
        )

    def read(self, field: str) -> IntArray:
        """`v`, `u`, `a`, `refractory`, `threshold`, `bias` or `type` of all neurons now, int64 (neurons,).

        Raises:
            ProgramError: there is no such field.
        """
        if field == "type":
            return self._kind.copy()
        array = getattr(self._neurons if field in ("threshold", "bias") else self._state, field)
        return np.asarray(array[: self.network.count].astype(np.int64))

    def write(self, field: str, neuron: int, value: int) -> None:
        """Set `v`, `u`, `a`, `refractory`, `threshold`, `bias` or `type` of one neuron, between two steps.

        Raises:
            ProgramError: the field, the neuron or the value is not one the network can have; nothing was written.
        """
        ranges = limits(self.params, len(self.network.neurons.types))
        if field not in ranges:
            raise ProgramError(f"'{field}' cannot be written; {', '.join(ranges)} can")
        neuron = whole_number("neuron", neuron, 0, self.network.count - 1)
        value = whole_number(f"{field} of neuron {neuron}", value, *ranges[field])
        if field == "type":
            self._kind[neuron] = value
            self._set_constants()
        else:
            getattr(self._neurons if field in ("threshold", "bias") else self._state, field)[neuron] = value
            set_flags(self._neurons, self._state, neuron // BLOCK, self._largest_input)

    def _set_constants(self) -> None:
        size = self._neurons.threshold.size
        kind = np.pad(self._kind, (0, size - self.network.count), mode="edge")
        constants, page = pages(self.network.neurons.types, kind, self._neurons.constants.dtype)
        self._neurons = self._neurons._replace(constants=constants, page=page)
        flag_all(self._neurons, self._state, self._largest_input)

    def write_weight(self, synapse: int, value: int) -> None:
        """Set the weight of one synapse, numbered as in the program, between two steps.

        Raises:
            ProgramError: there is no such synapse, or the weight does not fit; nothing was written.
        """
        half = 1 << (self.params.weight_bits - 1)
        self.network.write_weight(
            whole_number("synapse", synapse, 0, self.network.synapses - 1),
            whole_number(f"weight of synapse {synapse}", value, -half, half - 1),
        )

    def weights(self) -> IntArray:
        return self.network.weights()

    def clock(self) -> IntArray:
        """The step that comes next, and the spikes, SynOps and overflows since the last reset, int64 (4,)."""
        return self._state.clock.copy()

    @property
    def most_at_once(self) -> int:
        """How often, at most, an axon fired in one step since the last reset."""
        return self._most

    def restore(self, arrays: Mapping[str, Any]) -> None:
        """Take over state and constants, by name, from a checkpoint of this network; see `checkpoint.resume`."""
        network, count = self.network, self.network.count
        if "sparse" in arrays:
            network.set_packed_weights(arrays["sparse"], arrays["dense"])
        network.bound = max(network.bound, int(arrays["bound"]))
        self._kind = arrays["type"].astype(np.int64)
        self._neurons = neurons_of(network, self._kind, arrays["threshold"], arrays["bias"])
        self._most, self._bound = int(arrays["most"]), network.bound * int(arrays["most"])
        dtype, self._guard = accumulator_form(self.params, self._bound)
        self._state = state_of(network, self.threads, dtype)
        self._state.clock[:] = arrays["clock"]
        for field in ("v", "u", "a", "refractory"):
            getattr(self._state, field)[:count] = arrays[field]
        ring = self._state.accumulators[0].reshape(self.params.delay_slots, network.pitch)
        ring[:, :count] = arrays["accumulators"].astype(dtype)
        flag_all(self._neurons, self._state, self._largest_input)

    def save(self, path: str | Path) -> None:
        """Write a checkpoint, from which `resume` continues with the same bits; see `checkpoint.save`."""
        checkpoint.save(self, path)

    def resume(self, path: str | Path) -> None:
        """Take up where a checkpoint left off; see `checkpoint.resume`."""
        checkpoint.resume(self, path)
