"""Usage per core and traffic between cores, as a picture."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from ganglion.model.compiler.image import Image
from ganglion.model.compiler.report.traffic import traffic_of
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import FormatError
from ganglion.model.spec.files import written_whole

LABELS = 16
"""Cores up to which every number is written into the picture."""


def draw_placement(image: Image, path: str | Path) -> None:
    """Write a picture: how full each core is, and the synapses and events between cores.

    Args:
        image: the network on its chip.
        path: the file; its ending says which kind of picture.

    Raises:
        FormatError: no kind of picture has this ending.
        OSError: the file cannot be written.
    """
    kind = Path(path).suffix.lstrip(".").lower()
    known = FigureCanvasAgg.get_supported_filetypes()
    if kind not in known:
        raise FormatError(f"{path}: a picture's name ends in one of {', '.join(sorted(known))}")
    traffic, params = traffic_of(image), image.params
    figure = Figure(figsize=(16, 5.5), layout="constrained")
    left, middle, right = figure.subplots(1, 3, width_ratios=(1.2, 1, 1))
    _draw_usage(left, image)
    _draw_matrix(middle, traffic.synapses, "synapses")
    _draw_matrix(right, traffic.events, "events if everything fired once")
    network = f"{image.program.neurons:,} neurons, {image.program.synapses:,} synapses"
    figure.suptitle(f"{network} on {params.cores} core(s) of {params.name}")
    with written_whole(path) as file:
        figure.savefig(file, format=kind)


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
