"""What runs a `CRI_network` that is not told what to run on."""

from collections.abc import Callable

from ganglion.model.emulator.emulator import Emulator
from ganglion.model.spec.program import Program
from ganglion.model.spec.target import Target

Backend = Callable[[Program], Target]
"""Makes a target of a program. If it has an attribute `params`, the program is made for that chip."""

_chosen: list[Backend] = [Emulator]


def default() -> Backend:
    """What runs networks from now on."""
    return _chosen[-1]


def choose(backend: Backend) -> None:
    """Let networks that are made from now on run on this, unless they say otherwise."""
    _chosen[-1] = backend
