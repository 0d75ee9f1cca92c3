"""Tokens of all kinds become the packets that they stand for, and nothing gets lost where the chip pauses."""

import numpy as np
import pytest

from ganglion.fpga.compact.reader import TokenReader
from ganglion.fpga.host.compact import tokens
from tests.fpga.host.board_tokens import read_tokens
from tests.fpga.streams import random_packets, random_tokens, rows, steps
from tests.hdl.simulate import Simulation, Stalls, stalls_of


def rtl_read(raw: bytes, stalls: Stalls) -> list[int]:
    dut = TokenReader()
    simulation = Simulation(dut, limit=60_000)
    simulation.source(dut.i, raw, stalls.sequence(stalls.source, "i"))
    taken = simulation.sink(dut.o, stalls.sequence(stalls.sink, "o"))
    simulation.run()
    return taken


def test_tokens_become_packets() -> None:
    rng = np.random.default_rng(1)
    sent = np.concatenate([steps(rng, 5), rows(rng, 2, 8), random_packets(9, rng), steps(rng, 2)])
    assert rtl_read(tokens(sent), stalls_of(1)) == sent.tolist()


@pytest.mark.parametrize("seed", range(2))
def test_tokens_in_any_order_are_read_by_the_rules(seed: int) -> None:
    raw = random_tokens(np.random.default_rng(seed), 100)
    assert rtl_read(raw, stalls_of(seed)) == read_tokens(raw)
