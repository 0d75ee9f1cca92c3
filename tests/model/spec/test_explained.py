"""A call that fails on an argument of another kind says which, what it takes and what it got; others stay."""

import pickle
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt
import pytest

from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import FormatError, GanglionError, ProgramError
from ganglion.model.spec.explained import explained


class Named(Protocol):
    name: str

    def ask(self) -> str: ...


@explained(ProgramError)
class Thing:
    """Fails whatever it is given."""

    def __init__(self, count: int = 0) -> None:
        self.count = count + 1

    @classmethod
    def made(cls, share: float, name: str | None = None) -> "Thing":
        raise ValueError("made")

    def use(
        self,
        values: npt.ArrayLike = 0,
        array: IntArray | None = None,
        how: Literal["a", "b"] = "a",
        path: str | Path = "",
        listed: Sequence[int] = (),
        pair: tuple[int, str] = (0, ""),
        many: tuple[int, ...] = (),
        by_name: Mapping[str, int] | None = None,
        rule: Callable[[], int] | None = None,
        other: Named | None = None,
        **more: int,
    ) -> None:
        raise KeyError("use")

    def lost(self, path: Path) -> None:
        raise FileNotFoundError(path)


WRONG: dict[str, tuple[Callable[[], Any], str]] = {
    "words for a number": (lambda: Thing("x"), "Thing: count must be a whole number, not 'x'"),  # type: ignore[arg-type]
    "nan": (lambda: Thing.made(float("nan")), r"Thing.made: share must be a finite number, not nan"),
    "infinite": (lambda: Thing.made(10**400), "share must be a finite number"),
    "no string": (lambda: Thing.made(0.5, 3), "name must be a string or None, not 3"),  # type: ignore[arg-type]
    "no numbers": (lambda: Thing().use(["a"]), r"Thing.use: values must be numbers, not \['a'\]"),
    "nan among numbers": (lambda: Thing().use([np.nan]), "values must be numbers"),
    "ragged": (lambda: Thing().use([[1], [1, 2]]), "values must be numbers"),
    "a list for an array": (lambda: Thing().use(array=[1]), "must be an array of finite numbers or None, not"),  # type: ignore[arg-type]
    "another word": (lambda: Thing().use(how="c"), "how must be 'a' or 'b', not 'c'"),  # type: ignore[arg-type]
    "an array for a word": (lambda: Thing().use(how=np.zeros(2)), r"not a ndarray of shape \(2,\)"),  # type: ignore[arg-type]
    "letters for a list": (lambda: Thing().use(listed="12"), "listed must be a list of whole numbers"),  # type: ignore[arg-type]
    "one in a list": (lambda: Thing().use(listed=[1, 2.5]), r"a list of whole numbers, not \[1, 2.5\]"),  # type: ignore[list-item]
    "a short pair": (lambda: Thing().use(pair=(1,)), "pair must be a tuple of whole number"),  # type: ignore[arg-type]
    "one in a tuple": (lambda: Thing().use(many=(1, "a")), "many must be a tuple of"),  # type: ignore[arg-type]
    "one in a dict": (lambda: Thing().use(by_name={"a": "b"}), "by_name must be a dict of strings? to"),  # type: ignore[dict-item]
    "no function": (lambda: Thing().use(rule=3), "rule must be a function or None"),  # type: ignore[arg-type]
    "no protocol": (lambda: Thing().use(other=Thing()), "other must be a Named or None"),  # type: ignore[arg-type]
    "by name": (lambda: Thing().use(spam="x"), "Thing.use: spam must be a whole number"),  # type: ignore[arg-type]
}


def test_what_is_wrong_is_named() -> None:
    for what, (call, message) in WRONG.items():
        with pytest.raises(ProgramError, match=message) as caught:
            call()
        assert caught.value.__cause__ is not None, what
    with pytest.raises(FormatError, match="path must be a string or a path, not 3"):
        Thing().use(path=3)  # type: ignore[arg-type]


def test_other_errors_stay_what_they_are() -> None:
    with pytest.raises(KeyError, match="use"):
        Thing().use([1, 2], np.zeros(2, dtype=np.int64), "b", "x", np.arange(3), (1, "a"), (1, 2), {"a": 1}, int)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="made"):
        Thing.made(np.float32(0.5), "x")  # type: ignore[arg-type]
    with pytest.raises(FileNotFoundError):
        Thing().lost(Path("x"))
    with pytest.raises(TypeError, match="unexpected keyword argument 'counts'"):
        Thing(counts=3)  # type: ignore[call-arg]


def test_a_class_stays_what_it_is() -> None:
    assert pickle.loads(pickle.dumps(Thing(3))).count == 4
    assert Thing.made.__doc__ is None and Thing.use.__qualname__ == "Thing.use"
    assert issubclass(ProgramError, GanglionError) and isinstance(Thing(), Thing)
