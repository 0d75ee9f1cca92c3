"""Mutants of Python: each changes one node, runs in place of its function, and leaves nothing."""

import ast
from pathlib import Path
from types import ModuleType

import pytest

from tests.mutations.patched import Case, measure
from tests.mutations.programs import PARTS
from tests.mutations.same import Same, stale
from tests.mutations.syntax import changes, descriptions, functions_of, sites

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

ADDED = "Counter.add", "`self.count += more` becomes `self.count -= more`"


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
    told = [(change.function, change.what) for change in changes(path, 100, 0)]
    assert len(told) == sites(path) == 11
    assert told == [(name, what) for name, function in functions_of(path).items() for what in descriptions(function)]
    for wanted in (
        ("clamp", "`value < 0` becomes `value <= 0` in `if value < 0 and (not low): …`"),
        ("clamp", "`value < 0 and (not low)` becomes `value < 0 or not low` in `if value < 0 and (not low): …`"),
        ("clamp", "`max(value, low)` becomes `min(value, low)` in `return max(value, low) + 2`"),
        ("clamp", "`max(value, low) + 2` becomes `max(value, low) - 2` in `return max(value, low) + 2`"),
        ("Counter.__init__", "`self.count = 0` becomes `_ = 0`"),
        ADDED,
    ):
        assert wanted in told


def test_what_no_result_depends_on_stays_and_alike_changes_are_told_apart() -> None:
    """Calls that report progress or fetch ahead, types, and what `zip` is told to claim; not what is beside them."""
    (function,) = ast.parse(
        "def f(task, x):\n"
        "    task.advance(x + 1)\n"
        "    with task.task('so far', 2 * x) as inner:\n"
        "        kept: int | None = x + 0\n"
        "        prefetch(x, kept - 1)\n"
        "    return zip(x + 0, x + 0, strict=True)\n"
    ).body
    assert isinstance(function, ast.FunctionDef)
    told = descriptions(function)
    assert len(told) == len(set(told)) == 6
    assert "`x + 0` becomes `x - 0` in `return zip(x + 0, x + 0, strict=True)`, number 2" in told


def test_what_a_case_does_not_look_at_survives(module: ModuleType) -> None:
    """A case is tried with what changes a line that it runs; what is known to do the same does not count, and must."""
    cases = [Case("clamps", lambda: [module.clamp(k, 1) for k in range(3)], lambda: [3, 3, 4])]
    cases.append(Case("makes", lambda: module.Counter() is None))
    found = measure("small", [module], cases, 100, 0)
    survivors = {(survivor.module, survivor.change): survivor.why for survivor in found.survivors}
    assert found.mutants == 11 and found.seen == 11 - len(survivors)
    assert survivors[f"small.{ADDED[0]}", ADDED[1]] == "no case gets there"
    assert "does the same in 1 of 1 cases" in survivors["small.Counter.__init__", "`self.count = 0` becomes `_ = 0`"]
    assert not any("max(value, low)` becomes" in change for _, change in survivors)
    assert [module.clamp(k, 1) for k in range(3)] == [3, 3, 4]

    known = Same("small", f"small.{ADDED[0]}", (ADDED[1],), "nobody asks")
    again = measure("small", [module], cases, 100, 0, same=[known])
    assert (again.equivalent, again.seen, len(again.survivors)) == (1, found.seen, len(survivors) - 1)
    seen = "`max(value, low)` becomes `min(value, low)` in `return max(value, low) + 2`"
    with pytest.raises(AssertionError, match="is said to do the same, and clamps sees it"):
        measure("small", [module], cases, 100, 0, same=[Same("small", "small.clamp", (seen,), "wrong")])
    with pytest.raises(AssertionError, match="clamps comes out wrong"):
        measure("small", [module], [Case("clamps", cases[0].run, lambda: [])], 1, 0)


def test_what_is_known_to_do_the_same_is_there() -> None:
    for part in PARTS:
        assert not stale(part.name, part.sources)
