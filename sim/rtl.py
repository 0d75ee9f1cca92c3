"""The chip itself as a target: a `Program` or `Image` run on the RTL, loaded and read through its packets alone."""

from types import TracebackType
from typing import Literal

import numpy as np
import numpy.typing as npt

from ganglion.model.compiler import Image, compile_program
from ganglion.model.spec.errors import ChipError, FormatError, ProgramError
from ganglion.model.spec.events import Events
from ganglion.model.spec.formats import CHUNK_BITS
from ganglion.model.spec.memories import COUNTER_BITS, VERSION, Counter, Memory, Register, memories
from ganglion.model.spec.packets import ACCESS, SPIKE, Kind, describe, end
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import IntArray, Program
from ganglion.model.spec.trace import State, Trace
from ganglion.sim import packing
from ganglion.sim.bench import NO_STALLS, Answer, Bench, Stalls
from ganglion.sim.packing import Chunks, Words

BATCH = 512
"""Steps per exchange: bounds the memory that states take, whatever the length of a run."""

COUNTERS = (Counter.SPIKES, Counter.SYNOPS, Counter.OVERFLOWS)
"""Counters that every target has in its trace."""

BenchName = Literal["native", "cocotb"]


def make_bench(name: BenchName, params: Params) -> Bench:
    """A bench by its name.

    Raises:
        ToolError: it cannot be built; the message says which tool is missing or what failed.
    """
    if name == "native":
        from ganglion.sim.native import NativeBench

        return NativeBench(params)
    if name == "cocotb":
        from ganglion.sim.cocotb_bench import CocotbBench

        return CocotbBench(params)
    raise ValueError(f'bench must be "native" or "cocotb", not {name!r}')


