"""What mutants of what is around the cores are given: traffic of every kind through routers, links and the port.

The cores are loaded with neurons that fire in every step, and whose entries send spikes everywhere, also where nobody
is. What differs from round to round is where spikes go, how long cores take for one, how the host's streams stall, and
what the host sends between and amid the steps.
"""

from dataclasses import dataclass, replace

import numpy as np

from ganglion.model.spec import packet_arrays
from ganglion.model.spec.arithmetic import signed_range
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.packet_arrays import Words
from ganglion.model.spec.packets import ACCESS, AXON_BITS, KIND_BITS, ROUTE_BITS, SPIKE, Kind, Scope, end
from ganglion.model.spec.params import Params
from ganglion.model.spec.registers import RouterCounter
from ganglion.model.spec.tree import route_to
from ganglion.sim.driver import NO_STALLS, Stalls
from tests.mutations.stimuli import Stimulus, everywhere, router_counters, router_routes, stimuli

NETWORKS = 1
"""Random networks behind the traffic, seeds from 0, with what else `stimuli` has for them."""

STEPS = 4
"""Of a round of traffic."""

ANYWHERE = (0x11, 0x12, 0x21, 0x22, 0x31, 0x23, 0x33, 0xFFFF, 0x30, 0x03, 0x4, 0x52)
"""Routes to cores, to several, and to some that are not there."""

NOBODY = (0x0, 0x4, 0x8, 0xC, 0x40, 0x80)
"""Routes whose spikes a router drops as fast as they come."""

MIXED = {Scope.LEVEL_1: 8, Scope.LEVEL_2: 8, Scope.HOST: 2, Scope.CORE: 1, Scope.LEVEL_3: 1, Scope.NOWHERE: 1, 7: 1}
"""Scopes of spikes, by how often they come."""

END = np.array([end()], dtype=np.uint64)

REPLIES = (NO_STALLS, Stalls(0.0, 0.9, 5))
"""How the host's streams stall while replies come from everywhere."""

CUTS, CUT_WITHIN = 16, 200
"""Resets in the middle of traffic, and the cycles within which they come."""


@dataclass(frozen=True)
class Round:
    """How a round of traffic is."""

    stalls: Stalls = NO_STALLS
    scopes: tuple[int, ...] = tuple(scope for scope, times in MIXED.items() for _ in range(times))
    routes: tuple[int, ...] = ANYWHERE
    words: int = 0
    """Synapse words that a core walks for a spike at most."""
    ahead: bool = False
    """Packets do not wait for the step before them to end."""


ROUNDS = (
    Round(),
    Round(Stalls(0.0, 0.95, 1), words=20),
    Round(scopes=(Scope.LEVEL_1,), routes=NOBODY),
    Round(Stalls(0.5, 0.0, 2), ahead=True),
    Round(scopes=(Scope.LEVEL_1, Scope.LEVEL_2), routes=(0x11, 0x22, 0x13), words=30),
    Round(Stalls(0.0, 0.8, 3), scopes=(Scope.HOST, Scope.LEVEL_3, Scope.LEVEL_1)),
    Round(scopes=(Scope.LEVEL_2,), routes=NOBODY, ahead=True),
    Round(Stalls(0.3, 0.6, 4), words=8, ahead=True),
    Round(scopes=(Scope.LEVEL_2, Scope.LEVEL_2, Scope.LEVEL_1)),
)


def tree_stimuli(params: Params) -> list[Stimulus]:
    """One after the other: what one leaves in the memories, the next one finds. Those that see most come first."""
    rounds = [
        Stimulus(f"round {k} of traffic", _round(params, k), 0, one.stalls, ahead=one.ahead)
        for k, one in enumerate(ROUNDS)
    ]
    return [
        Stimulus("packets of one bit", _packets_of_one_bit(params), 0, NO_STALLS, ahead=False),
        Stimulus("rests", _rests(params), 0, NO_STALLS, ahead=False),
        *rounds,
        *(Stimulus(f"replies, {stalls}", _replies(params), 0, stalls, ahead=False) for stalls in REPLIES),
        *_cuts(params),
        *stimuli(params, NETWORKS),
        *(_misled(params, one) for one in rounds),
    ]


def _misled(params: Params, one: Stimulus) -> Stimulus:
    """The same, with packets of the host for children, too, that are not there."""
    rng, absent = np.random.default_rng(0x6D6973), ~everywhere(params) & (1 << ROUTE_BITS) - 1
    routes = (rng.integers(0, 1 << ROUTE_BITS, one.words.size) & absent).astype(np.uint64)
    routes[packet_arrays.kinds(one.words) == Kind.END] = 0
    words = one.words | routes << SPIKE.places["route"][0]
    return replace(one, name=f"{one.name}, misled", words=np.concatenate([words, router_counters(params)]))


