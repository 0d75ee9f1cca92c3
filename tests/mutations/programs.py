"""Mutants of the emulator's kernels, of the compiler and of the cycle model, and how many of them are seen.

`tests/mutations/cases` has what they are held to.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType

from rich.console import Console
from rich.progress import track

from tests.mutations.kernels import KERNELS, as_python
from tests.mutations.outcome import Measured, Outcome, Survivor
from tests.mutations.patched import Case, Mutant, measure, measure_again
from tests.mutations.same import known_same

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Part:
    """Modules whose mutants are measured together.

    Args:
        name: of the part.
        package: that they are in.
        modules: their names there.
        cases: the module of what they are held to.
    """

    name: str
    package: str
    modules: tuple[str, ...]
    cases: str

    @property
    def sources(self) -> list[Path]:
        """The files of the modules, which need not be loaded."""
        return [(ROOT / f"{self.package}.{name}".replace(".", "/")).with_suffix(".py") for name in self.modules]

    def measure(self, count: int, seed: int, every: int = 1) -> Outcome:
        """So many mutants, in this process, whose functions change meanwhile.

        Args:
            count: how many.
            seed: of the choice.
            every: of so many cases, one is tried.
        """
        modules, cases = self._loaded()
        return measure(self.name, modules, cases[::every], count, seed, _track(self.name), known_same(self.name))

    def measure_again(self, last: Measured, left: Sequence[Survivor]) -> Outcome:
        """The survivors of the last time, as `measure`; see `tests.mutations.patched.measure_again`."""
        modules, cases = self._loaded()
        return measure_again(last, left, modules, cases, _track(self.name), known_same(self.name))

    def _loaded(self) -> tuple[list[ModuleType], list[Case]]:
        if self.package == KERNELS:
            as_python()
        cases = list(import_module(f"tests.mutations.cases.{self.cases}").cases())
        return [import_module(f"{self.package}.{name}") for name in self.modules], cases


KERNEL_PART = Part(
    name="kernels",
    package=KERNELS,
    modules=("deliver", "events", "noise", "run", "store", "update", "learn", "plastic", "sweep", "traces"),
    cases="emulator",
)
"""The emulator's kernels, one after the other."""

COMPILER_PART = Part(
    name="compiler",
    package="ganglion.model.compiler",
    modules=(
        *("assemble", "bounds", "capacity", "compile", "loading", "placing", "usage"),
        *("pack.encode", "pack.kinds", "pack.memories", "pack.rows"),
        *("place.automatic", "place.load", "place.neurons", "place.partition", "place.repair"),
        *("route.axons", "route.cover", "route.fanout"),
    ),
    cases="compiler",
)
"""From a program to the packets that load it, and what is said of a program that does not fit."""

CYCLE_PART = Part(
    name="cycles",
    package="ganglion.model.spec.cycles",
    modules=("chip", "core", "longest", "router", "streams", "sweep"),
    cases="cycles",
)
"""What steps take."""

PARTS = (KERNEL_PART, COMPILER_PART, CYCLE_PART)


def _track(part: str) -> Callable[[Sequence[Mutant]], Iterable[Mutant]]:
    """Shows how far the mutants are."""
    return lambda mutants: track(mutants, part, console=Console(stderr=True))
