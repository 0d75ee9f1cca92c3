"""How the emulator's kernels are compiled: once, and kept on disk between processes."""

import hashlib
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numba
from numba import njit
from numba.core.compiler_lock import global_compiler_lock

from ganglion.model.cache import writable_cache
from ganglion.model.spec import fields, noise_constants
from ganglion.model.spec.errors import ToolError
from ganglion.model.spec.files import locked

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


def kept_in(sources: Path = Path(__file__).parent) -> Path | None:
    """The folder that keeps kernels: beside the sources where these can be written to, as bytecode is, or in the cache.

    Returns:
        None where neither can be written to: kernels are then compiled in each process.
    """
    if os.access(sources, os.W_OK | os.X_OK):
        return sources / "__pycache__"
    try:
        return writable_cache() / "kernels"
    except ToolError:
        return None


def _cached(function: Function, **options: Any) -> Function:
    compile_: Any = njit
    numba_options: Any = numba.config
    folder, before = kept_in(), numba_options.CACHE_DIR
    if folder is not None and folder.name != "__pycache__":
        numba_options.CACHE_DIR = str(folder)
    try:
        dispatcher = compile_(cache=folder is not None, nogil=True, error_model="numpy", **options)(function)
    finally:
        numba_options.CACHE_DIR = before
    if folder is None:
        return dispatcher  # type: ignore[no-any-return]
    # Numba throws a compiled kernel away when the kernel's own file changes, but a kernel holds the code of those it
    # calls, from other files. So every kernel carries the stamp of all of them.
    dispatcher._cache._cache_file._source_stamp = sources_stamp()
    _compile_alone(dispatcher)
    return dispatcher  # type: ignore[no-any-return]


def _compile_alone(dispatcher: Any) -> None:
    """Of several processes that want a kernel, one compiles it, and the others wait and load it.

    Numba lets each compile the same, and of those that finish together it keeps the result of one.
    """
    compile_ = dispatcher.compile
    lock = Path(dispatcher._cache._cache_file._index_path).with_suffix(".lock")

    def compile_alone(signature: Any) -> Any:
        lock.parent.mkdir(parents=True, exist_ok=True)
        # That of Numba first, which one thread has at a time: or one would wait for the file and one for the compiler.
        with global_compiler_lock, locked(lock):
            return compile_(signature)

    dispatcher.compile = compile_alone
