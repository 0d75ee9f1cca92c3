"""The engine: a stored network in the arrays it runs in, and the kernels on them.

`Emulator` and `DistributedEmulator` are targets around it. It checks nothing of what it is told.
"""

import sys
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ganglion.model.emulator.batch import OftenError, run_batch
from ganglion.model.emulator.blocks import FLAGGED, pages, set_flags
from ganglion.model.emulator.kept import Kept
from ganglion.model.emulator.kernels.arrays import BLOCK, FIELDS, Loaded, Log, Neurons
from ganglion.model.emulator.kernels.learn import learn_step, run_learning
from ganglion.model.emulator.kernels.plastic import LEARNED
from ganglion.model.emulator.kernels.run import deliver_step, run, update_step
from ganglion.model.emulator.load import UNCHECKED, accumulator_form, flag_all, neurons_of, scratch_of, state_of
from ganglion.model.emulator.network import StoredNetwork
from ganglion.model.emulator.pace import Pace
from ganglion.model.emulator.plasticity import Plasticity
from ganglion.model.progress import Progress
from ganglion.model.spec.arrays import Array, IntArray
from ganglion.model.spec.events import Events
from ganglion.model.spec.limits import READABLE
from ganglion.model.spec.params import GUARD_BITS
from ganglion.model.spec.state import MODULATORS, State
from ganglion.model.spec.trace import COUNTED, LEARN_COUNTED, Trace

if TYPE_CHECKING:
    from ganglion.model.emulator.sharing import WorkSharing

CALL_WORK = 10**9
"""Neurons and synapses, times steps, of one call of a kernel: Ctrl-C waits for the call to end."""


