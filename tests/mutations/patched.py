"""Runs checks of Python with one function changed at a time, in this process: its code is replaced, and put back."""

import functools
import inspect
import resource
import signal
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from types import FunctionType, ModuleType

from tests.mutations.outcome import Measured, Outcome, Survivor
from tests.mutations.reached import Lines, lines_reached
from tests.mutations.same import Same
from tests.mutations.syntax import Change, changes, named_changes, sites

SECONDS = 2
"""Of the processor that a check may take: a mutant may go round for ever."""

MEMORY = 4 << 30
"""Bytes of addresses: a mutant may want any number of neurons."""

TRY_SECONDS = 6
"""Of the processor, for which cases try to see a mutant, by what each takes without one: what is not seen by then has
survived."""

KNOWN_SECONDS = 1
"""The same for what is said to do the same, and to see that no mutant has left something."""

Mutant = tuple[ModuleType, Change]


@dataclass(frozen=True)
class Case:
    """Something to do with what is changed."""

    name: str
    run: Callable[[], object]
    right: Callable[[], object] | None = None
    """What must come of it, by something else; None is what comes of it without a change, which other tests hold."""


def measure(
    part: str,
    modules: Sequence[ModuleType],
    cases: Sequence[Case],
    count: int,
    seed: int,
    track: Callable[[Sequence[Mutant]], Iterable[Mutant]] = iter,
    same: Sequence[Same] = (),
) -> Outcome:
    """Of so many mutants of these modules, spread over them by what there is to change, how many some case sees.

    A mutant is tried with the cases that run the statement it changes, those first that have seen many.

    Args:
        part: what the modules are.
        modules: the modules.
        cases: what is done.
        count: mutants.
        seed: of the choice.
        track: shows how far it is.
        same: mutants that are known to do the same, which the cheapest cases alone are to contradict.

    Raises:
        AssertionError: a case comes out wrong without a change, or not the same twice, or otherwise behind all mutants;
            or sees one that is said to do the same.
    """
    there = [sites(_source(module)) for module in modules]
    made = [
        (module, change)
        for module, some in zip(modules, there, strict=True)
        for change in changes(_source(module), -(-count * some // sum(there)), seed)
        # Without its super() the code of a method does not fit the method.
        if change.code.co_freevars == _functions(module)[change.function].__code__.co_freevars
    ]
    return try_all(part, made, cases, track, same)


def measure_again(
    last: Measured,
    left: Collection[Survivor],
    modules: Sequence[ModuleType],
    cases: Sequence[Case],
    track: Callable[[Sequence[Mutant]], Iterable[Mutant]] = iter,
    same: Sequence[Same] = (),
) -> Outcome:
    """As `measure`, of the mutants of the last time, of which those alone are tried that were left: what was seen is
    seen by more cases too.

    Args:
        last: what was measured then.
        left: the survivors.
        modules, cases, track, same: as `measure`.

    Raises:
        AssertionError: as `measure`; or a mutant that was left is not there any more.
    """
    wanted = {(survivor.module, survivor.change) for survivor in left}
    made = [(module, change) for module in modules for change in named_changes(_source(module), wanted)]
    assert len(made) == len(wanted), f"{last.part}: some of the survivors are not there any more; measure all of it"
    now = try_all(last.part, made, cases, track, same)
    return replace(now, mutants=last.mutants, seen=last.seen + now.seen, equivalent=last.equivalent + now.equivalent)


def try_all(
    part: str,
    made: Sequence[Mutant],
    cases: Sequence[Case],
    track: Callable[[Sequence[Mutant]], Iterable[Mutant]],
    same: Sequence[Same],
) -> Outcome:
    """What becomes of mutants; see `measure`."""
    modules = list(dict.fromkeys(module for module, _ in made))
    known = {(each.function, what) for each in same for what in each.changes}
    files = {str(_source(module)) for module in modules}
    equivalent, survivors = 0, []
    with _limited():
        tried = [_tried(case, files) for case in cases]
        for module, change in track(made):
            able = sorted((each for each in tried if each.reaches(change)), key=_Tried.price)
            place = f"{change.path.stem}.{change.function}"
            is_known = (place, change.what) in known
            with _replaced(_functions(module)[change.function], change):
                tries = _within(KNOWN_SECONDS if is_known else TRY_SECONDS, able)
                sees = next((each for each in tries if each.is_seen()), None)
            if is_known:
                assert sees is None, f"{place}: {change.what}: is said to do the same, and {sees.case.name} sees it"
                equivalent += 1
            elif sees is None:
                some = f"{len(tries)} of {len(able)} cases that get there"
                why = f"it does the same in {some}" if able else "no case gets there"
                survivors.append(Survivor(part, place, change.what, why))
            else:
                sees.seen += 1
        _check(part, _within(KNOWN_SECONDS, sorted(tried, key=lambda each: each.seconds)))
    return Outcome(part, len(made), len(made) - equivalent - len(survivors), equivalent, tuple(survivors))


@dataclass
class _Tried:
    """A case, and what is known of it."""

    case: Case
    right: object
    lines: Lines
    seconds: float
    seen: int = 0
    """Mutants."""

    def reaches(self, change: Change) -> bool:
        return any((str(change.path), line) in self.lines for line in change.lines)

    def price(self) -> float:
        """Seconds for each mutant that it sees, at a guess."""
        return self.seconds / (1 + self.seen)

    def is_seen(self) -> bool:
        """Whether anything else comes of it than should."""
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            return bool(self.case.run() != self.right)
        except Exception:
            return True
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)


def _tried(case: Case, files: Collection[str]) -> _Tried:
    """A case as it is without a change: what comes of it, by which lines, and how long it takes."""
    _forget()
    begin = time.process_time()
    found, lines = lines_reached(case.run, files)
    seconds = time.process_time() - begin
    right = case.right() if case.right else found
    assert found == right, f"{case.name} comes out wrong without a change"
    return _Tried(case, right, lines, seconds)


def _within(seconds: float, tried: Sequence[_Tried]) -> list[_Tried]:
    """As many as take so long, and at least one."""
    spent = accumulate(each.seconds for each in tried)
    return [each for k, (each, total) in enumerate(zip(tried, spent, strict=True)) if not k or total < seconds]


def _check(part: str, tried: Sequence[_Tried]) -> None:
    wrong = [each.case.name for each in tried if each.is_seen()]
    assert not wrong, f"{part}: without a change, these do not come out as before: {', '.join(wrong)}"


def _source(module: ModuleType) -> Path:
    return Path(str(module.__file__))


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
