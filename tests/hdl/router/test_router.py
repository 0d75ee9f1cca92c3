"""A router, as a function, against one of lists: who gets what, in which order, and what is counted."""

import random
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from ganglion.hdl.router.router import Router
from ganglion.model.spec.memories import Memory
from ganglion.model.spec.packets import ACCESS, KIND_BITS, PACKET_BITS, SPIKE, Kind, Scope
from ganglion.model.spec.params import PRESETS, RADIX
from ganglion.model.spec.registers import RouterCounter
from tests.hdl.simulate import Simulation, Stalls, stalls_of, until

SIZES = [(1, 1), (1, 2), (1, 4), (2, 3), (2, 4)]
"""Level and children."""

ROUNDS = 4
"""ENDs of each child."""

STRANGE = sorted(set(range(16)) - set(Kind))
"""Kinds that no packet has."""

END = int(Kind.END)


@dataclass
class Traffic:
    """What goes in: packets per child, and of the parent, which besides answers every END with an END."""

    level: int
    children: list[list[int]]
    parent: list[int]

    def mask(self, word: int) -> int:
        """Child mask of this level."""
        return ACCESS.unpack(word)["route"] >> RADIX * (self.level - 1) & 0xF

    def turns(self, word: int) -> bool:
        """Whether a packet of a child goes down again."""
        return kind_of(word) == Kind.SPIKE and spike_of(word)["scope"] == Scope[f"LEVEL_{self.level}"]

    def own(self, word: int) -> bool:
        """Whether a packet of the parent is for the router itself."""
        return kind_of(word) in (Kind.READ, Kind.WRITE) and not self.mask(word)

    def answered(self, word: int) -> bool:
        """Whether it gets a reply."""
        fields = ACCESS.unpack(word)
        known = fields["memory"] == Memory.COUNTERS and fields["row"] < len(RouterCounter) and fields["chunk"] < 2
        return self.own(word) and kind_of(word) == Kind.READ and known


@dataclass
class Outcome:
    """What came out."""

    up: dict[int, list[int]]
    """By child, its packets that climbed, and END wherever one went up."""
    replies: list[int]
    """The router's own, without data."""
    down: dict[tuple[int, int], list[int]]
    """By source (the parent is behind the last child) and child: the packets that went this way, but answers."""
    counters: dict[str, int]
    answers: list[int] = field(default_factory=lambda: [])
    """By child, how many ENDs of the root it got."""


def kind_of(word: int) -> int:
    return word & ((1 << KIND_BITS) - 1)


def spike_of(word: int) -> dict[str, int]:
    return SPIKE.unpack(word & ((1 << SPIKE.width) - 1))


def mark_of(word: int) -> int:
    """Who sent a packet, and which one of his it is: what a router does not look at."""
    return spike_of(word)["axon"] if kind_of(word) == Kind.SPIKE else ACCESS.unpack(word)["data"]


def source_of(word: int) -> int:
    return mark_of(word) >> 12


def marked(kind: int, rng: random.Random, source: int, number: int, **fields: int) -> int:
    """A packet with its mark; everything else that is not given is drawn."""
    mark = source << 12 | number
    if kind == Kind.SPIKE:
        spike = {"route": rng.getrandbits(16), "scope": rng.randrange(1, 7), **fields}
        rest = rng.getrandbits(PACKET_BITS - SPIKE.width) << SPIKE.width
        return SPIKE.pack(kind=kind, axon=mark, **spike) | rest
    access = {"route": rng.getrandbits(16), "memory": Memory.STATE, "row": rng.getrandbits(20), "chunk": 1, **fields}
    return ACCESS.pack(kind=kind, data=mark, **access)


def traffic_of(level: int, children: int, seed: int) -> Traffic:
    """Packets of every kind on every link: END as often from each child, and READs of what a router has and has not."""
    rng = random.Random(f"{level} {children} {seed}")
    aimed = 0xF << RADIX * (level - 1)
    inputs = list[list[int]]()
    for child in range(children):
        packets = list[int]()
        for _ in range(ROUNDS):
            for _ in range(rng.randrange(12)):
                kind = rng.choice([*[Kind.SPIKE] * 6, Kind.READ, Kind.WRITE, Kind.REPLY, *STRANGE[:2]])
                scope = rng.choice((Scope[f"LEVEL_{level}"], Scope.HOST, rng.randrange(1, 7)))
                fields = {"scope": int(scope)} if kind == Kind.SPIKE else {}
                packets.append(marked(kind, rng, child, len(packets), **fields))
            packets.append(marked(Kind.END, rng, child, len(packets)))
        inputs.append(packets)
    parent = list[int]()
    while len(parent) < 50:
        kind = rng.choice([*[Kind.SPIKE] * 3, Kind.END, Kind.READ, Kind.WRITE, Kind.REPLY, rng.choice(STRANGE)])
        fields = {"route": rng.getrandbits(16) & (~aimed if rng.random() < 0.3 else 0xFFFF)}
        if kind == Kind.READ and rng.random() < 0.7:
            fields |= {"route": fields["route"] & ~aimed, "memory": rng.choice((Memory.COUNTERS, Memory.TYPES))}
            fields |= {"row": rng.choice((rng.randrange(len(RouterCounter)), rng.randrange(40)))}
            fields |= {"chunk": rng.choice((0, 1, 2))}
        parent.append(marked(kind, rng, children, len(parent), **fields))
    return Traffic(level, inputs, parent)


