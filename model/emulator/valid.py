"""Whether a stored network is one: what kernels rely on, since they look at no bound."""

from operator import index

import numpy as np

from ganglion.model.emulator.kernels.arrays import DENSE, LENGTH, START
from ganglion.model.emulator.kernels.store import check_rows
from ganglion.model.emulator.kernels.words import MATRIX_DTYPE, WEIGHT_BITS
from ganglion.model.emulator.network import StoredNetwork, pitch_of
from ganglion.model.spec.arithmetic import signed_range
from ganglion.model.spec.arrays import Array
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.program import ARRAYS, Program


def check_form(network: StoredNetwork) -> None:
    """Whether the numbers and the shapes and types of all arrays fit each other; reads no array.

    Raises:
        ProgramError: one does not; names it.
    """
    n, rows, params = network.neurons, network.rows, network.neurons.params
    for name in ARRAYS:
        _check_array(name, getattr(n, name), "int64", 1)
    _check_array("table", rows.table, "int64", 2)
    word = rows.words.dtype
    if word not in MATRIX_DTYPE or params.weight_bits > WEIGHT_BITS[word]:
        raise ProgramError(f"'words' must hold weights of {params.weight_bits} bits; it is {word}")
    _check_array("words", rows.words, word.name, 1)
    _check_array("matrix", rows.matrix, MATRIX_DTYPE[word].name, 1)
    sources = index(n.inputs) + n.neurons
    least, spelt = index(rows.least_delay), n.synapses
    for what, right in (
        ("inputs and seed must not be negative", n.inputs >= 0 and index(n.seed) >= 0),
        (f"'table' must have a row of 4 for each of {sources} sources", rows.table.shape == (sources, 4)),
        (f"'first' and 'count' must be some of {n.neurons} neurons", 0 <= network.first < n.neurons),
        (f"'count' must be 1 to {n.neurons - network.first}", 0 < network.count <= n.neurons - network.first),
        (f"'pitch' must be {pitch_of(network.count)}", network.pitch == pitch_of(network.count)),
        (f"'least_delay' must be 1 to {params.delay_slots - 1}", 1 <= least < params.delay_slots),
        ("'one_delay' must be true or false", isinstance(rows.one_delay, bool)),
        ("'bound' must not be negative", network.bound >= 0),
        (f"'indptr' must have {sources + 1} numbers", n.indptr.size == sources + 1),
        ("'post_neuron', 'weight' and 'delay' must be of one size", n.weight.size == n.delay.size == spelt),
        (
            "all synapses, and of all neurons, must be spelt out, or none",
            spelt == (network.synapses if network.spelled_out else 0)
            and not (network.spelled_out and network.count != n.neurons),
        ),
    ):
        if not right:
            raise ProgramError(what)


def check_values(network: StoredNetwork) -> None:
    """Whether every value is one that a network can have; reads all arrays once. `check_form` has passed it.

    Raises:
        ProgramError: one is not; names it.
    """
    n, rows, params = network.neurons, network.rows, network.neurons.params
    neurons = {name: getattr(n, name) for name in ("types", "threshold", "bias", "type", "inputs", "seed", "names")}
    Program.build(params=params, pre=(), post=(), weight=(), outputs=(), **neurons)
    _check_range("'outputs'", n.outputs, 0, n.neurons - 1)
    if (n.outputs[1:] <= n.outputs[:-1]).any():
        raise ProgramError("'outputs' must ascend")
    length, dense = rows.table[:, LENGTH], rows.table[:, DENSE]
    slots = 1 if rows.one_delay else params.delay_slots - rows.least_delay
    _check_range("the lengths in 'table'", length, 0, network.synapses)
    _check_range("the first targets in 'table'", dense, -1, slots * network.pitch - 1)
    for kind, array, what in ((dense < 0, rows.words, "words"), (dense >= 0, rows.matrix, "matrix")):
        ends = np.cumsum(length[kind])
        there = length[kind] > 0
        begins = (ends - length[kind])[there]
        if (ends[-1] if ends.size else 0) != array.size or (rows.table[kind, START][there] != begins).any():
            raise ProgramError(f"the rows of 'table' must be the {array.size} synapses of '{what}', one after another")
    bad = check_rows(
        rows.table,
        rows.words,
        rows.matrix,
        network.pitch,
        network.count,
        slots,
        WEIGHT_BITS[rows.words.dtype],
        *signed_range(params.weight_bits),
    )
    if bad >= 0:
        raise ProgramError(f"the synapses of source {bad} must be of neurons that there are, ascending, and counted")
    if network.spelled_out:
        _check_spelt(network)


def _check_spelt(network: StoredNetwork) -> None:
    n, params = network.neurons, network.neurons.params
    if n.indptr[0] != 0 or not np.array_equal(np.diff(n.indptr), network.rows.table[:, LENGTH]):
        raise ProgramError("'indptr' must rise from 0 by the lengths in 'table'")
    _check_range("'post_neuron'", n.post_neuron, 0, n.neurons - 1)
    _check_range("'weight'", n.weight, *signed_range(params.weight_bits))
    _check_range("'delay'", n.delay, 1, params.delay_slots - 1)


def _check_array(name: str, array: Array, dtype: str, dimensions: int) -> None:
    if array.dtype != np.dtype(dtype) or array.ndim != dimensions:
        raise ProgramError(f"'{name}' must be {dtype} in {dimensions} dimension(s), not {array.dtype} in {array.ndim}")


def _check_range(name: str, values: Array, low: int, high: int) -> None:
    if values.size and not low <= values.min() <= values.max() <= high:
        raise ProgramError(f"{name} must be {low} to {high}, not {values.min()} to {values.max()}")
