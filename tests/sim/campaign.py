"""A campaign of lockstep: millions of steps of random networks on random chips, in the native loop.

    python -m tests.sim.campaign --steps 10000000

Chips are those of seeds 0, 1, …, the networks of each those of seeds 0, 1, … too, with random stalls of both streams.
Spikes, membranes, currents, adaptations, refractory counters, accumulators of all slots, weights, tags and traces are
compared at the end of every step, with the reference's for every eighth network and the emulator's for the others;
SynOps too; other counters at the end of every network, since to read them takes longer than a step. A line of JSON in
the log for every `NETWORKS` networks; what the log has of the same sources is not run again.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path

from ganglion.model.emulator.emulator import Emulator
from ganglion.model.lockstep import lockstep
from ganglion.model.random_network import random_network
from ganglion.model.spec.errors import MismatchError
from ganglion.model.spec.params import Params
from ganglion.model.spec.reference import Reference
from ganglion.model.spec.registers import COUNTER_BITS, Counter
from ganglion.sim.native import NativeDriver
from ganglion.sim.rtl import Rtl
from ganglion.sim.target import COUNTERS, LEARN_COUNTERS
from ganglion.sim.verify import random_stalls
from tests.sim.random_chips import random_chip
from tests.soak import ROOT, sources_key

STEPS = 2000
"""Steps of each network."""

REFERENCE = 8
"""Of so many networks one is compared with the reference, which is slower than the emulator."""

NETWORKS = 25
"""Networks of each line of the log."""

LINES = {True: 12, False: 2}
"""Lines of each chip, by whether it has one core: several are slower."""


@dataclass(frozen=True)
class Line:
    """Networks that ran without a difference."""

    sources: str
    chip: int
    """Seed of the chip."""
    first: int
    """Seed of the first network."""
    networks: int
    steps: int
    """Of all networks together."""
    seconds: float
    """Of the processor, without the build."""


def parts(first_chip: int) -> Iterator[tuple[int, int]]:
    """Chips, and first networks."""
    for chip in count(first_chip):
        yield from ((chip, line * NETWORKS) for line in range(LINES[random_chip(chip).cores == 1]))


def done(log: Path, sources: str) -> dict[tuple[int, int], Line]:
    """What the log has of these sources, by chip and first network."""
    lines = [Line(**json.loads(text)) for text in log.read_text().splitlines()] if log.exists() else []
    return {(line.chip, line.first): line for line in lines if line.sources == sources}


def run_part(driver: NativeDriver, first: int, networks: int, steps: int = STEPS) -> int:
    """Runs the networks of so many seeds.

    Returns:
        the steps that were compared.

    Raises:
        MismatchError: the first difference.
    """
    params = driver.params
    for seed in range(first, first + networks):
        network = random_network(params, seed, steps)
        right = Emulator(network.program) if seed % REFERENCE else Reference(network.program)
        rtl = Rtl(network.image, driver, stalls=random_stalls(seed), counters=(Counter.SYNOPS,))
        counters = COUNTERS + LEARN_COUNTERS * bool(network.program.learning)
        before = [rtl.chip_counter(counter) for counter in counters]
        wanted = lockstep(
            network.program,
            network.events,
            rtl,
            right,
            replay=f"python -m tests.sim.campaign --chip {params.name.rpartition('-')[2]} --network {seed}",
            between={step: meddling.apply for step, meddling in network.meddling.items()},
        ).wanted
        for counter, begun in zip(counters, before, strict=True):
            counted = (rtl.chip_counter(counter) - begun) % (1 << COUNTER_BITS)
            right_count = int(wanted.counters[counter.name.lower()].sum()) % (1 << COUNTER_BITS)
            if counted != right_count:
                raise MismatchError(f"network {seed}: {counter.name} is {counted}, and {right_count} on {right.name}")
    return networks * steps


def driver_of(params: Params) -> NativeDriver:
    return NativeDriver(params, quick=params.cores > 1)


def campaign(log: Path, steps: int, first_chip: int = 0) -> None:
    """Runs until the log has so many steps, of chips and networks in order."""
    sources = sources_key()
    have = done(log, sources)
    total = 0
    driver: NativeDriver | None = None
    log.parent.mkdir(parents=True, exist_ok=True)
    for chip, first in parts(first_chip):
        if total >= steps:
            return
        line = have.get((chip, first))
        if line is None:
            if driver is None or driver.params != random_chip(chip):
                driver = driver_of(random_chip(chip))
            begin = time.process_time()
            ran = run_part(driver, first, NETWORKS)
            line = Line(sources, chip, first, NETWORKS, ran, round(time.process_time() - begin, 2))
            with log.open("a") as file:
                file.write(json.dumps(asdict(line)) + "\n")
        total += line.steps
        print(f"{total:,} of {steps:,} steps, chip {chip}, the last {line.steps:,} in {line.seconds:.1f} s", flush=True)


def main() -> int:
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--steps", type=int, default=1_000_000, help="how many steps the log is to have")
    parser.add_argument("--log", type=Path, default=ROOT / "build" / "lockstep.jsonl")
    parser.add_argument("--first-chip", type=int, default=0, help="seed of the first chip")
    parser.add_argument("--chip", type=int, help="run one network again: seed of its chip")
    parser.add_argument("--network", type=int, help="and its own")
    arguments = parser.parse_args()
    if arguments.chip is None:
        campaign(arguments.log, arguments.steps, arguments.first_chip)
        return 0
    with closing(driver_of(random_chip(arguments.chip))) as driver:
        print(f"{run_part(driver, arguments.network, 1):,} steps, no difference")
    return 0


if __name__ == "__main__":
    sys.exit(main())
