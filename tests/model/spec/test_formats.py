"""Packed words: pack and unpack are inverse, whole memories equal single words, and misfits are named."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganglion.model.spec.errors import FormatError
from ganglion.model.spec.formats import CHUNK_BITS, Field, Layout
from ganglion.model.spec.memories import Memory, dense_synapses, memories
from ganglion.model.spec.packets import ACCESS, PACKET_BITS, PACKETS, SPIKE, Kind, describe, end, spike
from ganglion.model.spec.params import PRESETS, Params

WORD = Layout("WORD", (Field("a", 3, "unsigned"), Field("gone", 0, "dropped"), Field("b", 18, "signed", signed=True)))

LAYOUTS = [
    *PACKETS.values(),
    *(spec.layout for params in PRESETS.values() for spec in memories(params).values()),
    *(dense_synapses(params) for params in PRESETS.values()),
]


def test_fields_lie_least_significant_first() -> None:
    assert WORD.pack(a=5, b=-1) == 5 | 0x3FFFF << 3
    assert (WORD.width, WORD.chunks, WORD.offset("b")) == (21, 2, 3)
    assert "gone" not in WORD and "a" in WORD


@given(data=st.data())
def test_unpack_is_the_inverse_of_pack(data: st.DataObject) -> None:
    layout = data.draw(st.sampled_from(LAYOUTS))
    values = {f.name: data.draw(st.integers(f.low, f.high)) for f in layout.fields}
    assert layout.unpack(layout.pack(**values)) == values


@pytest.mark.parametrize("end", ["low", "high"])
def test_fields_hold_their_extremes(end: str) -> None:
    for layout in LAYOUTS:
        values = {f.name: getattr(f, end) for f in layout.fields}
        assert layout.unpack(layout.pack(**values)) == values
        rows = layout.unpack_rows(layout.pack_rows(1, {name: [value] for name, value in values.items()}))
        assert {name: int(column[0]) for name, column in rows.items()} == values


@given(data=st.data())
def test_rows_equal_single_words(data: st.DataObject) -> None:
    """`pack_rows` holds, in each row, the chunks of `pack`; `unpack_rows` is its inverse."""
    layout = data.draw(st.sampled_from(LAYOUTS))
    rows = data.draw(st.integers(0, 5))
    columns = {
        f.name: np.array([data.draw(st.integers(f.low, f.high)) for _ in range(rows)], dtype=np.int64)
        for f in layout.fields
    }
    chunks = layout.pack_rows(rows, columns)
    assert (chunks.dtype, chunks.shape) == (np.uint16, (rows, layout.chunks))
    for row in range(rows):
        word = sum(int(chunk) << (CHUNK_BITS * k) for k, chunk in enumerate(chunks[row]))
        assert word == layout.pack(**{name: column[row] for name, column in columns.items()})
    for name, column in layout.unpack_rows(chunks).items():
        np.testing.assert_array_equal(column, columns[name])


def test_rows_take_scalars_and_default_to_zero() -> None:
    np.testing.assert_array_equal(WORD.pack_rows(2, {"a": 7}), [[7, 0], [7, 0]])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"a": 8}, r"WORD\.a = 8 does not fit: 0 to 7"),
        ({"a": -1}, r"WORD\.a = -1 does not fit: 0 to 7"),
        ({"b": 1 << 17}, r"WORD\.b = 131072 does not fit: -131072 to 131071"),
        ({"gone": 0}, "WORD has no field 'gone'"),
    ],
)
def test_misfits_are_named(values: dict[str, int], message: str) -> None:
    with pytest.raises(FormatError, match=message):
        WORD.pack(**values)


def test_a_misfit_in_a_memory_names_its_row() -> None:
    with pytest.raises(FormatError, match=r"WORD\.a of row 2 = 9 does not fit: 0 to 7"):
        WORD.pack_rows(3, {"a": [0, 7, 9]})
    with pytest.raises(FormatError, match="WORD has no field 'c'"):
        WORD.pack_rows(3, {"c": 0})


@pytest.mark.parametrize("word", [-1, 1 << 21])
def test_words_of_another_width_are_refused(word: int) -> None:
    with pytest.raises(FormatError, match="is not a word of 21 bits"):
        WORD.unpack(word)


@pytest.mark.parametrize("shape", [(4,), (4, 1), (4, 3)])
def test_chunks_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(FormatError, match="WORD takes 2 chunks a row"):
        WORD.unpack_rows(np.zeros(shape, dtype=np.uint16))


def test_an_unknown_field_has_no_offset() -> None:
    with pytest.raises(FormatError, match="WORD has no field 'c'; it has a, b"):
        WORD.offset("c")


@pytest.mark.parametrize("params", PRESETS.values(), ids=PRESETS.keys())
def test_dense_and_sparse_words_are_of_one_width(params: Params) -> None:
    """And no weight crosses a chunk, so that a host can write one without reading two."""
    dense, sparse = dense_synapses(params), memories(params)[Memory.SYNAPSES].layout
    assert dense.width == sparse.width
    for beat in range(params.beats):
        assert dense.offset(f"weight{beat}") % CHUNK_BITS + params.weight_bits <= CHUNK_BITS


def test_packets_fit_their_word() -> None:
    assert all(layout.width <= PACKET_BITS for layout in PACKETS.values())
    assert SPIKE.unpack(spike(77, route=3)) == {"kind": Kind.SPIKE, "route": 3, "axon": 77, "scope": 0}


def test_packets_are_described() -> None:
    write = ACCESS.pack(kind=Kind.WRITE, memory=Memory.NEURONS, row=5, chunk=1, data=9)
    assert describe(write) == "WRITE route=0 memory=3 chunk=1 row=5 data=9"
    assert describe(end()) == "END route=0"


@pytest.mark.parametrize(
    ("word", "message"),
    [
        (1 << 64, "is not a packet: a packet is a number of 64 bits"),
        (-1, "is not a packet: a packet is a number of 64 bits"),
        (0, "no kind has the number 0"),
        (15, "no kind has the number 15"),
        (end() | 1 << 40, "is not a END packet: bits above bit 19 must be 0"),
    ],
)
def test_what_is_no_packet_is_refused(word: int, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        describe(word)
