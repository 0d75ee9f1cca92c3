"""Stored synapses: one unsigned word each, the index in the high bits and the signed weight in the low ones.

A weight in the low byte costs one load that extends the sign, and the index one shift by a constant: that is what
makes this order of fields faster than the other. The index is `(delay - least delay) * pitch + target`, an offset in
the ring of accumulators.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, overload

WEIGHT_BITS: dict[np.dtype[Any], int] = {np.dtype(np.uint32): 8, np.dtype(np.uint64): 16}
"""Bits of the weight by type of the word; the index has the others."""

MATRIX_DTYPE: dict[np.dtype[Any], np.dtype[Any]] = {
    np.dtype(np.uint32): np.dtype(np.int8),
    np.dtype(np.uint64): np.dtype(np.int16),
}
"""Type of the weights of dense rows, which have no index, by type of the word that sparse rows use."""

_TYPES = {types.uint32: (8, np.int8), types.uint64: (16, np.int16)}


def index_of(word: Any) -> Any:
    """Offset in the ring of accumulators, uint64."""
    return np.uint64(word) >> np.uint64(WEIGHT_BITS[np.dtype(type(word))])


def weight_of(word: Any) -> Any:
    """Signed weight."""
    return np.asarray(word).astype(MATRIX_DTYPE[np.dtype(type(word))])[()]


@overload(index_of, strict=False)
def _index_of(word: Any) -> Any:
    bits = _TYPES[word][0]
    return lambda word: np.uint64(word) >> np.uint64(bits)


@overload(weight_of, strict=False)
def _weight_of(word: Any) -> Any:
    kind = _TYPES[word][1]
    return lambda word: kind(word)


def _prefetch(typing_context: Any, array: Any, index: Any) -> Any:
    """Ask for the cache line of `array[index]`, which need not exist."""
    signature = types.void(array, index)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        byte, flag = ir.IntType(8).as_pointer(), ir.IntType(32)
        address = builder.bitcast(builder.gep(data, [arguments[1]]), byte)
        kind = ir.FunctionType(ir.VoidType(), [byte, flag, flag, flag])
        find: Any = cgutils.get_or_insert_function
        function = find(builder.module, kind, "llvm.prefetch.p0")
        read, keep, data_cache = flag(0), flag(3), flag(1)
        builder.call(function, [address, read, keep, data_cache])
        return context.get_dummy_value()

    return signature, generate


def _trailing_zeros(typing_context: Any, word: Any) -> Any:
    """Zero bits below the lowest one bit of a word that is not 0."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.IntType(1)(1))

    return word(word), generate


prefetch: Any = intrinsic(_prefetch)
trailing_zeros: Any = intrinsic(_trailing_zeros)
