"""What mutants of a chip are given: random networks and packets of any kind, under random stalls."""

from dataclasses import dataclass
from math import prod

import numpy as np

from ganglion.model.compiler.image import Image
from ganglion.model.compiler.loading import loading_packets
from ganglion.model.random_network import random_network
from ganglion.model.spec import packet_arrays
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import ChipError
from ganglion.model.spec.formats import CHUNK_BITS
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.packet_arrays import Words
from ganglion.model.spec.packets import ACCESS, MEMORY_BITS, ROUTE_BITS, Kind, end
from ganglion.model.spec.params import Params
from ganglion.model.spec.registers import REGISTER_BITS, Register, RouterCounter
from ganglion.model.spec.tree import route_of, route_to, route_to_router
from ganglion.sim.driver import NO_STALLS, Stalls
from ganglion.sim.native import NativeDriver
from ganglion.sim.snapshot import snapshot_reads
from ganglion.sim.verify import random_stalls
from tests.sim.any_packets import any_packets, any_rows

STEPS = 10
"""Of each network."""

ANY_PACKETS_EACH = 2
"""Networks to one that is followed by packets of any kind."""

ANY_TYPES_EACH = 2
"""Networks to one whose neurons then become of types that are anything."""

CUTS_EACH = 2
"""Networks to one whose steps the chip is then reset in the middle of."""

CUTS, CUT_WITHIN = 6, 600
"""Resets, and the cycles within which they come."""

LOOKS_EACH = 4
"""Networks to one after which it is looked when the chip is at rest."""

LOOKS = 64
"""Cycles of a step in which it is looked: more than a step without events takes."""

ORDERS = 40
"""Accesses to registers and ENDs of a stimulus of these."""

AHEAD_EACH = 5
"""Networks to one whose packets do not wait for the step before them to end."""


@dataclass(frozen=True, eq=False)
class Stimulus:
    """Packets for a chip after a reset."""

    name: str
    words: Words
    replies: int
    stalls: Stalls
    ahead: bool
    """As AHEAD_EACH."""
    cut: tuple[Words, int] | None = None
    """Packets before the reset, and how many cycles after the first one it comes."""
    looks: int = 0
    """Steps behind the packets, in each of which it is looked one cycle later whether the chip is at rest."""

    def answer(self, driver: NativeDriver) -> str | tuple[bytes, ...]:
        """What a chip does: packets and cycles; or how it fails."""
        driver.reset(self.stalls)
        if self.cut is not None:
            driver.interrupt(*self.cut)
            driver.reset(self.stalls)
        try:
            answer = driver.exchange(self.words, replies=self.replies, ahead=self.ahead)
            rests = [_rests(driver, cycles) for cycles in range(1, self.looks + 1)]
        except ChipError as error:
            return str(error)
        assert answer.step_cycles is not None
        return answer.words.tobytes(), answer.step_cycles.tobytes(), f"{answer.total} {rests}".encode()


def _rests(driver: NativeDriver, cycles: int) -> int | None:
    """How long a chip is busy yet, so many cycles after an END came to it; None where it was not taken."""
    ends = np.array([end()], dtype=np.uint64)
    return driver.exchange(ends[:0]).total if driver.interrupt(ends, cycles) else None


def stimuli(params: Params, networks: int) -> list[Stimulus]:
    """One after the other: what one leaves in the memories, the next one finds."""
    accesses = np.concatenate([_accesses_of_one_bit(route) for route in {0, everywhere(params)}])
    found = [Stimulus("accesses of one bit", accesses, 0, NO_STALLS, ahead=False)]
    for seed in range(networks):
        found.append(_network(params, seed))
        rng, stalls = np.random.default_rng((seed, 0x6D7574)), random_stalls(seed)
        found += _cuts(params, seed) if seed % CUTS_EACH == 0 else []
        if seed % LOOKS_EACH == 0:
            found.append(Stimulus(f"looks, seed {seed}", snapshot_reads(params), 0, NO_STALLS, False, looks=LOOKS))
        after = {
            "types": _any_types(params, seed, rng) if seed % ANY_TYPES_EACH == 0 else None,
            "registers": _registers(rng) if seed % ANY_TYPES_EACH == 1 else None,
            "packets": _any_packets(params, rng) if seed % ANY_PACKETS_EACH == 0 else None,
        }
        for name, words in after.items():
            if words is not None:
                words = np.concatenate([words, _rows(params, Memory.REGISTERS), snapshot_reads(params)])
                found.append(Stimulus(f"{name} of seed {seed}", words, 0, stalls, ahead=False))
    return found


def _cuts(params: Params, seed: int) -> list[Stimulus]:
    """Resets while the steps of a network run that is loaded, and once while it is loaded; and a step after each."""
    network, rng = random_network(params, seed, STEPS), np.random.default_rng((seed, 0x637574))
    step = [_spikes(network.image, network.events[0]), np.array([end()], dtype=np.uint64)]
    steps = np.concatenate([*step, snapshot_reads(params)[:10], *step * (STEPS - 1)])
    after = np.concatenate([*step, _rows(params, Memory.REGISTERS), snapshot_reads(params)])
    cuts = [(steps, int(cycle)) for cycle in rng.integers(CUT_WITHIN, size=CUTS - 1)]
    cuts.append((loading_packets(network.image), int(rng.integers(CUT_WITHIN))))
    name, stalls = f"resets in the middle, seed {seed}", random_stalls(seed)
    return [Stimulus(name, after, 0, stalls, ahead=False, cut=cut) for cut in cuts]


