"""The report's figures, as SVG to stand inside a page, and its samples, as PNG in a data address.

Colours are those of Okabe and Ito (2008), which colour-blind people tell apart.
"""

import base64
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import cycle
from textwrap import wrap
from typing import Any

import matplotlib
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import imsave
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from ganglion.model.spec.arithmetic import signed_range
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.events import Events
from ganglion.model.spec.program import Program
from ganglion.model.spec.trace import Trace
from ganglion.model.tasks.task import Curve
from ganglion.model.training.study import Line

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

MANY = 1500
"""Spikes from which on a panel is an image: as many shapes would make the page slow."""

FEW = 20
"""Rows that each have a number and a large mark."""

LOW = 3
"""Rows up to which a panel is low."""

ACROSS = 5
"""Outputs in a row of the membranes."""


def png(picture: npt.NDArray[np.float64]) -> str:
    """A sample's picture, shape (rows, columns), 0 … 1, dark on white, as the address of an <img>."""
    file = io.BytesIO()
    imsave(file, picture, cmap="gray_r", vmin=0, vmax=1, format="png")
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
    figure.savefig(file, format="svg", transparent=True, dpi=150, metadata={"Date": None, "Creator": None})
    text = file.getvalue()
    text = text[text.index("<svg") :]
    numbers = {old: f"{name}-{number}" for number, old in enumerate(re.findall(r' id="([^"]+)"', text))}
    text = re.sub(r' id="([^"]+)"', lambda found: f' id="{numbers[found[1]]}"', text)
    text = re.sub(r'(href="|url\()#([^")]+)', lambda found: f"{found[1]}#{numbers[found[2]]}", text)
    opening, rest = text.split(">", maxsplit=1)
    return re.sub(r' (width|height)="[^"]*"', "", opening) + ">" + rest


def raster(program: Program, events: Events, trace: Trace, outputs: IntArray, guess: int, name: str) -> str:
    """Spikes of one sample, over steps: a panel for the inputs, and one for each population.

    Args:
        program: its populations follow each other; one without names is one population.
        events: what the host sends.
        trace: of the sample, with the spikes of all neurons.
        outputs: neurons that are read, class by class.
        guess: the class that was told.
        name: of the figure.
    """
    step, neuron = trace.spikes.T
    spikes = [("input", program.inputs, np.repeat(np.arange(events.steps), np.diff(events.start)), events.axon)]
    read = -1
    for population, (first, count) in (program.names or {"neurons": (0, program.neurons)}).items():
        here = (neuron >= first) & (neuron < first + count)
        read = len(spikes) if np.array_equal(outputs, np.arange(first, first + count)) else read
        spikes.append((population, count, step[here], neuron[here] - first))
    heights = [1.0 if count > LOW else 0.3 for _, count, _, _ in spikes]
    with _figure(7.2, 1.3 + 1.9 * sum(heights)) as figure:
        panels = figure.subplots(len(spikes), 1, sharex=True, height_ratios=heights)
        for k, (axes, (population, rows, x, y)) in enumerate(zip(panels, spikes, strict=True)):
            few = k == read and rows <= FEW
            colour = BLUE if k == read else GREEN if k == 0 else INK
            size, width = (90, 2.4) if few else (20, 1.4)
            axes.scatter(x, y, s=size, marker="|", color=colour, linewidth=width, rasterized=len(x) > MANY)
            axes.set_ylim(rows - 0.4, -0.6)
            axes.set_ylabel(population)
            axes.set_title(f"{len(x):,} spikes", color=GREY, fontsize=10)
            axes.grid(axis="x", color=FAINT, linewidth=0.7)
            axes.set_axisbelow(True)
            axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
            if few or rows <= LOW:
                axes.set_yticks(range(rows))
                axes.tick_params(axis="y", labelsize=8.5)
            if k == read and guess >= 0:
                axes.axhspan(guess - 0.5, guess + 0.5, color=BLUE, alpha=0.10, linewidth=0)
        panels[-1].set_xlabel("step")
        panels[-1].set_xlim(-0.5, events.steps - 0.5)
        panels[-1].xaxis.set_major_locator(MaxNLocator(12, integer=True))
        return _svg(figure, name)


