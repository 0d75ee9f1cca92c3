"""The chip itself as a target: a `Program` or `Image` run on the RTL, loaded and read through its packets alone."""

from types import TracebackType
from typing import Literal

import numpy as np

from ganglion.model.compiler import Image, compile_program
from ganglion.model.compiler.loading import loading_packets
from ganglion.model.spec import packet_arrays
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import ChipError, FormatError, ProgramError
from ganglion.model.spec.events import Events
from ganglion.model.spec.formats import CHUNK_BITS
from ganglion.model.spec.memories import COUNTER_BITS, VERSION, Counter, Memory, Register, state_memories
from ganglion.model.spec.packet_arrays import Chunks, Words
from ganglion.model.spec.packets import Kind, describe, end
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program
from ganglion.model.spec.trace import State, Trace
from ganglion.model.spec.tree import route_of
from ganglion.sim.access import Access, replies
from ganglion.sim.driver import NO_STALLS, Answer, Driver, Stalls

BATCH = 512
"""Steps per exchange: bounds the memory that states take, whatever the length of a run."""

COUNTERS = (Counter.SPIKES, Counter.SYNOPS, Counter.OVERFLOWS)
"""Counters that every target has in its trace."""

DriverName = Literal["native", "cocotb"]


def make_driver(name: DriverName, params: Params) -> Driver:
    """A bench by its name.

    Raises:
        ToolError: it cannot be built; the message says which tool is missing or what failed.
    """
    if name == "native":
        from ganglion.sim.native import NativeDriver

        return NativeDriver(params)
    if name == "cocotb":
        from ganglion.sim.cocotb_driver import CocotbDriver

        return CocotbDriver(params)
    raise ValueError(f'bench must be "native" or "cocotb", not {name!r}')