class Engine:
    """Runs a stored network in place, in whole steps or in halves of one.

    Args:
        network: what to run; weights that are written are written there.
        threads: share each step among so many, where that is faster.
    """

    def __init__(self, network: StoredNetwork, threads: int = 1) -> None:
        self.network = network
        self.params = network.neurons.params
        self._threads = threads
        here = slice(network.first, network.first + network.count)
        self._type = network.neurons.type[here].copy()
        neurons = neurons_of(network, self._type, network.neurons.threshold[here], network.neurons.bias[here])
        self._scratch = scratch_of(network, 1)
        self._arrays: Loaded
        self._most, self._loaded, self._bound = 1, 0, network.bound
        self._plasticity = Plasticity(network, self._type) if network.neurons.learning is not None else None
        self.learns = self._plasticity is not None
        """Whether the network learns in the steps to come."""
        if self._plasticity is not None:
            network.fingerprint()
            network.written = True
        self._kept: Kept | None = None
        self._sharing: WorkSharing | None = None
        self._pace = Pace()
        self._begin(neurons)

    @property
    def t(self) -> int:
        """Number of the step that comes next."""
        return int(self._arrays.state.clock[0])

    @property
    def counted(self) -> tuple[str, ...]:
        """What is counted, by name."""
        return COUNTED if self._plasticity is None else (*COUNTED, *LEARN_COUNTED)

    @property
    def counts(self) -> list[int]:
        """Spikes, SynOps and overflows since the last reset; where it learns, visits, changes and saturations too."""
        counts: list[int] = self._arrays.state.clock[1:].tolist()
        return counts + (self._plasticity.counts if self._plasticity else [])

    def reset(self) -> None:
        """Back to step 0 and to all state zero; weights stay."""
        if self._plasticity is not None:
            self._plasticity.reset()
        self._begin(self._arrays.neurons, self._arrays)

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
        """Steps `step` … `last` - 1 of some events, or fewer: where the log may not hold the spikes of another, and
        over threads where it is time to see whether they are faster.

        Returns:
            the step reached, and the spikes written to the log.
        """
        if self._threads == 1:
            return self._run_alone(events, log, step, last)
        sharing, steps = self._pace.plan(last - step)
        if sharing and (self._sharing is None or self._sharing.loaded is not self._arrays):
            from ganglion.model.emulator.sharing import WorkSharing

            self._sharing = WorkSharing(self.network, self._arrays, self._plasticity, self._threads)
        self._run_alone(events, log, step, step)  # no steps: the kernel is there when the clock begins to run
        begin, waited = time.perf_counter(), 0.0
        if sharing and self._sharing is not None:
            reached, written, waited = self._sharing.run(self.learns, events, log, step, step + steps)
        else:
            reached, written = self._run_alone(events, log, step, step + steps)
        self._pace.took(sharing, reached - step, time.perf_counter() - begin, waited)
        return reached, written

    def _run_alone(self, events: Events, log: Log, step: int, last: int) -> tuple[int, int]:
        """As `run`, by one thread."""
        arguments = (events.axon, events.start, log, step, last)
        if self._plasticity is None:
            return run(self._arrays, *arguments)
        return run_learning(self._arrays, self._plasticity.arrays, self.learns, *arguments)

    def step(self, axons: IntArray) -> list[int] | None:
        """One step with these events, sooner than `run` starts; the neurons that fired.

        Returns:
            None where that cannot be done: see `kept`, and where an axon is not there or fires more than once. Then
            nothing was run.
        """
        kept = self.kept(1)
        return None if kept is None else kept.step(axons)

    def run_short(self, events: Events) -> Trace | None:
        """A run that is short, sooner than `run` starts.

        Returns:
            None where that cannot be done: as `step`, where there are too many steps, and where they are not in order.
            Then nothing was run.
        """
        kept = self.kept(events.steps)
        return None if kept is None or events.steps > kept.steps else kept.run(events)

    @property
    def call_steps(self) -> int:
        """Steps of a call of a kernel, at most."""
        return max(1, CALL_WORK // (self.network.count + self.network.synapses))

    def kept(self, steps: int) -> Kept | None:
        """What runs short runs; None where the network learns, and over threads if so many steps may be shared."""
        if self._plasticity is not None or (self._threads > 1 and not self._pace.is_small(steps)):
            return None
        self.make_room(1)
        if self._kept is None or self._kept.loaded is not self._arrays:
            self._kept = Kept(self._arrays, self.call_steps)
        return self._kept

    @property
    def can_batch(self) -> bool:
        """Whether batches count what they must: they look at no sums of receptor 1, which may overflow."""
        return not self.network.receptor or self._arrays.guard_bits == UNCHECKED

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

    @property
    def together(self) -> int:
        """Steps that may be updated, from the next one on, before the first of them is learned from."""
        return self._plasticity.left_of_epoch if self._plasticity is not None and self.learns else sys.maxsize

    def learn(self, step: int, sources: IntArray, fired: IntArray, recorded: IntArray) -> None:
        """Behind both halves of a step, if the network has something that learns: traces and, with an epoch, weights.

        Args:
            step: its number.
            sources: all that fired in it, in the whole network.
            fired: the neurons here among them, by their numbers in the network.
            recorded: what is counted of the step, shape (counters,); added to.
        """
        if self._plasticity is not None:
            here = fired - self.network.first
            learn_step(self._arrays, self._plasticity.arrays, self.learns, step, sources, here, recorded)

    def state(self) -> State:
        count, state = self.network.count, self._arrays.state
        bits = 64 - self.params.accumulator_bits - GUARD_BITS
        ring = state.accumulators.reshape(self.params.delay_slots, -1)[:, : self.network.receptor + count]
        ring = ring.astype(np.int64)
        ring <<= bits
        ring >>= bits
        arrays = dict(zip(FIELDS, state.fields[:, :count].astype(np.int64), strict=True))
        arrays["accumulators"] = ring[:, :count]
        if self._plasticity is None:
            return State(arrays, step=self.t)
        at = self.network.receptor
        errors = ring[:, at:] if at else np.zeros_like(ring)
        arrays |= self._plasticity.state(errors)
        return State(arrays, step=self.t, learned=self._plasticity.learned, modulators=self.modulators)

    def load_state(self, state: State) -> None:
        """Go on from a state."""
        arrays = state.arrays()
        self._loaded = max(int(np.abs(arrays[name]).max()) for name in ("accumulators", "receptor") if name in arrays)
        self.make_room(1)
        self._arrays.state.clock[0] = state.step
        self._fill(arrays)
        if self._plasticity is not None:
            self._plasticity.load_state(arrays, state.learned)

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

    @property
    def modulators(self) -> tuple[int, ...]:
        """r0 to r3."""
        return self._plasticity.modulators if self._plasticity else (0,) * MODULATORS

    def modulate(self, modulators: Sequence[int]) -> None:
        """Set all modulators, if the network has something that learns."""
        if self._plasticity is not None:
            self._plasticity.modulate(modulators)

    def tags(self) -> IntArray:
        """The tag of each synapse here."""
        return self._plasticity.tags() if self._plasticity else np.zeros(self.network.synapses, dtype=np.int64)

    def write_tags(self, tags: IntArray) -> None:
        """Set the tag of each synapse here; of those that have no rule, nothing is taken."""
        if self._plasticity is not None:
            self._plasticity.write_tags(tags)

    def snapshot(self) -> dict[str, Any]:
        """All that the running network is, by name: for `restore`."""
        network = self.network
        arrays = {name: self.read(name) for name in READABLE} | self.state().arrays()
        if network.written:
            sparse, dense = network.stored_weights()
            arrays["sparse"], arrays["dense"] = sparse, dense.copy()
        numbers = {"most": self._most, "loaded": self._loaded, "bound": network.bound}
        if self._plasticity is not None:
            arrays["plastic"] = self._plasticity.numbers(self.learns)
        return {**arrays, **numbers, "clock": self._arrays.state.clock.copy(), "network": network.fingerprint()}

    def restore(self, arrays: Mapping[str, Any]) -> None:
        """Go on from where a snapshot was taken, which `checkpoint.check` has passed."""
        network = self.network
        if "sparse" in arrays:
            network.set_stored_weights(arrays["sparse"], arrays["dense"])
        self.take_over(arrays, {})

    def take_over(self, snapshot: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
        """As `restore`, but for the weights, from a snapshot in which these arrays are others."""
        network, arrays = self.network, {**snapshot, **changes}
        network.bound = max(network.bound, int(arrays["bound"]))
        self._type[:] = arrays["type"]
        self._most, self._loaded = int(arrays["most"]), int(arrays["loaded"])
        self._load(neurons_of(network, self._type, arrays["threshold"], arrays["bias"]))
        self._arrays.state.clock[:] = arrays["clock"]
        self._fill(arrays)
        if self._plasticity is not None:
            self._plasticity.load_state(arrays, int(arrays["plastic"][LEARNED]))
            self.learns = self._plasticity.set_numbers(arrays["plastic"])

    def _begin(self, neurons: Neurons, before: Loaded | None = None) -> None:
        """At step 0, all state zero: in the arrays of `before` if they will do, so that what keeps them goes on."""
        if self.network.written:
            self.network.tighten_bound()
        self._most, self._loaded = 1, 0
        self._load(neurons, before)

    def _load(self, neurons: Neurons, before: Loaded | None = None) -> None:
        """Make the arrays: constants, state that is all zero, and accumulators that hold what sums there may be."""
        network = self.network
        self._bound = network.bound * self._most + self._loaded
        dtype, guard = accumulator_form(self.params, self._bound)
        if before is not None and (before.state.accumulators.dtype, before.guard_bits) == (dtype, guard):
            for array in before.state:
                array.fill(0)
        else:
            state = state_of(network, dtype)
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
        slots = ring[0].reshape(self.params.delay_slots, self.network.pitch)
        slots[:, :count] = arrays["accumulators"]
        if self.network.receptor:
            slots[:, self.network.receptor :][:, :count] = arrays["receptor"]
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