def _round(params: Params, number: int) -> Words:
    """Cores that are loaded, steps with what the host sends between and amid them, and the counters of all routers."""
    rng, specs, of = np.random.default_rng((number, 0x747265)), memories(params), ROUNDS[number]
    words = rng.integers(0, of.words + 1, specs[Memory.AXONS].rows)
    fire = np.full(params.neurons, signed_range(params.membrane_bits)[0])
    parts = [
        _rows(params, Memory.TYPES, everywhere(params), {}),
        _rows(params, Memory.NEURONS, everywhere(params), {"threshold": fire}),
        _rows(params, Memory.AXONS, everywhere(params), {"length": words}),
    ]
    for core in range(params.cores):
        rows = params.fanout_entries
        near = rng.integers(0, params.axons, rows)
        far = near & 7 | 1 << rng.integers(0, AXON_BITS, rows)
        entries = {
            "scope": rng.choice(of.scopes, rows),
            "route": rng.choice(of.routes, rows),
            "axon": np.where(rng.random(rows) < 0.6, near, far),
            "next": rng.integers(0, rows, rows),
        }
        parts.append(_rows(params, Memory.FANOUT, route_to(params.levels, core), entries))
    for _ in range(STEPS):
        parts += [_from_host(params, rng), END]
    return np.concatenate([*parts, router_counters(params)])


def _rows(params: Params, memory: Memory, route: int, columns: dict[str, IntArray]) -> Words:
    """WRITEs of all rows of a memory, zero but for some columns."""
    spec = memories(params)[memory]
    zero = {field.name: np.zeros(spec.rows, dtype=np.int64) for field in spec.layout.fields}
    return packet_arrays.writes(memory, np.arange(spec.rows), spec.layout.pack_rows(spec.rows, zero | columns), route)


def _places(params: Params) -> list[int]:
    """The routes to each router, each core, and several cores."""
    cores = [route_to(params.levels, core) for core in range(params.cores)]
    return [*router_routes(params), *cores, 0x31, 0x23, 0x33]


def _from_host(params: Params, rng: np.random.Generator) -> Words:
    """Spikes to anywhere, READs and WRITEs of anything of routers and cores, with spikes right behind them."""
    routes = _places(params)
    words = list[int]()
    for kind in rng.choice([Kind.SPIKE, Kind.READ, Kind.WRITE], int(rng.integers(0, 12)), p=[0.6, 0.35, 0.05]):
        if kind == Kind.SPIKE:
            axon = int(rng.integers(0, params.axons))
            words.append(SPIKE.pack(kind=kind, route=int(rng.choice([*ANYWHERE, *NOBODY])), axon=axon))
        else:
            row = int(rng.integers(0, len(RouterCounter) + 1))
            chunk, route = int(rng.integers(0, 2)), int(rng.choice(routes))
            words.append(ACCESS.pack(kind=kind, route=route, memory=Memory.COUNTERS, row=row, chunk=chunk))
    return np.array(words, dtype=np.uint64)


def _packets_of_one_bit(params: Params) -> Words:
    """Packets of every kind, those too that are not there, with one bit set of all others; as many that nobody gets, as
    fast as they come; and what routers have counted."""
    kinds = [kind for kind in range(1 << KIND_BITS) if kind != Kind.END]
    one = [kind | 1 << bit for bit in range(KIND_BITS, ACCESS.width) for kind in kinds]
    places = [*ANYWHERE, *NOBODY, *(place | 1 << bit for place in _places(params) for bit in range(ROUTE_BITS))]
    routes = [SPIKE.pack(kind=Kind.SPIKE, route=route, axon=1) for route in places]
    reads = [ACCESS.pack(kind=Kind.READ, route=route, memory=Memory.COUNTERS) for route in places]
    flood = [SPIKE.pack(kind=Kind.SPIKE, route=route) for route in (0, 0x40) for _ in range(40)]
    words = np.array([*one, *routes, *reads, *flood], dtype=np.uint64)
    return np.concatenate([words, router_counters(params), END])


def _replies(params: Params) -> Words:
    """READs of every place behind those of every other one, so that their replies meet in all routers."""
    places = _places(params)
    pairs = [route for first in places for second in places for route in (first, second)]
    routers = dict.fromkeys(router_routes(params), Memory.COUNTERS)
    words = [
        ACCESS.pack(kind=Kind.READ, route=route, memory=routers.get(route, Memory.PARAMETERS), row=k % 7)
        for k, route in enumerate(pairs)
    ]
    return np.array([*words, end()], dtype=np.uint64)


def _rests(params: Params) -> Words:
    """Accesses to every place, each with an END behind it, which waits until the chip is at rest."""
    accesses = [
        ACCESS.pack(kind=kind, route=route, memory=memory, row=row)
        for route in _places(params)
        for kind, memory, row in (
            (Kind.READ, Memory.COUNTERS, 0),
            (Kind.WRITE, Memory.TYPES, 0),
            (Kind.WRITE, Memory.COUNTERS, 0),
        )
    ]
    pairs = [*accesses, *(SPIKE.pack(kind=Kind.SPIKE, route=route, axon=1) for route in (*ANYWHERE, *NOBODY))]
    return np.array([word for packet in pairs for word in (packet, end())], dtype=np.uint64)


def _cuts(params: Params) -> list[Stimulus]:
    """Resets in the middle of the steps of cores that are loaded, and what routers and cores do behind that."""
    rng = np.random.default_rng(0x637574)
    found = list[Stimulus]()
    for k in range(CUTS):
        steps = np.concatenate([part for _ in range(STEPS) for part in (_from_host(params, rng), END)])
        after = np.concatenate([END, _from_host(params, rng), END, router_counters(params)])
        name, stalls = f"reset {k} in the middle of traffic", ROUNDS[k % len(ROUNDS)].stalls
        cut = (steps, int(rng.integers(1, CUT_WITHIN)))
        found.append(Stimulus(name, after, 0, stalls, ahead=k % 2 == 1, cut=cut))
    return found
