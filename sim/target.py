"""A chip as a target: a `Program` placed on it, loaded, run and read through its packets alone."""

from collections.abc import Mapping, Sequence

import numpy as np

from ganglion.model.compiler import Image
from ganglion.model.compiler.assemble import assemble
from ganglion.model.compiler.loading import differing_rows, loading_packets
from ganglion.model.compiler.script import step_packets
from ganglion.model.spec import packet_arrays
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import ChipError, FaultError, FormatError, ProgramError
from ganglion.model.spec.events import Events
from ganglion.model.spec.explained import explained
from ganglion.model.spec.memories import Memory, version
from ganglion.model.spec.packet_arrays import Words
from ganglion.model.spec.packets import Kind, describe, end
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program
from ganglion.model.spec.registers import COUNTER_BITS, REGISTER_BITS, Counter, Register
from ganglion.model.spec.registers import counters as counters_of
from ganglion.model.spec.state import State
from ganglion.model.spec.target import Target
from ganglion.model.spec.trace import COUNTED, LEARN_COUNTED, Trace
from ganglion.sim.access import Access, Fault, replies
from ganglion.sim.driver import NO_STALLS, Answer, Driver, Stalls
from ganglion.sim.network_access import NetworkAccess
from ganglion.sim.scrub import scrub
from ganglion.sim.snapshot import snapshot_reads, snapshot_rows

REGISTER_MASK = (1 << REGISTER_BITS) - 1
"""Registers hold signed numbers in two's complement."""

REWIRED = (Memory.AXONS, Memory.SYNAPSES, Memory.FANOUT)
"""The memories that other ends of synapses change."""

BATCH = 512
"""Steps per exchange: bounds the memory that states take, whatever the length of a run."""

COUNTERS = tuple(Counter[name.upper()] for name in COUNTED)
"""Counters that every target has in its trace."""

LEARN_COUNTERS = tuple(Counter[name.upper()] for name in LEARN_COUNTED)
"""Those that it has besides of a network that learns."""


