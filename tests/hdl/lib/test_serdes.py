"""Links with fewer wires than a packet has bits: packets come out as they went in, in order."""

import random
from itertools import pairwise

import pytest

from ganglion.hdl.lib.serdes import Deserializer, Link, Serializer
from ganglion.model.spec.packets import PACKET_BITS
from tests.hdl.simulate import Simulation, Stalls, stalls_of

WIRES = [8, 16, 32]


def packets_of(seed: int, count: int = 25) -> list[int]:
    rng = random.Random(seed)
    return [rng.choice((0, (1 << PACKET_BITS) - 1, *[rng.getrandbits(PACKET_BITS)] * 4)) for _ in range(count)]


def rtl_link(wires: int, packets: list[int], stalls: Stalls) -> tuple[list[int], list[int]]:
    """What comes out, and the cycles in which it does."""
    dut = Link(wires)
    simulation = Simulation(dut)
    simulation.source(dut.i, packets, stalls.sequence(stalls.source, "i"))
    out = simulation.sink(dut.o, stalls.sequence(stalls.sink, "o"))
    entering = simulation.record(dut.i.valid & dut.i.ready)
    leaving = simulation.record(dut.o.valid & dut.o.ready)
    busy = simulation.record(dut.busy)
    simulation.run()
    inside = {cycle for (begin,), (end,) in zip(entering, leaving, strict=True) for cycle in range(begin + 1, end + 1)}
    assert {cycle for (cycle,) in busy} == inside, f"busy while a packet is inside, stalls of seed {stalls.seed}"
    return out, [cycle for (cycle,) in leaving]


def rtl_pieces(wires: int, packets: list[int], stalls: Stalls) -> list[int]:
    """What goes over the wires."""
    dut = Serializer(wires)
    simulation = Simulation(dut)
    simulation.source(dut.i, packets, stalls.sequence(stalls.source, "i"))
    out = simulation.sink(dut.o, stalls.sequence(stalls.sink, "o"))
    simulation.run()
    return out


def rtl_packets(wires: int, pieces: list[int], stalls: Stalls) -> list[int]:
    """What the other end makes of that."""
    dut = Deserializer(wires)
    simulation = Simulation(dut)
    simulation.source(dut.i, pieces, stalls.sequence(stalls.source, "i"))
    out = simulation.sink(dut.o, stalls.sequence(stalls.sink, "o"))
    simulation.run()
    return out


def ref_pieces(wires: int, packets: list[int]) -> list[int]:
    return [packet >> low & ((1 << wires) - 1) for packet in packets for low in range(0, PACKET_BITS, wires)]


@pytest.mark.parametrize("wires", WIRES)
@pytest.mark.parametrize("seed", range(6))
def test_packets_come_out_as_they_went_in(wires: int, seed: int) -> None:
    packets = packets_of(seed)
    assert rtl_link(wires, packets, stalls_of(seed))[0] == packets, f"seed {seed}"


@pytest.mark.parametrize("wires", WIRES)
@pytest.mark.parametrize("seed", range(3))
def test_pieces_go_lowest_bits_first(wires: int, seed: int) -> None:
    packets, stalls = packets_of(seed), stalls_of(seed)
    pieces = ref_pieces(wires, packets)
    assert rtl_pieces(wires, packets, stalls) == pieces, f"seed {seed}"
    assert rtl_packets(wires, pieces, stalls) == packets, f"seed {seed}"


@pytest.mark.parametrize("wires", WIRES)
def test_a_packet_takes_a_cycle_per_piece_and_one_more(wires: int) -> None:
    _, cycles = rtl_link(wires, packets_of(0), Stalls(0))
    gaps = {later - earlier for earlier, later in pairwise(cycles)}
    assert gaps == {PACKET_BITS // wires + 1}