def rtl_router(traffic: Traffic, stalls: Stalls, *, quick_parent: bool = False) -> Outcome:
    children, level = len(traffic.children), traffic.level
    dut = Router(PRESETS["tiny"].replace(levels=(*[2] * (level - 1), children)), level)
    simulation = Simulation(dut)
    for k, packets in enumerate(traffic.children):
        simulation.source(dut.child_i[k], packets, stalls.sequence(stalls.source, f"child {k}"))
    taken = [simulation.record(port.valid & port.ready) for port in dut.child_i]
    up = simulation.sink(dut.parent_o, stalls.sequence(0.0 if quick_parent else stalls.sink, "up"))
    down = [simulation.sink(port, stalls.sequence(stalls.sink, f"down {k}")) for k, port in enumerate(dut.child_o)]
    before = list[int]()
    pauses = stalls.sequence(stalls.source, "parent")

    async def send(ctx: Any, word: int) -> None:
        ctx.set(dut.parent_i.payload, word)
        ctx.set(dut.parent_i.valid, 1)
        await until(ctx, dut.parent_i.ready)
        ctx.set(dut.parent_i.valid, 0)

    async def parent(ctx: Any) -> None:
        left, answered = list(traffic.parent), 0
        while left or answered < ROUNDS:
            if up.count(END) > answered:
                await send(ctx, END)
                answered += 1
            elif left and not next(pauses):
                await send(ctx, left.pop(0))
            else:
                await ctx.tick()
        while [len(packets) for packets in taken] != [len(packets) for packets in traffic.children] or ctx.get(
            dut.busy
        ):
            await ctx.tick()
        before.extend(map(len, (up, *down)))
        for row in RouterCounter:
            for chunk in range(2):
                await send(ctx, ACCESS.pack(kind=Kind.READ, memory=Memory.COUNTERS, row=row, chunk=chunk))

    simulation.drive(parent)
    simulation.run()
    assert [len(packets) for packets in down] == before[1:], "something left a router that was not busy"
    up, told = up[: before[0]], [ACCESS.unpack(word) for word in up[before[0] :]]
    counters = dict.fromkeys((counter.name for counter in RouterCounter), 0)
    for row in told:
        assert (row["kind"], row["memory"]) == (Kind.REPLY, Memory.COUNTERS)
        counters[RouterCounter(row["row"]).name] += row["data"] << 16 * row["chunk"]
    replies = [word for word in up if kind_of(word) == Kind.REPLY and ACCESS.unpack(word)["memory"] == Memory.COUNTERS]
    climbed = [word for word in up if word not in replies]
    for k, packets in enumerate(down):
        check_ends(traffic, packets, f"child {k}, stalls of seed {stalls.seed}")
    return Outcome(
        {k: [word for word in climbed if word == END or source_of(word) == k] for k in range(children)},
        [ACCESS.pack(**{**ACCESS.unpack(word), "data": 0}) for word in replies],
        {
            (source, k): [word for word in packets if word != END and source_of(word) == source]
            for source in range(children + 1)
            for k, packets in enumerate(down)
        },
        counters,
        [packets.count(END) for packets in down],
    )


def check_ends(traffic: Traffic, packets: list[int], where: str) -> None:
    """The answer to an END comes down behind all spikes that came up before it."""
    round_of = dict[int, int]()
    for sent in traffic.children:
        ends = 0
        for word in sent:
            round_of[word] = ends
            ends += kind_of(word) == Kind.END
    answers = 0
    for word in packets:
        answers += word == END
        assert answers <= round_of.get(word, ROUNDS), f"END {answers} came before {word:#018x}, to {where}"


