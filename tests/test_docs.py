"""The documentation does what it says: its Python runs, its links lead somewhere, its lists and pictures are fresh."""

import builtins
import re
from itertools import takewhile
from pathlib import Path

import pytest

from docs.generate import neurons
from ganglion.cli import app
from ganglion.model.spec import errors
from ganglion.model.spec.params import PRESETS
from ganglion.sim.coverage import points

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def blocks(page: Path, language: str) -> list[tuple[int, str]]:
    """The fenced blocks of a language: the line in which each begins, and its text."""
    text = page.read_text()
    return [(text.count("\n", 0, m.start(2)), m[2]) for m in FENCE.finditer(text) if m[1] == language]


def anchors(page: Path) -> set[str]:
    """What headings are called in links, by the rule of GitHub."""
    headings = re.findall(r"^#+ (.*)$", FENCE.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def first_cells(page: Path, heading: str) -> list[str]:
    """The first column of the first table below a heading, without its head and its code marks."""
    table = page.read_text().partition(f"\n{heading}\n")[2]
    rows = takewhile(lambda line: line.startswith("|"), table[table.index("|") :].splitlines())
    return [row.split("|")[1].strip().strip("`") for row in rows][2:]


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")], ids=name)
def test_the_python_of_a_page_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All blocks of a page, in order, in one namespace, in an empty folder. The code carries the name and the lines of
    its page, so that a failure points there."""
    monkeypatch.chdir(tmp_path)
    namespace = {"__name__": "__main__", "__builtins__": builtins}
    for line, code in blocks(page, "python"):
        exec(compile("\n" * line + code, str(page), "exec"), namespace)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in LINK.findall(FENCE.sub("", page.read_text())):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{name(page)} links to {link}, which is not there"
        if anchor:
            assert anchor in anchors(target), f"{name(page)} links to {link}: {name(target)} has no such heading"


def test_links_and_code_are_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A `code` heading: two\n[a](b.md#c) ![d](e.svg)\n```python\n[f](g)\n```\n")
    assert LINK.findall(FENCE.sub("", page.read_text())) == ["b.md#c", "e.svg"]
    assert blocks(page, "python") == [(3, "[f](g)\n")]
    assert anchors(page) == {"a-code-heading-two"}


@pytest.mark.parametrize("chart", neurons.CHARTS)
def test_pictures_are_fresh(chart: str) -> None:
    picture = DOCS / "images" / chart
    assert picture.exists() and picture.read_text() == neurons.CHARTS[chart]().svg(), (
        f"{picture} is not what the reference does; draw it again with: python -m docs.generate.neurons"
    )


def test_pictures_are_drawn_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    neurons.main([str(tmp_path)])
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(neurons.CHARTS)
    assert capsys.readouterr().out.count("wrote") == len(neurons.CHARTS)


def test_the_verification_plan_names_every_cover_point() -> None:
    page = DOCS / "developer" / "verification.md"
    (listed,) = [text.splitlines() for _, text in blocks(page, "points")]
    wanted = points(PRESETS["tiny"])
    missing, strange = set(wanted) - set(listed), set(listed) - set(wanted)
    assert listed == wanted, f"{name(page)} lacks {sorted(missing)} and has {sorted(strange)} that are no points (tiny)"


def test_the_user_guide_names_every_verb() -> None:
    verbs = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    assert set(first_cells(DOCS / "02_user.md", "## The command line")) == {f"ganglion {verb}" for verb in verbs}


def test_the_user_guide_explains_every_error() -> None:
    kinds = {kind.__name__ for kind in vars(errors).values() if isinstance(kind, type)} - {"GanglionError"}
    assert set(first_cells(DOCS / "02_user.md", "## Errors")) == kinds