class Rtl:
    """A `ganglion.model.spec.target.Target`: the Verilated chip.

    The trace has the counter `cycles`, and those of `counters`, step by step. Only spikes of the program's outputs
    leave the chip, so only those are in the trace.
    """

    def __init__(
        self,
        network: Program | Image,
        bench: DriverName | Driver = "native",
        *,
        stalls: Stalls = NO_STALLS,
        counters: tuple[Counter, ...] = COUNTERS,
    ) -> None:
        """Loads the network into a chip.

        Args:
            network: a program is compiled for its own parameters, with the compiler's defaults.
            bench: how to simulate; one that exists is taken over, whatever it ran before.
            stalls: random pauses of both streams.
            counters: read at the end of each step, for the trace; each costs two packets a step.

        Raises:
            FormatError: the image is for other parameters than the chip's.
            ChipError: the chip does not answer as it should.
        """
        self.image = network if isinstance(network, Image) else compile_program(network)
        self.program = self.image.program
        self.params = self.image.params
        self.stalls = stalls
        self.bench = make_driver(bench, self.params) if isinstance(bench, str) else bench
        self._counters = counters
        self.access = Access(self.bench)
        self._specs = self.access.specs
        if self.params != self.bench.params and (differences := self.params.differences(self.bench.params)):
            raise FormatError(
                f"the image is for another chip ({self.params.name}, not {self.bench.params.name}); "
                f"field: image, chip: {'; '.join(differences)}"
            )
        self.load()

    def load(self) -> None:
        """Resets the chip and loads the image: weights and constants as compiled, step 0, all state zero."""
        self.bench.reset(self.stalls)
        self._check_chip()
        self._bad_packets = self.access.bad_packets()
        self.bench.exchange(loading_packets(self.image))
        self.t = 0

    def close(self) -> None:
        """Ends the simulation."""
        self.bench.close()

    def __enter__(self) -> "Rtl":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def run(self, events: Events, *, keep_states: bool = False) -> Trace:
        events.check(self.program.inputs)
        first = self.t
        cores, count = range(self.params.cores), len(self._counters)
        counts = np.array([self.access.numbers(Memory.COUNTERS, self._counters, c) for c in cores], dtype=np.int64)
        counts = counts.reshape(len(cores), count)
        spikes: list[IntArray] = []
        states: list[State] = []
        counted: list[IntArray] = []
        cycles: list[IntArray] = []
        for begin in range(0, events.steps, BATCH):
            steps = range(begin, min(begin + BATCH, events.steps))
            words, reads = self._script(events, steps)
            answer = self.bench.exchange(words, replies=reads.size * len(steps), states=keep_states)
            chunks = replies(answer.words, np.tile(reads, len(steps))).reshape(-1, self._counter_chunks)
            # The counters of each step, under those that the batch began with.
            after = self.access.as_numbers(chunks).reshape(len(steps), len(cores), count)
            counted.append(np.diff(after, axis=0, prepend=counts[None]) % (1 << COUNTER_BITS))
            counts = after[-1]
            if (ends := int((packet_arrays.kinds(answer.words) == Kind.END).sum())) != len(steps):
                raise ChipError(f"the chip sent {ends} END packets in {len(steps)} steps, from step {self.t} on")
            cycles.append(answer.step_cycles)
            spikes.append(self._spikes(answer, self.t))
            if keep_states:
                states += self._states(answer.states)
            self.t += len(steps)
        self._check_packets()
        table = np.concatenate([np.zeros((0, len(cores), count), dtype=np.int64), *counted])
        return Trace(
            ran_on="rtl",
            first=first,
            spikes=np.concatenate([np.zeros((0, 2), dtype=np.int64), *spikes]),
            counters={
                "cycles": np.concatenate([np.zeros(0, dtype=np.int64), *cycles]),
                **self._figures(table),
            },
            states=states,
        )

    def _figures(self, table: IntArray) -> dict[str, IntArray]:
        """The counters of the trace, from what each core counted in each step, shape (steps, cores, counters)."""
        return {counter.name.lower(): table[:, :, k].sum(axis=1) for k, counter in enumerate(self._counters)}

    def reset(self) -> None:
        everywhere = route_of((1 << size) - 1 for size in self.params.levels)
        zero = np.zeros((1, 2), dtype=np.uint16)
        self.bench.exchange(packet_arrays.writes(Memory.REGISTERS, [Register.CLEAR], zero, everywhere))
        self._check_packets()
        self.t = 0

    def state(self) -> State:
        cores, chunks = range(self.params.cores), dict[Memory, Chunks]()
        for memory, spec in state_memories(self.params).items():
            rows = np.arange(spec.rows)
            chunks[memory] = np.stack([self.access.read(memory, rows, core) for core in cores])[None]
        return self._states(chunks)[0]

    def write(self, field: str, neuron: int, value: int) -> None:
        memory = next((m for m in (Memory.STATE, Memory.NEURONS) if field in self._specs[m].layout), None)
        if memory is None or field == "number":
            writable = [f.name for m in (Memory.STATE, Memory.NEURONS) for f in self._specs[m].layout.fields]
            raise ProgramError(f"'{field}' cannot be written; {', '.join(n for n in writable if n != 'number')} can")
        layout, places = self._specs[memory].layout, self.image.neurons
        row, core = [places.row[neuron]], int(places.core[neuron])
        columns = {name: column[0] for name, column in layout.unpack_rows(self.access.read(memory, row, core)).items()}
        self.access.write(memory, row, layout.pack_rows(1, {**columns, field: value}), core)
        self._check_packets()

    def write_weight(self, synapse: int, value: int) -> None:
        bits = self.params.weight_bits
        if not -(1 << (bits - 1)) <= value < 1 << (bits - 1):
            raise ProgramError(f"weight {value} of synapse {synapse} does not fit {bits} signed bits")
        places = self.image.synapses
        row, bit, core = [places.row[synapse]], int(places.bit[synapse]), int(places.core[synapse])
        chunks = self.access.read(Memory.SYNAPSES, row, core)
        chunk, shift = divmod(bit, CHUNK_BITS)
        mask = ((1 << bits) - 1) << shift
        chunks[0, chunk] = int(chunks[0, chunk]) & ~mask | value << shift & mask
        self.access.write(Memory.SYNAPSES, row, chunks, core)
        self._check_packets()

    def weights(self) -> IntArray:
        bits, places = self.params.weight_bits, self.image.synapses
        chunk, shift = np.divmod(places.bit, CHUNK_BITS)
        raw = np.zeros(places.row.size, dtype=np.int64)
        for core in np.unique(places.core):
            here = np.flatnonzero(places.core == core)
            rows, which = np.unique(places.row[here], return_inverse=True)
            raw[here] = self.access.read(Memory.SYNAPSES, rows, core)[which, chunk[here]]
        raw >>= shift
        half = 1 << (bits - 1)
        weights: IntArray = ((raw + half) & (2 * half - 1)) - half
        return weights

    def counter(self, counter: Counter) -> int:
        """A counter of the chip now: the sum over its cores."""
        return sum(int(self.access.numbers(Memory.COUNTERS, [counter], c)[0]) for c in range(self.params.cores))

    def traffic(self) -> dict[tuple[int, int], IntArray]:
        """The counters of each router by its level and number, each of shape (len(RouterCounter),), since it was
        built."""
        return {router: self.access.router_counters(*router) for router in self.access.routers()}

    @property
    def _counter_chunks(self) -> int:
        return self._specs[Memory.COUNTERS].layout.chunks

    def _check_chip(self) -> None:
        """Whether the chip is what the image is for, as far as it tells."""
        version = self.access.numbers(Memory.REGISTERS, [Register.VERSION])[0]
        if version != VERSION:
            raise ChipError(f"the chip has version {version} of packets and memories, this Ganglion version {VERSION}")
        rows = np.arange(self._specs[Memory.PARAMETERS].rows)
        told = Params.from_numbers(self.access.numbers(Memory.PARAMETERS, rows).tolist(), self.params.name)
        if differences := self.params.differences(told):
            raise ChipError(
                f"the image is for another chip than this one; field: image, chip: {'; '.join(differences)}"
            )

    def _check_packets(self) -> None:
        bad = self.access.bad_packets()
        if bad != self._bad_packets:
            raise ChipError(f"the chip dropped {bad - self._bad_packets} packet(s) as bad (counter BAD_PACKETS)")

    def _script(self, events: Events, steps: range) -> tuple[Words, Words]:
        """The packets of some steps, and the READs that end each of them."""
        chunks, inputs = self._counter_chunks, self.image.inputs
        reads = np.concatenate(
            [packet_arrays.reads(Memory.COUNTERS, self._counters, chunks, route) for route in self.access.routes]
        )
        tail = np.concatenate((np.array([end()], dtype=np.uint64), reads))
        event = events.axon[events.start[steps.start] : events.start[steps.stop]]
        packets = np.diff(inputs.start)[event]
        before = np.concatenate(([0], np.cumsum(packets)))
        which = np.arange(before[-1]) - np.repeat(before[:-1] - inputs.start[event], packets)
        spikes = packet_arrays.spikes(inputs.axon[which], inputs.route[which])
        start = before[events.start[steps.start : steps.stop + 1] - events.start[steps.start]]
        # Each step's packets, then the tail: np.insert puts equal places in the order given.
        words = np.insert(spikes, np.repeat(start[1:], tail.size), np.tile(tail, len(steps)))
        return words, reads

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

    def _states(self, chunks: dict[Memory, Chunks]) -> list[State]:
        """From rows of the chip to neurons of the program, step by step."""
        core, row, slots = self.image.neurons.core, self.image.neurons.row, self.params.delay_slots
        steps = chunks[Memory.STATE].shape[0]
        state = self._specs[Memory.STATE].layout
        columns = {
            name: column.reshape(steps, row.size)
            for name, column in state.unpack_rows(chunks[Memory.STATE][:, core, row].reshape(-1, state.chunks)).items()
        }
        accumulator = self._specs[Memory.ACCUMULATORS].layout
        places = (np.arange(slots)[:, None] * self.params.neurons + row).ravel()
        words = chunks[Memory.ACCUMULATORS][:, np.tile(core, slots), places].reshape(-1, accumulator.chunks)
        sums = accumulator.unpack_rows(words)["value"].reshape(steps, slots, row.size)
        zeros = np.zeros(row.size, dtype=np.int64)
        return [
            State(
                **{name: columns[name][k] if name in columns else zeros for name in ("v", "u", "a", "refractory")},
                accumulators=sums[k],
            )
            for k in range(steps)
        ]
