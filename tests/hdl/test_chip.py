"""The port of the host, and the whole chip through its packets."""

import random
from itertools import pairwise
from typing import Any

import pytest

from ganglion.hdl.chip import Chip, HostPort
from ganglion.model.spec.cycles.core import CycleModel, Packet, update_cycles
from ganglion.model.spec.formats import CHUNK_BITS
from ganglion.model.spec.memories import VERSION, Memory, memories
from ganglion.model.spec.packets import ACCESS, SPIKE, Kind, Scope, describe, end, spike
from ganglion.model.spec.params import PRESETS, Params
from ganglion.model.spec.registers import Counter, Register, RouterCounter
from ganglion.model.spec.tree import route_to
from tests.hdl.simulate import Simulation, Stalls, stalls_of, until

TINY = PRESETS["tiny"]
SPECS = memories(TINY)

CHIPS = [TINY.replace(levels=(2,)), TINY.replace(levels=(1, 2), link_bits=16)]
"""Two cores, with a router and with three."""


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


def rtl_chip(packets: list[int], stalls: Stalls, params: Params = TINY) -> list[int]:
    dut = Chip(params)
    simulation = Simulation(dut)
    simulation.source(dut.i, packets, stalls.sequence(stalls.source, "i"))
    out = simulation.sink(dut.o, stalls.sequence(stalls.sink, "o"))
    simulation.run()
    return out


def write(memory: Memory, row: int, *, route: int = 0, **fields: int) -> list[int]:
    if "to" in fields:  # the field of that name of a fan-out entry
        fields["route"] = fields.pop("to")
    word, chunks = SPECS[memory].layout.pack(**fields), range(SPECS[memory].layout.chunks)
    values = [word >> (k * CHUNK_BITS) & 0xFFFF for k in chunks]
    where = {"route": route, "memory": memory, "row": row}
    return [ACCESS.pack(kind=Kind.WRITE, **where, chunk=k, data=values[k]) for k in chunks]


def read(memory: Memory, row: int, route: int = 0) -> int:
    return ACCESS.pack(kind=Kind.READ, route=route, memory=memory, row=row)


def reply(memory: Memory, row: int, data: int, route: int = 0) -> int:
    return ACCESS.pack(kind=Kind.REPLY, route=route, memory=memory, row=row, data=data)


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


