"""What a campaign reached, counted: by chip, file of Python and kind of point; and what is missing."""

import json
from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.coverage.constants import constants
from tests.coverage.exclusions import Exclusion, check_needed
from tests.coverage.points import Point, Reached
from tests.coverage.result import Result

MEASURED = Path(__file__).with_name("measured.json")
"""The last whole campaign."""


@dataclass
class Count:
    """Points: how many there are, and what became of them."""

    points: int = 0
    reached: int = 0
    constant: int = 0
    excluded: int = 0

    @property
    def missed(self) -> int:
        return self.points - self.reached - self.constant - self.excluded

    def __add__(self, other: "Count") -> "Count":
        return Count(*(getattr(self, name) + getattr(other, name) for name in asdict(self)))


@dataclass
class ChipCount:
    """Of one chip."""

    given: str
    """What it was given."""
    functional: int
    """Functional points, all of which were reached."""
    files: dict[str, dict[str, Count]] = field(default_factory=dict)
    """By file of Python and kind of point."""


@dataclass
class Measured:
    """Of a campaign."""

    chips: dict[str, ChipCount]
    excluded: list[int]
    """Points that each exclusion is about, in the order of the file."""

    def save(self) -> None:
        """To MEASURED."""
        MEASURED.write_text(json.dumps(asdict(self), indent=1) + "\n")

    @classmethod
    def load(cls) -> "Measured":
        """From MEASURED."""
        kept = json.loads(MEASURED.read_text())
        chips = {name: ChipCount(**chip) for name, chip in kept["chips"].items()}
        for chip in chips.values():
            chip.files = {
                name: {kind: Count(**count) for kind, count in kinds.items()}  # type: ignore[arg-type]
                for name, kinds in chip.files.items()
            }
        return cls(chips, kept["excluded"])


def measure(results: Iterable[Result], exclusions: Sequence[Exclusion]) -> tuple[Measured, list[tuple[str, Point]]]:
    """Counts what was reached, and lists what was not, by chip.

    Raises:
        ValueError: an exclusion is about nothing that was missed, or about something that was reached.
    """
    chips: dict[str, ChipCount] = {}
    used: Tally[Exclusion] = Tally()
    missed = []
    for result in results:
        if lost := [point for point, count in result.functional.items() if not count]:
            raise ValueError(f"functional points that {result.name} did not reach: {'; '.join(lost)}")
        files: dict[str, dict[str, Count]] = defaultdict(lambda: defaultdict(Count))
        still = constants(result.verilog, result.name, result.top, result.opaque)
        # Signals that Yosys tells apart by a number have one name here.
        unreached = {each.point.name for each in result.points if not each.is_reached}
        for reached in result.points:
            point = reached.point
            count = files[point.file][point.kind]
            exclusion = next((each for each in exclusions if each.matches(result.name, point.name)), None)
            count.points += 1
            if reached.is_reached:
                count.reached += 1
                if exclusion and point.name not in unreached:
                    raise ValueError(f"{result.name}: {point.name} was reached, though {exclusion.reason}")
            elif _is_constant(reached, still):
                count.constant += 1
            elif exclusion:
                count.excluded += 1
                used[exclusion] += 1
            else:
                missed.append((result.name, point))
        by_file = {file: dict(kinds) for file, kinds in files.items()}
        chips[result.name] = ChipCount(result.given, len(result.functional), by_file)
    check_needed(exclusions, used)
    return Measured(chips, [used[each] for each in exclusions]), missed


def _is_constant(reached: Reached, still: set[tuple[str, int]]) -> bool:
    """Whether the bit is constant in every instance."""
    if reached.point.bit is None:
        return False
    signal, bit = reached.point.bit
    return all((".".join((*instance.split("."), signal)).strip("."), bit) in still for instance in reached.instances)
