"""From spikes to packets: every entry of every neuron that fired, then END, in a stated number of cycles."""

import random
from dataclasses import dataclass, field
from typing import Any

import pytest

from ganglion.hdl.update.fanout import Fanout
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.packets import AXON_BITS, ROUTE_BITS, SCOPE_BITS, SPIKE, Kind, Scope, end
from ganglion.model.spec.params import PRESETS
from tests.hdl.simulate import Simulation, Stalls, stalls_of

PARAMS = PRESETS["tiny"]
LAYOUT = memories(PARAMS)[Memory.FANOUT].layout
ROWS = PARAMS.fanout_entries

SLOWLY = 20
"""Cycles between the groups of an update of which spikes leave meanwhile."""

Entry = dict[str, int]
Updates = list[list[int]]
"""For each update, the spikes of each group as a mask of lanes."""


@dataclass
class Sent:
    """What came of the updates."""

    local: list[int] = field(default_factory=list)
    """Events to the core."""
    packets: list[int] = field(default_factory=list)
    bad: int = 0
    """Pulses."""
    busy: list[int] = field(default_factory=list)
    """Cycles in which each update kept it busy."""

    @property
    def untimed(self) -> tuple[list[int], list[int], int]:
        """All but the cycles."""
        return self.local, self.packets, self.bad


def table_of(seed: int) -> list[Entry]:
    """A full table: an entry per neuron, and the rest in chains behind them."""
    rng = random.Random(seed)
    scopes = (Scope.NOWHERE, Scope.CORE, Scope.HOST, (1 << SCOPE_BITS) - 1)
    table = [{"scope": rng.choice(scopes), "route": rng.getrandbits(ROUTE_BITS), "next": 0} for _ in range(ROWS)]
    for entry in table:
        local = entry["scope"] == Scope.CORE
        entry["axon"] = rng.randrange(PARAMS.axons) if local else rng.getrandbits(AXON_BITS)
    ends = list(range(PARAMS.neurons))
    for row in rng.sample(range(PARAMS.neurons, ROWS), ROWS - PARAMS.neurons):
        which = rng.randrange(PARAMS.neurons)
        table[ends[which]]["next"] = row
        ends[which] = row
    return table


def updates_of(seed: int) -> Updates:
    """No spike, all spikes, and any."""
    rng = random.Random(seed)
    everyone = (1 << PARAMS.lanes) - 1
    some = [[rng.choice((0, rng.randint(0, everyone))) for _ in range(PARAMS.groups)] for _ in range(6)]
    return [*some, [0] * PARAMS.groups, [everyone] * PARAMS.groups, *some[:2]]


def circles_of(seed: int) -> list[Entry]:
    """A table that no compiler makes: lists lead anywhere, and some axons do not exist."""
    rng = random.Random(f"circles {seed}")
    table = table_of(seed)
    for entry in table:
        entry["next"] = rng.randrange(ROWS) if rng.random() < 0.9 else 0
        if entry["scope"] == Scope.CORE and rng.random() < 0.3:
            entry["axon"] = rng.choice((PARAMS.axons, 31, 32, (1 << AXON_BITS) - 1))
    return table


def rtl_fanout(table: list[Entry], updates: Updates, stalls: Stalls, *, meanwhile: bool = False) -> Sent:
    """What it sends, from the last group of each update on, or meanwhile."""
    dut = Fanout(PARAMS)
    simulation = Simulation(dut)
    simulation.load(dut.bus, Memory.FANOUT, {row: LAYOUT.pack(**entry) for row, entry in enumerate(table)})
    local = simulation.sink(dut.local, stalls.sequence(stalls.sink, "local"))
    packets = simulation.sink(dut.packets, stalls.sequence(stalls.sink, "packets"))
    bad = simulation.record(dut.bad)
    busy = list[int]()

    async def process(ctx: Any) -> None:
        for masks in updates:
            if meanwhile:
                ctx.set(dut.updating, 1)
                await ctx.tick()
            ends = packets.count(end())
            for group, mask in enumerate(masks):
                for cycle in range(1 + SLOWLY * meanwhile):
                    ctx.set(dut.spikes, 0 if cycle else mask)
                    ctx.set(dut.group, group)
                    ctx.set(dut.updating, meanwhile or group == PARAMS.groups - 1)
                    await ctx.tick()
            assert packets.count(end()) == ends, "END before the update is over"
            ctx.set(dut.updating, 0)
            ctx.set(dut.spikes, 0)
            cycles = 0
            while ctx.get(dut.busy):
                await ctx.tick()
                cycles += 1
            busy.append(cycles)

    simulation.drive(process)
    simulation.run()
    return Sent(local, packets, len(bad), busy)


