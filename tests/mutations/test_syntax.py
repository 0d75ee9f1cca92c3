"""Mutants of Python: each changes one node, runs in place of its function, and leaves nothing."""

from pathlib import Path
from types import ModuleType

import pytest

from tests.mutations.patched import measure
from tests.mutations.syntax import changes, sites

SOURCE = '''
def clamp(value: int, low: int) -> int:
    """At least so much."""
    if value < 0 and not low:
        raise ValueError(f"{value + 1} is below {low}")
    return max(value, low) + 2


class Counter:
    def __init__(self) -> None:
        self.count = 0

    def add(self, more: int) -> None:
        self.count += more
'''


@pytest.fixture
def module(tmp_path: Path) -> ModuleType:
    path = tmp_path / "small.py"
    path.write_text(SOURCE)
    made = ModuleType("small")
    made.__file__ = str(path)
    exec(compile(SOURCE, str(path), "exec"), made.__dict__)
    return made


def test_every_kind_of_node_becomes_another_one_and_messages_stay(module: ModuleType) -> None:
    path = Path(str(module.__file__))
    told = [f"{change.function} {change.what}" for change in changes(path, 100, 0)]
    assert len(told) == sites(path) == 11
    for wanted in (
        "clamp `value < 0` becomes `value <= 0`",
        "clamp `value < 0 and (not low)` becomes `value < 0 or not low`",
        "clamp `max(value, low)` becomes `min(value, low)`",
        "clamp `max(value, low) + 2` becomes `max(value, low) - 2`",
        "Counter.__init__ `self.count = 0` becomes `_ = 0`",
        "Counter.add `self.count += more` becomes `self.count -= more`",
    ):
        assert wanted in told


def test_what_a_check_does_not_look_at_survives(module: ModuleType) -> None:
    right = [module.clamp(k, 1) for k in range(3)]
    found = measure("small", [module], lambda k: module.clamp(k, 1), right, 100, 0, lambda mutants: mutants)
    survivors = {survivor.change for survivor in found.survivors}
    assert found.mutants == 11 and found.seen == 11 - len(found.survivors)
    assert "`self.count += more` becomes `self.count -= more`" in survivors
    assert "`max(value, low)` becomes `min(value, low)`" not in survivors
    assert [module.clamp(k, 1) for k in range(3)] == right
