"""Packets of any kind to a simulated chip whose C++ runs under the address sanitizer and that for undefined behaviour.

Behind them READ must answer, CLEAR must clear, and a right network must have the right trace, without a reset between.
"""

import random
from functools import cache
from pathlib import Path

import numpy as np

from ganglion.model.lockstep import lockstep
from ganglion.model.random_network import random_network
from ganglion.model.spec.cycles.longest import longest_step
from ganglion.model.spec.memories import Memory, state_memories, version
from ganglion.model.spec.packet_arrays import Words, kinds
from ganglion.model.spec.packets import KIND_BITS, Kind, end
from ganglion.model.spec.params import Params
from ganglion.model.spec.params.options import ALL_PARITY
from ganglion.model.spec.reference import Reference
from ganglion.model.spec.registers import Register
from ganglion.sim.access import Access
from ganglion.sim.driver import NO_STALLS, Stalls
from ganglion.sim.native import NativeDriver
from ganglion.sim.rtl import Rtl
from tests.sim.any_packets import any_packets
from tests.sim.chips import LEARNING, NARROW, TINY

CHIPS: dict[str, Params] = {
    "tiny": TINY,
    "narrow": NARROW,
    "learning": LEARNING,
    "parity": TINY.replace(name="tiny-parity", parity=ALL_PARITY & 0x3FE),
    "learning parity": LEARNING.replace(name="learning-parity", parity=ALL_PARITY),
}
"""Chips by name: of one core and of six, that learn, with parity on all memories, with both."""

NETWORKS = 16
"""Right networks of each chip, from which packets are made and with which it is tried."""

ENDS = 3
"""ENDs of an input, at most: any memories make steps long."""


class Unreset(NativeDriver):
    """A chip that is reset once, when it is made, and waits for as long as any step may take."""

    def __init__(self, params: Params, *, sanitized: bool) -> None:
        self._begun = False
        super().__init__(params, quick=True, sanitized=sanitized)

    def reset(self, stalls: Stalls = NO_STALLS) -> None:
        if not self._begun:
            super().reset()
            self._begun = True
        self._patience = longest_step(self.params)


@cache
def chip(name: str, *, sanitized: bool = True) -> Unreset:
    """The chip of a name, one for all inputs."""
    return Unreset(CHIPS[name], sanitized=sanitized)


@cache
def packet_seeds(name: str) -> list[Words]:
    """Networks that are loaded and run, and memories full of anything."""
    params, rng = CHIPS[name], np.random.default_rng(0x9A)
    found = [any_packets(params, rng) for _ in range(NETWORKS)]
    for seed in range(NETWORKS):
        network = random_network(params, seed)
        found.append(np.append(network.image.packets(), np.uint64(end())))
    return found


def change_packets(name: str, raw: bytes, rng: random.Random) -> bytes:
    """Packets that are flipped in a bit, lost, repeated, moved, made of anything, or of another sequence."""
    words = np.frombuffer(raw, np.uint64).tolist()
    other = rng.choice(packet_seeds(name)).tolist()
    for _ in range(rng.choice((1, 4, 16, 64))):
        at, kind = rng.randrange(len(words)), rng.randrange(6)
        if kind == 0:
            words[at] ^= 1 << rng.randrange(64)
        elif kind == 1:
            del words[at : at + rng.choice((1, 1, 8, 100))]
        elif kind == 2:
            words[at:at] = words[at : at + rng.randrange(1, 9)]
        elif kind == 3:
            words.insert(at, rng.getrandbits(64))
        elif kind == 4:
            words[at] = words[at] >> KIND_BITS << KIND_BITS | rng.choice(list(Kind))
        else:
            begin = rng.randrange(len(other))
            words[at:at] = other[begin : begin + rng.choice((1, 20, 400))]
        if not words:
            words = [end()]
    return np.array(words, dtype=np.uint64).tobytes()


def run_packets(name: str, path: Path, *, sanitized: bool = True) -> None:
    """Sends a file of packets to a chip, and sees whether it still works.

    Args:
        name: of the chip.
        path: packets of 64 bits, as bytes.
        sanitized: whether its C++ is checked too.

    Raises:
        AssertionError: it does not.
        ChipError, MismatchError: nor so.
    """
    driver, raw = chip(name, sanitized=sanitized), path.read_bytes()
    words = _few_ends(np.frombuffer(raw[: len(raw) // 8 * 8], np.uint64))
    driver.exchange(np.append(words, np.uint64(end())))
    access, params = Access(driver), driver.params
    assert access.numbers(Memory.REGISTERS, [Register.VERSION]) == [version(params)], "READ does not answer"
    driver.exchange(access.writing_register(Register.CLEAR, 0))
    for core in range(params.cores):
        assert access.numbers(Memory.REGISTERS, [Register.STEP], core) == [0], "CLEAR leaves a step"
        for memory, spec in state_memories(params).items():
            left = spec.cleared and access.read(memory, np.arange(spec.rows), core).any()
            assert not left, f"CLEAR leaves {memory.name}"
    network = random_network(params, len(words) % NETWORKS)
    between = {step: meddling.apply for step, meddling in network.meddling.items()}
    lockstep(network.program, network.events, Rtl(network.image, driver), Reference(network.program), between=between)


def _few_ends(words: Words) -> Words:
    """The packets without the ENDs behind the first few."""
    ends = kinds(words) == Kind.END
    return words[~ends | (np.cumsum(ends) <= ENDS)]
