"""The documentation does what it says: its Python runs, its links and paths lead somewhere, its lists are fresh."""

import ast
import builtins
import json
import re
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path, PurePath

import pytest

import ganglion
from docs.generate import learning, neurons
from docs.generate.chart import write_charts
from ganglion.cli import app
from ganglion.model.spec import errors
from ganglion.model.spec.params import PRESETS
from ganglion.sim.coverage import points
from tests.test_front_door import PUBLIC
from tests.test_house import MAY_IMPORT

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"

CHARTS = {**neurons.CHARTS, **learning.CHARTS}
"""Pictures that are drawn from runs."""
HOUSE = ("docs", "fpga", "hdl", "model", "sim", "web", "tests", "ganglion")
FOLDERS = [ROOT / folder for folder in (".github", *HOUSE)]
PAGES = sorted([*ROOT.glob("*.md"), *(page for folder in FOLDERS for page in folder.rglob("*.md"))])
NOTEBOOKS = sorted((DOCS / "tutorials").glob("*.ipynb"))
SOURCES = sorted(source for folder in HOUSE for source in (ROOT / folder).rglob("*.py"))

FENCE = re.compile(r"^```(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"\.?[\w*-][\w.*-]*(/[\w.*-]+)*/?")
DOTTED = re.compile(r"ganglion(\.\w+)+")
PAGE_IN_SOURCE = re.compile(r"docs/[\w/]+\.md")

ELSEWHERE = ("build/", "mnist/", "fsdd/", "report.json")
"""What paths begin with that are built, or are data and no part of Ganglion."""


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def markdown(page: Path) -> str:
    """The text of a page; of a notebook, as if it were written in Markdown."""
    if page.suffix == ".md":
        return page.read_text()
    cells = [(cell["cell_type"], "".join(cell["source"])) for cell in json.loads(page.read_text())["cells"]]
    return "\n".join(f"```python\n{text}\n```\n" if kind == "code" else f"{text}\n" for kind, text in cells)


def prose(page: Path) -> str:
    """The text of a page without its fenced blocks."""
    return FENCE.sub("", markdown(page))


def blocks(page: Path, language: str) -> list[tuple[int, str]]:
    """The fenced blocks of a language: the line in which each begins, and its text."""
    text = markdown(page)
    return [(text.count("\n", 0, m.start(2)), m[2]) for m in FENCE.finditer(text) if m[1] == language]


def anchors(page: Path) -> set[str]:
    """What headings are called in links, by the rule of GitHub."""
    headings = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def first_cells(page: Path, heading: str) -> list[str]:
    """The first column of the first table below a heading, without its head and its code marks."""
    table = page.read_text().partition(f"\n{heading}\n")[2]
    rows = takewhile(lambda line: line.startswith("|"), table[table.index("|") :].splitlines())
    return [row.split("|")[1].strip().strip("`") for row in rows][2:]


def code_spans(page: Path) -> list[str]:
    """What is marked as code within the text of a page."""
    return CODE.findall(prose(page))


def is_path(span: str) -> bool:
    """Whether a code span looks like a path of this repository."""
    if not PATH.fullmatch(span) or span.startswith(ELSEWHERE):
        return False
    suffix = PurePath(span).suffix
    return span.endswith("/") or suffix in {".cpp", ".ipynb", ".j2", ".json", ".md", ".py", ".svg", ".toml", ".v"}


def is_there(span: str, page: Path) -> bool:
    """Whether a path is one from the root, from the folder of the page, or the end of one of some file or folder."""
    if any(any(folder.glob(span)) for folder in (ROOT, page.parent)):
        return True
    return any(any((ROOT / folder).rglob(span)) for folder in HOUSE)


def imported(page: Path) -> Iterator[str]:
    """The modules that the Python of a page imports."""
    for _, code in blocks(page, "python"):
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.ImportFrom):
                yield node.module or ""
            elif isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)


