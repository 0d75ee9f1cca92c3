"""Which lines of some files a call runs: a change elsewhere cannot be seen by it."""

import sys
from collections.abc import Callable, Collection
from types import FrameType
from typing import Any

Lines = frozenset[tuple[str, int]]
"""Files, by the names that code has for them, and lines."""


def lines_reached(call: Callable[[], object], files: Collection[str]) -> tuple[object, Lines]:
    """What comes of a call, and the lines of these files that it runs in this thread."""
    found: set[tuple[str, int]] = set()

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        if frame.f_code.co_filename not in files:
            return None
        found.add((frame.f_code.co_filename, frame.f_lineno))
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        result = call()
    finally:
        sys.settrace(before)
    return result, frozenset(found)