def ref_router(traffic: Traffic) -> Outcome:
    children = len(traffic.children)
    up = {
        k: [END if kind_of(word) == Kind.END else word for word in sent if not traffic.turns(word)]
        for k, sent in enumerate(traffic.children)
    }
    going = [*([word for word in sent if traffic.turns(word)] for sent in traffic.children), traffic.parent]
    going = [[word for word in words if not traffic.own(word)] for words in going]
    down = {
        (source, k): [word for word in words if kind_of(word) == Kind.END or traffic.mask(word) >> k & 1]
        for source, words in enumerate(going)
        for k in range(children)
    }
    asked = [ACCESS.unpack(word) for word in traffic.parent if traffic.answered(word)]
    replies = [ACCESS.pack(**{**fields, "kind": Kind.REPLY, "data": 0}) for fields in asked]

    def spikes(words: list[int]) -> int:
        return sum(kind_of(word) == Kind.SPIKE for word in words)

    nobody = [
        word
        for words in going
        for word in words
        if kind_of(word) != Kind.END and (not traffic.mask(word) or traffic.mask(word) >> children)
    ]
    refused = [word for word in traffic.parent if traffic.own(word) and not traffic.answered(word)]
    counters = dict.fromkeys((counter.name for counter in RouterCounter), 0) | {
        "TO_PARENT": sum(map(spikes, up.values())),
        "FROM_PARENT": spikes(traffic.parent),
        "TURNED": sum(map(len, going[:-1])),
        "BAD_PACKETS": len(nobody) + len(refused),
    }
    for k, sent in enumerate(traffic.children):
        counters[f"FROM_CHILD_{k}"] = spikes(sent)
        counters[f"TO_CHILD_{k}"] = sum(spikes(down[source, k]) for source in range(children + 1))
    return Outcome(up, replies, down, counters, [ROUNDS] * children)


@pytest.mark.parametrize(("level", "children"), SIZES)
@pytest.mark.parametrize("seed", range(4))
def test_a_router_is_one_of_lists(level: int, children: int, seed: int) -> None:
    traffic = traffic_of(level, children, seed)
    assert rtl_router(traffic, stalls_of(seed)) == ref_router(traffic), f"seed {seed}"


@pytest.mark.parametrize("seed", range(4))
def test_the_answer_to_an_end_finds_no_spike_that_has_yet_to_turn(seed: int) -> None:
    """A parent with nothing else to do answers at once, while children that are slow hold up what turned."""
    traffic = replace(traffic_of(1, 3, seed), parent=[])
    outcome = rtl_router(traffic, Stalls(seed, sink=0.9), quick_parent=True)
    assert outcome == ref_router(traffic), f"seed {seed}"


def test_the_traffic_reaches_what_there_is() -> None:
    """Every counter of a router of four children counts, and READs are answered and refused."""
    traffic = traffic_of(2, 3, 1)
    counters = ref_router(traffic).counters
    assert {name for name, value in counters.items() if not value} == {"FROM_CHILD_3", "TO_CHILD_3"}
    assert {traffic.answered(word) for word in traffic.parent if traffic.own(word)} == {True, False}


@pytest.mark.parametrize("seed", range(3))
def test_what_comes_behind_a_read_waits_for_its_reply(seed: int) -> None:
    """A READ tells all that went down before it, and nothing behind it: that waits."""
    rng, counter = random.Random(seed), RouterCounter.TO_CHILD_0
    read = ACCESS.pack(kind=Kind.READ, memory=Memory.COUNTERS, row=counter)
    packets = [
        read if rng.random() < 0.2 else marked(Kind.SPIKE, rng, 1, k, route=rng.randrange(1, 4)) for k in range(80)
    ]
    dut = Router(PRESETS["tiny"].replace(levels=(2,)), 1)
    simulation = Simulation(dut)
    simulation.source(dut.parent_i, packets, Stalls(seed).sequence(0.0, "parent"))
    up = simulation.sink(dut.parent_o, Stalls(seed).sequence(0.3 * bool(seed), "up"))
    for port in dut.child_o:
        simulation.sink(port, Stalls(seed).sequence(0.0, "down"))
    simulation.run()
    wanted = [
        sum(word != read and ACCESS.unpack(word)["route"] & 1 for word in packets[:k])
        for k, packet in enumerate(packets)
        if packet == read
    ]
    told = [ACCESS.unpack(word)["data"] for word in up]
    assert len(told) == len(wanted)
    assert told == wanted, f"seed {seed}"


def test_a_child_that_stalls_holds_back_only_what_it_gets() -> None:
    """A packet for several goes to each as soon as that one takes it; and a spike climbs past what cannot turn."""
    dut = Router(PRESETS["tiny"].replace(levels=(2,)), 1)
    rng = random.Random(0)
    simulation = Simulation(dut)
    both = [marked(Kind.SPIKE, rng, 2, k, route=0b11) for k in range(5)]
    climbing = [marked(Kind.SPIKE, rng, 0, k, scope=Scope.HOST) for k in range(10)]
    simulation.source(dut.parent_i, both[:3], Stalls(0).sequence(0.0, ""))
    simulation.source(dut.child_i[0], climbing, Stalls(0).sequence(0.0, ""))
    up = simulation.sink(dut.parent_o, Stalls(0).sequence(0.0, ""))
    taken = simulation.sink(dut.child_o[0], Stalls(0).sequence(0.0, ""))
    untaken = simulation.sink(dut.child_o[1], Stalls(0).sequence(1.0, ""))
    simulation.run()
    assert (up, taken, untaken) == (climbing, both[:3], [])
