"""Usage per core and traffic between cores, as a picture."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm

from ganglion.model.compiler.image import Image
from ganglion.model.compiler.report.traffic import traffic_of
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.drawing import Picture
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.explained import explained

LABELS = 16
"""Cores up to which every number is written into the picture."""


@explained(ProgramError)
def draw_placement(image: Image, path: str | Path | None = None) -> Picture:
    """A picture: how full each core is, and the synapses and events between cores.

    Args:
        image: the network on its chip.
        path: a file to write it to as well; its ending says in which format.

    Raises:
        FormatError: no picture is called so.
        OSError: the file cannot be written.
    """
    traffic, params = traffic_of(image), image.params
    figure = Picture(figsize=(16, 5.5), layout="constrained")
    left, middle, right = figure.subplots(1, 3, width_ratios=(1.2, 1, 1))
    _draw_usage(left, image)
    _draw_matrix(middle, traffic.synapses, "synapses")
    _draw_matrix(right, traffic.events, "events if everything fired once")
    network = f"{image.program.neurons:,} neurons, {image.program.synapses:,} synapses"
    figure.suptitle(f"{network} on {params.cores} core(s) of {params.name}")
    if path is not None:
        figure.write(path)
    return figure


def _draw_usage(axes: Axes, image: Image) -> None:
    """One row of cells per resource, one column per core."""
    cores = image.params.cores
    names = [use.resource for use in image.usage[0].uses]
    used = np.array([[use.share for use in usage.uses] for usage in image.usage]).T
    shown = axes.imshow(used, vmin=0, vmax=1, cmap="Blues", aspect="auto", interpolation="nearest")
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("core")
    axes.set_title("used of each core")
    axes.figure.colorbar(shown, ax=axes, location="bottom", shrink=0.6, format="{x:.0%}")
    if cores <= LABELS:
        axes.set_xticks(range(cores))
        for (row, core), share in np.ndenumerate(used):
            axes.text(
                core, row, f"{share:.0%}", ha="center", va="center", color="w" if share > 0.6 else "k", fontsize=8
            )


def _draw_matrix(axes: Axes, table: IntArray, title: str) -> None:
    """From core, downwards, to core; the last row is the host."""
    cores = table.shape[1]
    masked = np.ma.masked_equal(table, 0)
    norm = LogNorm(vmin=1, vmax=max(2, int(table.max(initial=0))))
    shown = axes.imshow(masked, norm=norm, cmap="viridis", aspect="auto", interpolation="nearest")
    axes.axhline(cores - 0.5, color="k", linewidth=1)
    axes.set_title(title)
    axes.set_xlabel("to core")
    axes.set_ylabel("from core")
    step = 1 if cores <= LABELS else 8
    axes.set_xticks(range(0, cores, step))
    axes.set_yticks([*range(0, cores, step), cores], [*map(str, range(0, cores, step)), "host"])
    axes.figure.colorbar(shown, ax=axes, location="bottom", shrink=0.6)
