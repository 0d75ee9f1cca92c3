"""The port of the host, and the whole chip through its packets."""

import random
from typing import Any

import pytest

from ganglion.hdl.chip import Chip, HostPort
from ganglion.model.spec.formats import CHUNK_BITS
from ganglion.model.spec.memories import VERSION, Counter, Memory, Register, memories
from ganglion.model.spec.packets import ACCESS, SPIKE, Kind, Scope, describe, end, spike
from ganglion.model.spec.params import PRESETS
from tests.hdl.simulate import Simulation, Stalls, stalls_of, until

TINY = PRESETS["tiny"]
SPECS = memories(TINY)


def rtl_host_port(host: list[int], spikes: list[list[int]], stalls: Stalls) -> tuple[list[int], list[int]]:
    """What goes down to cores that answer each step with these spikes, and what goes out to the host."""
    dut = HostPort()
    simulation = Simulation(dut)
    simulation.source(dut.host_i, host, stalls.sequence(stalls.source, "host_i"))
    down = simulation.sink(dut.down, stalls.sequence(stalls.sink, "down"))
    out = simulation.sink(dut.host_o, stalls.sequence(stalls.sink, "host_o"))
    rng = random.Random(stalls.seed)

    async def cores(ctx: Any) -> None:
        for packets in spikes:
            # A step has begun where the first of its two ENDs, and no more, has come down.
            while down.count(end()) % 2 == 0 or down[-1] != end():
                await ctx.tick()
            began = len(down)
            for _ in range(rng.randrange(1, 20)):
                await ctx.tick()
            for word in [*packets, end()]:
                assert len(down) == began, f"{describe(down[-1])} came down during a step"
                assert ctx.get(dut.busy)
                ctx.set(dut.up.payload, word)
                ctx.set(dut.up.valid, 1)
                await until(ctx, dut.up.ready)
                ctx.set(dut.up.valid, 0)
            while len(down) == began:
                await ctx.tick()

    simulation.drive(cores)
    simulation.run()
    return down, out


def ref_host_port(host: list[int], spikes: list[list[int]]) -> tuple[list[int], list[int]]:
    down = [packet for word in host for packet in ([word, end()] if word == end() else [word])]
    return down, [word for packets in spikes for word in [*packets, end()]]


@pytest.mark.parametrize("seed", range(8))
def test_a_step_begins_and_ends_at_the_port(seed: int) -> None:
    rng = random.Random(seed)
    host = [rng.choice((spike(rng.getrandbits(16)), spike(rng.getrandbits(16)), end())) for _ in range(40)]
    spikes = [[spike(rng.getrandbits(16)) for _ in range(rng.randrange(4))] for word in host if word == end()]
    assert rtl_host_port(host, spikes, stalls_of(seed)) == ref_host_port(host, spikes), f"seed {seed}"


def rtl_chip(packets: list[int], stalls: Stalls) -> list[int]:
    dut = Chip(TINY)
    simulation = Simulation(dut)
    simulation.source(dut.i, packets, stalls.sequence(stalls.source, "i"))
    out = simulation.sink(dut.o, stalls.sequence(stalls.sink, "o"))
    simulation.run()
    return out


def write(memory: Memory, row: int, **fields: int) -> list[int]:
    word, chunks = SPECS[memory].layout.pack(**fields), range(SPECS[memory].layout.chunks)
    values = [word >> (k * CHUNK_BITS) & 0xFFFF for k in chunks]
    return [ACCESS.pack(kind=Kind.WRITE, memory=memory, row=row, chunk=k, data=values[k]) for k in chunks]


def read(memory: Memory, row: int) -> int:
    return ACCESS.pack(kind=Kind.READ, memory=memory, row=row)


def reply(memory: Memory, row: int, data: int) -> int:
    return ACCESS.pack(kind=Kind.REPLY, memory=memory, row=row, data=data)


@pytest.mark.parametrize("seed", range(3))
def test_bad_packets_are_counted_and_do_no_harm(seed: int) -> None:
    strange = [0, 0xF, spike(TINY.axons), read(Memory.NEURONS, TINY.neurons), int(Kind.REPLY)]
    asked = [read(Memory.REGISTERS, Register.VERSION), read(Memory.COUNTERS, Counter.BAD_PACKETS)]
    answers = [
        reply(Memory.REGISTERS, Register.VERSION, VERSION),
        reply(Memory.COUNTERS, Counter.BAD_PACKETS, len(strange)),
    ]
    assert rtl_chip([*strange, *asked], stalls_of(seed)) == answers, f"seed {seed}"


@pytest.mark.parametrize("seed", range(3))
def test_a_neuron_below_zero_fires_by_itself(seed: int) -> None:
    neuron, axon = 5, 99
    quiet = [packet for n in range(TINY.neurons) for packet in write(Memory.NEURONS, n, threshold=7)]
    packets = [
        *quiet,
        *write(Memory.NEURONS, neuron, threshold=-1),
        *write(Memory.FANOUT, neuron, scope=Scope.HOST, axon=axon),
        *[end()] * 2,
        read(Memory.COUNTERS, Counter.STEPS),
    ]
    fired = SPIKE.pack(kind=Kind.SPIKE, scope=Scope.HOST, axon=axon)
    answers = [*[fired, end()] * 2, reply(Memory.COUNTERS, Counter.STEPS, 2)]
    assert rtl_chip(packets, stalls_of(seed)) == answers, f"seed {seed}"
