"""The engine: a stored network in the arrays it runs in, and the kernels on them.

`Emulator` and `DistributedEmulator` are targets around it. It checks nothing of what it is told.
"""

import sys
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ganglion.model.emulator.batch import OftenError, run_batch
from ganglion.model.emulator.blocks import FLAGGED, pages, set_flags
from ganglion.model.emulator.kernels.arrays import BLOCK, FIELDS, Loaded, Log, Neurons
from ganglion.model.emulator.kernels.run import deliver_step, run, update_step
from ganglion.model.emulator.load import UNCHECKED, accumulator_form, flag_all, neurons_of, scratch_of, state_of
from ganglion.model.emulator.network import StoredNetwork
from ganglion.model.progress import Progress
from ganglion.model.spec.arrays import Array, IntArray
from ganglion.model.spec.events import Events
from ganglion.model.spec.limits import READABLE
from ganglion.model.spec.params import GUARD_BITS
from ganglion.model.spec.state import State
from ganglion.model.spec.trace import Trace

_one_parallel_run = threading.Lock()
"""Numba's own thread pool serves one caller at a time."""


class Engine:
    """Runs a stored network in place, in whole steps or in halves of one.

    Args:
        network: what to run; weights that are written are written there.
        threads: share each step among so many.
    """

    def __init__(self, network: StoredNetwork, threads: int = 1) -> None:
        self.network = network
        self.params = network.neurons.params
        self._threads = threads
        here = slice(network.first, network.first + network.count)
        self._type = network.neurons.type[here].copy()
        neurons = neurons_of(network, self._type, network.neurons.threshold[here], network.neurons.bias[here])
        self._scratch = scratch_of(network, threads)
        self._arrays: Loaded
        self._most, self._loaded, self._bound = 1, 0, network.bound
        self._begin(neurons)

    @property
    def t(self) -> int:
        """Number of the step that comes next."""
        return int(self._arrays.state.clock[0])

    @property
    def counts(self) -> list[int]:
        """Spikes, SynOps and overflows since the last reset."""
        counts: list[int] = self._arrays.state.clock[1:].tolist()
        return counts

    def reset(self) -> None:
        """Back to step 0 and to all state zero."""
        self._begin(self._arrays.neurons)

    def make_room(self, most: int) -> None:
        """Choose accumulators that hold every sum if an axon fires `most` times in a step, now or not long ago."""
        self._most = max(self._most, most)
        bound = self.network.bound * self._most + self._loaded
        if bound == self._bound:
            return
        self._bound = bound
        dtype, guard = accumulator_form(self.params, bound)
        state = self._arrays.state
        if dtype.itemsize > state.accumulators.itemsize:
            state = state._replace(accumulators=state.accumulators.astype(dtype))
        self._arrays = self._arrays._replace(state=state, guard_bits=guard)
        self._flag_all()

    def run(self, events: Events, log: Log, step: int, last: int) -> tuple[int, int]:
        """Steps `step` … `last` - 1 of some events, or fewer where the log may not hold the spikes of another.

        Returns:
            the step reached, and the spikes written to the log.
        """
        arguments = (events.axon, events.start, log, step, last)
        if self._threads == 1:
            return run(self._arrays, *arguments)
        from ganglion.model.emulator.kernels.parallel import run_parallel

        blocks = self._arrays.neurons.page.size
        share = -(-blocks // self._threads) * BLOCK
        with _one_parallel_run:
            return run_parallel(*self._arrays, *arguments, share)

    def run_batch(
        self, samples: Sequence[Events], probes: Mapping[str, IntArray], progress: Progress
    ) -> list[Trace]:
        """The trace of each sample, run from where the engine stands, which stays there.

        Raises:
            EventError: as `check_events`; nothing was run.
        """
        while True:
            try:
                with progress.task("emulating", len(samples)) as task:
                    return run_batch(self.network, self._arrays, self._most, samples, probes, self._threads, task)
            except OftenError as often:
                self.make_room(often.most)

    def update(self) -> tuple[IntArray, int]:
        """Half a step: update the neurons, and deliver nothing.

        Returns:
            the neurons here that fired, by their numbers in the network, int64; and overflows.
        """
        update_step(self._arrays)
        count, overflows = int(self._scratch.totals[0, 0]), int(self._scratch.totals[0, 2])
        return self._scratch.fired[:count] + self.network.first, overflows

    def deliver(self, sources: IntArray, step: int) -> int:
        """The other half: deliver the events of these sources, of a step less than the least delay ago; the SynOps."""
        return deliver_step(self._arrays, sources, step)

    def state(self) -> State:
        count, state = self.network.count, self._arrays.state
        bits = 64 - self.params.accumulator_bits - GUARD_BITS
        parts = state.accumulators.reshape(self._threads, self.params.delay_slots, -1)[:, :, :count]
        ring = parts[0].astype(np.int64) if self._threads == 1 else parts.sum(axis=0, dtype=np.int64)
        ring <<= bits
        ring >>= bits
        arrays = dict(zip(FIELDS, state.fields[:, :count].astype(np.int64), strict=True))
        arrays["accumulators"] = ring
        return State(arrays, step=self.t)

    def load_state(self, state: State) -> None:
        """Go on from a state."""
        self._loaded = int(np.abs(state.accumulators).max())
        self.make_room(1)
        self._arrays.state.clock[0] = state.step
        self._fill(state.arrays())

    def read(self, field: str, neurons: IntArray | None = None) -> IntArray:
        """A field of all neurons here, or of some, int64 (neurons,)."""
        array = self._array(field)[: self.network.count]
        return np.asarray((array if neurons is None else array[neurons]).astype(np.int64))

    def write(self, field: str, neurons: IntArray, values: IntArray) -> None:
        """Set a field of some neurons."""
        self._array(field)[neurons] = values
        if field == "type":
            self._set_constants()
        elif field in FLAGGED:
            for block in set((neurons // BLOCK).tolist()):
                set_flags(self._arrays.neurons, self._arrays.state, block, self._largest_input)

    def snapshot(self) -> dict[str, Any]:
        """All that the running network is, by name: for `restore`."""
        network = self.network
        arrays = {name: self.read(name) for name in READABLE} | self.state().arrays()
        if network.written:
            arrays["sparse"], arrays["dense"] = network.stored_weights()
        numbers = {"most": self._most, "loaded": self._loaded, "bound": network.bound}
        return {**arrays, **numbers, "clock": self._arrays.state.clock.copy(), "network": network.fingerprint()}

    def restore(self, arrays: Mapping[str, Any]) -> None:
        """Go on from where a snapshot was taken, which `checkpoint.check` has passed."""
        network = self.network
        if "sparse" in arrays:
            network.set_stored_weights(arrays["sparse"], arrays["dense"])
        network.bound = max(network.bound, int(arrays["bound"]))
        self._type = arrays["type"].astype(np.int64)
        self._most, self._loaded = int(arrays["most"]), int(arrays["loaded"])
        self._load(neurons_of(network, self._type, arrays["threshold"], arrays["bias"]))
        self._arrays.state.clock[:] = arrays["clock"]
        self._fill(arrays)

    def _begin(self, neurons: Neurons) -> None:
        """At step 0, with all state zero."""
        if self.network.written:
            self.network.tighten_bound()
        self._most, self._loaded = 1, 0
        self._load(neurons)

    def _load(self, neurons: Neurons) -> None:
        """Make the arrays: constants, state that is all zero, and accumulators that hold what sums there may be."""
        network = self.network
        self._bound = network.bound * self._most + self._loaded
        dtype, guard = accumulator_form(self.params, self._bound)
        state = state_of(network, self._threads, dtype)
        self._arrays = Loaded(neurons, network.rows, state, self._scratch, network.pitch, guard)
        self._flag_all()

    def _flag_all(self) -> None:
        flag_all(self._arrays.neurons, self._arrays.state, self._largest_input)

    @property
    def _largest_input(self) -> int:
        return self._bound if self._arrays.guard_bits == UNCHECKED else sys.maxsize

    def _fill(self, arrays: Mapping[str, IntArray]) -> None:
        """Take over all state but the clock."""
        count, ring = self.network.count, self._arrays.state.accumulators
        self._arrays.state.fields[:, :count] = [arrays[name] for name in FIELDS]
        ring[:] = 0
        ring[0].reshape(self.params.delay_slots, self.network.pitch)[:, :count] = arrays["accumulators"]
        self._flag_all()

    def _array(self, field: str) -> Array:
        """Where a field is."""
        if field == "type":
            return self._type
        on = self._arrays
        array: Array = on.state.fields[FIELDS.index(field)] if field in FIELDS else getattr(on.neurons, field)
        return array

    def _set_constants(self) -> None:
        size = self._arrays.neurons.threshold.size
        types = np.pad(self._type, (0, size - self.network.count), mode="edge")
        constants, page = pages(self.network.neurons.types, types, self._arrays.neurons.constants.dtype)
        neurons = self._arrays.neurons._replace(constants=constants, page=page)
        self._arrays = self._arrays._replace(neurons=neurons)
        self._flag_all()
