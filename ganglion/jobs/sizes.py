"""The sizes of a chip as a user asks for them: a preset, changes to it, a number of cores."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import reduce
from operator import or_
from typing import Any, Literal

from ganglion.jobs.values import assignment, boolean, whole
from ganglion.model.compiler import Image, compile_program
from ganglion.model.compiler.fit import fewest_cores
from ganglion.model.compiler.placing import Aim, for_chip
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.errors import GanglionError, ParamsError
from ganglion.model.spec.memories import Memory
from ganglion.model.spec.params import ALL_PARITY, PRESETS, Params, levels_for
from ganglion.model.spec.program import Program

AUTO: Literal["auto"] = "auto"
"""As many cores as a network takes."""

DEFAULT = "board"
"""The preset of whoever asks for none, where no network or board brings its own."""


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """What was asked for."""

    preset: str | None = None
    """Name of a preset; None is the sizes that a network or a board brings, or `DEFAULT`."""
    changes: Sequence[str] = ()
    """Single sizes, such as "lanes=2"."""
    cores: int | Literal["auto"] | None = None
    """Cores of the chip; "auto" is as few as hold the network, None as many as the preset has."""

    @property
    def given(self) -> bool:
        """Whether anything was asked for."""
        return self.preset is not None or bool(self.changes) or self.cores is not None

    @property
    def words(self) -> list[str]:
        """What asks for them at the command line."""
        preset = ["--preset", self.preset] if self.preset else []
        changes = [word for change in self.changes for word in ("--set", change)]
        return [*preset, *changes, *(["--cores", str(self.cores)] if self.cores is not None else [])]

    def of(self, own: Params | None = None) -> Params:
        """The chip.

        Args:
            own: sizes that count where no preset is named.

        Raises:
            ParamsError: there is no such preset, size or number of cores, no such chip can be built, or the cores are
                to be as few as hold a network and there is none.
        """
        if self.cores == AUTO:
            raise ParamsError(f"cores {AUTO!r} is as few as hold a network, and there is none here: give their number")
        if self.preset is not None and self.preset not in PRESETS:
            raise ParamsError(f"there is no preset '{self.preset}'; there are {', '.join(PRESETS)}")
        params = PRESETS[self.preset or DEFAULT] if self.preset or own is None else own
        changes = dict(_change(change, params) for change in self.changes)
        if changes:
            params = params.replace(**changes)
        return params if self.cores is None else params.replace(name=params.name, levels=levels_for(self.cores))


def smallest(sizes: Sizes, own: Params, make: Callable[[Params], Program], progress: Progress = SILENT) -> Program:
    """A network made for the chip that was asked for: where cores are "auto", for the one of fewest cores.

    Args:
        sizes: of the chip.
        own: sizes that count where no preset is named.
        make: the network in the integers of a chip, which are the same for any number of cores.
        progress: told of placing and packing.

    Raises:
        ParamsError: as `Sizes.of`.
        CapacityError: no number of such cores holds the network.
    """
    if sizes.cores != AUTO:
        return make(sizes.of(own))
    return fewest_cores(make(replace(sizes, cores=1).of(own)), progress=progress).program


def place_on(program: Program, sizes: Sizes, progress: Progress = SILENT, aim: Aim = "memory") -> Image:
    """A network placed on the chip that was asked for: where cores are "auto", on the one of fewest cores.

    Raises:
        GanglionError: as `Sizes.of` and `compile_program`.
    """
    if sizes.cores != AUTO:
        return compile_program(program, sizes.of(program.params), aim=aim, progress=progress)
    image = fewest_cores(for_chip(program, replace(sizes, cores=1).of(program.params)), progress=progress)
    return image if aim == "memory" else compile_program(image.program, aim=aim, progress=progress)


def _parity(what: str, text: str) -> int:
    """The memories with a parity bit: "all", "none", names with commas between, or the number of the parameter."""
    words = {"all": ALL_PARITY, "none": 0}
    words |= {memory.name.lower(): 1 << memory for memory in Memory if ALL_PARITY >> memory & 1}
    names = [name.strip().lower() for name in text.split(",")]
    if text[:1].isdigit():
        return whole(what, text)
    if unknown := [name for name in names if name not in words]:
        raise ParamsError(f"{what}: no memory with parity is called {unknown[0]!r}; {', '.join(words)}")
    return reduce(or_, (words[name] for name in names))


def _change(text: str, params: Params) -> tuple[str, Any]:
    """Name and value of one size."""
    sizes = {key: value for key, value in asdict(params).items() if key != "name"}
    try:
        name, value = assignment("--set", text, sizes)
        what, present = f"--set {text}: {name}", sizes[name]
        if name == "parity":
            return name, _parity(what, value)
        if isinstance(present, bool):
            return name, boolean(what, value)
        if isinstance(present, tuple):
            return name, tuple(whole(what, part) for part in value.split(",") if part)
        return name, whole(what, value)
    except GanglionError as error:
        raise ParamsError(str(error)) from None
