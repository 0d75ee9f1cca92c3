"""The report: one whole page, that needs nothing else, and tells what was found."""

import base64
import io
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from ganglion.sim.digits import REPORT, DigitsResult, main_job
from ganglion.sim.digits import report as report_module
from ganglion.sim.digits.report import interval, render, write_report

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


@pytest.fixture(scope="module")
def result() -> DigitsResult:
    """Twenty images, with the cycles of a clock that takes one for each SynOp and 256 for the neurons."""
    found = main_job(targets=["reference"], images=20, console=Console(file=io.StringIO()), command="test <&> run")
    found.targets[0].counters["cycles"] = found.synops + 256
    return found


def test_page_is_whole_and_needs_nothing_else(result: DigitsResult) -> None:
    text = render(result)
    page = Page(text)
    assert len(set(page.ids)) == len(page.ids)
    for link in page.links:
        assert link.startswith(("#", "data:image/png;base64,")), f"needs {link}"
        if link.startswith("#"):
            assert link[1:] in page.ids
        else:
            assert base64.b64decode(link.partition(",")[2]).startswith(b"\x89PNG")
    assert not re.search(r"@import|url\((?!#)", text)
    assert text == render(result)


def test_page_tells_what_was_found(result: DigitsResult) -> None:
    text = render(result)
    words = " ".join(Page(text).words)
    assert f"{100 * result.right / 20:.1f} % of digits read right" in words
    assert f"{result.right} of 20 images that the training never saw" in words
    assert "Command test <&> run" in words
    assert "Seed of the split 2026" in words
    cycles = result.synops + 256
    assert f"{np.median(cycles):,.0f} cycles per step, median" in words
    assert f"{cycles.sum(axis=1).mean() / 80:,.0f} µs per image at 80 MHz" in words
    for caption in ("Clock cycles of a step", "SynOps, step by step", "Membranes of the ten classes"):
        assert caption in words
    for panel in ("pixel", "hidden neuron", "membrane v"):
        assert f">{panel}</text>" in text


def test_confusion_matrix_and_mistakes_follow_the_guesses(result: DigitsResult) -> None:
    """One image is declared to be told wrong: it leaves the diagonal and joins the gallery."""
    label = int(result.images.label[4])
    wrong = (label + 3) % 10
    guess, before = result.guess, result.guess[4]
    guess[4] = wrong
    try:
        text = render(result)
        table = re.findall(r"<tr><th scope=\"row\">(\d)</th>(.*?)</tr>", text, re.DOTALL)
        counts = np.array([[int(n) for n in re.findall(r">(\d+)</td>", row)] for _, row in table])
        wanted = np.zeros((10, 10), dtype=int)
        np.add.at(wanted, (result.images.label, guess), 1)
        np.testing.assert_array_equal(counts, wanted)
        assert f"{label} read as <b>{wrong}</b>" in text
        mistakes = 20 - result.right
        assert f"<h2>{mistakes} mistake{'' if mistakes == 1 else 's'}</h2>" in text
    finally:
        guess[4] = before


def test_interval_of_wilson() -> None:
    """Newcombe (1998), Statistics in Medicine 17, table I: 81 of 263, and 0 of 20."""
    assert interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert interval(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_failing_to_write_leaves_nothing(result: DigitsResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / REPORT
    write_report(result, path)
    whole = path.read_bytes()
    assert whole.endswith(b"</html>\n") or whole.endswith(b"</html>")
    monkeypatch.setattr(report_module, "render", lambda _: "\udc00 is no UTF-8")
    with pytest.raises(UnicodeEncodeError):
        write_report(result, path)
    assert path.read_bytes() == whole
    assert list(tmp_path.iterdir()) == [path]
