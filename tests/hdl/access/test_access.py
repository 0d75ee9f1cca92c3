"""Reading and writing of memories through packets, beside memories that answer as late as they may."""

import random
from collections import deque
from typing import Any, NamedTuple

import pytest
from amaranth.hdl import Value

from ganglion.hdl.access.access import Access
from ganglion.model.spec.formats import CHUNK_BITS
from ganglion.model.spec.memories import Memory, Where, memories
from ganglion.model.spec.packets import ACCESS, MEMORY_BITS, ROW_BITS, Kind
from ganglion.model.spec.params import PRESETS
from tests.hdl.simulate import Simulation, Stalls, stalls_of

PARAMS = PRESETS["tiny"]
SPECS = memories(PARAMS)
CHUNKS = max(spec.layout.chunks for spec in SPECS.values())
ALL_LANES = (1 << PARAMS.lanes) - 1
LATENCY = 4

Packet = dict[str, int]


class Outcome(NamedTuple):
    """What packets led to."""

    writes: list[tuple[int, ...]]
    """Memory, row, lanes, and the word."""
    replies: list[int]
    bad: int


def packets_of(seed: int) -> list[Packet]:
    """WRITEs of whole rows, READs, and packets for what does not exist."""
    rng, packets = random.Random(seed), list[Packet]()
    for _ in range(60):
        memory, spec = rng.choice(list(SPECS.items()))
        row, kind = rng.randrange(spec.rows), rng.choice((Kind.WRITE, Kind.READ))
        wrong = rng.choice(("memory", "row", "chunk", *[""] * 6))
        chunks = range(spec.layout.chunks) if kind == Kind.WRITE else [rng.randrange(spec.layout.chunks)]
        for chunk in chunks:
            packet = {"memory": memory, "row": row, "chunk": chunk, "data": rng.getrandbits(CHUNK_BITS)}
            if wrong:
                packet[wrong] = {
                    "memory": rng.randrange(len(SPECS), 1 << MEMORY_BITS),
                    "row": rng.randrange(spec.rows, 1 << ROW_BITS),
                    "chunk": rng.randrange(spec.layout.chunks, 1 << 4),
                }[wrong]
            packets.append({"kind": kind, "route": rng.getrandbits(16), **packet})
    return packets


def stored(row: int, lanes: int, memory: int, chunk: int) -> int:
    """What the memories of the test hold."""
    return (row * 7919 + lanes * 1013 + memory * 101 + chunk * 13) & 0xFFFF


def place(memory: int, row: int) -> tuple[int, int]:
    """Row within the lanes, and the lanes that are meant."""
    lane_bits = PARAMS.lanes.bit_length() - 1
    return (
        (row >> lane_bits, 1 << row % PARAMS.lanes) if SPECS[Memory(memory)].where is Where.LANES else (row, ALL_LANES)
    )


def rtl_access(packets: list[Packet], stalls: Stalls, *, clear: bool = False) -> Outcome:
    dut = Access(PARAMS, LATENCY)
    simulation = Simulation(dut, limit=40_000)
    words = [ACCESS.pack(**packet) for packet in packets]
    simulation.source(dut.packets, words, stalls.sequence(stalls.source, "packets"))
    replies = simulation.sink(dut.replies, stalls.sequence(stalls.sink, "replies"))
    writes = simulation.record(Value.cast(dut.bus.write).any(), dut.bus.write, dut.bus.row, dut.bus.lanes, dut.bus.data)
    bad = simulation.record(dut.bad)
    simulation.watch(memories_of(dut, stalls, clear))
    simulation.run()
    return Outcome([(names, row, lanes, data) for _, names, row, lanes, data in writes], replies, len(bad))


def memories_of(dut: Access, stalls: Stalls, clear: bool) -> Any:
    """Memories whose answer comes just in time, beside counters that settle when they like."""
    places = [(memory, chunk) for memory in SPECS for chunk in range(SPECS[memory].layout.chunks)]
    rng, bus = random.Random(stalls.seed), dut.bus
    way = deque([0] * (LATENCY - 1))

    async def process(ctx: Any) -> None:
        ctx.set(dut.clear, clear)
        while True:
            ctx.set(dut.settled, rng.random() < 0.7 if stalls.source else 1)
            _, _, reading, row, lanes, pick = await ctx.tick().sample(
                bus.reading, bus.row, bus.lanes, Value.cast(bus.pick)
            )
            assert not reading or pick.bit_count() == 1, f"pick is {pick:#b}"
            way.append(stored(row, lanes, *places[pick.bit_length() - 1]) if reading else 0)
            ctx.set(dut.data, way.popleft())

    return process


def ref_access(packets: list[Packet]) -> Outcome:
    writes, replies, bad = list[tuple[int, ...]](), list[int](), 0
    held = [0] * CHUNKS
    for packet in packets:
        memory, row, chunk = packet["memory"], packet["row"], packet["chunk"]
        known = memory in SPECS and row < SPECS[Memory(memory)].rows and chunk < SPECS[Memory(memory)].layout.chunks
        if not known or (packet["kind"] == Kind.WRITE and not SPECS[Memory(memory)].writable):
            bad += 1
        elif packet["kind"] == Kind.READ:
            data = stored(*place(memory, row), memory, chunk)
            replies.append(ACCESS.pack(**{**packet, "kind": Kind.REPLY, "data": data}))
        else:
            held[chunk] = packet["data"]
            if chunk == SPECS[Memory(memory)].layout.chunks - 1:
                word = sum(value << (k * CHUNK_BITS) for k, value in enumerate(held))
                writes.append((1 << memory, *place(memory, row), word))
    return Outcome(writes, replies, bad)


@pytest.mark.parametrize("seed", range(10))
def test_packets_do_what_they_say(seed: int) -> None:
    packets = packets_of(seed)
    assert rtl_access(packets, stalls_of(seed)) == ref_access(packets), f"seed {seed}"


def test_clear_sweeps_every_memory_that_it_clears() -> None:
    write = {"kind": Kind.WRITE, "memory": Memory.REGISTERS, "row": 3}
    packets = [{**write, "chunk": chunk, "data": 0xFFFF} for chunk in range(2)]
    read = {"kind": Kind.READ, "memory": Memory.TYPES, "row": 0, "chunk": 0}
    outcome = rtl_access([*packets, read], Stalls(0), clear=True)
    cleared = [spec for spec in SPECS.values() if spec.cleared]
    memories_at_once = sum(1 << spec.memory for spec in cleared)
    rows = range(max(spec.depth for spec in cleared))
    assert outcome.writes[1:] == [(memories_at_once, row, ALL_LANES, 0) for row in rows]
    assert len(outcome.replies) == 1
