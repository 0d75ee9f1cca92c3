"""Calls that fail on an argument of another kind, explained: the annotations of what was called say what it takes.

Nothing is checked before a call, which so costs nothing more. Where one ends in an error that is not Ganglion's, its
arguments are looked at, and the first that is not what its annotation says is named in an error that is.
"""

import inspect
import math
import numbers
import types
import typing
from collections import abc
from collections.abc import Callable
from functools import wraps
from os import PathLike
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin

import numpy as np
import numpy.typing as npt

from ganglion.model.spec.errors import FormatError, GanglionError, described

T = TypeVar("T")

ELEMENTS = 1000
"""Elements of a list that are looked at, at most."""

WORDS: dict[Any, str] = {
    int: "a whole number",
    float: "a finite number",
    str: "a string",
    bool: "True or False",
    Path: "a path",
    PathLike: "a path",
    type(None): "None",
    npt.ArrayLike: "numbers",
}
"""What a message calls the kinds that have words of their own."""


def explained(error: type[GanglionError]) -> Callable[[T], T]:
    """Explain the calls of a function, or of a class: its making and its public methods.

    Args:
        error: what a call with a wrong argument raises; a FormatError where it is a path. What it raised before is
            the cause.
    """

    def of(called: T) -> T:
        if not isinstance(called, type):
            return typing.cast(T, _explained(typing.cast(Callable[..., Any], called), error))
        for name, value in list(vars(called).items()):
            if name.startswith("_") and name != "__init__":
                continue
            if isinstance(value, classmethod | staticmethod):
                setattr(called, name, type(value)(_explained(value.__func__, error)))
            elif inspect.isfunction(value):
                setattr(called, name, _explained(value, error))
        return called

    return of


def _explained(function: Callable[..., Any], error: type[GanglionError]) -> Callable[..., Any]:
    @wraps(function)
    def call(*values: Any, **named: Any) -> Any:
        try:
            return function(*values, **named)
        except GanglionError:
            raise
        except (OSError, ImportError, NotImplementedError):
            raise
        except Exception as cause:
            wrong = _wrong(function, values, named)
            if wrong is None:
                raise
            words, hint = wrong
            raise (FormatError if Path in get_args(hint) or hint is Path else error)(words) from cause

    return call


def _wrong(function: Callable[..., Any], values: tuple[Any, ...], named: dict[str, Any]) -> tuple[str, Any] | None:
    """What is to be said of the first argument that is not what its annotation says, and that annotation."""
    signature = inspect.signature(function)
    try:
        bound = signature.bind(*values, **named)
    except TypeError:
        return None
    try:
        hints = typing.get_type_hints(function)
    except NameError:  # A name that type checkers alone import.
        hints = {name: hint for name, hint in function.__annotations__.items() if not isinstance(hint, str)}
    title = function.__qualname__.removesuffix(".__init__")
    for name, value in bound.arguments.items():
        kind = signature.parameters[name].kind
        each = {name: value}
        if kind is inspect.Parameter.VAR_POSITIONAL:
            each = {f"{name} {number}": one for number, one in enumerate(value)}
        elif kind is inspect.Parameter.VAR_KEYWORD:
            each = value if get_origin(hints.get(name)) is not typing.Unpack else {}
        for called, one in each.items():
            if name in hints and not fits(one, hints[name]):
                return f"{title}: {called} must be {_words(hints[name])}, not {described(one)}", hints[name]
    return None


def fits(value: Any, hint: Any) -> bool:
    """Whether a value is what an annotation says, as far as that can be told."""
    if hint is Any or isinstance(hint, TypeVar | str):
        return True
    if hint is npt.ArrayLike:
        return _are_numbers(value)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return isinstance(value, str | int | None) and value in arguments
    if origin in (typing.Union, types.UnionType):
        return any(fits(value, each) for each in arguments)
    if hint is float:
        return _is_finite(value)
    if hint is int:
        return isinstance(value, numbers.Integral)
    kind: Any = origin or hint
    if kind is np.ndarray:
        return isinstance(value, np.ndarray) and _are_numbers(value)
    if not isinstance(kind, type):
        return True
    if getattr(kind, "_is_protocol", False):
        return not isinstance(value, type) and all(hasattr(value, name) for name in _members(kind))
    if kind in (abc.Sequence, abc.Iterable, abc.Collection) and arguments and arguments[0] is not str:
        listed = isinstance(value, kind | np.ndarray) and not isinstance(value, str | bytes)
        return listed and _all_fit(value, arguments)
    if not _is_a(value, kind):
        return False
    if kind in (list, set, frozenset, abc.Sequence, abc.Iterable, abc.Collection):
        return _all_fit(value, arguments)
    if kind in (dict, abc.Mapping) and arguments:
        return _all_fit(value, arguments[:1]) and _all_fit(value.values(), arguments[1:])
    if kind is tuple and arguments:
        if arguments[-1] is Ellipsis:
            return _all_fit(value, arguments[:1])
        return len(value) == len(arguments) and all(fits(one, each) for one, each in zip(value, arguments, strict=True))
    return True


def _all_fit(values: Any, arguments: tuple[Any, ...]) -> bool:
    """Whether the first elements of what can be gone through twice are what one annotation says."""
    if not arguments or not isinstance(values, abc.Collection):
        return True
    return all(fits(value, arguments[0]) for value, _ in zip(values, range(ELEMENTS), strict=False))


def _is_a(value: Any, kind: Any) -> bool:
    return isinstance(value, kind)


def _is_finite(value: Any) -> bool:
    try:
        return isinstance(value, numbers.Real) and math.isfinite(float(value))
    except OverflowError:
        return False


def _are_numbers(value: Any) -> bool:
    try:
        found = np.asarray(value)
    except Exception:  # What an object that pretends to be an array raises is no closed list.
        return False
    return found.dtype.kind in "iufb" and bool(np.isfinite(found).all())


def _members(protocol: type) -> set[str]:
    """The public names that a protocol asks for."""
    classes = [each for each in protocol.__mro__ if getattr(each, "_is_protocol", False)]
    return {name for each in classes for name in (*vars(each), *each.__annotations__) if not name.startswith("_")}


def _words(hint: Any) -> str:
    """What a message says that an argument must be."""
    if hint in WORDS:
        return WORDS[hint]
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return " or ".join(map(repr, arguments))
    if origin in (typing.Union, types.UnionType):
        words = list(dict.fromkeys(map(_words, arguments)))
        return " or ".join(words)
    kind = origin or hint
    if kind is np.ndarray:
        return "an array of finite numbers"
    if kind in (dict, abc.Mapping):
        return "a dict" + (f" of {' to '.join(map(_plain, arguments))}" if arguments else "")
    if kind in (tuple, list, abc.Sequence, abc.Iterable, abc.Collection):
        inner = [each for each in arguments if each is not Ellipsis]
        return f"a {'tuple' if kind is tuple else 'list'}" + (f" of {', '.join(map(_plain, inner))}" if inner else "")
    if kind is abc.Callable:
        return "a function"
    name = str(getattr(kind, "__name__", kind))
    return f"{'an' if name[0] in 'AEIO' else 'a'} {name}"


def _plain(hint: Any) -> str:
    """As `_words`, of several."""
    words = _words(hint)
    article, _, noun = words.partition(" ")
    if article not in ("a", "an"):
        return words
    head, of, rest = noun.partition(" of ")
    return f"{head}s{of}{rest}"
