"""The emulator's kernels as plain Python, so that a mutant of one needs no compiler."""

import functools
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

KERNELS = "ganglion.model.emulator.kernels"


def as_python() -> None:
    """From here on, in this process, kernels are not compiled; what they call of LLVM has a stand-in.

    Raises:
        RuntimeError: some are compiled already.
    """
    if loaded := sorted(name for name in sys.modules if name.startswith(f"{KERNELS}.")):
        raise RuntimeError(f"kernels are to be plain Python before anything loads them, and {loaded[0]} is there")
    np.seterr(over="ignore")
    compiling, words, dense = (import_module(f"{KERNELS}.{name}") for name in ("compile", "words", "dense"))
    for module, name, stand_in in (
        (compiling, "_cached", _plain),
        (words, "prefetch", lambda array, index: None),
        (words, "trailing_zeros", lambda word: np.uint64((int(word) & -int(word)).bit_length() - 1)),
        (dense, "add_rows", _add_rows),
    ):
        assert hasattr(module, name), f"{module.__name__} has no {name} any more"
        setattr(module, name, stand_in)


def _plain(function: Callable[..., Any], **options: object) -> Callable[..., Any]:
    """The function itself; one that makes arrays is called from outside, where numbers are Python's."""

    @functools.wraps(function)
    def call(*arguments: object) -> object:
        result = function(*arguments)
        return result.item() if isinstance(result, np.generic) else result

    return function if options else call


def _add_rows(matrix: Any, start: Any, count: int, size: int, accumulators: Any) -> None:
    for k in range(count):
        accumulators[:size] += matrix.reshape(-1)[start[k] : start[k] + size]
