"""The boards that Ganglion knows, and how it knows any other: of `amaranth-boards`, or by a file."""

import importlib
import pkgutil
from os import PathLike, fspath

from ganglion.fpga.board_file import ENDING, read_board
from ganglion.fpga.board_spec import BoardSpec, family, named_platform
from ganglion.model.spec.errors import BoardError, described
from ganglion.model.spec.frames import NAME_BYTES
from ganglion.model.spec.named import Named, unknown
from ganglion.model.spec.params import PRESETS

FAMILIES = ("ice40", "ecp5")
"""FPGAs with an open flow from PyPI."""


GENERIC_CLOCK = {"ice40": 12_000_000, "ecp5": 50_000_000}
"""Of the chip on a board that Ganglion is not tuned for, Hz: what such an FPGA reaches in any case."""


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
        compact=True,
        high=(("esp32", "gpio0"),),  # or the board's ESP32 may take the FPGA's configuration away
        loader="ulx3s",
    ),
    BoardSpec(
        name="ulx3s-usb",
        platform="ulx3s:ULX3S_85F_Platform",
        params=PRESETS["ulx3s"],
        clock=75_000_000,
        usb=True,
        receive=4096,
        send=4096,
        compact=True,
        high=(("esp32", "gpio0"),),
        loader="ulx3s",
    ),
    BoardSpec(
        name="ulx3s-learning",
        platform="ulx3s:ULX3S_85F_Platform",
        params=PRESETS["ulx3s-learning"],
        clock=65_000_000,
        receive=4096,
        send=4096,
        compact=True,
        high=(("esp32", "gpio0"),),
        loader="ulx3s",
    ),
)

BOARDS: Named[BoardSpec] = Named("board", BoardError, {board.name: board for board in _ALL})
"""Boards that Ganglion is built and tested for."""


def find_board(name: str | PathLike[str]) -> BoardSpec:
    """A board by its name, by a file that describes it, or as a platform of `amaranth_boards`.

    Args:
        name: of `BOARDS`; a file that ends in .toml; or module:class, which gets a chip of preset `small`.

    Raises:
        BoardError: no such board, no serial port on it, or no open flow for its FPGA; says what there is. What is
            wrong in a file is named with its place.
    """
    if isinstance(name, PathLike):
        name = fspath(name)
    if not isinstance(name, str):
        raise BoardError(f"a board is meant by its name, by a file or as module:class, not by {described(name)}")
    if name in BOARDS:
        return BOARDS[name]
    if name.lower().endswith(ENDING):
        return read_board(name, taken=BOARDS)
    if ":" not in name:
        others = sorted(generic_boards())
        raise BoardError(f"{unknown('board', name, (*BOARDS, *others))}; or give a file {ENDING} that describes yours")
    module, _, cls = name.partition(":")
    platform = named_platform(name)
    if family(platform) not in FAMILIES:
        raise BoardError(f"{name}: there is an open flow for {' and '.join(FAMILIES)}, and this board has another FPGA")
    if not any(resource.name == "uart" for resource in platform.resources):
        raise BoardError(f"{name}: the board has no UART of its own to reach a host by")
    return BoardSpec(
        name=cls.removesuffix("Platform").strip("_").lower()[:NAME_BYTES],
        platform=f"{module}:{cls}",
        params=PRESETS["small"],
        clock=GENERIC_CLOCK[family(platform) or ""],
        baud=1_000_000,
        found_by=name,
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
