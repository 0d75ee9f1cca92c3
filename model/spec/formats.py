"""Packed words: an ordered list of named bit fields, least significant first.

This is the only place where a field meets a bit number. The HDL turns a `Layout` into an Amaranth struct, the compiler
packs whole memories with it, the reference page in the docs is printed from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ganglion.model.spec.arithmetic import signed_range
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import FormatError
from ganglion.model.spec.explained import explained

CHUNK_BITS = 16
"""Bits of a memory row that one memory packet carries."""


@explained(FormatError)
@dataclass(frozen=True)
class Field:
    """One field of a packed word: `width` bits, two's complement where `signed`."""

    name: str
    width: int
    doc: str
    signed: bool = False

    @property
    def low(self) -> int:
        """Smallest value that fits."""
        return signed_range(self.width)[0] if self.signed else 0

    @property
    def high(self) -> int:
        """Largest value that fits."""
        return signed_range(self.width)[1] if self.signed else (1 << self.width) - 1


@explained(FormatError)
@dataclass(frozen=True)
class Layout:
    """A packed word. Fields of width 0 are dropped, so that an option that is off costs no bit."""

    name: str
    fields: tuple[Field, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", tuple(f for f in self.fields if f.width))

    @property
    def width(self) -> int:
        """Bits of the word."""
        return sum(f.width for f in self.fields)

    @property
    def chunks(self) -> int:
        """Memory packets needed to carry one word."""
        return -(-self.width // CHUNK_BITS)

    def __contains__(self, name: str) -> bool:
        return any(f.name == name for f in self.fields)

    def offset(self, name: str) -> int:
        """Bit number of the least significant bit of field `name`."""
        position = 0
        for field in self.fields:
            if field.name == name:
                return position
            position += field.width
        raise FormatError(f"{self.name} has no field '{name}'; it has {', '.join(f.name for f in self.fields)}")

    @cached_property
    def places(self) -> Mapping[str, tuple[np.uint64, np.uint64]]:
        """Of each field, the number of its least significant bit, and a mask as wide as it is."""
        return {
            field.name: (np.uint64(self.offset(field.name)), np.uint64((1 << field.width) - 1)) for field in self.fields
        }

    def pack(self, **values: int) -> int:
        """One word from its field values; a field not named is 0.

        Raises:
            FormatError: a name that is no field, or a value that does not fit (the message names both).
        """
        word = position = 0
        for field in self.fields:
            value = int(values.pop(field.name, 0))
            if not field.low <= value <= field.high:
                raise FormatError(f"{self.name}.{field.name} = {value} does not fit: {field.low} to {field.high}")
            word |= (value & ((1 << field.width) - 1)) << position
            position += field.width
        if values:
            raise FormatError(f"{self.name} has no field '{next(iter(values))}'")
        return word

    def unpack(self, word: int) -> dict[str, int]:
        """Field values of one word.

        Raises:
            FormatError: the word is negative or wider than the layout.
        """
        if not 0 <= word < 1 << self.width:
            raise FormatError(f"{self.name}: {word:#x} is not a word of {self.width} bits")
        values = {}
        for field in self.fields:
            value = word & ((1 << field.width) - 1)
            word >>= field.width
            values[field.name] = value - (1 << field.width) if value > field.high else value
        return values

    def pack_rows(self, rows: int, columns: Mapping[str, npt.ArrayLike]) -> npt.NDArray[np.uint16]:
        """Many words at once, as the chunks that memory packets carry.

        Args:
            rows: number of words.
            columns: field name to integers, shape (rows,) or scalar; a field not named is 0. Fields up to 63 bits.

        Returns:
            uint16 of shape (rows, chunks), least significant chunk first.

        Raises:
            FormatError: as `pack`, naming the first row at fault.
        """
        bits = np.zeros((rows, self.chunks * CHUNK_BITS), dtype=np.uint8)
        unknown = set(columns) - {f.name for f in self.fields}
        if unknown:
            raise FormatError(f"{self.name} has no field '{min(unknown)}'")
        position = 0
        for field in self.fields:
            if field.name in columns:
                column = np.broadcast_to(np.asarray(columns[field.name], dtype=np.int64), (rows,))
                wrong = np.flatnonzero((column < field.low) | (column > field.high))
                if wrong.size:
                    raise FormatError(
                        f"{self.name}.{field.name} of row {wrong[0]} = {column[wrong[0]]} does not fit: "
                        f"{field.low} to {field.high}"
                    )
                shifts = np.arange(field.width, dtype=np.int64)
                bits[:, position : position + field.width] = (column[:, None] >> shifts) & 1
            position += field.width
        packed = np.packbits(bits, axis=1, bitorder="little")
        return packed.view("<u2").astype(np.uint16, copy=False).reshape(rows, self.chunks)

    def unpack_rows(self, chunks: npt.NDArray[np.uint16]) -> dict[str, IntArray]:
        """The columns of many words: the inverse of `pack_rows`.

        Args:
            chunks: uint16 of shape (rows, chunks).
        """
        if chunks.ndim != 2 or chunks.shape[1] != self.chunks:
            raise FormatError(f"{self.name} takes {self.chunks} chunks a row, got an array of shape {chunks.shape}")
        raw = np.ascontiguousarray(chunks.astype("<u2")).view(np.uint8)
        bits = np.unpackbits(raw, axis=1, bitorder="little").astype(np.int64)
        columns: dict[str, Any] = {}
        position = 0
        for field in self.fields:
            weights = np.int64(1) << np.arange(field.width, dtype=np.int64)
            if field.signed:
                weights[-1] = -weights[-1]
            columns[field.name] = bits[:, position : position + field.width] @ weights
            position += field.width
        return columns