def ref_fanout(table: list[Entry], updates: Updates) -> Sent:
    """As above, where nothing stalls: two cycles a group, one a neuron, two an entry, and two for END. The entry that
    would be one too many takes one, and END, behind it, one."""
    sent = Sent()
    for masks in updates:
        cycles, taken = 0, 0
        for group, mask in enumerate(masks):
            lanes = [lane for lane in range(PARAMS.lanes) if mask >> lane & 1]
            cycles += 2 * bool(lanes) * (taken <= ROWS)
            for lane in lanes:
                row: int | None = group * PARAMS.lanes + lane
                cycles += taken <= ROWS
                while row is not None and taken <= ROWS:
                    taken += 1
                    if taken > ROWS:
                        sent.bad += 1
                        break
                    entry = table[row]
                    cycles += 2
                    fields = {name: entry[name] for name in ("scope", "route", "axon")}
                    if entry["scope"] != Scope.CORE and entry["scope"] != Scope.NOWHERE:
                        sent.packets.append(SPIKE.pack(kind=Kind.SPIKE, **fields))
                    elif entry["scope"] == Scope.CORE and entry["axon"] < PARAMS.axons:
                        sent.local.append(entry["axon"])
                    else:
                        sent.bad += entry["scope"] == Scope.CORE
                    row = entry["next"] or None
        sent.packets.append(end())
        sent.busy.append(cycles + 2)
    return sent


@pytest.mark.parametrize("seed", range(2))
def test_spikes_leave_while_the_update_goes_on(seed: int) -> None:
    """The same ones, END behind all of them, and less is left to send behind the update."""
    for table in (table_of(seed), circles_of(seed)):
        updates, stalls = updates_of(seed), stalls_of(seed)
        early, late = rtl_fanout(table, updates, stalls, meanwhile=True), rtl_fanout(table, updates, stalls)
        assert early.untimed == late.untimed
        assert sum(early.busy) < sum(late.busy)


@pytest.mark.parametrize("seed", range(8))
def test_every_entry_is_sent(seed: int) -> None:
    table, updates, stalls = table_of(seed), updates_of(seed), stalls_of(seed)
    sent = rtl_fanout(table, updates, stalls)
    assert sent.untimed == ref_fanout(table, updates).untimed, f"seed {seed}"
    assert not sent.bad


@pytest.mark.parametrize("seed", range(4))
def test_lists_that_go_round_end(seed: int) -> None:
    """After as many entries as there are rows, with END, and the next update begins anew."""
    table, updates, stalls = circles_of(seed), updates_of(seed), stalls_of(seed)
    wanted = ref_fanout(table, updates)
    assert rtl_fanout(table, updates, stalls).untimed == wanted.untimed, f"seed {seed}"
    assert wanted.bad > 2
    assert rtl_fanout(table, updates, Stalls(seed)) == wanted, f"seed {seed}"


@pytest.mark.parametrize("seed", range(3))
def test_the_cycles_are_as_stated(seed: int) -> None:
    table, updates = table_of(seed), updates_of(seed)
    assert rtl_fanout(table, updates, Stalls(seed)) == ref_fanout(table, updates), f"seed {seed}"


def test_rows_can_be_read_back() -> None:
    table, dut, shown = table_of(0), Fanout(PARAMS), list[int]()
    simulation = Simulation(dut)
    simulation.load(dut.bus, Memory.FANOUT, {row: LAYOUT.pack(**entry) for row, entry in enumerate(table)})

    async def process(ctx: Any) -> None:
        ctx.set(dut.bus.reading, 1)
        for row in range(ROWS):
            ctx.set(dut.bus.row, row)
            await ctx.tick().repeat(2)
            shown.append(ctx.get(dut.table.as_value()))

    simulation.drive(process)
    simulation.run()
    assert shown == [LAYOUT.pack(**entry) for entry in table]
