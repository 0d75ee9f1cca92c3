"""Runs checks of Python with one function changed at a time, in this process: its code is replaced, and put back."""

import functools
import inspect
import resource
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FunctionType, ModuleType

from tests.mutations.outcome import Outcome, Survivor
from tests.mutations.syntax import Change, changes, sites

SECONDS = 2
"""Of the processor that a check may take: a mutant may go round for ever."""

MEMORY = 4 << 30
"""Bytes of addresses: a mutant may want any number of neurons."""

Mutant = tuple[ModuleType, Change]

Check = Callable[[int], object]
"""What is to come out the same: of a network of a seed, say."""


def measure(
    part: str,
    modules: Sequence[ModuleType],
    check: Check,
    right: Sequence[object],
    count: int,
    seed: int,
    track: Callable[[Sequence[Mutant]], Iterable[Mutant]],
) -> Outcome:
    """Of so many mutants of these modules, spread over them by what there is to change, how many a check sees.

    Args:
        part: what the modules are.
        modules: the modules.
        check: what is done for each element of `right`, with its number.
        right: what must come of that.
        count: mutants.
        seed: of the choice.
        track: shows how far it is.

    Raises:
        AssertionError: the check fails without a change, before or behind all of them.
    """
    there = [sites(_source(module)) for module in modules]
    made = [
        (module, change)
        for module, some in zip(modules, there, strict=True)
        for change in changes(_source(module), -(-count * some // sum(there)), seed)
        # Without its super() the code of a method does not fit the method.
        if change.code.co_freevars == _functions(module)[change.function].__code__.co_freevars
    ]
    with _limited():
        assert not _is_seen(check, right), f"{part}: the check fails without a change"
        survivors = []
        for module, change in track(made):
            with _replaced(_functions(module)[change.function], change):
                if not _is_seen(check, right):
                    place = f"{change.path.stem}.{change.function}"
                    survivors.append(Survivor(part, place, change.what, "not sorted"))
        assert not _is_seen(check, right), f"{part}: a mutant has left something"
    return Outcome(part, len(made), len(made) - len(survivors), 0, tuple(survivors))


def _source(module: ModuleType) -> Path:
    return Path(str(module.__file__))


def _is_seen(check: Check, right: Sequence[object]) -> bool:
    """Whether anything else comes of a check than should."""
    for k, wanted in enumerate(right):
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            if check(k) != wanted:
                return True
        except Exception:
            return True
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    return False


@contextmanager
def _limited() -> Iterator[None]:
    """A check that takes too long, or too much memory, raises."""

    def too_long(number: int, frame: object) -> None:
        raise TimeoutError(f"a check took {SECONDS} s")

    handler, limits = signal.signal(signal.SIGPROF, too_long), resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)
        signal.signal(signal.SIGPROF, handler)


@contextmanager
def _replaced(function: FunctionType, change: Change) -> Iterator[None]:
    """Whoever has the function calls the changed code."""
    code = function.__code__
    _forget()
    function.__code__ = change.code
    try:
        yield
    finally:
        function.__code__ = code
        _forget()


def _forget() -> None:
    """What functions of the model keep of earlier calls."""
    for name, module in list(sys.modules.items()):
        if name.startswith("ganglion.model."):
            for thing in vars(module).values():
                if callable(forget := getattr(thing, "cache_clear", None)):
                    forget()


def _functions(module: ModuleType) -> dict[str, FunctionType]:
    """Functions and methods that a module defines, without what decorators put around them, by qualified name."""
    found = {}
    for thing in vars(module).values():
        if getattr(thing, "__module__", None) == module.__name__:
            for part in vars(thing).values() if inspect.isclass(thing) else [thing]:
                if function := _unwrapped(part):
                    found[function.__qualname__] = function
    return found


def _unwrapped(thing: object) -> FunctionType | None:
    if isinstance(thing, property):
        thing = thing.fget
    if isinstance(thing, functools.cached_property):
        thing = thing.func
    if isinstance(thing, staticmethod | classmethod):
        thing = thing.__func__
    inner = inspect.unwrap(thing) if callable(thing) else thing
    return inner if isinstance(inner, FunctionType) else None
