"""The emulator: runs a network with the bits of the reference, as fast as the processor will."""

import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from ganglion.model.emulator import checkpoint
from ganglion.model.emulator.batch import OftenError, run_batch
from ganglion.model.emulator.blocks import FLAGGED, pages, set_flags
from ganglion.model.emulator.inputs import check_events
from ganglion.model.emulator.kernels.arrays import BLOCK, FIELDS
from ganglion.model.emulator.kernels.run import deliver_step, run, update_step
from ganglion.model.emulator.load import UNCHECKED, accumulator_form, flag_all, neurons_of, scratch_of, state_of
from ganglion.model.emulator.network import PackedNetwork
from ganglion.model.emulator.pack import pack_program
from ganglion.model.emulator.recording import Recorder
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.arithmetic import whole_number
from ganglion.model.spec.arrays import Array, IntArray
from ganglion.model.spec.errors import MismatchError
from ganglion.model.spec.events import Events
from ganglion.model.spec.limits import READABLE, Limits
from ganglion.model.spec.params import GUARD_BITS
from ganglion.model.spec.program import Program
from ganglion.model.spec.target import Target
from ganglion.model.spec.trace import COUNTED, State, Trace

CALL_WORK = 10**9
"""Neurons and synapses, times steps, of one call of a kernel: Ctrl-C waits for the call to end."""

_one_parallel_run = threading.Lock()
"""Numba's own thread pool serves one caller at a time."""


class HasProgram(Protocol):
    """Something made from a program: an image of a chip."""

    @property
    def program(self) -> Program: ...


