"""Values that users type: each is what it says, or refused with what was wanted."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ganglion.jobs import values
from ganglion.model.spec.errors import GanglionError


def test_values_are_what_they_say() -> None:
    assert [values.boolean("x", text) for text in ("true", "False", "ON", " no ")] == [True, False, True, False]
    assert values.whole("x", " 0x10 ") == 16 and values.whole("x", "0") == 0
    assert values.number("x", "1e3", 0) == 1000.0 and values.number("x", "0", 0) == 0
    assert values.whole_numbers("x", "3, 17,5-7") == [3, 17, 5, 6, 7]
    assert values.names("x", "a, b", ("a", "b", "c")) == ["a", "b"]
    assert values.assignment("x", "size = 4", ["size"]) == ("size", "4")
    assert values.count_or_file("x", "12") == 12 and values.count_or_file("x", "a.NPZ") == Path("a.NPZ")


@pytest.mark.parametrize("text", ["", "1", "2", "maybe", "tru e"])
def test_what_is_neither_true_nor_false(text: str) -> None:
    with pytest.raises(GanglionError, match=f"--flag takes true or false, not {text!r}"):
        values.boolean("--flag", text)


@pytest.mark.parametrize("text", ["", "1e3", "3.0", "two", "-1", "11", "9" * 30, "0x", "--"])
def test_what_is_no_whole_number_of_the_range(text: str) -> None:
    with pytest.raises(GanglionError, match="--n takes a whole number from 0 to 10, not"):
        values.whole("--n", text, 0, 10)
    with pytest.raises(GanglionError, match="--n takes a whole number from 1"):
        values.whole("--n", "9" * 30, 1)


@pytest.mark.parametrize("text", ["", "nan", "inf", "-inf", "-0.5", "2", "1,5", "0.5x"])
def test_what_is_no_number_of_the_range(text: str) -> None:
    with pytest.raises(GanglionError, match="--p takes a number from 0 to 1, not"):
        values.number("--p", text, 0, 1)
    with pytest.raises(GanglionError, match="greater than 0, not 0"):
        values.number("--p", "0", 0, open_below=True)


@pytest.mark.parametrize("text", ["", ",", "3,", "a", "3-", "-3", "3--4", "3.5", "1e3", "\u00b2", "9" * 40, "3;4"])
def test_what_is_no_list_of_numbers(text: str) -> None:
    with pytest.raises(GanglionError, match="--only takes whole numbers from 0"):
        values.whole_numbers("--only", text)


@pytest.mark.parametrize(
    ("read", "message"),
    [
        (lambda: values.whole_numbers("x", "7-3"), "the range 7-3 must rise"),
        (lambda: values.whole_numbers("x", "0-99999999"), "must rise, by 1,000,000 at most"),
        (lambda: values.whole_numbers("x", "3,1-4"), "3 is there twice, in '3,1-4'"),
        (lambda: values.names("x", "", ("a", "b")), "x takes one or more of a, b, comma-separated, not ''"),
        (lambda: values.names("x", "a,a", ("a", "b")), "a is there twice"),
        (lambda: values.assignment("x", "size", ["size"]), "x takes NAME=VALUE, not 'size'"),
        (lambda: values.assignment("x", "sise=3", ["size"]), r"no 'sise' \(did you mean size\?\); there are size"),
        (lambda: values.count_or_file("x", "1e3"), r"whole number from 1, or a file .*, not '1e3'"),
        (lambda: values.count_or_file("x", "0"), "whole number from 1, or a file"),
    ],
)
def test_what_else_is_refused(read: Callable[[], Any], message: str) -> None:
    with pytest.raises(GanglionError, match=message):
        read()