@explained(ProgramError)
class ChipTarget(Target):
    """A chip behind a driver, in simulation or not.

    The trace has the counters asked for, step by step, and `cycles` where the driver tells them. Only spikes of the
    program's outputs leave the chip, so only those are in the trace. Reads and writes of many neurons or synapses are
    one exchange of READ and one of WRITE packets.
    """

    learns = True
    t = 0
    _learned = 0

    def __init__(
        self, image: Image, driver: Driver, *, stalls: Stalls = NO_STALLS, counters: Sequence[Counter] = COUNTERS
    ) -> None:
        """Loads the image into the chip.

        Args:
            image: the network, placed on the driver's chip.
            driver: taken over, whatever it ran before.
            stalls: random pauses of both streams.
            counters: read at the end of each step, for the trace, and of a network that learns `LEARN_COUNTERS` too;
                each costs two packets a step.

        Raises:
            FormatError: the image is for other parameters than the chip's; names the difference.
            ProgramError: a counter that the chip has not.
            ChipError: the chip does not answer as it should.
        """
        super().__init__(image.program)
        self.image, self.params, self.driver, self.stalls = image, image.params, driver, stalls
        self.access = Access(driver)
        self.network = NetworkAccess(image, self.access)
        self._specs = self.access.specs
        counted = LEARN_COUNTERS if image.program.learning and counters else ()
        self._counters = tuple(dict.fromkeys((*counters, *counted)))
        if absent := [counter.name.lower() for counter in self._counters if counter not in counters_of(self.params)]:
            raise ProgramError(f"the chip ({self.params.name}), which does not learn, has no counter {absent[0]}")
        if self.params != driver.params and (differences := self.params.differences(driver.params)):
            raise FormatError(
                f"the image is for another chip ({self.params.name}, not {driver.params.name}); "
                f"field: image, chip: {'; '.join(differences)}"
            )
        self.load()

    def load(self) -> None:
        """Resets the chip and loads the image: weights and constants as compiled, step 0, all state zero."""
        self.driver.reset(self.stalls)
        self._check_chip()
        self._bad_packets = self.access.bad_packets()
        self.driver.exchange(loading_packets(self.image))
        if self.params.parity:
            self.driver.exchange(self.access.writing_register(Register.FAULT, 0))
        self.t = self._learned = 0
        self._switch_learning()
        self._write_modulators()

    def close(self) -> None:
        self.driver.close()

    def place_of(self, neuron: int) -> str:
        return f"core {self.image.neurons.core[neuron]}"

    def state(self) -> State:
        reads = snapshot_reads(self.params)
        data = replies(self.driver.exchange(reads, replies=reads.size).words, reads)
        self._check_faults()
        now = np.array([self._learned])
        return self.network.states(snapshot_rows(self.params, data), self.t, now, self.modulators)[0]

    def chip_counter(self, counter: Counter) -> int:
        """A counter of the chip since it was built, modulo 2^32: the sum over its cores."""
        return int(self.access.counters((counter,)).sum())

    def faults(self) -> list[Fault]:
        """The first row of each core that was read with a wrong parity bit since the network was loaded, if any; a chip
        without parity tells none."""
        return self.access.faults() if self.params.parity else []

    def scrub(self) -> list[Fault]:
        """Looks for flipped bits: reads every row that has a parity bit, and loads again those that are wrong.

        What the host has written into such a row since it was loaded is lost, so set weights and constants again.

        Returns:
            the rows that were loaded again.

        Raises:
            FaultError: a row of state is wrong, which nobody knows the right value of.
        """
        return scrub(self.access, self.image) if self.params.parity else []

    def traffic(self) -> dict[tuple[int, int], IntArray]:
        """The counters of each router by its level and number, each of shape (len(RouterCounter),), since it was
        built."""
        return {router: self.access.router_counters(*router) for router in self.access.routers()}

    def _run(self, events: Events, keep_states: bool, probes: Mapping[str, IntArray]) -> Trace:
        first, cores, count = self.t, self.params.cores, len(self._counters)
        probe = self.network.probe(probes)
        before = self.access.counters(self._counters)
        spikes = [np.zeros((0, 2), dtype=np.int64)]
        states: list[State] = []
        counted = [np.zeros((0, cores, count), dtype=np.int64)]
        cycles = [np.zeros(0, dtype=np.int64)]
        for begin in range(0, events.steps, BATCH):
            steps = range(begin, min(begin + BATCH, events.steps))
            words, reads = self._script(events, steps, probe.reads)
            answer = self.driver.exchange(words, replies=reads.size * len(steps), states=keep_states)
            self._check_faults()
            data = replies(answer.words, np.tile(reads, len(steps))).reshape(len(steps), -1)
            numbers, rows = np.split(data, [reads.size - probe.reads.size], axis=1)
            # The counters of each step, under those that the batch began with.
            after = self.access.as_numbers(numbers.reshape(-1, self._counter_chunks)).reshape(len(steps), cores, count)
            counted.append(np.diff(after, axis=0, prepend=before[None]) % (1 << COUNTER_BITS))
            before = after[-1]
            if (ends := int((packet_arrays.kinds(answer.words) == Kind.END).sum())) != len(steps):
                raise ChipError(f"the chip sent {ends} END packets in {len(steps)} steps, from step {self.t} on")
            if answer.step_cycles is not None:
                cycles.append(answer.step_cycles)
            spikes.append(self._spikes(answer, self.t))
            probe.keep(rows)
            learned = self._learned + np.arange(1, len(steps) + 1) * self.learning
            if keep_states:
                states += self.network.states(answer.states, self.t + 1, learned, self.modulators)
            self.t += len(steps)
            self._learned = int(learned[-1])
        self._check_packets()
        return Trace(
            ran_on=self.name,
            first=first,
            neurons=self.program.neurons,
            spikes=np.concatenate(spikes),
            counters=self._figures(np.concatenate(counted), np.concatenate(cycles)),
            states=states,
            probes=probe.trace(),
        )

    def _figures(self, counted: IntArray, cycles: IntArray) -> dict[str, IntArray]:
        """The counters of the trace.

        Args:
            counted: by each core in each step, shape (steps, cores, counters).
            cycles: of each step, shape (steps,); of none where the driver does not tell them.
        """
        figures = {counter.name.lower(): counted[:, :, k].sum(axis=1) for k, counter in enumerate(self._counters)}
        return {"cycles": cycles, **figures} if cycles.size == len(counted) else figures

    def _reset(self) -> None:
        self.driver.exchange(self.access.writing_register(Register.CLEAR, 0))
        self._check_packets()
        self.t = self._learned = 0

    def _load_state(self, state: State) -> None:
        words = [self.access.writing_register(Register.CLEAR, 0), *self.network.writing(state)]
        if state.step:
            words.append(self.access.writing_register(Register.STEP, state.step))
        self.driver.exchange(np.concatenate(words))
        if self.network.learning:
            self.network.write_weights(self.program.ruled, state.w)
        self._check_packets()
        self.t, self._learned = state.step, state.learned

    def _read(self, field: str, neurons: IntArray | None) -> IntArray:
        return self._sound(self.network.read(field, neurons))

    def _write(self, field: str, neurons: IntArray, values: IntArray) -> None:
        self.network.write(field, neurons, values)
        self._check_packets()

    def _weights(self, synapses: IntArray | None) -> IntArray:
        return self._sound(self.network.weights(synapses))

    def _write_weights(self, synapses: IntArray, values: IntArray) -> None:
        self.network.write_weights(synapses, values)
        self._check_packets()

    def _switch_learning(self) -> None:
        if self.params.products:
            self.driver.exchange(self.access.writing_register(Register.LEARNING, int(self.learning)))

    def _write_modulators(self) -> None:
        writing = [
            self.access.writing_register(Register(Register.MODULATOR_0 + k), self.modulators[k] & REGISTER_MASK)
            for k in range(self.params.modulators)
        ]
        if writing:
            self.driver.exchange(np.concatenate(writing))

    def _tags(self, synapses: IntArray | None) -> IntArray:
        tags = np.zeros(self.program.synapses, dtype=np.int64)
        which = np.arange(tags.size) if synapses is None else synapses
        if self.network.learning and self.params.tag_bits:
            ruled = np.intersect1d(which, self.program.ruled)
            tags[ruled] = self._sound(self.network.learning.tags(ruled))
        return tags[which]

    def _write_tags(self, synapses: IntArray, values: IntArray) -> None:
        if self.network.learning:
            self.network.write_tags(synapses, values)
            self._check_packets()

    def _write_delays(self, program: Program) -> None:
        if self.network.learning:
            super()._write_delays(program)
            return
        image = assemble(program, self.image.neurons)
        rows, cores, chunks = differing_rows(self.image, image, Memory.SYNAPSES)
        # Those rows come with the weights of the program: what has been written since is written again.
        count, places = self._specs[Memory.SYNAPSES].rows, image.synapses
        moved = np.flatnonzero(np.isin(places.core * count + places.row, cores * count + rows))
        weights = self._weights(moved)
        self.access.write(Memory.SYNAPSES, rows, chunks, cores)
        for memory in (Memory.AXONS, Memory.FANOUT):
            rows, cores, chunks = differing_rows(self.image, image, memory)
            self.access.write(memory, rows, chunks, cores)
        self.image, self.network = image, NetworkAccess(image, self.access)
        told = weights != program.weight[moved]
        self.network.write_weights(moved[told], weights[told])
        self._check_packets()

    def _rewire(self, program: Program, number: IntArray) -> None:
        weights, tags, state = self._weights(None), self._tags(None), self.state()
        image = assemble(program, self.image.neurons)
        self.driver.exchange(loading_packets(image, REWIRED))
        self.image, self.network = image, NetworkAccess(image, self.access)
        moved_weights, moved_tags = np.empty_like(weights), np.empty_like(tags)
        moved_weights[number], moved_tags[number] = weights, tags
        arrays = state.arrays()
        if state.learns:
            arrays |= {"w": moved_weights[program.ruled], "e": moved_tags[program.ruled]}
        self._program = program
        self._load_state(State(arrays, step=state.step, learned=state.learned))
        self.network.write_weights(np.arange(program.synapses), moved_weights)
        self._write_modulators()

    @property
    def _counter_chunks(self) -> int:
        return self._specs[Memory.COUNTERS].layout.chunks

    def _check_chip(self) -> None:
        """Whether the chip is what the image is for, as far as it tells."""
        told, wanted = int(self.access.numbers(Memory.REGISTERS, [Register.VERSION])[0]), version(self.params)
        if told != wanted:
            raise ChipError(f"the chip has version {told} of packets and memories, this Ganglion version {wanted}")
        rows = np.arange(self._specs[Memory.PARAMETERS].rows)
        chip = Params.from_numbers(self.access.numbers(Memory.PARAMETERS, rows).tolist(), self.params.name)
        if differences := self.params.differences(chip):
            raise ChipError(
                f"the image is for another chip than this one; field: image, chip: {'; '.join(differences)}"
            )

    def _check_faults(self) -> None:
        """Whether the chip has read a row with a wrong parity bit."""
        if faults := self.faults():
            raise FaultError(
                f"the chip read {'; '.join(map(str, faults))}: what it did since may be wrong; load the network again "
                "(load), and run it from the beginning"
            )

    def _sound(self, values: IntArray) -> IntArray:
        """What was read of the chip, if no parity bit of it was wrong."""
        self._check_faults()
        return values

    def _check_packets(self) -> None:
        """Whether the chip has something to complain of."""
        self._check_faults()
        bad = self.access.bad_packets()
        if bad != self._bad_packets:
            raise ChipError(f"the chip dropped {bad - self._bad_packets} packet(s) as bad (counter BAD_PACKETS)")

    def _script(self, events: Events, steps: range, probes: Words) -> tuple[Words, Words]:
        """The packets of some steps, and the READs that end each of them: of the counters, then those of the probes."""
        chunks = self._counter_chunks
        counters = [
            packet_arrays.reads(Memory.COUNTERS, self._counters, chunks, route) for route in self.access.routes.tolist()
        ]
        reads = np.concatenate([*counters, probes])
        tail = np.concatenate((np.array([end()], dtype=np.uint64), reads))
        return step_packets(self.image, events, steps, tail), reads

    def _spikes(self, answer: Answer, first: int) -> IntArray:
        """Step and neuron of each spike that came out, ascending."""
        kinds = packet_arrays.kinds(answer.words)
        step = first + np.cumsum(kinds == Kind.END)
        spikes = kinds == Kind.SPIKE
        words = answer.words[spikes]
        output = packet_arrays.output_of(words)
        strange = ~packet_arrays.is_output(words) | (output >= self.program.outputs.size)
        if strange.any():
            packet = describe(int(words[strange][0]))
            raise ChipError(f"the chip sent the host a spike that is none of its outputs: {packet}")
        neuron = self.program.outputs[output]
        order = np.lexsort((neuron, step[spikes]))
        return np.stack((step[spikes][order], neuron[order]), axis=1)
