"""A board as a few lines of data: its FPGA, its oscillator, and which pin is what."""

from dataclasses import dataclass
from typing import Any

from amaranth.build import Attrs, Clock, Pins, Resource, Subsignal
from amaranth.vendor import LatticeECP5Platform, LatticeICE40Platform

from ganglion.model.spec.errors import BoardError
from ganglion.model.spec.named import unknown

CLOCK, UART, LIGHT, HIGH = "clk", "uart", "led", "high"
"""What a top level asks a platform for."""

ICE40 = LatticeICE40Platform._nextpnr_device_options
ECP5 = LatticeECP5Platform._nextpnr_device_options
"""FPGAs of each family, by what Amaranth calls them."""

ICE40_DEVICES = tuple(device for device in ICE40 if device.startswith("iCE40") and device != "iCE40LP384")
"""Those that have block RAM, and a flow."""

ECP5_PACKAGES = tuple(LatticeECP5Platform._nextpnr_package_options)
ECP5_SPEEDS = (6, 7, 8)

STANDARDS = {"ice40": ("IO_STANDARD", "SB_LVCMOS"), "ecp5": ("IO_TYPE", "LVCMOS33")}
"""Attribute of a pin that tells its levels, and what it is where a board does not say."""

PULL_UP: dict[str, dict[str, Any]] = {"ice40": {"PULLUP": 1}, "ecp5": {"PULLMODE": "UP"}}
"""Of the line from the host: one that nobody drives is idle."""


@dataclass(frozen=True, kw_only=True)
class Wiring:
    """FPGA and pins of a board.

    Raises:
        BoardError: an FPGA, package or speed grade that there is not, or a pin that is two things.
    """

    device: str
    """As Amaranth calls it: iCE40HX8K, LFE5U-25F."""
    package: str
    """As nextpnr calls it for an iCE40: ct256; as Lattice calls it for an ECP5: BG381."""
    speed: int = 6
    """Speed grade of an ECP5."""
    oscillator: float
    """Hz."""
    clock: str
    """Pin of the oscillator."""
    rx: str
    """Pin of the line from the host."""
    tx: str
    """Pin of the line to the host."""
    lights: tuple[str, ...] = ()
    inverted: bool = False
    """Whether a light is on where its pin is low."""
    high: tuple[str, ...] = ()
    """Pins that are driven high."""
    standard: str | None = None
    """Levels of all pins; None is 3.3 V."""

    def __post_init__(self) -> None:
        devices = (*ICE40_DEVICES, *ECP5)
        if self.device not in devices:
            raise BoardError(unknown("FPGA", self.device, devices))
        if self.family == "ecp5" and self.package not in ECP5_PACKAGES:
            raise BoardError(unknown(f"package of the {self.device}", self.package, ECP5_PACKAGES))
        if self.speed not in ECP5_SPEEDS:
            raise BoardError(f"the speed grade of an ECP5 is one of {ECP5_SPEEDS}, not {self.speed}")
        pins = [self.clock, self.rx, self.tx, *self.lights, *self.high]
        if twins := sorted({pin for pin in pins if pins.count(pin) > 1}):
            raise BoardError(f"pin {twins[0]} is there twice")

    @property
    def family(self) -> str:
        """Of the FPGA."""
        return "ecp5" if self.device in ECP5 else "ice40"

    def platform_class(self) -> Any:
        """An Amaranth platform that has these pins."""
        attribute, usual = STANDARDS[self.family]
        levels = Attrs(**{attribute: self.standard or usual})
        pulled = Attrs(**PULL_UP[self.family], **{attribute: self.standard or usual})
        resources = [
            Resource(CLOCK, 0, Pins(self.clock, dir="i"), Clock(self.oscillator), levels),
            Resource(
                UART,
                0,
                Subsignal("rx", Pins(self.rx, dir="i"), pulled),
                Subsignal("tx", Pins(self.tx, dir="o"), levels),
            ),
        ]
        resources += [
            Resource(LIGHT, number, Pins(pin, dir="o", invert=self.inverted), levels)
            for number, pin in enumerate(self.lights)
        ]
        if self.high:
            driven = [Subsignal(f"pin{number}", Pins(pin, dir="o")) for number, pin in enumerate(self.high)]
            resources.append(Resource(HIGH, 0, *driven, levels))
        own = {
            "device": self.device,
            "package": self.package,
            "default_clk": CLOCK,
            "resources": resources,
            "connectors": [],
        }
        if self.family == "ecp5":
            return type("OwnPlatform", (LatticeECP5Platform,), {**own, "speed": str(self.speed)})
        return type("OwnPlatform", (LatticeICE40Platform,), own)
