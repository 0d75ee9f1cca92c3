"""The report: one whole page, that needs nothing else, and tells what was found."""

import base64
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from ganglion.jobs.classified import Classified
from ganglion.jobs.report import page as page_module
from ganglion.jobs.report.page import render, write_report
from ganglion.jobs.run import run
from ganglion.model.networks.shipped import SHIPPED

VOID = {"meta", "img", "br", "link", "input", "hr"}


class Page(HTMLParser):
    """Checks nesting, and collects identifiers, links and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        self.handle_startendtag(tag, attributes)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if name == "id":
                self.ids.append(value or "")
            if name in ("src", "href", "xlink:href"):
                self.links.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes another element, line {self.getpos()[0]}"

    def handle_data(self, data: str) -> None:
        self.words += data.split()


SAMPLES = {"digits": 20, "mnist": 5, "mnist-conv": 3, "speech": 5}


def together(name: str) -> pytest.MarkDecorator:
    """Has the tests of one network run by one worker."""
    return pytest.mark.xdist_group(f"report of {name}")


NAMES = [pytest.param(name, marks=[together(name), *[pytest.mark.long] * (name != "digits")]) for name in SHIPPED]


@cache
def classified(name: str) -> Classified:
    """A few samples of a network, with the cycles of a clock that takes one a SynOp, and 256 for the neurons."""
    found = run(name, targets=["emulator"], samples=SAMPLES[name], command="test <&> run")
    counters = found.targets[0].counters
    counters["cycles"] = counters["synops"] + 256
    return found


@cache
def rendered(name: str) -> str:
    """Its page."""
    return render(classified(name))


@pytest.fixture
def result() -> Classified:
    return classified("digits")


@pytest.mark.parametrize("name", NAMES)
def test_page_is_whole_and_needs_nothing_else(name: str) -> None:
    text = rendered(name)
    page = Page(text)
    assert len(set(page.ids)) == len(page.ids)
    for link in page.links:
        assert link.startswith(("#", "data:image/png;base64,")), f"needs {link}"
        if link.startswith("#"):
            assert link[1:] in page.ids
        else:
            assert base64.b64decode(link.partition(",")[2]).startswith(b"\x89PNG")
    assert not re.search(r"@import|url\((?!#)", text)
    assert text == render(classified(name))


@pytest.mark.parametrize("name", NAMES)
def test_every_network_has_every_figure(name: str) -> None:
    result, text = classified(name), rendered(name)
    words = " ".join(Page(text).words)
    for caption in (
        "Membranes of the classes",
        "What was taken for what",
        "Clock cycles of a step",
        "Clock cycles, step by step",
        "SynOps, step by step",
        "What it would cost in energy",
    ):
        assert caption in words
    for panel in ("input", *result.program.names, "membrane v", "step of a sample"):
        assert f">{panel}</text>" in text
    assert f"{result.energy.total / 1e3:,.1f}" in words
    assert result.workload.data in words


@together("digits")
def test_page_tells_what_was_found(result: Classified) -> None:
    words = " ".join(Page(rendered("digits")).words)
    assert result.right is not None
    assert f"{100 * result.right / 20:.1f} % told right" in words
    assert f"{result.right} of 20 samples that the training never saw" in words
    assert "Command test <&> run" in words
    cycles = result.targets[0].counters["cycles"]
    assert f"{np.median(cycles):,.0f} cycles per step, median" in words
    assert f"{cycles.sum() / 20 / 80:,.0f} µs per sample at 80 MHz" in words


@together("digits")
def test_confusion_matrix_and_mistakes_follow_the_guesses(result: Classified) -> None:
    """One sample is declared to be told wrong, and of another to be told nothing: they leave the diagonal, and join the
    gallery under the numbers that `--only` takes."""
    told, label = result.guess, result.label
    assert label is not None and result.right is not None
    before = told.copy()
    wrong = (label[4] + 3) % 10
    told[4], told[7] = wrong, -1
    try:
        text = render(result)
        table = re.findall(r"<tr><th scope=\"row\">(\d)</th>(.*?)</tr>", text, re.DOTALL)
        counts = np.array([[int(n) for n in re.findall(r">(\d+)</td>", row)] for _, row in table])
        wanted = np.zeros((10, 11), dtype=int)
        np.add.at(wanted, (label, told), 1)
        np.testing.assert_array_equal(counts, wanted)
        assert f"{label[4]} told as <b>{wrong}</b><br><small>no. {result.numbers[4]}</small>" in text
        assert f"{label[7]} told as <b>none</b><br><small>no. {result.numbers[7]}</small>" in text
        mistakes = int((told != label).sum())
        assert f"<h2>{mistakes} mistake{'' if mistakes == 1 else 's'}</h2>" in text
    finally:
        told[:] = before


@together("digits")
def test_failing_to_write_leaves_nothing(result: Classified, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "digits.html"
    write_report(result, path)
    whole = path.read_bytes()
    assert whole.endswith(b"</html>\n") or whole.endswith(b"</html>")
    monkeypatch.setattr(page_module, "render", lambda _: "\udc00 is no UTF-8")
    with pytest.raises(UnicodeEncodeError):
        write_report(result, path)
    assert path.read_bytes() == whole
    assert list(tmp_path.iterdir()) == [path]
