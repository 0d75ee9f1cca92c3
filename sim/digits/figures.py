"""The report's figures, as SVG to stand inside a page, and its digits, as PNG in a data address.

Colours are those of Okabe and Ito (2008), which colour-blind people tell apart.
"""

import base64
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import imsave
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from ganglion.model.networks.digits import HIDDEN
from ganglion.model.networks.digits_data import BRIGHTEST, CLASSES, PIXELS, SIDE
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.events import Events
from ganglion.model.spec.program import Program
from ganglion.model.spec.trace import Trace

BLUE, VERMILION, GREEN, INK, GREY, FAINT = "#0072b2", "#d55e00", "#009e73", "#1d2733", "#66717e", "#d9dee4"

STYLE: Any = {
    "font.size": 10.5,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "axes.titlecolor": INK,
    "text.color": INK,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "svg.fonttype": "none",
    "svg.hashsalt": "ganglion",
}


def png(pixels: IntArray) -> str:
    """One digit, a pixel per pixel, dark on white, as the address of an <img>."""
    file = io.BytesIO()
    imsave(file, pixels.reshape(SIDE, SIDE), cmap="gray_r", vmin=0, vmax=BRIGHTEST, format="png")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


@contextmanager
def _figure(width: float, height: float) -> Iterator[Figure]:
    """A figure, in inches, in the report's style."""
    with matplotlib.rc_context(STYLE):
        yield Figure(figsize=(width, height), layout="constrained")


def _svg(figure: Figure, name: str) -> str:
    """The figure as an <svg> element, as wide as its place.

    Identifiers become the figure's name and a number: a page has several figures, and Matplotlib's differ from run to
    run.
    """
    file = io.StringIO()
    figure.savefig(file, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = file.getvalue()
    text = text[text.index("<svg") :]
    numbers = {old: f"{name}-{number}" for number, old in enumerate(re.findall(r' id="([^"]+)"', text))}
    text = re.sub(r' id="([^"]+)"', lambda found: f' id="{numbers[found[1]]}"', text)
    text = re.sub(r'(href="|url\()#([^")]+)', lambda found: f"{found[1]}#{numbers[found[2]]}", text)
    opening, rest = text.split(">", maxsplit=1)
    return re.sub(r' (width|height)="[^"]*"', "", opening) + ">" + rest


def raster(events: Events, trace: Trace, guess: int) -> str:
    """Spikes of one image: pixels, hidden neurons and outputs, one row each, over steps."""
    steps = np.repeat(np.arange(events.steps), np.diff(events.start))
    hidden = trace.spikes[trace.spikes[:, 1] < HIDDEN]
    output = trace.spikes[trace.spikes[:, 1] >= HIDDEN]
    with _figure(7.2, 6.6) as figure:
        panels = figure.subplots(3, 1, sharex=True, height_ratios=(3, 4.2, 2.8))
        for axes, label, rows, (x, y), colour in (
            (panels[0], "pixel", PIXELS, (steps, events.axon), GREEN),
            (panels[1], "hidden neuron", HIDDEN, hidden.T, INK),
            (panels[2], "class", CLASSES, (output[:, 0], output[:, 1] - HIDDEN), BLUE),
        ):
            size = 120 * (1.1 if rows == CLASSES else 0.25)
            axes.scatter(x, y, s=size, marker="|", color=colour, linewidth=2.4 if rows == CLASSES else 1.7)
            axes.set_ylim(rows - 0.4, -0.6)
            axes.set_ylabel(label)
            axes.set_title(f"{len(x):,} spikes", color=GREY, fontsize=10)
            axes.grid(axis="x", color=FAINT, linewidth=0.7)
            axes.set_axisbelow(True)
        panels[2].axhspan(guess - 0.5, guess + 0.5, color=BLUE, alpha=0.10, linewidth=0)
        panels[2].set_yticks(range(CLASSES))
        panels[2].tick_params(axis="y", labelsize=8.5)
        panels[2].set_xlabel("step")
        panels[2].set_xlim(-0.5, events.steps - 0.5)
        panels[2].set_xticks(range(events.steps))
        return _svg(figure, "raster")


def membranes(program: Program, trace: Trace, guess: int) -> str:
    """Membranes of the ten outputs at the end of each step, their thresholds, and their spikes."""
    v = np.stack([state.v for state in trace.states])[:, HIDDEN :]
    thresholds = program.threshold[HIDDEN :]
    step = np.arange(trace.steps)
    low, high = min(int(v.min()), 0), max(int(v.max()), int(thresholds.max()))
    margin = (high - low) * 0.08
    with _figure(10.6, 4.6) as figure:
        for number, axes in enumerate(figure.subplots(2, 5, sharex=True, sharey=True).ravel()):
            colour = BLUE if number == guess else GREY
            fired = trace.spikes[trace.spikes[:, 1] == HIDDEN + number, 0]
            axes.axhline(0, color=FAINT, linewidth=0.8)
            axes.axhline(thresholds[number], color=VERMILION, linewidth=1.2, linestyle=(0, (4, 2.5)))
            axes.plot(step, v[:, number], color=colour, linewidth=1.9, marker="o", markersize=2.6)
            axes.scatter(fired, np.full(fired.size, high + 3.2 * margin), marker="v", s=26, color=colour, clip_on=False)
            axes.set_title(
                f"class {number} · {fired.size} spike{'' if fired.size == 1 else 's'}",
                color=colour if number == guess else INK,
                fontweight="bold" if number == guess else "normal",
                fontsize=10,
            )
            axes.set_ylim(low - margin, high + 4 * margin)
            axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
            axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
            if number % 5 == 0:
                axes.set_ylabel("membrane v")
            if number >= 5:
                axes.set_xlabel("step")
        return _svg(figure, "membranes")


def histogram(values: IntArray, unit: str, name: str) -> str:
    """How often a step had so many of something, and the median."""
    with _figure(5.2, 3.1) as figure:
        axes = figure.subplots()
        axes.hist(values.ravel(), bins=40, color=BLUE, edgecolor="white", linewidth=0.4)
        middle = float(np.median(values))
        axes.axvline(middle, color=VERMILION, linewidth=1.4, linestyle=(0, (4, 2.5)))
        axes.set_title(f"median {middle:,.0f}, most {values.max():,}", color=VERMILION, fontsize=10)
        axes.set_xlabel(f"{unit} per step")
        axes.set_ylabel("steps")
        _thousands(axes)
        return _svg(figure, name)


def over_steps(values: IntArray, unit: str, name: str) -> str:
    """Median over all images, step by step, with the range that holds nine images of ten."""
    low, middle, high = np.percentile(values, (5, 50, 95), axis=0)
    step = np.arange(values.shape[1])
    with _figure(5.2, 3.1) as figure:
        axes = figure.subplots()
        axes.fill_between(step, low, high, color=BLUE, alpha=0.16, linewidth=0, label="9 of 10 images")
        axes.plot(step, middle, color=BLUE, linewidth=2, marker="o", markersize=4, label="median image")
        axes.set_ylim(0, None)
        axes.set_xticks(step)
        axes.set_xlabel("step of an image")
        axes.set_ylabel(f"{unit} per step")
        axes.legend(frameon=False, fontsize=9.5, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
        axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        return _svg(figure, name)


def _thousands(axes: Axes) -> None:
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        axis.set_major_locator(MaxNLocator(6))


def shade(share: npt.ArrayLike) -> float:
    """Opacity of a table's cell for a share 0 … 1, so that one image in a row of fifty is still seen."""
    return float(np.sqrt(np.asarray(share)))