class Emulator(Target):
    """Runs a network. See `ganglion.model.spec.target.Target` for the methods all targets share.

    Args:
        network: a program, an image, or a packed network, which is run in place.
        threads: share each step among so many; pays from about 100,000 neurons. The bits are the same.
        progress: told of packing, and of runs.

    Raises:
        ProgramError: threads is not a positive number.
        CapacityError: the network does not fit into the free memory.
    """

    name = "emulator"

    def __init__(
        self, network: Program | PackedNetwork | HasProgram, *, threads: int = 1, progress: Progress = SILENT
    ) -> None:
        self.threads = whole_number("threads", threads, 1, 1024)
        self.progress = progress
        if not isinstance(network, PackedNetwork):
            program = network if isinstance(network, Program) else network.program
            network = pack_program(program, progress=progress)
        neurons = network.neurons
        super().__init__(neurons, Limits(neurons.params, network.count, network.synapses, len(neurons.types)))
        self.network = network
        self.params = neurons.params
        here = slice(network.first, network.first + network.count)
        self._kind = network.neurons.type[here].copy()
        self._neurons = neurons_of(network, self._kind, network.neurons.threshold[here], network.neurons.bias[here])
        self._scratch = scratch_of(network, self.threads)
        self._most = 1
        self._reset()

    @property
    def program(self) -> Program:
        """The network as a program; made from the packed one where there was none."""
        return self.network.program()

    @property
    def t(self) -> int:
        """Number of the step that comes next."""
        return int(self._state.clock[0])

    def counters(self) -> Mapping[str, int]:
        return dict(zip(COUNTED, self._state.clock[1:].tolist(), strict=True))

    def _reset(self) -> None:
        if self.network.written:
            self.network.tighten_bound()
        self._most, self._loaded, self._bound = 1, 0, self.network.bound
        dtype, self._guard = accumulator_form(self.params, self._bound)
        self._state = state_of(self.network, self.threads, dtype)
        flag_all(self._neurons, self._state, self._largest_input)

    @property
    def _largest_input(self) -> int:
        return self._bound if self._guard == UNCHECKED else sys.maxsize

    def _check_events(self, events: Events) -> None:
        self.make_room(check_events(events, self.network.neurons.inputs))

    def _count(self, trace: Trace) -> None:
        """The kernels count."""

    def _run(self, events: Events, keep_states: bool, probes: Mapping[str, IntArray]) -> Trace:
        recorder = Recorder(events.steps, self.network.count, probes)
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
        """As `Target.run_batch`; threads share the samples."""
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
        bound = self.network.bound * self._most + self._loaded
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
        arrays = dict(zip(FIELDS, state.fields[:, :count].astype(np.int64), strict=True))
        arrays["accumulators"] = (ring << bits) >> bits
        return State(arrays, step=self.t)

    def _load_state(self, state: State) -> None:
        self._loaded = int(np.abs(state.accumulators).max())
        self.make_room(1)
        self._state.clock[0] = state.step
        self._fill(state.arrays())

    def _fill(self, arrays: Mapping[str, IntArray]) -> None:
        """Take over all state but the clock."""
        count, ring = self.network.count, self._state.accumulators
        self._state.fields[:, :count] = [arrays[name] for name in FIELDS]
        ring[:] = 0
        ring[0].reshape(self.params.delay_slots, self.network.pitch)[:, :count] = arrays["accumulators"]
        flag_all(self._neurons, self._state, self._largest_input)

    def _read(self, field: str, neurons: IntArray | None) -> IntArray:
        array = self._array(field)[: self.network.count]
        return np.asarray((array if neurons is None else array[neurons]).astype(np.int64))

    def _write(self, field: str, neurons: IntArray, values: IntArray) -> None:
        self._array(field)[neurons] = values
        if field == "type":
            self._set_constants()
        elif field in FLAGGED:
            for block in set((neurons // BLOCK).tolist()):
                set_flags(self._neurons, self._state, block, self._largest_input)

    def _array(self, field: str) -> Array:
        """Where a field is."""
        if field == "type":
            return self._kind
        array: Array = self._state.fields[FIELDS.index(field)] if field in FIELDS else getattr(self._neurons, field)
        return array

    def _set_constants(self) -> None:
        size = self._neurons.threshold.size
        kind = np.pad(self._kind, (0, size - self.network.count), mode="edge")
        constants, page = pages(self.network.neurons.types, kind, self._neurons.constants.dtype)
        self._neurons = self._neurons._replace(constants=constants, page=page)
        flag_all(self._neurons, self._state, self._largest_input)

    def _weights(self, synapses: IntArray | None) -> IntArray:
        return self.network.weights() if synapses is None else self.network.weights_of(synapses)

    def _write_weights(self, synapses: IntArray, values: IntArray) -> None:
        self.network.write_weights(synapses, values)

    def snapshot(self) -> dict[str, Any]:
        """All that the running network is, by name: for `restore`."""
        network = self.network
        arrays = {name: self.read(name) for name in READABLE} | self.state().arrays()
        if network.written:
            arrays["sparse"], arrays["dense"] = network.packed_weights()
        numbers = {"most": self._most, "loaded": self._loaded, "bound": network.bound}
        return {**arrays, **numbers, "clock": self._state.clock.copy(), "network": network.fingerprint()}

    def restore(self, arrays: Mapping[str, Any]) -> None:
        """Go on from where a snapshot was taken.

        Raises:
            MismatchError: it is of another network; the emulator is as it was.
        """
        network = self.network
        if arrays["network"] != network.fingerprint():
            raise MismatchError("this is a checkpoint of another network; resume it on the one it was saved from")
        if network.written and "sparse" not in arrays:
            raise MismatchError(
                "this checkpoint has the weights that the network was packed with, but this network's were written to "
                "since; resume on the network packed anew"
            )
        if "sparse" in arrays:
            network.set_packed_weights(arrays["sparse"], arrays["dense"])
        network.bound = max(network.bound, int(arrays["bound"]))
        self._at_rest = False
        self._kind = arrays["type"].astype(np.int64)
        self._neurons = neurons_of(network, self._kind, arrays["threshold"], arrays["bias"])
        self._most, self._loaded = int(arrays["most"]), int(arrays["loaded"])
        self._bound = network.bound * self._most + self._loaded
        dtype, self._guard = accumulator_form(self.params, self._bound)
        self._state = state_of(network, self.threads, dtype)
        self._state.clock[:] = arrays["clock"]
        self._fill(arrays)

    def save(self, path: str | Path) -> None:
        """Write a checkpoint, from which `resume` continues with the same bits.

        Raises:
            OSError: the file cannot be written; an older one of the name is untouched.
        """
        checkpoint.save(path, self.snapshot())

    def resume(self, path: str | Path) -> None:
        """Take up where a checkpoint of the same network left off.

        Raises:
            FormatError: the file is not a checkpoint of this version.
            MismatchError: it is of another network. In both cases the emulator is as it was.
        """
        self.restore(checkpoint.read(path))
