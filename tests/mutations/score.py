"""The mutation score: of the mutants of a chip that Yosys makes, how many the checks see.

Run `python -m tests.mutations.score` in the root of the repository. What a mutant does is held against what the chip
itself does on the same packets: random networks with random stalls, whose spikes, counters, cycles and state after the
last step are read, and packets of any kind. `tests/sim` holds the chip itself to the reference and the cycle model on
the same networks, so what differs here fails there.
"""

import argparse
import sys
from collections import Counter as Tally
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from ganglion.model.compiler.loading import loading_packets
from ganglion.model.random_network import random_network
from ganglion.model.spec import packet_arrays
from ganglion.model.spec.errors import ChipError
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.packet_arrays import Words
from ganglion.model.spec.packets import ACCESS, Kind, end
from ganglion.model.spec.params import PRESETS, Params
from ganglion.model.spec.registers import COUNTER_BITS
from ganglion.sim.driver import Answer, Stalls
from ganglion.sim.native import NativeDriver
from ganglion.sim.snapshot import snapshot_reads
from ganglion.sim.verify import random_stalls
from tests.mutations.netlist import Mutant, choose, mutants
from tests.sim.any_packets import any_packets

MUTANTS = 2000
"""Of a whole run."""

NETWORKS = 40
"""Random networks, seeds from 0, and as many times a quarter packets of any kind, after which a mutant has survived."""

STEPS = 10
"""Of each network."""


@dataclass(frozen=True, eq=False)
class Stimulus:
    """Packets for a chip after a reset."""

    name: str
    words: Words
    replies: int
    stalls: Stalls


@dataclass(frozen=True)
class Score:
    """What became of the mutants."""

    seen: dict[Mutant, str]
    """Those that were, and the first stimulus that saw each."""
    survivors: tuple[Mutant, ...]

    @property
    def share(self) -> float:
        """Of the mutants, how many were seen."""
        return len(self.seen) / (len(self.seen) + len(self.survivors))

    def shown(self) -> Table:
        """By module, the worst first."""
        table = Table("module", "mutants", "seen", "score")
        every = Tally(mutant.module for mutant in (*self.seen, *self.survivors))
        seen = Tally(mutant.module for mutant in self.seen)
        for module in sorted(every, key=lambda module: seen[module] / every[module]):
            table.add_row(module, f"{every[module]}", f"{seen[module]}", f"{seen[module] / every[module]:.1%}")
        table.add_row("all", f"{every.total()}", f"{seen.total()}", f"{self.share:.1%}")
        return table


def stimuli(params: Params, networks: int) -> list[Stimulus]:
    """What mutants are given, one after the other."""
    found = []
    for seed in range(networks):
        found.append(_network(params, seed))
        if seed % 4 == 0:
            words = any_packets(params, np.random.default_rng((seed, 0x6D7574)))
            found.append(Stimulus(f"packets of seed {seed}", words, 0, random_stalls(seed)))
    return found


def _network(params: Params, seed: int) -> Stimulus:
    """A network: loaded, run, with the counters before and after each step; at the end all that was loaded is read
    back, with parameters, registers and state. Rows that are not loaded have what an earlier stimulus left there."""
    network = random_network(params, seed, STEPS)
    specs, axons = memories(params), network.image.inputs.axon
    counters = packet_arrays.reads(Memory.COUNTERS, np.arange(specs[Memory.COUNTERS].rows), _chunks(params))
    steps = [(packet_arrays.spikes(axons[network.events[t]]), [np.uint64(end())], counters) for t in range(STEPS)]
    rows = {memory: np.arange(specs[memory].rows) for memory in (Memory.REGISTERS, Memory.PARAMETERS)}
    for memory, content in network.image.cores[0].memories.items():
        rows.setdefault(memory, content.first + np.arange(len(content.chunks)))
    loaded = [packet_arrays.reads(memory, which, specs[memory].layout.chunks) for memory, which in rows.items()]
    rest = [part for step in steps for part in step]
    words = np.concatenate([loading_packets(network.image), counters, *rest, *loaded, snapshot_reads(params)])
    reads = int((packet_arrays.kinds(words) == Kind.READ).sum())
    return Stimulus(f"network of seed {seed}", words.astype(np.uint64), reads, random_stalls(seed))


