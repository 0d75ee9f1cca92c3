"""The boards that Ganglion knows, and how it knows any other board of `amaranth-boards` with a serial port."""

import importlib
import pkgutil
from dataclasses import dataclass
from typing import Any

from ganglion.fpga.memories import with_memories
from ganglion.fpga.uart_link.sizes import LinkSizes
from ganglion.model.spec.errors import BoardError
from ganglion.model.spec.named import Named
from ganglion.model.spec.params import PRESETS, Params

FAMILIES = ("ice40", "ecp5")
"""FPGAs with an open flow from PyPI."""


GENERIC_CLOCK = {"ice40": 12_000_000, "ecp5": 50_000_000}
"""Of the chip on a board that Ganglion is not tuned for, Hz: what such an FPGA reaches in any case."""


@dataclass(frozen=True, kw_only=True)
class BoardSpec:
    """One board: which platform describes it, what chip it gets, at which clock."""

    name: str
    platform: str
    """Of `amaranth_boards`, as module:class."""
    params: Params
    clock: int
    """Of the chip, Hz; what a PLL makes of the board's oscillator, or the oscillator's own."""
    baud: int = 3_000_000
    """Bits per second on the serial line."""
    receive: int = 1024
    """Bytes of the ring that waits for the chip."""
    send: int = 512
    """Bytes of the ring that waits for the host."""
    high: tuple[tuple[str, str], ...] = ()
    """Pins that must be driven high, as resource and subsignal."""
    seed: int = 1
    """Of the placement."""
    loader: str | None = None
    """What openFPGALoader calls the board."""

    @property
    def link(self) -> LinkSizes:
        """What the link on the board is made of.

        Raises:
            BoardError: the clock cannot make this baud rate within 2.5 %, or has less than 2 cycles per bit.
        """
        divider = round(self.clock / self.baud)
        if divider < 2 or abs(self.clock / divider / self.baud - 1) > 0.025:
            raise BoardError(
                f"{self.name}: {self.baud} baud cannot be made from a clock of {self.clock / 1e6:g} MHz: "
                "it takes a whole number of cycles per bit, at least 2, within 2.5 %"
            )
        return LinkSizes(divider, self.receive, self.send)

    def create_platform(self) -> Any:
        """A new platform object: one serves one build."""
        return with_memories(_platform_class(self.platform))()


_ALL = (
    BoardSpec(
        name="icebreaker",
        platform="icebreaker:ICEBreakerPlatform",
        params=PRESETS["icebreaker"],
        clock=21_000_000,
        receive=512,
        loader="ice40_generic",
    ),
    BoardSpec(
        name="ulx3s",
        platform="ulx3s:ULX3S_85F_Platform",
        params=PRESETS["ulx3s"],
        clock=75_000_000,
        receive=4096,
        send=4096,
        high=(("esp32", "gpio0"),),  # or the board's ESP32 may take the FPGA's configuration away
        loader="ulx3s",
    ),
    BoardSpec(
        name="ulx3s-learning",
        platform="ulx3s:ULX3S_85F_Platform",
        params=PRESETS["ulx3s-learning"],
        clock=60_000_000,
        receive=4096,
        send=4096,
        high=(("esp32", "gpio0"),),
        loader="ulx3s",
    ),
)

BOARDS: Named[BoardSpec] = Named("board", BoardError, {board.name: board for board in _ALL})
"""Boards that Ganglion is built and tested for."""


def find_board(name: str) -> BoardSpec:
    """A board by its name, or any platform of `amaranth_boards` as module:class, with a chip of preset `small`.

    Raises:
        BoardError: no such board, no serial port on it, or no open flow for its FPGA; says what there is.
    """
    if name in BOARDS:
        return BOARDS[name]
    if ":" not in name:
        known = ", ".join((*BOARDS, *sorted(generic_boards())))
        raise BoardError(f"there is no board '{name}'; there are {known}")
    module, _, cls = name.partition(":")
    platform = _platform_class(name)
    if family(platform) not in FAMILIES:
        raise BoardError(f"{name}: there is an open flow for {' and '.join(FAMILIES)}, and this board has another FPGA")
    if not any(resource.name == "uart" for resource in platform.resources):
        raise BoardError(f"{name}: the board has no UART of its own to reach a host by")
    return BoardSpec(
        name=cls.removesuffix("Platform").strip("_").lower()[:16],
        platform=f"{module}:{cls}",
        params=PRESETS["small"],
        clock=GENERIC_CLOCK[family(platform) or ""],
        baud=1_000_000,
    )


def generic_boards() -> list[str]:
    """The platforms of `amaranth_boards` that `find_board` takes besides its own, as module:class."""
    import amaranth_boards

    found = []
    for info in pkgutil.iter_modules(amaranth_boards.__path__):
        if info.ispkg:
            continue
        module = importlib.import_module(f"amaranth_boards.{info.name}")
        for name in getattr(module, "__all__", ()):
            platform = getattr(module, name)
            has_uart = any(resource.name == "uart" for resource in getattr(platform, "resources", ()))
            if has_uart and family(platform) in FAMILIES and platform.default_clk is not None:
                found.append(f"{info.name}:{name}")
    return found


def family(platform: Any) -> str | None:
    """Of the FPGA of a platform, class or object: ice40, ecp5, or None."""
    device = str(getattr(platform, "device", ""))
    if device.startswith("iCE40"):
        return "ice40"
    return "ecp5" if device.startswith("LFE5U") else None


def _platform_class(name: str) -> Any:
    module, _, cls = name.partition(":")
    try:
        return getattr(importlib.import_module(f"amaranth_boards.{module}"), cls)
    except (ImportError, AttributeError) as error:
        raise BoardError(f"amaranth_boards has no platform {name}, or is not installed: {error}") from None