def membranes(
    program: Program, trace: Trace, outputs: IntArray, guess: int, classes: Sequence[int], name: str
) -> str:
    """Membranes of outputs at the end of each step, their thresholds, and their spikes.

    Args:
        program: the network.
        trace: of the sample, with its states.
        outputs: neurons that are read, class by class.
        guess: the class that was told.
        classes: whose membranes are shown.
        name: of the figure.
    """
    shown = outputs[np.asarray(classes)]
    v = np.stack([state.v for state in trace.states])[:, shown]
    # A neuron that never fires has the greatest membrane there is for its threshold, far above all that is of interest.
    thresholds = np.where(
        program.threshold[shown] < signed_range(program.params.membrane_bits)[1], program.threshold[shown], 0
    )
    step = np.arange(trace.steps)
    low, high = min(int(v.min()), 0), max(int(v.max()), int(thresholds.max()), 1)
    margin = (high - low) * 0.08
    down = -(-shown.size // ACROSS)
    with _figure(10.6, 0.6 + 2.0 * down) as figure:
        panels = figure.subplots(down, ACROSS, sharex=True, sharey=True, squeeze=False)
        for axes in panels.ravel()[shown.size :]:
            axes.set_visible(False)
        for k, (number, axes) in enumerate(zip(classes, panels.ravel(), strict=False)):
            colour = BLUE if number == guess else GREY
            fired = trace.spikes[trace.spikes[:, 1] == shown[k], 0]
            axes.axhline(0, color=FAINT, linewidth=0.8)
            axes.axhline(thresholds[k], color=VERMILION, linewidth=1.2, linestyle=(0, (4, 2.5)))
            axes.plot(step, v[:, k], color=colour, linewidth=1.9, marker="o", markersize=2.6)
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
            if k % ACROSS == 0:
                axes.set_ylabel("membrane v")
            if k >= shown.size - ACROSS:
                axes.set_xlabel("step")
        return _svg(figure, name)


def histogram(values: IntArray, unit: str, name: str) -> str:
    """How often a step had so many of something, and the median.

    Args:
        values: shape (steps,).
        unit: what they count.
        name: of the figure.
    """
    with _figure(5.2, 3.1) as figure:
        axes = figure.subplots()
        axes.hist(values, bins=40, color=BLUE, edgecolor="white", linewidth=0.4)
        middle = float(np.median(values))
        axes.axvline(middle, color=VERMILION, linewidth=1.4, linestyle=(0, (4, 2.5)))
        axes.set_title(f"median {middle:,.0f}, most {values.max():,}", color=VERMILION, fontsize=10)
        axes.set_xlabel(f"{unit} per step")
        axes.set_ylabel("steps")
        _thousands(axes)
        return _svg(figure, name)


def over_steps(values: IntArray, steps: IntArray, unit: str, name: str) -> str:
    """Median over all samples, step by step, with the range that holds nine of ten, as long as half of them run.

    Args:
        values: of each step of each sample in turn, shape (steps of all,).
        steps: of each sample, shape (samples,).
        unit: what the values count.
        name: of the figure.
    """
    shown = int(np.median(steps))
    start = np.cumsum(steps) - steps
    columns = [values[start[steps > step] + step] for step in range(shown)]
    low, middle, high = np.array([np.percentile(column, (5, 50, 95)) for column in columns]).T
    step = np.arange(shown)
    with _figure(5.2, 3.1) as figure:
        axes = figure.subplots()
        axes.fill_between(step, low, high, color=BLUE, alpha=0.16, linewidth=0, label="9 of 10 samples")
        axes.plot(step, middle, color=BLUE, linewidth=2, marker="o", markersize=4, label="median sample")
        axes.set_ylim(0, None)
        axes.set_xlabel("step of a sample")
        axes.set_ylabel(f"{unit} per step")
        axes.legend(frameon=False, fontsize=9.5, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
        axes.xaxis.set_major_locator(MaxNLocator(10, integer=True))
        axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        return _svg(figure, name)


def each_step(values: IntArray, first: int, unit: str, name: str) -> str:
    """A counter of one run, step by step.

    Args:
        values: shape (steps,).
        first: number of the first step.
        unit: what they count.
        name: of the figure.
    """
    with _figure(5.2, 2.6) as figure:
        axes = figure.subplots()
        steps = np.arange(first, first + values.size)
        axes.fill_between(steps, values, color=BLUE, alpha=0.25, linewidth=0, step="mid")
        axes.step(steps, values, color=BLUE, linewidth=1.6, where="mid")
        axes.set_ylim(0, None)
        axes.set_xlabel("step")
        axes.set_ylabel(f"{unit} per step")
        _thousands(axes)
        return _svg(figure, name)


def probed(field: str, values: IntArray, numbers: Sequence[int], first: int, name: str) -> str:
    """A field of state of some neurons at the end of each step.

    Args:
        field: its name.
        values: shape (steps, neurons).
        numbers: of the neurons.
        first: number of the first step.
        name: of the figure.
    """
    with _figure(10.6, 2.9) as figure:
        axes = figure.subplots()
        for column, number in enumerate(numbers):
            axes.plot(np.arange(first, first + len(values)), values[:, column], linewidth=1.5, label=f"neuron {number}")
        axes.axhline(0, color=FAINT, linewidth=0.8)
        axes.set_xlabel("step")
        axes.set_ylabel(field)
        axes.legend(frameon=False, fontsize=9, loc="upper left", bbox_to_anchor=(1.0, 1.0))
        _thousands(axes)
        return _svg(figure, name)


def curve(found: Curve, wanted: float | None, name: str) -> str:
    """A figure against another.

    Args:
        found: the curve.
        wanted: a level to draw; None is none.
        name: of the figure.
    """
    with _figure(5.2, 3.1) as figure:
        axes = figure.subplots()
        axes.plot(found.x, found.y, color=BLUE, linewidth=2, marker="o" if found.x.size < 20 else None, markersize=4)
        if wanted is not None:
            axes.axhline(wanted, color=VERMILION, linewidth=1.4, linestyle=(0, (4, 2.5)))
            axes.set_title(f"wanted {wanted:g}", color=VERMILION, fontsize=10)
        axes.set_ylim(0, 1.02)
        axes.set_xlabel(found.x_name)
        axes.set_ylabel(found.y_name)
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        return _svg(figure, name)


def lines(arms: Mapping[str, Line], x_name: str, y_name: str, name: str) -> str:
    """Scores against something, a line for each way: medians, and bands of the spread.

    Args:
        arms: by name.
        x_name: what is along the abscissa.
        y_name: what the scores are.
        name: of the figure.
    """
    with _figure(5.2, 3.7) as figure:
        axes = figure.subplots()
        for (arm, line), colour in zip(arms.items(), cycle((VERMILION, BLUE, GREEN, GREY, INK))):
            axes.fill_between(line.x, line.low, line.high, color=colour, alpha=0.14, linewidth=0)
            axes.plot(line.x, line.median, color=colour, linewidth=2, marker="o", markersize=4, label=arm)
        axes.set_xlabel(x_name)
        axes.set_ylabel("\n".join(wrap(y_name, 44)))
        axes.legend(frameon=False, fontsize=9.5)
        return _svg(figure, name)


def losses(curves: Sequence[tuple[str, Sequence[float]]], name: str) -> str:
    """Losses of trainings, epoch by epoch.

    Args:
        curves: what each is called, and its losses.
        name: of the figure.
    """
    with _figure(10.6, 4.2) as figure:
        axes = figure.subplots()
        for k, (label, values) in enumerate(curves):
            axes.plot(range(1, len(values) + 1), values, linewidth=1.4, label=label if k < FEW else None)
        axes.set_xlabel("epoch")
        axes.set_ylabel("loss")
        axes.xaxis.set_major_locator(MaxNLocator(10, integer=True))
        axes.legend(frameon=False, fontsize=7, loc="upper left", bbox_to_anchor=(1, 1))
        return _svg(figure, name)


def _thousands(axes: Axes) -> None:
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        axis.set_major_locator(MaxNLocator(6))


def shade(share: float) -> float:
    """Opacity of a table's cell for a share 0 … 1, so that one sample in a row of fifty is still seen."""
    return float(np.sqrt(share))