@pytest.mark.parametrize("params", CHIPS, ids=lambda params: str(params.levels))
@pytest.mark.parametrize("seed", range(2))
def test_a_spike_of_one_core_reaches_the_other_in_the_next_step(params: Params, seed: int) -> None:
    """A neuron of the first core fires in every step, one of the second in the step behind each."""
    first, second = (route_to(params.levels, core) for core in range(2))
    scope, axon, neuron, fires = Scope[f"LEVEL_{len(params.levels)}"], 9, 2, 77
    both = first | second
    quiet = [packet for n in range(TINY.neurons) for packet in write(Memory.NEURONS, n, threshold=7, route=both)]
    packets = [
        *quiet,
        *write(Memory.NEURONS, 5, threshold=-1, route=first),
        *write(Memory.FANOUT, 5, scope=scope, axon=axon, route=first, to=second),
        *write(Memory.NEURONS, neuron, threshold=2, route=second),
        *write(Memory.AXONS, axon, first=4, length=1, route=second),
        *write(Memory.SYNAPSES, 4 * TINY.lanes, weight=3, group=neuron // TINY.lanes, delay=1, route=second),
        *write(Memory.FANOUT, neuron, scope=Scope.HOST, axon=fires, route=second),
        *[end()] * 3,
        read(Memory.COUNTERS, Counter.STEPS, route=first),
        read(Memory.COUNTERS, Counter.SPIKES, route=second),
        read(Memory.COUNTERS, RouterCounter.TURNED),
        read(Memory.COUNTERS, RouterCounter.TO_CHILD_1),
        read(Memory.PARAMETERS, 0, route=second),
    ]
    spikes = SPIKE.pack(kind=Kind.SPIKE, scope=Scope.HOST, axon=fires)
    answers = [
        *[end(), spikes, end(), spikes, end()],
        reply(Memory.COUNTERS, Counter.STEPS, 3, route=first),
        reply(Memory.COUNTERS, Counter.SPIKES, 2, route=second),
        reply(Memory.COUNTERS, RouterCounter.TURNED, 3),
        reply(Memory.COUNTERS, RouterCounter.TO_CHILD_1, 3),
        reply(Memory.PARAMETERS, 0, TINY.neurons, route=second),
    ]
    got = rtl_chip(packets, stalls_of(seed), params)
    assert len(got) == len(answers) and got[:5] == answers[:5], f"seed {seed}"
    assert sorted(got[5:]) == sorted(answers[5:]), f"seed {seed}: replies of several cores come in any order"


LANES = [TINY, TINY.replace(lanes=8, neurons=16, fanout_entries=40)]


@pytest.mark.parametrize("params", LANES, ids=lambda params: f"{params.lanes} lanes")
def test_counters_take_what_all_lanes_do_at_once(params: Params) -> None:
    """Every neuron fires, every accumulator overflows, every weight of three words counts."""
    axon, words = 3, 3
    outside = 1 << params.accumulator_bits
    packets = [
        *(packet for n in range(params.neurons) for packet in write(Memory.NEURONS, n, threshold=-1)),
        *(packet for n in range(params.neurons) for packet in write(Memory.ACCUMULATORS, n, value=outside)),
        *write(Memory.AXONS, axon, first=0, length=words),
        *(w for row in range(words * params.lanes) for w in write(Memory.SYNAPSES, row, weight=1, delay=1)),
        spike(axon),
        end(),
    ]
    counted = {
        Counter.SPIKES: params.neurons,
        Counter.OVERFLOWS: params.neurons,
        Counter.SYNOPS: words * params.lanes,
        Counter.WORDS: words,
        Counter.EVENTS: 1,
        Counter.BAD_PACKETS: 0,
    }
    got = rtl_chip([*packets, *(read(Memory.COUNTERS, counter) for counter in counted)], Stalls(0), params)
    assert got == [end(), *(reply(Memory.COUNTERS, counter, value) for counter, value in counted.items())]


def test_counters_of_cycles_are_exact() -> None:
    """An event waits a cycle in the queue and its row one in the axon table; then come the words, or none."""
    rows = {1: 0, 2: 1, 3: 5}
    written = [packet for axon, length in rows.items() for packet in write(Memory.AXONS, axon, length=length)]
    asked = [read(Memory.COUNTERS, counter) for counter in (Counter.UPDATE_CYCLES, Counter.DELIVER_CYCLES)]
    quiet = [packet for n in range(TINY.neurons) for packet in write(Memory.NEURONS, n, threshold=7)]
    got = rtl_chip([*quiet, *written, *(w for axon in rows for w in [spike(axon), end(), *asked])], Stalls(0))
    update, deliver = 0, 0
    for length in rows.values():
        update, deliver = update + update_cycles(TINY), deliver + 2 + length
        counted = {Counter.UPDATE_CYCLES: update, Counter.DELIVER_CYCLES: deliver}
        assert [got.pop(0) for _ in range(3)] == [end(), *(reply(Memory.COUNTERS, c, n) for c, n in counted.items())]


def test_a_cycle_of_an_update_is_none_of_delivery() -> None:
    """Though a spike of its first group is back, and waits, before its last one is through."""
    params, axon, length = TINY.replace(lanes=1), 2, 5
    counted = (Counter.UPDATE_CYCLES, Counter.DELIVER_CYCLES)
    packets = [
        *(packet for n in range(1, params.neurons) for packet in write(Memory.NEURONS, n, threshold=7)),
        *write(Memory.NEURONS, 0, threshold=-1),
        *write(Memory.FANOUT, 0, scope=Scope.CORE, axon=axon),
        *write(Memory.AXONS, axon, length=length),
        end(),
        *(read(Memory.COUNTERS, counter) for counter in counted),
    ]
    model = CycleModel(params, {axon: [length]}, {0: [Packet(Scope.CORE, axon)]}).step([], [0])
    assert 0 < model.deliver < 2 + length, "the event waits for the update"
    wanted = zip(counted, (model.update, model.deliver), strict=True)
    got = rtl_chip(packets, Stalls(0), params)
    assert got == [end(), *(reply(Memory.COUNTERS, counter, value) for counter, value in wanted)]


@pytest.mark.parametrize("seed", range(2))
def test_what_comes_behind_an_access_waits_for_it(seed: int) -> None:
    """Events right behind a WRITE see what it wrote; right behind a READ they disturb nothing, and it sees none."""
    rng, axon, neuron, row = random.Random(seed), 9, 5, 4
    places = {"group": neuron // TINY.lanes, "delay": 2}
    place, accumulator = row * TINY.lanes + neuron % TINY.lanes, 2 * TINY.neurons + neuron
    packets, answers = write(Memory.AXONS, axon, first=row, length=1), list[int]()
    weight = total = 0
    for _ in range(60):
        match rng.randrange(4):
            case 0:
                weight = rng.randint(-8, 7)
                packets += write(Memory.SYNAPSES, place, weight=weight, **places)
            case 1:
                memory, number = rng.choice([(Memory.SYNAPSES, 0), (Memory.AXONS, 0), (Memory.STATE, neuron)])
                packets.append(read(memory, number))
                answers.append(reply(memory, number, 0))
            case 2:
                packets.append(read(Memory.ACCUMULATORS, accumulator))
                answers.append(reply(Memory.ACCUMULATORS, accumulator, total % (1 << 10)))
            case _:
                packets.append(spike(axon))
                total += weight
    assert rtl_chip(packets, stalls_of(seed)) == answers, f"seed {seed}"


def rtl_busy(packets: list[int]) -> list[tuple[list[int], list[int]]]:
    """For each packet, offered to a chip at rest: the cycles in which that is busy, and those in which it is answered,
    from the one on in which it is offered. The host accepts answers after REST cycles alone."""
    dut = Chip(TINY)
    simulation = Simulation(dut)
    busy, answers = simulation.record(dut.busy), simulation.record(dut.o.valid & dut.o.ready)
    offered = list[int]()

    async def process(ctx: Any) -> None:
        for word in packets:
            offered.append(simulation.cycle + 1)
            ctx.set(dut.i.payload, word)
            ctx.set(dut.i.valid, 1)
            await until(ctx, dut.i.ready)
            ctx.set(dut.i.valid, 0)
            await ctx.tick().repeat(REST)
            ctx.set(dut.o.ready, 1)
            await ctx.tick().repeat(2)
            ctx.set(dut.o.ready, 0)

    simulation.drive(process)
    simulation.run()
    spans = list(pairwise([*offered, simulation.cycle]))
    return [
        tuple([cycle - begin for cycle, in cycles if begin <= cycle < stop] for cycles in (busy, answers))
        for begin, stop in spans
    ]


REST = 40
"""Cycles after which a chip is at rest, but for answers."""

CLEARED_ROWS = TINY.groups * TINY.delay_slots

BUSY = {
    "an event without words": (spike(1), 3),
    "an event of one word": (spike(2), 9),
    "an event of five words": (spike(3), 13),
    "a chunk": (write(Memory.NEURONS, 0)[0], 1),
    "the last chunk of a row": (write(Memory.NEURONS, 0)[-1], 4),
    "clear": (write(Memory.REGISTERS, Register.CLEAR)[-1], 4 + CLEARED_ROWS + 4),
    "a packet without sense": (0, 1),
}
"""Packets outside of a step, and for how many cycles the chip is busy with each."""


def test_the_chip_is_busy_outside_of_steps_too() -> None:
    """From the cycle behind the one in which it takes a packet, without a gap, until all is written, or the answer is
    taken."""
    rows = {1: 0, 2: 1, 3: 5}
    before = [word for axon, length in rows.items() for word in write(Memory.AXONS, axon, length=length)]
    packets = [packet for packet, _ in BUSY.values()]
    *spans, (busy, answers) = rtl_busy([*before, *packets, read(Memory.STATE, 0)])[len(before) :]
    for (what, (_, cycles)), span in zip(BUSY.items(), spans, strict=True):
        assert span == (list(range(1, 1 + cycles)), []), what
    assert answers == [REST + 1] and busy == list(range(1, REST + 2))
