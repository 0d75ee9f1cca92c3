"""Storing a network: synapses stream into place row by row, so that the peak is little more than the stored size."""

from typing import Any

import numpy as np
import numpy.typing as npt

from ganglion.model.emulator.connectivity import Connectivity, ProgramRows, Restricted, chunks
from ganglion.model.emulator.kernels.arrays import LENGTH, START, Rows
from ganglion.model.emulator.kernels.store import store_rows
from ganglion.model.emulator.kernels.words import MATRIX_DTYPE, WEIGHT_BITS
from ganglion.model.emulator.memory import SOURCE_BYTES, STATE_BYTES, refuse_too_large
from ganglion.model.emulator.network import StoredNetwork, pitch_of, receptor_of
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.arithmetic import signed_range
from ganglion.model.spec.arrays import IntArray, read_only
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program

CHUNK = 1 << 20
"""Synapses that are made and stored at a time."""


@explained(ProgramError)
def store_program(
    program: Program, *, share: tuple[int, int] | None = None, progress: Progress = SILENT
) -> StoredNetwork:
    """Store a program, or only the synapses that end in neurons share[0] … share[1] - 1."""
    first, end = share or (0, program.neurons)
    rows = ProgramRows(program, first, end - first)
    return _store(program, rows, rows.length, (first, end), progress, spelled_out=share is None)


@explained(ProgramError)
def store(
    *,
    params: Params,
    types: tuple[NeuronType, ...],
    threshold: npt.ArrayLike,
    bias: npt.ArrayLike = 0,
    type: npt.ArrayLike = 0,
    inputs: int,
    synapses: Connectivity,
    seed: int = 0,
    share: tuple[int, int] | None = None,
    progress: Progress = SILENT,
) -> StoredNetwork:
    """Store a network too large to be spelt out, whose synapses a `Connectivity` makes up.

    Args:
        params, types, threshold, bias, type, inputs, seed: as `Program.build`.
        synapses: rows of `inputs` + neurons sources.
        share: store only the synapses that end in neurons share[0] … share[1] - 1.
        progress: told of the synapses that are stored.

    Raises:
        ProgramError: as `Program.build`.
        CapacityError: the network does not fit into the free memory.
    """
    neurons = Program.build(
        params=params,
        types=types,
        threshold=threshold,
        bias=bias,
        type=type,
        inputs=inputs,
        pre=(),
        post=(),
        weight=(),
        seed=seed,
    )
    sources = synapses.length.size
    if sources != inputs + neurons.neurons:
        raise ProgramError(f"synapses must have {inputs + neurons.neurons} rows, one per source, not {sources}")
    whole, held = synapses.length, share or (0, neurons.neurons)
    if share:
        synapses = Restricted(synapses, *share, CHUNK)
    return _store(neurons, synapses, whole, held, progress, spelled_out=False)


@explained(ProgramError)
def predicted_bytes(params: Params, neurons: int, sources: int, synapses: int, threads: int = 1) -> int:
    """Bytes that a network of sparse rows takes when it is stored and loaded."""
    word: int = _word_dtype(params, pitch_of(neurons), params.delay_slots - 1).itemsize
    ring = 2 if params.accumulator_bits <= 16 else params.accumulator_bits // 8 + 4
    state = STATE_BYTES[2 if params.membrane_bits <= 16 else 8]
    slots = pitch_of(neurons) * params.delay_slots * ring * threads
    return synapses * word + sources * SOURCE_BYTES + neurons * state + slots


def _word_dtype(params: Params, pitch: int, delays: int) -> np.dtype[Any]:
    narrow = params.weight_bits <= WEIGHT_BITS[np.dtype(np.uint32)] and pitch * delays <= 1 << 24
    return np.dtype(np.uint32) if narrow else np.dtype(np.uint64)


def _store(
    neurons: Program,
    synapses: Connectivity,
    made: IntArray,
    share: tuple[int, int],
    progress: Progress,
    *,
    spelled_out: bool,
) -> StoredNetwork:
    """Store the synapses of a share.

    Args:
        made: those that each row takes to be made, shape (sources,).
    """
    first, end = share
    params, count = neurons.params, end - first
    length, dense = synapses.length, synapses.dense
    least, greatest = synapses.delays
    _check("delay", np.array([least, greatest]), 1, params.delay_slots - 1)
    receptor = receptor_of(neurons, count)
    pitch = pitch_of(receptor + count)
    word = _word_dtype(params, pitch, greatest - least + 1)
    total = int(length.sum())
    in_matrix = int(length[dense].sum())
    needed = (total - in_matrix) * word.itemsize + in_matrix * MATRIX_DTYPE[word].itemsize
    refuse_too_large(f"a network of {total} synapses", needed + SOURCE_BYTES * length.size + 16 * count)
    words, matrix = np.empty(total - in_matrix, dtype=word), np.empty(in_matrix, dtype=MATRIX_DTYPE[word])
    table = np.empty((length.size, 4), dtype=np.int64)
    place = table[:, START]
    place[:] = np.where(dense, _exclusive_sum(length * dense), _exclusive_sum(length * ~dense))
    table[:, LENGTH] = length
    positive, negative = np.zeros((2, receptor + count), dtype=np.int64)
    with progress.task("storing synapses", total) as task:
        for begin, stop in chunks(made, CHUNK):
            target, weight, delay = (read_only(column) for column in synapses.rows(begin, stop))
            if not target.size == weight.size == delay.size == length[begin:stop].sum():
                raise ProgramError(
                    f"rows {begin} to {stop - 1} must have {length[begin:stop].sum()} synapses, as `length` says; got "
                    f"{target.size} targets, {weight.size} weights, {delay.size} delays"
                )
            _check("target", target, 0, receptor + count - 1)
            _check("weight", weight, *signed_range(params.weight_bits))
            _check("delay", delay, least, greatest)
            sparse_rows, dense_rows = (begin + np.flatnonzero(dense[begin:stop] == kind)[:1] for kind in (False, True))
            store_rows(
                length[begin:stop],
                dense[begin:stop],
                target,
                weight,
                delay,
                least,
                pitch,
                WEIGHT_BITS[word],
                words[place[sparse_rows[0]] :] if sparse_rows.size else words[:0],
                matrix[place[dense_rows[0]] :] if dense_rows.size else matrix[:0],
                table[begin:stop],
                positive,
                negative,
            )
            task.advance(target.size)
    rows = Rows(table, words, matrix, least, least == greatest)
    network = StoredNetwork(
        neurons=neurons,
        spelled_out=spelled_out,
        rows=rows,
        pitch=pitch,
        bound=int(max(positive.max(initial=0), -negative.min(initial=0))),
        first=first,
        count=count,
    )
    if neurons.learning is not None:
        network.tighten_bound()
    return network


def _exclusive_sum(values: IntArray) -> IntArray:
    return np.cumsum(values) - values


def _check(name: str, values: IntArray, low: int, high: int) -> None:
    if values.size and not low <= values.min() <= values.max() <= high:
        wrong = values[(values < low) | (values > high)][0]
        raise ProgramError(f"a synapse has {name} {wrong}; it must be {low} to {high}")
