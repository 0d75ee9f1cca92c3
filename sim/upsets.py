"""Single-event upsets: bits of a chip's memories are inverted while a network runs, and what becomes of each."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from ganglion.model.compiler import Image
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.errors import ChipError, FaultError
from ganglion.model.spec.events import Events
from ganglion.model.spec.trace import Trace
from ganglion.sim.native import Flip, NativeDriver
from ganglion.sim.rtl import Rtl


class Outcome(StrEnum):
    """What became of an upset."""

    DETECTED = "detected"
    """The chip told the memory and the row before the trace was handed over."""
    REFUSED = "refused"
    """The chip did something else that no chip does, which the host saw: got stuck, say, or dropped a packet."""
    SILENT = "silent"
    """The trace was handed over, and it is wrong: spikes, counters or cycles."""
    HARMLESS = "harmless"
    """The trace is right: the bit was not read again, or did not matter."""


@dataclass(frozen=True)
class Upsets:
    """What became of the upsets of a campaign."""

    counts: dict[str, Counter[Outcome]] = field(default_factory=dict)
    """By the name of the array."""
    bits: dict[str, int] = field(default_factory=dict)
    """Stored bits of each kind."""

    def total(self, outcome: Outcome) -> int:
        """Upsets of all arrays that came to this."""
        return sum(count[outcome] for count in self.counts.values())


def random_flips(driver: NativeDriver, cycles: int, count: int, rng: np.random.Generator) -> list[Flip]:
    """Bits to invert: as many in each kind of array, any row, bit, core and lane of it, any cycle of the run.

    Args:
        driver: with open arrays.
        cycles: of the run.
        count: how many.
        rng: draws them.
    """
    kinds: dict[str, list[int]] = {}
    for k, array in enumerate(driver.open_arrays):
        kinds.setdefault(array.name, []).append(k)
    names = sorted(kinds)
    flips = []
    for k in range(count):
        number = int(rng.choice(kinds[names[k % len(names)]]))
        array = driver.open_arrays[number]
        cycle, core, row, bit = rng.integers((cycles, driver.params.cores, array.rows, array.width)).tolist()
        flips.append(Flip(cycle=cycle, array=number, core=core, row=row, bit=bit))
    return flips


def campaign(
    runs: Iterable[tuple[Image, Events]], driver: NativeDriver, *, flips: int, seed: int, progress: Progress = SILENT
) -> Upsets:
    """Runs networks once without an upset and then with one at a time, each from a chip that was loaded again.

    Args:
        runs: networks for the driver's chip, and what they are given.
        driver: with open arrays.
        flips: of each network.
        seed: of the bits and cycles.
        progress: told of the upsets.

    Returns:
        What became of them.
    """
    rng, found = np.random.default_rng((seed, 0x5E)), Upsets()
    for array in driver.open_arrays:
        name = array.name
        found.bits[name] = found.bits.get(name, 0) + array.rows * array.width * driver.params.cores
        found.counts[name] = Counter()
    runs = list(runs)
    with progress.task(f"upsets of {driver.params.name}, seed {seed}", len(runs) * flips) as task:
        for image, events in runs:
            chip = Rtl(image, driver)
            right = chip.run(events)
            for flip in random_flips(driver, right.total("cycles"), flips, rng):
                outcome = outcome_of(chip, events, right, flip)
                found.counts[driver.open_arrays[flip.array].name][outcome] += 1
                task.advance()
    return found


def outcome_of(chip: Rtl, events: Events, right: Trace, flip: Flip) -> Outcome:
    """What becomes of one upset.

    Args:
        chip: on a driver with open arrays; it is loaded first.
        events: of the run.
        right: what it gives without an upset.
        flip: the upset; cycles count from the beginning of the run.

    Raises:
        ChipError: the chip's arrays are not open.
    """
    driver = chip.driver
    if not isinstance(driver, NativeDriver):
        raise ChipError(f"bits can be flipped behind NativeDriver(…, opened=True), not behind the driver {driver.name}")
    chip.load()
    driver.flip([flip])
    try:
        trace = chip.run(events)
    except FaultError:
        return Outcome.DETECTED
    except ChipError:
        return Outcome.REFUSED
    finally:
        driver.flip([])
    in_time = np.array_equal(trace.counters["cycles"], right.counters["cycles"])
    return Outcome.HARMLESS if in_time and trace == right else Outcome.SILENT
