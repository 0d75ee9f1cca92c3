"""A board of a user's own, described by a file of TOML: its FPGA and pins, its clock, its line, its chip. See
docs/reference/board_file.md."""

import tomllib
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ganglion.fpga.board_spec import BoardSpec
from ganglion.fpga.pll import check_clock
from ganglion.fpga.wiring import HIGH, Wiring
from ganglion.model.spec.errors import BoardError, FormatError, GanglionError, described
from ganglion.model.spec.named import nearest, unknown
from ganglion.model.spec.params import PRESETS, Params
from ganglion.model.spec.params.part import whole
from ganglion.model.spec.untrusted import opened

ENDING = ".toml"
"""Of such a file."""

LONGEST = 1 << 16
"""Bytes of one, at most."""

TABLES = ("fpga", "clock", "uart", "lights", "chip")

T = TypeVar("T")


def read_board(path: str, *, taken: Collection[str] = ()) -> BoardSpec:
    """The board that a file describes.

    Args:
        path: the file.
        taken: names that it cannot have, as other boards have them.

    Raises:
        BoardError: there is no such file, it is no TOML, or the board cannot be; names the file and the key.
    """
    try:
        with opened(path, "docs/reference/board_file.md has one to begin with") as file:
            raw = file.read(LONGEST + 1)
        if len(raw) > LONGEST:
            raise BoardError(f"it is longer than {LONGEST} bytes")
        return _board(_Table("", tomllib.loads(raw.decode())), path, taken)
    except FormatError as error:
        raise BoardError(str(error)) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise BoardError(f"{path} is no TOML: {error}") from error
    except GanglionError as error:
        raise BoardError(f"{path}: {error}") from error


@dataclass
class _Table:
    """A table of the file: what was taken of it is known, so that the rest can be refused."""

    name: str
    values: dict[str, Any]
    known: list[str] = field(default_factory=list)

    def take(self, key: str, wanted: str, read: Callable[[Any], T | None], default: T | None = None) -> T:
        """A value.

        Args:
            key: its name.
            wanted: what it must be, for the message.
            read: makes it of what is there; None is that it cannot be.
            default: where it is not there; None is that it must be.
        """
        self.known.append(key)
        where = f"{key} of [{self.name}]" if self.name else key
        if key not in self.values:
            if default is None:
                raise BoardError(f"there is no {where}; it is {wanted}")
            return default
        value = read(self.values[key])
        if value is None:
            raise BoardError(f"{where} must be {wanted}, not {described(self.values[key])}")
        return value

    def text(self, key: str, wanted: str, default: str | None = None) -> str:
        return self.take(key, wanted, lambda value: value if isinstance(value, str) and value else None, default)

    def number(self, key: str, wanted: str) -> float:
        return self.take(key, wanted, lambda value: value if _positive(value) else None)

    def whole(self, key: str, wanted: str, default: int) -> int:
        return self.take(key, wanted, whole, default)

    def flag(self, key: str) -> bool:
        return self.take(key, "true or false", lambda value: value if isinstance(value, bool) else None, False)

    def pins(self, key: str) -> tuple[str, ...]:
        def read(value: Any) -> tuple[str, ...] | None:
            return tuple(value) if isinstance(value, list) and all(map(_is_pin, value)) else None

        return self.take(key, 'a list of pins, such as ["U16", "U17"]', read, ())

    def pin(self, key: str) -> str:
        return self.take(key, 'a pin, such as "P3"', lambda value: value if _is_pin(value) else None)

    def table(self, key: str, *, needed: bool = True) -> "_Table":
        def read(value: Any) -> dict[str, Any] | None:
            return value if isinstance(value, dict) else None

        return _Table(key, self.take(key, f"a table, that begins with [{key}]", read, None if needed else {}))

    def no_more(self) -> None:
        """Refuses what nobody took."""
        for key in self.values:
            if key not in self.known:
                where = f"[{self.name}] has no key" if self.name else "there is no key"
                raise BoardError(f"{where} '{key}'{nearest(key, self.known)}; there are {', '.join(self.known)}")


def _board(file: _Table, path: str, taken: Collection[str]) -> BoardSpec:
    name = file.text("name", 'what the board says that it is, such as "my_board"')
    if name in taken:
        raise BoardError(f"name: '{name}' is a board that Ganglion has; choose another")
    loader = file.text("loader", "what openFPGALoader calls the board", "")
    seed = file.whole("seed", "the seed of the placement, a whole number", 1)
    fpga, clock, uart, lights, chip = (file.table(key, needed=key in TABLES[:3]) for key in TABLES)
    file.no_more()
    wiring = Wiring(
        device=fpga.text("device", 'the FPGA, such as "LFE5U-25F" or "iCE40HX8K"'),
        package=fpga.text("package", 'the package of the FPGA, such as "BG381" or "ct256"'),
        speed=fpga.whole("speed", "the speed grade of an ECP5, 6, 7 or 8", 6),
        high=fpga.pins("high"),
        standard=fpga.text("standard", 'the levels of its pins, such as "LVCMOS33" or "SB_LVCMOS"', "") or None,
        oscillator=1e6 * clock.number("oscillator", "the frequency of the board's oscillator, in MHz"),
        clock=clock.pin("pin"),
        rx=uart.pin("rx"),
        tx=uart.pin("tx"),
        lights=lights.pins("pins"),
        inverted=lights.flag("inverted"),
    )
    frequency = round(1e6 * clock.number("chip", "the frequency of the chip, in MHz"))
    board = BoardSpec(
        name=name,
        platform=wiring,
        params=_params(chip, name),
        clock=frequency,
        baud=uart.whole("baud", "bits per second on the line, a whole number", 1_000_000),
        receive=uart.whole("receive", "bytes of the ring that waits for the chip, a power of two", 1024),
        send=uart.whole("send", "bytes of the ring that waits for the host, a power of two", 512),
        compact=uart.flag("compact"),
        high=tuple((HIGH, f"pin{number}") for number, _ in enumerate(wiring.high)),
        seed=seed,
        loader=loader or None,
        found_by=path,
    )
    for table in (fpga, clock, uart, lights):
        table.no_more()
    check_clock(wiring.family, wiring.oscillator, frequency)
    _ = board.divider
    return board


def _params(chip: _Table, name: str) -> Params:
    """Those of the preset, with the sizes that are changed."""
    preset = chip.text("preset", f"one of {', '.join(PRESETS)}", "small")
    if preset not in PRESETS:
        raise BoardError(f"[chip]: {unknown('preset', preset, PRESETS)}")
    changes = {key: value for key, value in chip.values.items() if key not in chip.known}
    if "name" in changes:
        raise BoardError("[chip]: name is no size of a chip; the board is named by `name` above all tables")
    levels = changes.get("levels")
    if isinstance(levels, list):
        changes["levels"] = tuple(levels)
    return PRESETS[preset].replace(**changes, name=name)


def _is_pin(value: Any) -> bool:
    return isinstance(value, str) and value.isalnum() and value.isascii()


def _positive(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e4
