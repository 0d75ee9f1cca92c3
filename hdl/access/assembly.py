"""From chunks to rows."""

from amaranth.hdl import Array, Cat, Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from ganglion.model.spec.formats import CHUNK_BITS


class RowAssembly(wiring.Component):
    """A width converter: chunks come one at a time, by number, and stand side by side in `row` from the next cycle on.

    Args:
        chunks: of the widest row.
    """

    valid: Value
    """A chunk comes."""
    chunk: Value
    """Which one, the least significant being 0."""
    data: Value
    """The chunk."""
    clear: Value
    """Sets the whole row to zero; no chunk may come then."""
    row: Value
    """All chunks as they came last."""

    def __init__(self, chunks: int) -> None:
        self.chunks = chunks
        super().__init__(
            {
                "valid": In(1),
                "chunk": In(range(chunks)),
                "data": In(CHUNK_BITS),
                "clear": In(1),
                "row": Out(chunks * CHUNK_BITS),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        chunks = Array(Signal(CHUNK_BITS, name=f"chunk_{k}") for k in range(self.chunks))
        m.d.comb += self.row.eq(Cat(chunks))
        with m.If(self.valid):
            m.d.sync += chunks[self.chunk].eq(self.data)
        with m.If(self.clear):
            m.d.sync += [chunk.eq(0) for chunk in chunks]
        return m
