"""What a chip says becomes tokens, and no END waits on an idle line."""

import numpy as np

from ganglion.fpga.compact.writer import TokenWriter
from ganglion.fpga.host.expand import Expander
from ganglion.model.spec.packets import end
from ganglion.model.spec.tokens import Up
from tests.fpga.host.board_tokens import write_tokens
from tests.fpga.streams import random_packets, replies
from tests.hdl.simulate import Simulation, Stalls, stalls_of


def rtl_write(words: list[int], stalls: Stalls, *, idle: bool) -> bytes:
    dut = TokenWriter()
    simulation = Simulation(dut, limit=60_000)
    simulation.source(dut.i, words, stalls.sequence(stalls.source, "i"))
    taken = simulation.sink(dut.o, stalls.sequence(stalls.sink, "o"))

    async def line(ctx: object) -> None:
        ctx.set(dut.idle, idle)  # type: ignore[attr-defined]

    simulation.drive(line)
    simulation.run()
    return bytes(taken)


def test_packets_become_tokens() -> None:
    rng = np.random.default_rng(1)
    words = [*replies(rng, 12).tolist(), *random_packets(20, rng).tolist(), 1]
    assert rtl_write(words, stalls_of(1), idle=False) == write_tokens(words)


def test_an_end_waits_for_others_only_where_the_line_is_busy() -> None:
    words = [end()] * 40
    assert rtl_write(words, Stalls(0), idle=False) == bytes([Up.END | 15] * 2)
    raw = rtl_write(words, Stalls(1, source=0.7), idle=True)
    assert len(raw) > 20 and Expander().read(bytearray(raw)).tolist() == words
