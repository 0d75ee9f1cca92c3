"""The memory against its contract, by which other proofs stand in for it."""

import pytest
from amaranth.hdl import Mux, Signal

from ganglion.hdl.lib.memory import Ram
from ganglion.model.spec.formats import Field, Layout
from tests.formal.prove import prove
from tests.formal.spec import Spec


@pytest.mark.parametrize("column", [3, 2])
def test_a_memory_reads_what_was_written(column: int) -> None:
    """For any one row: what a read shows is what was written last, and it holds until the next read, unless the read
    met a write of the same row. For the first 9 cycles; in one array, and in columns as deep memories of an FPGA."""
    spec = Spec(f"memory_{column}", memory=lambda spec, ram: ram.in_arrays(column))
    ram = spec.add(Ram(Layout("WORDS", (Field("word", 3, ""),)), 4, collisions=True))
    row = spec.chosen(2, "row")
    held, shown, known = Signal(3), Signal(3), Signal()
    reads, writes = ram.read & (ram.read_row == row), ram.write & (ram.write_row == row)
    spec.m.d.sync += [
        held.eq(Mux(writes, ram.write_data, held)),
        shown.eq(Mux(reads, held, shown)),
        known.eq(Mux(ram.read, reads & ~writes, known)),
    ]
    spec.claim("a read shows what was written last", ~known | (ram.read_data.word == shown), seen=known & (shown != 0))
    prove(spec, mode="bmc", depth=9)
