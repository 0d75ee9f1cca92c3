"""What a network on a chip has learned: traces of its sources, tags and weights of its synapses, and the clock."""

from collections.abc import Mapping

import numpy as np

from ganglion.model.compiler import Image
from ganglion.model.spec.arithmetic import wrap
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.formats import CHUNK_BITS
from ganglion.model.spec.learning_fields import LEARNING_STATE, Of
from ganglion.model.spec.memories import Memory
from ganglion.model.spec.packet_arrays import Chunks, Words
from ganglion.model.spec.registers import Register
from ganglion.model.spec.state import State
from ganglion.sim.access import Access

SOURCE_FIELDS = tuple(spec.name for spec in LEARNING_STATE if spec.of is Of.SOURCE)
"""Fields that each source has: `xg` is told by the time of the last spike."""

STAMP_MASK = (1 << 32) - 1
"""Stamps and registers wrap at 32 bits."""


class LearningAccess:
    """The part of `ganglion.sim.network_access.NetworkAccess` that is about learning, of a network that does.

    Each row of AXONS that has a rule keeps the traces of its source; all rows of a source keep the same.
    """

    def __init__(self, image: Image, access: Access) -> None:
        self.access, self.params = access, image.params
        self.specs = access.specs
        self.ruled, self.epoch = image.program.ruled, image.program.learning.epoch if image.program.learning else 1
        self.sources = image.program.inputs + image.program.neurons
        places = image.synapses
        self._synapses = places
        # The rows of the axon table that keep traces, each once; and for each source one of them.
        keys = places.core[self.ruled] * self.params.axons + places.axon[self.ruled]
        rows, first, self._row_of = np.unique(keys, return_index=True, return_inverse=True)
        self._cores, self._axons = np.divmod(rows, self.params.axons)
        self._source = image.program.pre[self.ruled][first]
        self._traced, self._keeper = np.unique(self._source, return_index=True)

    def fields(self, chunks: Mapping[Memory, Chunks], learned: IntArray) -> dict[str, IntArray]:
        """Of some snapshots, the fields of sources and of synapses with a rule, shape (snapshots, …) each.

        Args:
            chunks: of the memories, as `ganglion.sim.snapshot` has them.
            learned: steps learned at each snapshot.
        """
        count = learned.size
        rows = chunks[Memory.PRE][:, self._cores, self._axons][:, self._keeper]
        flat = rows.reshape(count * self._keeper.size, rows.shape[-1])
        columns = self.specs[Memory.PRE].layout.unpack_rows(flat)
        whole = {}
        for name in SOURCE_FIELDS:
            whole[name] = np.zeros((count, self.sources), dtype=np.int64)
            if name in columns:
                whole[name][:, self._traced] = columns[name].reshape(count, self._traced.size)
        if "stamp" in columns:
            ages = (learned[:, None] - columns["stamp"].reshape(count, self._traced.size)) & STAMP_MASK
            whole["xg"][:, self._traced] = np.minimum(ages, self.params.trace_ages - 1)
        core, row = self._synapses.core[self.ruled], self._synapses.row[self.ruled]
        whole["w"] = self._parts(chunks[Memory.SYNAPSES][:, core, row], self.ruled, self.params.weight_bits)
        whole["e"] = np.zeros((count, self.ruled.size), dtype=np.int64)
        if self.params.tag_bits:
            whole["e"] = self._parts(chunks[Memory.TAGS][:, core, row], self.ruled, self.params.tag_bits)
        return whole

    def tags(self, synapses: IntArray) -> IntArray:
        """Tags of synapses that have rules, shape (synapses,)."""
        places = self._synapses
        chunks = self.access.read(Memory.TAGS, places.row[synapses], places.core[synapses])
        return self._parts(chunks, synapses, self.params.tag_bits)

    def writing_tags(self, synapses: IntArray, values: IntArray, *, into: Chunks | None = None) -> list[Words]:
        """The packets that write tags of synapses, each there once.

        Args:
            synapses: which; they have rules.
            values: of each.
            into: what TAGS holds of the rows of these synapses, shape (synapses, chunks); None asks the chip.
        """
        places = self._synapses
        row, core = places.row[synapses], places.core[synapses]
        keys = core * self.specs[Memory.TAGS].rows + row
        _, first, of = np.unique(keys, return_index=True, return_inverse=True)
        rows, cores = row[first], core[first]
        chunks = self.access.read(Memory.TAGS, rows, cores) if into is None else into[first]
        layout = self.specs[Memory.TAGS].layout
        columns = layout.unpack_rows(chunks)
        beat = places.bit[synapses] // self.params.weight_bits
        for k in range(self.params.beats):
            columns[f"tag{k}"][of[beat == k]] = values[beat == k]
        return [self.access.writing(Memory.TAGS, rows, layout.pack_rows(rows.size, columns), cores)]

    def hinting(self, synapses: IntArray) -> list[Words]:
        """The packets that say of the rows of AXONS of some synapses that they have tags."""
        which = np.unique(self._row_of[np.searchsorted(self.ruled, synapses)])
        rows, cores, layout = self._axons[which], self._cores[which], self.specs[Memory.PRE].layout
        columns = {**layout.unpack_rows(self.access.read(Memory.PRE, rows, cores)), "tagged": np.ones_like(rows)}
        return [self.access.writing(Memory.PRE, rows, layout.pack_rows(rows.size, columns), cores)]

    def writing(self, state: State) -> list[Words]:
        """The packets that write what a state says of sources, tags and the clock, into a chip that was cleared."""
        layout, arrays = self.specs[Memory.PRE].layout, state.arrays()
        columns = {name: arrays[name][self._source] for name in SOURCE_FIELDS if name in layout}
        if "stamp" in layout:
            columns["stamp"] = (state.learned - arrays["xg"][self._source]) & STAMP_MASK
        if "tagged" in layout:
            tagged = np.zeros(self._axons.size, dtype=np.int64)
            np.maximum.at(tagged, self._row_of, (arrays["e"] != 0).astype(np.int64))
            columns["tagged"] = tagged
        rows = layout.pack_rows(self._axons.size, columns)
        words = [self.access.writing(Memory.PRE, self._axons, rows, self._cores)]
        if self.params.tag_bits and arrays["e"].any():
            empty = np.zeros((self.ruled.size, self.specs[Memory.TAGS].layout.chunks), dtype=np.uint16)
            words += self.writing_tags(self.ruled, arrays["e"], into=empty)
        return words + self.writing_clock(state.learned)

    def writing_clock(self, learned: int) -> list[Words]:
        """The packets that set the clock of learning."""
        epoch, phase = divmod(learned, self.epoch)
        values = {Register.LEARNED: learned, Register.PHASE: phase, Register.EPOCH: epoch}
        return [self.access.writing_register(register, value & STAMP_MASK) for register, value in values.items()]

    def _parts(self, rows: Chunks, synapses: IntArray, bits: int) -> IntArray:
        """The weight or tag of each synapse in its row: rows of shape (…, synapses, chunks) to (…, synapses)."""
        shift = self._synapses.bit[synapses] // self.params.weight_bits * bits
        chunk, within = np.divmod(shift, CHUNK_BITS)
        following = np.minimum(chunk + 1, rows.shape[-1] - 1)
        place = np.arange(synapses.size)
        low, high = (rows[..., place, at].astype(np.int64) for at in (chunk, following))
        return wrap((low | high << CHUNK_BITS) >> within, bits)