class Rtl:
    """A `ganglion.model.spec.target.Target`: the Verilated chip.

    The trace has the counter `cycles`, and those of `counters`, step by step. Only spikes of the program's outputs
    leave the chip, so only those are in the trace.
    """

    def __init__(
        self,
        network: Program | Image,
        bench: BenchName | Bench = "native",
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
        self.bench = make_bench(bench, self.params) if isinstance(bench, str) else bench
        self._counters = counters
        self._specs = memories(self.params)
        if self.params != self.bench.params and (differences := self.params.differences(self.bench.params)):
            raise FormatError(
                f"the image is for another chip ({self.params.name}, not {self.bench.params.name}); "
                f"field: image, chip: {'; '.join(differences)}"
            )
        self.load()

    def load(self) -> None:
        """Resets the chip and loads the image: weights and constants as compiled, step 0, all state zero."""
        self.bench.reset(self.stalls)
        version = self._number(self._read(Memory.REGISTERS, [Register.VERSION]))[0]
        if version != VERSION:
            raise ChipError(f"the chip has version {version} of packets and memories, this Ganglion version {VERSION}")
        self._bad_packets = self.counter(Counter.BAD_PACKETS)
        self.bench.exchange(self.image.packets())
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
        counts = self._number(self._read(Memory.COUNTERS, self._counters))
        spikes: list[IntArray] = []
        states: list[State] = []
        counted: list[IntArray] = []
        cycles: list[IntArray] = []
        for begin in range(0, events.steps, BATCH):
            steps = range(begin, min(begin + BATCH, events.steps))
            words, reads = self._script(events, steps)
            answer = self.bench.exchange(words, replies=reads.size * len(steps), states=keep_states)
            replies = _replies(answer.words, np.tile(reads, len(steps)))
            # One row of counters per step, under the one that the batch began with.
            after = self._number(replies.reshape(-1, self._counter_chunks)).reshape(len(steps), len(self._counters))
            counted.append(np.diff(after, axis=0, prepend=counts[None]) % (1 << COUNTER_BITS))
            counts = after[-1]
            cycles.append(answer.step_cycles)
            spikes.append(self._spikes(answer, self.t))
            if keep_states:
                states += self._states(answer.states)
            self.t += len(steps)
        self._check_packets()
        table = np.concatenate([np.zeros((0, len(self._counters)), dtype=np.int64), *counted])
        return Trace(
            target="rtl",
            first=first,
            spikes=np.concatenate([np.zeros((0, 2), dtype=np.int64), *spikes]),
            counters={
                **{counter.name.lower(): table[:, k] for k, counter in enumerate(self._counters)},
                "cycles": np.concatenate([np.zeros(0, dtype=np.int64), *cycles]),
            },
            states=states,
        )

    def reset(self) -> None:
        self._write_rows(Memory.REGISTERS, [Register.CLEAR], np.zeros((1, 2), dtype=np.uint16))
        self.t = 0

    def state(self) -> State:
        rows = {memory: self._specs[memory].rows for memory in (Memory.STATE, Memory.ACCUMULATORS)}
        return self._states({memory: self._read(memory, np.arange(n))[None] for memory, n in rows.items()})[0]

    def write(self, field: str, neuron: int, value: int) -> None:
        memory = next((m for m in (Memory.STATE, Memory.NEURONS) if field in self._specs[m].layout), None)
        if memory is None or field == "number":
            writable = [f.name for m in (Memory.STATE, Memory.NEURONS) for f in self._specs[m].layout.fields]
            raise ProgramError(f"'{field}' cannot be written; {', '.join(n for n in writable if n != 'number')} can")
        layout, row = self._specs[memory].layout, [self.image.neurons.row[neuron]]
        columns = {name: column[0] for name, column in layout.unpack_rows(self._read(memory, row)).items()}
        self._write_rows(memory, row, layout.pack_rows(1, {**columns, field: value}))

    def write_weight(self, synapse: int, value: int) -> None:
        bits = self.params.weight_bits
        if not -(1 << (bits - 1)) <= value < 1 << (bits - 1):
            raise ProgramError(f"weight {value} of synapse {synapse} does not fit {bits} signed bits")
        row, bit = [self.image.synapses.row[synapse]], int(self.image.synapses.bit[synapse])
        chunks = self._read(Memory.SYNAPSES, row)
        chunk, shift = divmod(bit, CHUNK_BITS)
        mask = ((1 << bits) - 1) << shift
        chunks[0, chunk] = int(chunks[0, chunk]) & ~mask | value << shift & mask
        self._write_rows(Memory.SYNAPSES, row, chunks)

    def weights(self) -> npt.NDArray[np.int64]:
        bits, places = self.params.weight_bits, self.image.synapses
        rows, which = np.unique(places.row, return_inverse=True)
        chunk, shift = np.divmod(places.bit, CHUNK_BITS)
        raw = self._read(Memory.SYNAPSES, rows)[which, chunk].astype(np.int64) >> shift
        half = 1 << (bits - 1)
        weights: npt.NDArray[np.int64] = ((raw + half) & (2 * half - 1)) - half
        return weights

    def counter(self, counter: Counter) -> int:
        """A counter of the chip now."""
        return int(self._number(self._read(Memory.COUNTERS, [counter]))[0])

    @property
    def _counter_chunks(self) -> int:
        return self._specs[Memory.COUNTERS].layout.chunks

    def _number(self, chunks: Chunks) -> IntArray:
        """Registers or counters from their chunks, shape (rows,)."""
        return self._specs[Memory.COUNTERS].layout.unpack_rows(chunks)["value"]

    def _read(self, memory: Memory, rows: npt.ArrayLike) -> Chunks:
        count = self._specs[memory].layout.chunks
        reads = packing.reads(memory, rows, count)
        answer = self.bench.exchange(reads, replies=reads.size)
        return _replies(answer.words, reads).reshape(-1, count)

    def _write_rows(self, memory: Memory, rows: npt.ArrayLike, chunks: Chunks) -> None:
        self.bench.exchange(packing.writes(memory, rows, chunks))
        self._check_packets()

    def _check_packets(self) -> None:
        bad = self.counter(Counter.BAD_PACKETS)
        if bad != self._bad_packets:
            raise ChipError(f"the chip dropped {bad - self._bad_packets} packet(s) as bad (counter BAD_PACKETS)")

    def _script(self, events: Events, steps: range) -> tuple[Words, Words]:
        """The packets of some steps, and the READs that end each of them."""
        reads = packing.reads(Memory.COUNTERS, self._counters, self._counter_chunks)
        tail = np.concatenate((np.array([end()], dtype=np.uint64), reads))
        start = events.start[steps.start : steps.stop + 1] - events.start[steps.start]
        axons = events.axon[events.start[steps.start] : events.start[steps.stop]]
        spikes = packing.spikes(self.image.inputs.axon[axons])
        # Each step's packets, then the tail: np.insert puts equal places in the order given.
        words = np.insert(spikes, np.repeat(start[1:], tail.size), np.tile(tail, len(steps)))
        return words, reads

    def _spikes(self, answer: Answer, first: int) -> IntArray:
        """Step and neuron of each spike that came out, ascending."""
        kinds = packing.kinds(answer.words)
        step = first + np.cumsum(kinds == Kind.END)
        spikes = kinds == Kind.SPIKE
        words = answer.words[spikes]
        output = packing.unpack(SPIKE, "axon", words)
        strange = ~packing.is_output(words) | (output >= self.program.outputs.size)
        if strange.any():
            packet = describe(int(words[strange][0]))
            raise ChipError(f"the chip sent the host a spike that is none of its outputs: {packet}")
        neuron = self.program.outputs[output]
        order = np.lexsort((neuron, step[spikes]))
        return np.stack((step[spikes][order], neuron[order]), axis=1)

    def _states(self, chunks: dict[Memory, Chunks]) -> list[State]:
        """From rows of the chip to neurons of the program, step by step."""
        rows, slots = self.image.neurons.row, self.params.delay_slots
        steps = chunks[Memory.STATE].shape[0]
        state = self._specs[Memory.STATE].layout
        columns = {
            name: column.reshape(steps, rows.size)
            for name, column in state.unpack_rows(chunks[Memory.STATE][:, rows].reshape(-1, state.chunks)).items()
        }
        accumulator = self._specs[Memory.ACCUMULATORS].layout
        places = (np.arange(slots)[:, None] * self.params.neurons + rows).ravel()
        sums = accumulator.unpack_rows(chunks[Memory.ACCUMULATORS][:, places].reshape(-1, accumulator.chunks))["value"]
        sums = sums.reshape(steps, slots, rows.size)
        zeros = np.zeros(rows.size, dtype=np.int64)
        return [
            State(
                **{name: columns[name][k] if name in columns else zeros for name in ("v", "u", "a", "refractory")},
                accumulators=sums[k],
            )
            for k in range(steps)
        ]


def _replies(words: Words, reads: Words) -> Chunks:
    """The data of the replies to these READs.

    Raises:
        ChipError: a reply answers another question.
    """
    replies = words[packing.kinds(words) == Kind.REPLY]
    if replies.size != reads.size:
        raise ChipError(f"the chip sent {replies.size} replies to {reads.size} READ packets")
    asked, got = ([packing.unpack(ACCESS, name, w) for name in ("memory", "row", "chunk")] for w in (reads, replies))
    wrong = np.flatnonzero(np.any(np.not_equal(asked, got), axis=0))
    if wrong.size:
        question, reply = (describe(int(w[wrong[0]])) for w in (reads, replies))
        raise ChipError(f"the chip answered another question than was asked: {question} got {reply}")
    return packing.unpack(ACCESS, "data", replies).astype(np.uint16)
