"""How the emulator's kernels are compiled: once, and kept on disk between processes."""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from numba import njit

from ganglion.model.spec import fields, noise_constants

Function = TypeVar("Function", bound=Callable[..., Any])


@cache
def sources_stamp() -> str:
    """A digest of the source of every kernel, and of the constants that are compiled into them."""
    digest = hashlib.sha256()
    constants = (Path(str(module.__file__)) for module in (fields, noise_constants))
    for path in (*sorted(Path(__file__).parent.glob("*.py")), *constants):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def kernel(function: Function) -> Function:
    """Compile at the first call with each set of argument types, without the interpreter lock.

    Kernels make no arrays, so references to arrays are not counted: with many short steps, counting would take most of
    the time.
    """
    return _cached(function, _nrt=False)


def inlined_kernel(function: Function) -> Function:
    """As `kernel`, and made part of every kernel that calls it: for those that a step goes through, since handing over
    the many fields of their arguments would take as long as a step of a small network."""
    return _cached(function, _nrt=False, inline="always")


def allocating_kernel(function: Function) -> Function:
    """As `kernel`, for those that do make arrays."""
    return _cached(function)


def parallel_kernel(function: Function) -> Function:
    """As `kernel`, with `prange` loops over Numba's threads."""
    return _cached(function, parallel=True)


def _cached(function: Function, **options: Any) -> Function:
    compile_: Any = njit
    dispatcher = compile_(cache=True, nogil=True, error_model="numpy", **options)(function)
    # Numba throws a compiled kernel away when the kernel's own file changes, but a kernel holds the code of those it
    # calls, from other files. So every kernel carries the stamp of all of them.
    dispatcher._cache._cache_file._source_stamp = sources_stamp()
    return dispatcher  # type: ignore[no-any-return]
