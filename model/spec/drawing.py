"""Pictures, by Matplotlib: this module is loaded when one is drawn."""

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import FormatError
from ganglion.model.spec.files import path_of, written_whole

BLUE, VERMILION, GREY = "#0072b2", "#d55e00", "#66717e"
"""Colours of Okabe and Ito (2008), which colour-blind people tell apart."""


class Picture(Figure):
    """A figure of Matplotlib that a notebook shows without pyplot, and that is written whole or not at all."""

    def write(self, path: str | Path) -> None:
        """Write the picture, in the format of the file's ending.

        Raises:
            FormatError: no picture is called so.
            OSError: the file cannot be written.
        """
        ending = path_of(path).suffix.lstrip(".").lower()
        known = FigureCanvasAgg.get_supported_filetypes()
        if ending not in known:
            raise FormatError(f"{path}: a picture's name ends in one of {', '.join(sorted(known))}")
        with written_whole(path) as file:
            self.savefig(file, format=ending)

    def _repr_png_(self) -> bytes:
        written = io.BytesIO()
        self.savefig(written, format="png")
        return written.getvalue()


def draw_run(title: str, first: int, steps: int, spikes: IntArray, membranes: Mapping[str, IntArray]) -> Picture:
    """A run: its spikes, membranes where there are any, and spikes per step, below each other.

    Args:
        title: above.
        first: number of the first step.
        steps: how many there are.
        spikes: step and neuron of each, shape (spikes, 2).
        membranes: by name, shape (steps,) each.
    """
    heights = [3.0, 2.0, 1.0] if membranes else [3.0, 1.0]
    figure = Picture(figsize=(9, 1.2 * sum(heights)), layout="constrained")
    panels = figure.subplots(len(heights), 1, sharex=True, height_ratios=heights)
    panels[0].plot(spikes[:, 0], spikes[:, 1], linestyle="", marker="|", color=BLUE, rasterized=True)
    panels[0].set_ylabel("neuron")
    panels[0].yaxis.set_major_locator(MaxNLocator(integer=True))
    panels[0].invert_yaxis()
    at = np.arange(first, first + steps)
    for name, values in membranes.items():
        panels[1].plot(at, values, label=name, linewidth=1)
    if membranes:
        panels[1].set_ylabel("membrane")
        panels[1].legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False, fontsize="small")
    panels[-1].bar(at, np.bincount(spikes[:, 0] - first, minlength=steps), width=1.0, color=GREY)
    panels[-1].set_ylabel("spikes")
    panels[-1].set_xlabel("step")
    panels[-1].xaxis.set_major_locator(MaxNLocator(integer=True))
    figure.align_ylabels()
    figure.suptitle(title)
    return figure
