"""The sizes of a chip as a user asks for them: a preset, changes to it, a number of cores."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ganglion.model.spec.errors import ParamsError
from ganglion.model.spec.params import PRESETS, Params, levels_for

DEFAULT = "board"
"""The preset of whoever asks for none, where no network or board brings its own."""


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """What was asked for."""

    preset: str | None = None
    """Name of a preset; None is the sizes that a network or a board brings, or `DEFAULT`."""
    changes: Sequence[str] = ()
    """Single sizes, such as "lanes=2"."""
    cores: int | None = None
    """Cores of the chip; None is as many as the preset has."""

    @property
    def given(self) -> bool:
        """Whether anything was asked for."""
        return self.preset is not None or bool(self.changes) or self.cores is not None

    def of(self, own: Params | None = None) -> Params:
        """The chip.

        Args:
            own: sizes that count where no preset is named.

        Raises:
            ParamsError: there is no such preset, size or number of cores, or no such chip can be built.
        """
        if self.preset is not None and self.preset not in PRESETS:
            raise ParamsError(f"there is no preset '{self.preset}'; there are {', '.join(PRESETS)}")
        params = PRESETS[self.preset or DEFAULT] if self.preset or own is None else own
        changes = dict(_change(change, params) for change in self.changes)
        if changes:
            params = params.replace(**changes)
        return params if self.cores is None else params.replace(name=params.name, levels=levels_for(self.cores))


def _change(text: str, params: Params) -> tuple[str, Any]:
    """Name and value of one size."""
    name, _, value = text.partition("=")
    sizes = {key: value for key, value in asdict(params).items() if key != "name"}
    if name not in sizes:
        raise ParamsError(f"--set {text}: no size is called '{name}'; {', '.join(sizes)}")
    if isinstance(sizes[name], bool):
        if value.lower() not in ("true", "false"):
            raise ParamsError(f"--set {text}: {name} takes true or false")
        return name, value.lower() == "true"
    try:
        if isinstance(sizes[name], tuple):
            return name, tuple(int(number) for number in value.split(",") if number)
        return name, int(value)
    except ValueError:
        wanted = "whole numbers, comma-separated" if isinstance(sizes[name], tuple) else "a whole number"
        raise ParamsError(f"--set {text}: {name} takes {wanted}") from None
