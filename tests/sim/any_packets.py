"""Packets of any kind, and memories full of anything."""

import numpy as np

from ganglion.model.spec import packet_arrays
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.formats import Field, Layout
from ganglion.model.spec.learning_memories import terms_layout
from ganglion.model.spec.memories import Memory, MemorySpec, memories
from ganglion.model.spec.packet_arrays import Words
from ganglion.model.spec.packets import KIND_BITS, Kind, end
from ganglion.model.spec.params import Params
from ganglion.model.spec.registers import REGISTER_BITS, Register, registers
from ganglion.model.spec.tree import route_of


def any_values(field: Field, rows: int, rng: np.random.Generator) -> IntArray:
    """One value in all rows, an extreme as a rule, or any."""
    fixed = rng.choice([field.low, field.high, rng.integers(field.low, field.high + 1)])
    mixed = rng.integers(field.low, field.high + 1, rows)
    return np.where(rng.random(rows) < rng.choice([0.0, 0.5, 1.0]), mixed, fixed)


def any_rows(
    spec: MemorySpec, route: int, rng: np.random.Generator, layout: Layout | None = None, **given: IntArray
) -> Words:
    """WRITEs to every row of a memory, in another layout than its own if there is one, with some fields given."""
    layout = layout or spec.layout
    columns = {field.name: any_values(field, spec.rows, rng) for field in layout.fields} | given
    return packet_arrays.writes(spec.memory, np.arange(spec.rows), layout.pack_rows(spec.rows, columns), route)


def any_packets(params: Params, rng: np.random.Generator) -> Words:
    """All memories full of anything, in all cores, and packets of every kind behind and between, some without sense."""
    everywhere = route_of((1 << size) - 1 for size in params.levels)
    written = [any_rows(spec, everywhere, rng) for spec in memories(params).values() if spec.writable]
    words = rng.integers(0, 1 << 64, 100, dtype=np.uint64) & rng.choice(
        np.array([(1 << 64) - 1, 0x7_0003_FF0F_FFFF, 0xFF_FFFF], dtype=np.uint64), 100
    )
    kinds = rng.choice([*Kind, 0, 6, 15], 100, p=[0.4, 0.08, 0.2, 0.2, 0.04, 0.02, 0.02, 0.04])
    words = (words >> np.uint64(KIND_BITS) << np.uint64(KIND_BITS)) | kinds.astype(np.uint64)
    return np.concatenate([*written, words[:50], *written[-2:], words[50:], [np.uint64(end())]])


def any_sweeps(params: Params, rng: np.random.Generator) -> Words:
    """A chip that learns, at any time, with its memories full of anything, and steps that end with sweeps. Rows of the
    axon table do not overlap: a sweep may read no word while it writes it."""
    everywhere, specs = route_of((1 << size) - 1 for size in params.levels), memories(params)
    bounds = np.sort(rng.integers(0, params.synapse_words + 1, params.axons + 1))
    apart = {"first": np.minimum(bounds[:-1], params.synapse_words - 1), "length": np.diff(bounds)}
    given: dict[Memory, dict[str, IntArray]] = {memory: {} for memory in specs} | {Memory.AXONS: apart}
    layouts = {memory: spec.layout for memory, spec in specs.items()}
    # Rows of RULES are anything, or each a term, or a term whose product is not shifted: its low bits are seldom seen.
    form = rng.integers(3)
    if form:
        layouts[Memory.RULES] = terms_layout(params)
    if form == 2:
        given[Memory.RULES] = {"shift": np.array(0)}
    written = [
        any_rows(spec, everywhere, rng, layouts[memory], **given[memory])
        for memory, spec in specs.items()
        if spec.writable and memory is not Memory.REGISTERS
    ]
    numbers = [row for row in registers(params) if row not in (Register.VERSION, Register.CLEAR)]
    values = dict(zip(numbers, rng.integers(0, 1 << REGISTER_BITS, len(numbers)).tolist(), strict=True))
    values |= {Register.LEARNING: 1, Register.EPOCH_STEPS: int(rng.integers(1, 3)), Register.PHASE: 0}
    rows = specs[Memory.REGISTERS].layout.pack_rows(len(values), {"value": np.array([*values.values()])})
    steps = [np.append(packet_arrays.spikes(rng.integers(0, params.axons, 8), everywhere), np.uint64(end()))] * 4
    return np.concatenate([*written, packet_arrays.writes(Memory.REGISTERS, [*values], rows, everywhere), *steps])
