"""A network that stays in memory as compiled code holds it, so that a call hands over its address.

Handing over all arrays of a network takes longer than a step of a small one.
"""

from typing import Any

import numba
import numpy as np
from numba import types
from numba.core import errors
from numba.extending import intrinsic

from ganglion.model.emulator.kernels.arrays import ZERO, Loaded, Log, Neurons, Number, Rows, Scratch, State
from ganglion.model.emulator.kernels.compile import kernel
from ganglion.model.emulator.kernels.events import in_order, survey
from ganglion.model.emulator.kernels.run import run
from ganglion.model.spec.arrays import Array

typeof: Any = numba.typeof

ROOM = 2048
"""Bytes for a network, and as many for its log behind them."""

REFUSED = -1
"""In place of a number of spikes: steps are not in order, an axon is not there, or one is named more than once in a
step; nothing was run."""


def _loaded_type(kinds: Any) -> Any:
    """Of a network whose arrays have elements of these types: state, arithmetic, accumulators, words, matrix."""
    state, value, sums, word, cell = (np.dtype(str(kind)) for kind in kinds)
    whole, one = np.dtype(np.int64), np.dtype(np.uint8)

    def empty(dtype: Any, axes: int = 1) -> Array:
        return np.empty((0,) * axes, dtype=dtype)

    constants = (empty(state), empty(state), empty(value, 3), empty(whole), empty(whole))
    scratch = (empty(value, 3), empty(whole, 2), empty(one, 2), empty(whole), empty(whole, 2), empty(whole, 2))
    return typeof(
        Loaded(
            Neurons(0, 0, 0, *constants, 0, 0, 0, 0, 0),
            Rows(empty(whole, 2), empty(word), empty(cell), 0, False),
            State(empty(whole), empty(state, 2), empty(sums, 2)),
            Scratch(*scratch),
            0,
            0,
        )
    )


def _log_type() -> Any:
    whole = np.dtype(np.int64)
    tables = (np.empty((0, 0), dtype=whole) for _ in range(3))
    return typeof(Log(np.empty(0, dtype=np.int32), *tables))


def _place(context: Any, builder: Any, kind: Any, address: Any) -> Any:
    """A pointer to a value of a type at an address."""
    value = context.get_value_type(kind)
    if context.get_abi_sizeof(value) > ROOM:
        raise errors.LoweringError(f"a value of {context.get_abi_sizeof(value)} bytes does not fit {ROOM}")
    return builder.inttoptr(address, value.as_pointer())


def _put(typing_context: Any, address: Any, value: Any) -> Any:
    """Keep a value at an address, as compiled code holds it."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.store(arguments[1], _place(context, builder, value, arguments[0]))
        return context.get_dummy_value()

    return types.void(types.int64, value), generate


def _get(kind: Any, *given: Any) -> Any:
    """A value of a type that is kept at an address, the first argument."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load(_place(context, builder, kind, arguments[0]))

    return kind(types.int64, *given), generate


put: Any = intrinsic(_put)
get_loaded: Any = intrinsic(lambda typing_context, address, kinds: _get(_loaded_type(kinds), kinds))
get_log: Any = intrinsic(lambda typing_context, address: _get(_log_type()))


@kernel
def keep(loaded: Loaded, log: Log, address: int) -> None:
    """Keep a network at an address, and its log behind it. The arrays stay where they are, and must."""
    put(address, loaded)
    put(address + ROOM, log)


@kernel
def run_kept(address: int, kinds: tuple[Number, ...], axons: Array, start: Array) -> int:
    """A run of a network that is kept, of as many steps as its log may hold.

    Args:
        address: where.
        kinds: numbers of the types of its arrays: state, arithmetic, accumulators, words, matrix.
        axons, start: as `ganglion.model.emulator.kernels.run.run`.

    Returns:
        The spikes, which are in the log; or REFUSED.
    """
    loaded, log = get_loaded(address, kinds), get_log(address + ROOM)
    if not in_order(axons, start):
        return REFUSED
    wrong, once = survey(axons, start, loaded.neurons.inputs)
    if wrong or not once:
        return REFUSED
    for step in range(start.size - 1):
        for counter in range(log.counts.shape[1]):
            log.counts[step, counter] = 0
    last: Number = np.int64(start.size - 1)
    _, written = run(loaded, axons, start, log, ZERO, last)
    found: int = written
    return found


@kernel
def tell_kept(address: int, first: int, spikes: Array, counts: Array) -> None:
    """What such a run left.

    Args:
        address: as `run_kept`.
        first: number of its first step.
        spikes: int64 (spikes, 2): step and neuron of each are written here.
        counts: int64 (counters, steps): and here what was counted.
    """
    log, spike = get_log(address + ROOM), 0
    for step in range(counts.shape[1]):
        for counter in range(counts.shape[0]):
            counts[counter, step] = log.counts[step, counter]
        for _ in range(log.counts[step, 0]):
            spikes[spike, 0], spikes[spike, 1] = first + step, log.spikes[spike]
            spike += 1
