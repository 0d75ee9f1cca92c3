"""Whatever a chip sends, the host says what is wrong with it, in one of our errors, and goes on."""

import random
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from ganglion.model.compiler import compile_program
from ganglion.model.compiler.image import Image
from ganglion.model.random_network import random_network
from ganglion.model.spec.errors import GanglionError
from ganglion.model.spec.events import Events
from ganglion.model.spec.packet_arrays import Words, kinds
from ganglion.model.spec.packets import ACCESS, PACKET_BITS, Kind, end, spike
from ganglion.model.spec.params import PRESETS
from ganglion.sim.driver import NO_STALLS, Answer, Stalls
from ganglion.sim.target import ChipTarget

SEED = 3
QUICK, LONG = 150, 30_000
"""Chips, of which each is strange in its own way."""


@cache
def image() -> Image:
    return compile_program(random_network(PRESETS["tiny"], SEED).program)


class StrangeDriver:
    """A driver of a chip that answers with the right packets, of random content, and damages, drops, repeats or invents
    some."""

    name = "strange"

    def __init__(self, seed: int) -> None:
        self.rng, self.params = random.Random(seed), PRESETS["tiny"]
        self.strange = self.rng.choice((0.0, 0.01, 0.2))

    @property
    def chip(self) -> Any:
        return SimpleNamespace(params=self.params)

    def exchange(self, words: Words, *, replies: int = 0, states: bool = False, ahead: bool = False) -> Answer:
        out: list[int] = []
        for word, kind in zip(words.tolist(), kinds(words).tolist(), strict=True):
            if kind == Kind.READ:
                asked = ACCESS.unpack(word)
                out.append(ACCESS.pack(**{**asked, "kind": Kind.REPLY, "data": self.rng.randrange(1 << 16)}))
            elif kind == Kind.END:
                out += [spike(self.rng.randrange(8)), end()]
        return Answer(words=np.array([w for word in out for w in self._sent(word)], dtype=np.uint64))

    def _sent(self, word: int) -> list[int]:
        if self.rng.random() >= self.strange:
            return [word]
        change = self.rng.randrange(4)
        if change == 0:
            return []
        if change == 1:
            return [word, word]
        if change == 2:
            return [word ^ 1 << self.rng.randrange(PACKET_BITS)]
        return [word, self.rng.getrandbits(PACKET_BITS)]

    def reset(self, stalls: Stalls = NO_STALLS) -> None:
        """Changes nothing."""

    def close(self) -> None:
        """Nothing to close."""


class Loaded(ChipTarget):
    """Believes that the network is there."""

    def load(self) -> None:
        self._bad_packets = 0


def calls(target: ChipTarget, seed: int) -> int:
    """Ask everything of a chip; how often that was an error of ours."""
    rng, refused = random.Random(seed), 0
    events = Events.from_steps([[0], [], [1, 1]])
    for call in rng.sample(
        [
            lambda: target.run(events),
            lambda: target.run(events, probes={"v": [0, 1]}),
            lambda: target.step([0]),
            lambda: target.run_batch([events, events]),
            lambda: target.read("v"),
            lambda: target.write("v", [0, 1], 1),
            lambda: target.weights(),
            lambda: target.write_weights(0, 1),
            target.state,
            target.counters,
            target.traffic,
            target.reset,
            lambda: ChipTarget(image(), target.driver),
        ],
        k=6,
    ):
        try:
            call()
        except GanglionError:
            refused += 1
    return refused


def test_a_chip_that_sends_anything_is_refused_in_words() -> None:
    assert sum(calls(Loaded(image(), StrangeDriver(seed)), seed) for seed in range(QUICK)) > QUICK


@pytest.mark.slow
def test_many_chips_that_send_anything_are_refused_in_words() -> None:
    """Whatever a chip sends, the host says what is wrong with it, and goes on."""
    for seed in range(QUICK, LONG):
        calls(Loaded(image(), StrangeDriver(seed)), seed)
