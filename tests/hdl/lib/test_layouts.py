"""The Amaranth structures have the bits that the specification packs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganglion.hdl.lib.layouts import struct
from ganglion.model.spec.formats import Layout
from ganglion.model.spec.memories import dense_synapses, memories
from ganglion.model.spec.packets import PACKETS
from ganglion.model.spec.params import PRESETS

LAYOUTS = {
    **{f"packet {kind.name}": layout for kind, layout in PACKETS.items()},
    **{
        f"{name} {memory.name}": spec.layout
        for name, params in PRESETS.items()
        for memory, spec in memories(params).items()
    },
    **{f"{name} dense": dense_synapses(params) for name, params in PRESETS.items()},
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_fields_have_the_same_bits(layout: Layout) -> None:
    shape = struct(layout)
    assert shape.size == layout.width
    for field in layout.fields:
        assert shape[field.name].offset == layout.offset(field.name)
        assert shape[field.name].width == field.width


@given(data=st.data())
def test_packed_integers_are_the_structures_bits(data: st.DataObject) -> None:
    layout = data.draw(st.sampled_from(list(LAYOUTS.values())))
    values = {f.name: data.draw(st.integers(f.low, f.high)) for f in layout.fields}
    assert layout.pack(**values) == struct(layout).const(values).as_bits()