def _network(params: Params, seed: int) -> Stimulus:
    """A network: loaded, run from any step, with the counters before and after each step; at the end all that was
    loaded is read back, with parameters, registers and state. In a chip of several cores, whose mutants are between
    them, it is the counters of routers, and at the end those of cores; and what was loaded is read from all at once."""
    network, rng = random_network(params, seed, STEPS), np.random.default_rng((seed, 0x73746570))
    step = memories(params)[Memory.REGISTERS].layout.pack_rows(1, {"value": np.array([_any_step(rng)])})
    parts = [loading_packets(network.image)]
    parts += [packet_arrays.writes(Memory.REGISTERS, [Register.STEP], step, everywhere(params))]
    counters = router_counters(params) if params.levels else _rows(params, Memory.COUNTERS)
    for t in range(STEPS):
        parts += [counters, _spikes(network.image, network.events[t]), np.array([end()], dtype=np.uint64)]
    parts += [counters, _rows(params, Memory.COUNTERS), snapshot_reads(params)]
    parts += [_rows_everywhere(params, memory) for memory in _loaded(network.image)]
    words = np.concatenate(parts)
    read = packet_arrays.kinds(words) == Kind.READ
    of_all = read & (packet_arrays.unpack(ACCESS, "route", words) == everywhere(params))
    replies = int(read.sum() + (params.cores - 1) * of_all.sum())
    return Stimulus(f"network of seed {seed}", words, replies, random_stalls(seed), ahead=seed % AHEAD_EACH == 1)


def _any_types(params: Params, seed: int, rng: np.random.Generator) -> Words:
    """Two steps of the network of a seed, which is loaded, with types that are anything; and again."""
    network, spec = random_network(params, seed, STEPS), memories(params)[Memory.TYPES]
    parts = list[Words]()
    for t in range(STEPS):
        if t % 2 == 0:
            parts += [snapshot_reads(params), any_rows(spec, everywhere(params), rng)]
        parts += [_spikes(network.image, network.events[t]), np.array([end()], dtype=np.uint64)]
    return np.concatenate(parts)


def _any_packets(params: Params, rng: np.random.Generator) -> Words:
    """Packets of any kind, and what they leave in all memories."""
    read = [_rows_everywhere(params, memory) for memory in memories(params)]
    return np.concatenate([any_packets(params, rng), *read])


def _registers(rng: np.random.Generator) -> Words:
    """ENDs right behind accesses to registers, those too that are not there."""
    rows = rng.integers(0, max(Register) + 2, ORDERS)
    kinds = rng.choice([Kind.READ, Kind.WRITE, Kind.END], ORDERS)
    values, chunks = rng.integers(0, 1 << CHUNK_BITS, ORDERS), rng.integers(0, 2, ORDERS)
    everywhere = (1 << ROUTE_BITS) - 1
    orders = zip(kinds, rows, chunks, values, strict=True)
    return np.array(
        [
            end()
            if kind == Kind.END
            else ACCESS.pack(kind=kind, route=everywhere, memory=Memory.REGISTERS, row=row, chunk=chunk, data=value)
            for kind, row, chunk, value in orders
        ],
        dtype=np.uint64,
    )


def everywhere(params: Params) -> int:
    """The route to all cores."""
    return route_of((1 << size) - 1 for size in params.levels)


def _accesses_of_one_bit(route: int) -> Words:
    """READs and WRITEs of every memory, those that are not there too, with one bit set in their row, chunk and data."""
    wanted = [field for field in ACCESS.fields if field.name in ("row", "chunk", "data")]
    fields = [(field.name, 1 << bit) for field in wanted for bit in range(field.width)]
    packets = [
        ACCESS.pack(kind=kind, route=route, memory=memory, **{name: value})
        for kind in (Kind.READ, Kind.WRITE)
        for memory in range(1 << MEMORY_BITS)
        for name, value in fields
    ]
    return np.array([*packets, end()], dtype=np.uint64)


def _spikes(image: Image, inputs: IntArray) -> Words:
    """The events of a step."""
    to = image.inputs
    which = np.concatenate([np.arange(to.start[k], to.start[k + 1]) for k in inputs] or [np.empty(0, dtype=np.int64)])
    return packet_arrays.spikes(to.axon[which], to.route[which])


def _loaded(image: Image) -> list[Memory]:
    """What an image writes, and what says how large the chip is."""
    return sorted({Memory.PARAMETERS, Memory.REGISTERS, *image.cores[0].memories})


def _rows(params: Params, memory: Memory) -> Words:
    """READs of a whole memory of every core."""
    spec = memories(params)[memory]
    routes = [route_to(params.levels, core) for core in range(params.cores)]
    return np.concatenate([packet_arrays.reads(memory, np.arange(spec.rows), spec.layout.chunks, r) for r in routes])


def _rows_everywhere(params: Params, memory: Memory) -> Words:
    """READs of a whole memory, each answered by all cores."""
    spec = memories(params)[memory]
    return packet_arrays.reads(memory, np.arange(spec.rows), spec.layout.chunks, everywhere(params))


def router_routes(params: Params) -> list[int]:
    """The routes to all routers themselves."""
    sizes = [prod(params.levels[k:]) for k in range(1, len(params.levels) + 1)]
    return [route_to_router(params.levels, k + 1, router) for k, size in enumerate(sizes) for router in range(size)]


def router_counters(params: Params) -> Words:
    """READs of all counters of routers."""
    chunks = memories(params)[Memory.COUNTERS].layout.chunks
    rows = np.arange(len(RouterCounter))
    return np.concatenate([packet_arrays.reads(Memory.COUNTERS, rows, chunks, r) for r in router_routes(params)])


def _any_step(rng: np.random.Generator) -> int:
    """The first, one just before a carry, or any."""
    top = 1 << REGISTER_BITS
    carry = (1 << rng.integers(1, REGISTER_BITS + 1)) - rng.integers(1, STEPS)
    return int(rng.choice([0, carry, rng.integers(top)])) % top
