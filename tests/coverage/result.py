"""What a part of the campaign reached, and what all parts share."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from ganglion.sim.native import NativeDriver
from tests.coverage.points import Reached, read_points


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


def points_of(driver: NativeDriver) -> list[Reached]:
    """What a simulation has reached so far."""
    with TemporaryDirectory() as folder:
        written = Path(folder) / "coverage.dat"
        driver.coverage(written)
        return read_points(written, driver.chip.verilog)
