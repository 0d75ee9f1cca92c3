"""Blocks of bytes, plain and in Huffman codes."""

import numpy as np

from ganglion.fpga.compact.blocks import BlockReader
from ganglion.fpga.host.compact import blocks
from ganglion.fpga.host.huffman import BYTES, Code
from ganglion.model.spec.tokens import BLOCK, BLOCK_BYTES, Block
from tests.fpga.host.board_tokens import opened
from tests.hdl.simulate import Simulation, Stalls, stalls_of


def head(length: int, form: Block) -> bytes:
    return BLOCK.pack(length=length, form=form).to_bytes(BLOCK_BYTES, "little")


def rtl_open(raw: bytes, stalls: Stalls) -> bytes:
    dut = BlockReader()
    simulation = Simulation(dut, limit=60_000)
    simulation.source(dut.i, raw, stalls.sequence(stalls.source, "i"))
    taken = simulation.sink(dut.o, stalls.sequence(stalls.sink, "o"))
    simulation.run()
    return bytes(taken)


def test_the_bytes_of_all_kinds_of_blocks_come_out() -> None:
    """In a code of their own, in the one before, plain, none at all, and in a code of one byte alone."""
    rng = np.random.default_rng(1)
    data = np.minimum(rng.geometric(0.12, size=90), 255).astype(np.uint8)
    code = Code.of(np.bincount(data, minlength=BYTES))
    parts = [
        head(data.size, Block.TABLE) + code.table + code.encode(data),
        head(0, Block.PLAIN) + head(0, Block.CODED),
        head(20, Block.PLAIN) + rng.bytes(20),
        head(30, Block.CODED) + code.encode(data[:30]),
        blocks(bytes(90)),
        blocks(b"\x07"),
    ]
    raw = b"".join(parts)
    wanted = opened(raw)
    assert wanted[: data.size] == data.tobytes()
    assert rtl_open(raw, stalls_of(1)) == wanted
