"""Charts of values per step, as SVG text: plain enough to be the same bytes wherever they are drawn.

Colours are those of Okabe and Ito (2008), which colour-blind people tell apart.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from ganglion.model.spec.files import write_text

FOLDER = Path("docs/images")

BLUE, VERMILION, GREEN, INK, GREY, FAINT = "#0072b2", "#d55e00", "#009e73", "#1d2733", "#66717e", "#d9dee4"

WIDTH = 760
LEFT, RIGHT, TOP, BOTTOM = 62, 16, 44, 38
TITLE = 26
"""Height of the line above each panel: its title, and the names of what is drawn."""
GAP = 16
"""Room between panels."""
LETTER = 6.1
"""Width that a letter is taken to have."""


@dataclass(frozen=True)
class Line:
    """A value per step, drawn as stairs: at step t it is what it was at the end of step t."""

    name: str
    values: Sequence[int]
    colour: str = BLUE
    dashed: bool = False


@dataclass(frozen=True)
class Bars:
    """A value per step, drawn as a bar from zero."""

    name: str
    values: Sequence[int]
    colour: str = GREY


@dataclass(frozen=True)
class Spikes:
    """Marks above the panel, in the steps of `steps`."""

    steps: Sequence[int]
    colour: str = BLUE


@dataclass(frozen=True)
class Panel:
    """What shares one vertical axis; the ticks are its labels, and their extremes its range."""

    title: str
    ticks: Sequence[int]
    lines: Sequence[Line] = ()
    bars: Sequence[Bars] = ()
    spikes: Sequence[Spikes] = ()
    height: int = 150


@dataclass(frozen=True)
class Chart:
    """Panels one above the other, over the same steps."""

    title: str
    steps: int
    panels: Sequence[Panel]
    ticks: Sequence[int] = field(default=())
    """Steps that are labelled; every tenth where none are named."""
    first: int = 0
    """What the label of step 0 says."""
    axis: str = "step"
    """What the labels are of."""

    def svg(self) -> str:
        """The whole file."""
        return "\n".join(self._elements()) + "\n"

    def _elements(self) -> Iterator[str]:
        height = TOP + sum(TITLE + panel.height + GAP for panel in self.panels) - GAP + BOTTOM
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            'font-family="Helvetica, Arial, sans-serif" font-size="12">'
        )
        yield f"<title>{escape(self.title)}</title>"
        yield f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>'
        yield _text(LEFT, 26, self.title, size=15, weight=600)
        top = TOP
        for panel in self.panels:
            yield from self._panel(panel, top + TITLE)
            top += TITLE + panel.height + GAP
        for step in self.ticks or range(0, self.steps + 1, 10):
            yield _text(self._x(step), top - GAP + 16, str(step + self.first), colour=GREY, anchor="middle")
        yield _text(WIDTH - RIGHT, top - GAP + 32, self.axis, colour=GREY, anchor="end")
        yield "</svg>"

    def _panel(self, panel: Panel, top: int) -> Iterator[str]:
        low, high = min(panel.ticks), max(panel.ticks)

        def y(value: float) -> float:
            return top + panel.height * (high - value) / (high - low)

        yield _text(LEFT, top - 9, panel.title, weight=600)
        yield from _names([*panel.bars, *panel.lines], top - 9)
        for tick in panel.ticks:
            yield _rule(LEFT, y(tick), WIDTH - RIGHT, y(tick), GREY if tick == 0 else FAINT)
            yield _text(LEFT - 8, y(tick) + 4, str(tick), colour=GREY, anchor="end")
        for bars in panel.bars:
            path = "".join(
                f"M{_number(self._x(t + 0.5))},{_number(y(0))}V{_number(y(value))}"
                for t, value in enumerate(bars.values)
                if value
            )
            yield f'<path d="{path}" fill="none" stroke="{bars.colour}" stroke-width="{_number(0.6 * self._pitch)}"/>'
        for line in panel.lines:
            path = f"M{_number(self._x(0))},{_number(y(line.values[0]))}"
            path += "".join(f"V{_number(y(v))}H{_number(self._x(t + 1))}" for t, v in enumerate(line.values))
            dashes = ' stroke-dasharray="5 3"' if line.dashed else ""
            yield f'<path d="{path}" fill="none" stroke="{line.colour}" stroke-width="1.6"{dashes}/>'
        for row, spikes in enumerate(panel.spikes):
            tip = top + 4 + 9 * row
            path = "".join(f"M{_number(self._x(t + 0.5))},{tip + 8}l-3.5,-8h7z" for t in spikes.steps)
            yield f'<path d="{path}" fill="{spikes.colour}"/>'

    @property
    def _pitch(self) -> float:
        return (WIDTH - LEFT - RIGHT) / self.steps

    def _x(self, step: float) -> float:
        return LEFT + self._pitch * step


def _names(drawn: Sequence[Line | Bars], y: float) -> Iterator[str]:
    """The names of lines and bars, from the right edge leftwards, each behind a stroke of its colour."""
    x = float(WIDTH - RIGHT)
    for one in reversed(drawn):
        x -= LETTER * len(one.name)
        yield _text(x, y, one.name, colour=INK)
        dashed = isinstance(one, Line) and one.dashed
        yield _rule(x - 24, y - 4, x - 6, y - 4, one.colour, width=2.4, dashed=dashed)
        x -= 40


def _rule(x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 1, dashed: bool = False) -> str:
    dashes = ' stroke-dasharray="5 3"' if dashed else ""
    places = f'x1="{_number(x1)}" y1="{_number(y1)}" x2="{_number(x2)}" y2="{_number(y2)}"'
    return f'<line {places} stroke="{colour}" stroke-width="{_number(width)}"{dashes}/>'


def _text(
    x: float, y: float, text: str, *, colour: str = INK, anchor: str = "start", size: int = 12, weight: int = 400
) -> str:
    look = f'fill="{colour}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}"'
    return f'<text x="{_number(x)}" y="{_number(y)}" {look}>{escape(text)}</text>'


def _number(value: float) -> str:
    """To a tenth of a pixel, without needless zeros."""
    return f"{value:.1f}".removesuffix(".0")


def write_charts(charts: Mapping[str, Callable[[], Chart]], arguments: Sequence[str]) -> None:
    """Draws every chart into the folder named, or into `FOLDER`, each whole or not at all."""
    folder = Path(arguments[0]) if arguments else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name, chart in charts.items():
        write_text(folder / name, chart().svg())
        print(f"wrote {folder / name}")
