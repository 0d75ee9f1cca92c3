"""The network on a chip: fields of its neurons and weights of its synapses, wherever the image has put them.

Which memory has a field, and what of it a neuron has, is said by `ganglion.model.spec.fields`.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from ganglion.model.compiler import Image
from ganglion.model.spec import packet_arrays
from ganglion.model.spec.arithmetic import wrap
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.fields import CONSTANTS, NEURON_STATE, STATE_FIELDS, FieldSpec, StateField
from ganglion.model.spec.formats import CHUNK_BITS
from ganglion.model.spec.learning_fields import LEARNING_STATE, LearningField, Of
from ganglion.model.spec.memories import Memory
from ganglion.model.spec.packet_arrays import Chunks, Words
from ganglion.model.spec.state import State
from ganglion.sim.access import Access
from ganglion.sim.learning_access import LearningAccess

NEURON_FIELDS: dict[str, FieldSpec] = {spec.name: spec for spec in (*NEURON_STATE, *CONSTANTS)}
"""Fields that each neuron has once."""

OF_NEURONS = tuple(spec for spec in LEARNING_STATE if spec.of is Of.NEURON)
"""What learning adds to them."""


class NetworkAccess:
    """Reads and writes of any number of neurons or synapses, in one exchange of READs and one of WRITEs.

    What it raises is a `ChipError`: the chip does not answer as it should.
    """

    def __init__(self, image: Image, access: Access) -> None:
        self.image, self.access = image, access
        self.params = image.params
        learns = image.program.learning is not None
        self.learning = LearningAccess(image, access) if learns else None
        """What the network has learned, if it learns."""
        specs: tuple[StateField | LearningField, ...] = (*STATE_FIELDS, *(OF_NEURONS if learns else ()))
        self._state = {
            Memory[name]: [spec for spec in specs if spec.memory == name]
            for name in dict.fromkeys(spec.memory for spec in specs)
        }

    def read(self, field: str, neurons: IntArray | None) -> IntArray:
        """A field that each neuron has once, shape (neurons,); zeros where the chip lacks it."""
        spec = NEURON_FIELDS[field]
        memory = Memory[spec.memory]
        return self.columns(memory, self.access.read(memory, *self.places(neurons)))[spec.column]

    def write(self, field: str, neurons: IntArray, values: IntArray) -> None:
        """Writes a field that each neuron has once; the other fields of its row stay as they are."""
        neurons, values = _last_of_each(neurons, values)
        spec, (rows, cores) = NEURON_FIELDS[field], self.places(neurons)
        memory = Memory[spec.memory]
        layout = self.access.specs[memory].layout
        columns = {**layout.unpack_rows(self.access.read(memory, rows, cores)), spec.column: values}
        self.access.write(memory, rows, layout.pack_rows(rows.size, columns), cores)

    def states(
        self, chunks: Mapping[Memory, Chunks], first: int, learned: IntArray, modulators: Sequence[int]
    ) -> list[State]:
        """The states of some snapshots, one after another.

        Args:
            chunks: of the memories, as `ganglion.sim.snapshot` has them.
            first: number of the step before which the first was taken.
            learned: steps learned at each, shape (snapshots,).
            modulators: at all of them.
        """
        whole: dict[str, IntArray] = {}
        count = learned.size
        for memory, specs in self._state.items():
            rows, cores = self._state_places(memory)
            found = chunks[memory][:, cores, rows].reshape(count * rows.size, -1) if memory in chunks else None
            columns = self.columns(memory, np.zeros((count * rows.size, 0), np.uint16) if found is None else found)
            for spec in specs:
                shape = (count, self.params.delay_slots, -1) if spec.per_slot else (count, -1)
                whole[spec.name] = columns[spec.column].reshape(shape)
        if self.learning:
            whole |= self.learning.fields(chunks, learned)
        return [
            State(
                {name: array[k] for name, array in whole.items()},
                step=first + k,
                learned=int(learned[k]),
                modulators=modulators,
            )
            for k in range(count)
        ]

    def writing(self, state: State) -> list[Words]:
        """The packets that write a state into a chip that has just been cleared."""
        arrays, packets = state.arrays(), []
        for memory, specs in self._state.items():
            if memory not in self.access.specs:
                continue
            layout, (rows, cores) = self.access.specs[memory].layout, self._state_places(memory)
            columns = {spec.column: arrays[spec.name].ravel() for spec in specs if spec.column in layout}
            if any(column.any() for column in columns.values()):
                packets.append(self.access.writing(memory, rows, layout.pack_rows(rows.size, columns), cores))
        return packets + (self.learning.writing(state) if self.learning else [])

    def weights(self, synapses: IntArray | None) -> IntArray:
        """Weights, shape (synapses,)."""
        which = slice(None) if synapses is None else synapses
        _, _, chunks, row, chunk, shift = self._synapse_rows(which)
        return wrap(chunks[row, chunk].astype(np.int64) >> shift, self.params.weight_bits)

    def write_weights(self, synapses: IntArray, values: IntArray) -> None:
        """Writes weights; each row is read and written once, however many of its weights change."""
        synapses, values = _last_of_each(synapses, values)
        rows, cores, chunks, row, chunk, shift = self._synapse_rows(synapses)
        mask = ((1 << self.params.weight_bits) - 1) << shift
        np.bitwise_and.at(chunks, (row, chunk), ~mask.astype(np.uint16))
        np.bitwise_or.at(chunks, (row, chunk), (values << shift & mask).astype(np.uint16))
        self.access.write(Memory.SYNAPSES, rows, chunks, cores)

    def write_tags(self, synapses: IntArray, values: IntArray) -> None:
        """Writes tags of synapses that have rules, in a network that learns."""
        if self.learning:
            synapses, values = _last_of_each(synapses, values)
            words = self.learning.writing_tags(synapses, values) + self.learning.hinting(synapses)
            self.access.driver.exchange(np.concatenate(words))

    def probe(self, probes: Mapping[str, IntArray]) -> "Probe":
        """What records fields of some neurons, step by step."""
        return Probe(self, probes)

    def places(self, neurons: IntArray | None) -> tuple[IntArray, IntArray]:
        """Row and core of neurons, in every memory of which they have a row each."""
        places = self.image.neurons
        return (places.row, places.core) if neurons is None else (places.row[neurons], places.core[neurons])

    def _state_places(self, memory: Memory) -> tuple[IntArray, IntArray]:
        """Row and core of everything that all neurons have in a memory of state, slot by slot where there are slots."""
        rows, cores = self.places(None)
        if not self._state[memory][0].per_slot:
            return rows, cores
        slots = np.arange(self.params.delay_slots)
        return (slots[:, None] * self.params.neurons + rows).ravel(), np.tile(cores, slots.size)

    def columns(self, memory: Memory, rows: Chunks) -> Mapping[str, IntArray]:
        """The fields of some rows of a memory, by their names in it, shape (rows,); zeros where the chip lacks one."""
        specs = self.access.specs
        columns = specs[memory].layout.unpack_rows(rows) if memory in specs else {}
        return defaultdict(lambda: np.zeros(len(rows), dtype=np.int64), columns)

    def _synapse_rows(
        self, synapses: IntArray | slice
    ) -> tuple[IntArray, IntArray, Chunks, IntArray, IntArray, IntArray]:
        """The rows of SYNAPSES that hold some synapses, each row once.

        Returns:
            Row, core and chunks of each row; and of each synapse: the index of its row among them, its chunk, and its
            place in the chunk.
        """
        places = self.image.synapses
        rows_of_a_core = self.access.specs[Memory.SYNAPSES].rows
        keys, row = np.unique(places.core[synapses] * rows_of_a_core + places.row[synapses], return_inverse=True)
        cores, rows = np.divmod(keys, rows_of_a_core)
        chunk, shift = np.divmod(places.bit[synapses], CHUNK_BITS)
        return rows, cores, self.access.read(Memory.SYNAPSES, rows, cores), row, chunk, shift


class Probe:
    """Fields of some neurons, recorded step by step: each row that has some of them is read once a step."""

    def __init__(self, network: NetworkAccess, probes: Mapping[str, IntArray]) -> None:
        self._network, self._probes = network, probes
        self._neurons: dict[Memory, IntArray] = {}
        for field, neurons in probes.items():
            memory = Memory[NEURON_FIELDS[field].memory]
            self._neurons[memory] = np.union1d(self._neurons.get(memory, neurons), neurons)
        access = network.access
        reads = [np.zeros(0, dtype=np.uint64)]
        for memory, neurons in self._neurons.items():
            rows, cores = network.places(neurons)
            reads.append(packet_arrays.reads(memory, rows, access.specs[memory].layout.chunks, access.routes[cores]))
        self.reads = np.concatenate(reads)
        """The READ packets at the end of each step."""
        self._bounds = np.cumsum([part.size for part in reads])
        self._kept: list[Chunks] = []

    def keep(self, data: Chunks) -> None:
        """Keep what `reads` gave in some steps, shape (steps, packets)."""
        self._kept.append(data)

    def trace(self) -> dict[str, IntArray]:
        """What was recorded, of shape (steps, neurons) each."""
        data = np.concatenate([np.zeros((0, self.reads.size), dtype=np.uint16), *self._kept])
        columns = {}
        for memory, part in zip(self._neurons, np.split(data, self._bounds[1:-1], axis=1), strict=False):
            chunks = self._network.access.specs[memory].layout.chunks
            columns[memory] = self._network.columns(memory, part.reshape(-1, chunks))
        traces = {}
        for field, neurons in self._probes.items():
            memory = Memory[NEURON_FIELDS[field].memory]
            column = columns[memory][NEURON_FIELDS[field].column].reshape(len(data), self._neurons[memory].size)
            traces[field] = column[:, np.searchsorted(self._neurons[memory], neurons)]
        return traces


def _last_of_each(numbers: IntArray, values: IntArray) -> tuple[IntArray, IntArray]:
    """Each number once, with the last of its values."""
    unique, last = np.unique(numbers[::-1], return_index=True)
    return unique, values[::-1][last]
