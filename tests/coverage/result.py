"""What a part of the campaign reached, and what all parts share."""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from ganglion.sim.build import Chip
from tests.coverage.points import Reached, read_points
from tests.mutations.netlist import FIRST_COUNT

TOTALS = re.compile(r"^module \\?\S*counters\.totals \((?:.*\n)*?endmodule", re.MULTILINE)
"""The memory of counters, in Verilog."""

NO_COUNT = re.compile(r"(array\[\d+\] = 32')(?:d|h0*)0;")
"""A counter that begins at nothing."""


@dataclass(frozen=True)
class Result:
    """What a part of the campaign reached."""

    name: str
    """Of the chip."""
    given: str
    """What it was given, in words."""
    top: str
    """The top module of its Verilog."""
    verilog: str
    points: list[Reached]
    functional: dict[str, int]
    """How often each functional point was reached."""
    opaque: str = ""
    """The module whose inside is not counted here, and which may send anything."""


def counters_almost_full(chip: Chip) -> Chip:
    """The same chip, with counters that begin shortly before they wrap, so that all of their bits move."""
    verilog = TOTALS.sub(lambda memory: NO_COUNT.sub(rf"\g<1>d{FIRST_COUNT};", memory[0]), chip.verilog)
    if verilog == chip.verilog:
        raise ValueError(f"the Verilog of {chip.params.name} has no counters that begin at 0")
    return replace(chip, verilog=verilog)


class Covered(Protocol):
    """A simulation that counts what of its Verilog was reached."""

    def coverage(self, path: Path) -> None:
        """Writes what has been reached so far, as a coverage file of Verilator's."""


def points_of(driver: Covered, verilog: str) -> list[Reached]:
    """What a simulation of this Verilog has reached so far."""
    with TemporaryDirectory() as folder:
        written = Path(folder) / "coverage.dat"
        driver.coverage(written)
        return read_points(written, verilog)
