"""Amaranth structures made from the packed words of the specification."""

from amaranth.hdl import signed, unsigned
from amaranth.lib import data

from ganglion.model.spec.formats import Layout


def struct(layout: Layout) -> data.StructLayout:
    """The Amaranth layout with the same fields at the same bits."""
    return data.StructLayout({f.name: signed(f.width) if f.signed else unsigned(f.width) for f in layout.fields})