class Bench:
    """A chip with its mutants, and what the chip itself answers."""

    def __init__(self, driver: NativeDriver, stimuli: Sequence[Stimulus]) -> None:
        self.driver = driver
        self.stimuli = stimuli
        self.right = [self.answer(0, stimulus) for stimulus in stimuli]

    def answer(self, number: int, stimulus: Stimulus) -> str | tuple[bytes, ...]:
        """What a mutant does: packets, cycles, and by how much it has raised its counters; or how it fails."""
        self._choose(0)
        self.driver.reset(stimulus.stalls)
        try:
            self.driver.exchange(choose(number))
            answer = self.driver.exchange(stimulus.words, replies=stimulus.replies)
            return _what_counts(self.driver.params, answer, counted=stimulus.replies > 0)
        except ChipError as error:
            return str(error)

    def seen_by(self, mutant: Mutant) -> str | None:
        """The first stimulus with which a mutant does not what the chip does."""
        for stimulus, right in zip(self.stimuli, self.right, strict=True):
            if self.answer(mutant.number, stimulus) != right:
                return stimulus.name
        return None

    def score(self, some: Iterable[Mutant]) -> Score:
        """Of these mutants."""
        verdicts = {mutant: self.seen_by(mutant) for mutant in some}
        seen = {mutant: verdict for mutant, verdict in verdicts.items() if verdict}
        return Score(seen, tuple(mutant for mutant, verdict in verdicts.items() if not verdict))

    def _choose(self, number: int) -> None:
        """What the last mutant has left may not come to rest; a reset behind it does."""
        self.driver.reset()
        try:
            self.driver.exchange(choose(number))
        except ChipError:
            self.driver.reset()


def _chunks(params: Params) -> int:
    return memories(params)[Memory.COUNTERS].layout.chunks


def _what_counts(params: Params, answer: Answer, *, counted: bool) -> tuple[bytes, ...]:
    """Counters go on through resets, so what is theirs is told as differences, where all are read again and again."""
    words, spec = answer.words, memories(params)[Memory.COUNTERS]
    of_counters = (packet_arrays.kinds(words) == Kind.REPLY) & (
        packet_arrays.unpack(ACCESS, "memory", words) == Memory.COUNTERS
    )
    rest = np.where(of_counters, words & np.uint64((1 << ACCESS.offset("data")) - 1), words)
    chunks = packet_arrays.unpack(ACCESS, "data", words[of_counters])
    whole = counted * (chunks.size // (spec.rows * spec.layout.chunks) * spec.rows * spec.layout.chunks)
    numbers = spec.layout.unpack_rows(chunks[:whole].reshape(-1, spec.layout.chunks).astype(np.uint16))["value"]
    raised = np.diff(numbers.reshape(-1, spec.rows), axis=0) % (1 << COUNTER_BITS)
    assert answer.step_cycles is not None
    return rest.tobytes(), raised.tobytes(), answer.step_cycles.tobytes(), str(answer.total).encode()


def main() -> int:
    parser = argparse.ArgumentParser(description="Count how many mutants of a chip the checks see.")
    parser.add_argument("--mutants", type=int, default=MUTANTS, help="how many are made (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the choice (%(default)s)")
    parser.add_argument("--networks", type=int, default=NETWORKS, help="random networks for each (%(default)s)")
    arguments = parser.parse_args()
    console, params = Console(), PRESETS["tiny"]
    made = mutants(params, arguments.mutants, arguments.seed)
    bench = Bench(NativeDriver(made.chip, quick=True), stimuli(params, arguments.networks))
    score = bench.score(track(made.mutants, "mutants", console=Console(stderr=True)))
    console.print(score.shown())
    for mutant in score.survivors:
        console.print(f"{mutant.module}: {mutant.what}", highlight=False, markup=False, soft_wrap=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