def simulates(page: Path) -> bool:
    """Whether the Python of a page runs on a simulated chip."""
    return any(re.search(r"\bRtl\b|\bNativeDriver\b", code) for _, code in blocks(page, "python"))


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, marks=[pytest.mark.sim] * simulates(page), id=name(page))
        for page in PAGES
        if blocks(page, "python")
    ],
)
def test_the_python_of_a_page_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All blocks of a page, in order, in one namespace, in an empty folder. The code carries the name and the lines of
    its page, so that a failure points there."""
    monkeypatch.chdir(tmp_path)
    namespace = {"__name__": "__main__", "__builtins__": builtins}
    for line, code in blocks(page, "python"):
        exec(compile("\n" * line + code, str(page), "exec"), namespace)


def broken_links(page: Path) -> Iterator[str]:
    """The links of a page that lead nowhere, each with what is wrong with it."""
    for link in LINK.findall(prose(page)):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists():
            yield f"{name(page)} links to {link}, which is not there"
        elif anchor and anchor not in anchors(target):
            yield f"{name(page)} links to {link}: {name(target)} has no such heading"


def test_links_lead_somewhere() -> None:
    broken = [words for page in (*PAGES, *NOTEBOOKS) for words in broken_links(page)]
    assert not broken, "\n".join(broken)


def test_paths_lead_somewhere() -> None:
    lost = [
        f"{name(page)} names {span}, which is not there"
        for page in (*PAGES, *NOTEBOOKS)
        for span in code_spans(page)
        if is_path(span) and not is_there(span, page)
    ]
    assert not lost, "\n".join(lost)


def test_paths_are_known_by_their_look() -> None:
    assert all(map(is_path, ["model/spec/params.py", "kernels/", "core.py", "test_*.py", ".github/workflows/"]))
    assert not any(map(is_path, ["N / L", "build/site/", ".npz", "a.b", "~/.cache", "python x/y.py", "ganglion run"]))
    assert is_there("kernels/arrays.py", ROOT / "README.md") and not is_there("kernels/store.xy", ROOT / "README.md")


def is_public(span: str) -> bool:
    """Whether a full name, such as `ganglion.errors.GanglionError`, is there, and begins with a name of the door."""
    first, *parts = span.split(".")[1:]
    thing: object = getattr(ganglion, first, None) if first in (*ganglion.__all__, "__version__") else None
    for part in parts:
        thing = getattr(thing, part, None)
    return thing is not None


def not_public(page: Path) -> Iterator[str]:
    """The names of a page that are not public: modules that its Python imports, and in its text, where that is not for
    developers, whatever is called by its full name."""
    yield from (module for module in imported(page) if module.startswith("ganglion.") and not is_public(module))
    if page.parent != DOCS / "developer":
        yield from (span for span in code_spans(page) if DOTTED.fullmatch(span) and not is_public(span))


def test_pages_name_public_modules_alone() -> None:
    deep = [f"{name(page)} names {what}, not public" for page in (*PAGES, *NOTEBOOKS) for what in not_public(page)]
    assert not deep, "\n".join(deep)


def test_public_names_are_told_from_others() -> None:
    assert all(map(is_public, ["ganglion.Trace", "ganglion.errors.GanglionError", "ganglion.__version__"]))
    assert not any(map(is_public, ["ganglion.sim.rtl", "ganglion.errors.NoSuchError", "ganglion.Netwrok"]))


def test_pages_that_sources_cite_are_there() -> None:
    lost = [
        f"{name(source)} cites {page}"
        for source in SOURCES
        for page in PAGE_IN_SOURCE.findall(source.read_text())
        if not (ROOT / page).exists()
    ]
    assert not lost, "\n".join(lost)


def test_links_and_code_are_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A `code` heading: two\n[a](b.md#c) ![d](e.svg)\n```python\n[f](g)\n```\n")
    assert LINK.findall(prose(page)) == ["b.md#c", "e.svg"]
    assert blocks(page, "python") == [(3, "[f](g)\n")]
    assert anchors(page) == {"a-code-heading-two"}
    assert all(blocks(notebook, "python") and LINK.findall(prose(notebook)) for notebook in NOTEBOOKS)


@pytest.mark.parametrize("chart", CHARTS)
def test_pictures_are_fresh(chart: str) -> None:
    picture = DOCS / "images" / chart
    assert picture.exists() and picture.read_text() == CHARTS[chart]().svg(), (
        f"{picture} is not what the reference does; draw it again with: python -m docs.generate.neurons, or .learning"
    )


def test_pictures_are_drawn_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_charts(CHARTS, [str(tmp_path)])
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(CHARTS)
    assert capsys.readouterr().out.count("wrote") == len(CHARTS)


def test_the_verification_plan_names_every_cover_point() -> None:
    page = DOCS / "developer" / "verification.md"
    (listed,) = [text.splitlines() for _, text in blocks(page, "points")]
    wanted = points(PRESETS["tiny"])
    missing, strange = set(wanted) - set(listed), set(listed) - set(wanted)
    assert listed == wanted, f"{name(page)} lacks {sorted(missing)} and has {sorted(strange)} that are no points (tiny)"


def test_the_architecture_has_the_import_rules() -> None:
    cells = first_cells(DOCS / "developer" / "architecture.md", "## 1. The house")
    rooms = [room.strip("`") for cell in cells[:-1] for room in cell.split(", ")]
    packages = {f"ganglion.{room.removeprefix('ganglion/').replace('/', '.')}" for room in rooms}
    assert packages == set(MAY_IMPORT) - {"ganglion"}


def test_the_api_reference_has_every_public_module() -> None:
    listed = re.findall(r"^   (ganglion\S*)$", (DOCS / "api" / "index.md").read_text(), re.MULTILINE)
    assert listed == ["ganglion", *sorted(f"ganglion.{module}" for module in PUBLIC)]


def test_the_user_guide_names_every_verb() -> None:
    verbs = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    assert set(first_cells(DOCS / "02_user.md", "## The command line")) == {f"ganglion {verb}" for verb in verbs}


def test_the_user_guide_explains_every_error() -> None:
    kinds = {kind.__name__ for kind in vars(errors).values() if isinstance(kind, type)} - {"GanglionError"}
    assert set(first_cells(DOCS / "02_user.md", "## Errors")) == kinds
