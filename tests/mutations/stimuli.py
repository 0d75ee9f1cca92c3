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
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.packet_arrays import Words
from ganglion.model.spec.packets import ACCESS, MEMORY_BITS, Kind, end
from ganglion.model.spec.params import Params
from ganglion.model.spec.registers import REGISTER_BITS, Register, RouterCounter
from ganglion.model.spec.tree import route_of, route_to, route_to_router
from ganglion.sim.driver import NO_STALLS, Driver, Stalls
from ganglion.sim.snapshot import snapshot_reads
from ganglion.sim.verify import random_stalls
from tests.sim.any_packets import any_packets

STEPS = 10
"""Of each network."""

ANY_PACKETS_EACH = 2
"""Networks to one that is followed by packets of any kind."""

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

    def answer(self, driver: Driver) -> str | tuple[bytes, ...]:
        """What a chip does: packets and cycles; or how it fails."""
        driver.reset(self.stalls)
        try:
            answer = driver.exchange(self.words, replies=self.replies, ahead=self.ahead)
        except ChipError as error:
            return str(error)
        assert answer.step_cycles is not None
        return answer.words.tobytes(), answer.step_cycles.tobytes(), str(answer.total).encode()


def stimuli(params: Params, networks: int) -> list[Stimulus]:
    """One after the other: what one leaves in the memories, the next one finds."""
    found = [Stimulus("accesses of one bit", _accesses_of_one_bit(), 0, NO_STALLS, ahead=False)]
    for seed in range(networks):
        found.append(_network(params, seed))
        if seed % ANY_PACKETS_EACH == 0:
            anything = any_packets(params, np.random.default_rng((seed, 0x6D7574)))
            words = np.concatenate([anything, _rows(params, Memory.REGISTERS), snapshot_reads(params)])
            found.append(Stimulus(f"packets of seed {seed}", words, 0, random_stalls(seed), ahead=False))
    return found


def _network(params: Params, seed: int) -> Stimulus:
    """A network: loaded, run from any step, with the counters before and after each step; at the end all that was
    loaded is read back, with parameters, registers and state."""
    network, rng = random_network(params, seed, STEPS), np.random.default_rng((seed, 0x73746570))
    step = memories(params)[Memory.REGISTERS].layout.pack_rows(1, {"value": np.array([_any_step(rng)])})
    everywhere = route_of((1 << size) - 1 for size in params.levels)
    counters = _counters(params)
    parts = [loading_packets(network.image), packet_arrays.writes(Memory.REGISTERS, [Register.STEP], step, everywhere)]
    for t in range(STEPS):
        parts += [counters, _spikes(network.image, network.events[t]), np.array([end()], dtype=np.uint64)]
    parts += [counters, *(_rows(params, memory) for memory in _loaded(network.image)), snapshot_reads(params)]
    words = np.concatenate(parts)
    reads = int((packet_arrays.kinds(words) == Kind.READ).sum())
    return Stimulus(f"network of seed {seed}", words, reads, random_stalls(seed), ahead=seed % AHEAD_EACH == 1)


def _accesses_of_one_bit() -> Words:
    """READs and WRITEs of every memory, those that are not there too, with one bit set in their row and chunk."""
    wanted = [field for field in ACCESS.fields if field.name in ("row", "chunk")]
    fields = [(field.name, 1 << bit) for field in wanted for bit in range(field.width)]
    packets = [
        ACCESS.pack(kind=kind, memory=memory, **{name: value})
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


def _counters(params: Params) -> Words:
    """READs of all counters of cores and routers."""
    chunks = memories(params)[Memory.COUNTERS].layout.chunks
    sizes = [prod(params.levels[k:]) for k in range(1, len(params.levels) + 1)]
    routes = [route_to_router(params.levels, k + 1, router) for k, size in enumerate(sizes) for router in range(size)]
    read = [packet_arrays.reads(Memory.COUNTERS, np.arange(len(RouterCounter)), chunks, route) for route in routes]
    return np.concatenate([_rows(params, Memory.COUNTERS), *read])


def _any_step(rng: np.random.Generator) -> int:
    """The first, one just before a carry, or any."""
    top = 1 << REGISTER_BITS
    carry = (1 << rng.integers(1, REGISTER_BITS + 1)) - rng.integers(1, STEPS)
    return int(rng.choice([0, carry, rng.integers(top)])) % top
