"""The list of changes fits the chip, and its page is fresh; that every change is caught, `make mutate` shows."""

import pytest

from docs.generate.mutations import PAGE, page
from tests.mutations.change import LOCKSTEPS, Change
from tests.mutations.changes import CHANGES
from tests.mutations.run import ROOT


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_the_old_line_is_there_once(change: Change) -> None:
    source = (ROOT / change.path).read_text()
    changed = change.apply(source)
    compile(changed, change.file, "exec")
    assert changed != source


@pytest.mark.parametrize("old", ["no such line", "import", "m = Module()\n"])
def test_a_line_that_does_not_match_once_is_an_error(old: str) -> None:
    change = Change("wrong", "chip.py", old, "", "", ())
    with pytest.raises(ValueError, match=r"wrong: hdl/chip\.py must have one line"):
        change.apply((ROOT / "hdl" / "chip.py").read_text())


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_the_checks_exist(change: Change) -> None:
    assert change.caught_by
    for check in set(change.checks) - set(LOCKSTEPS):
        assert (ROOT / check).exists()


def test_names_are_unique() -> None:
    assert len({change.name for change in CHANGES}) == len(CHANGES) >= 14


def test_the_page_is_fresh() -> None:
    assert PAGE.read_text() == page(), "run python -m docs.generate.mutations"
