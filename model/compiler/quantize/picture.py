"""Layers side by side, as bars."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ganglion.model.spec.drawing import BLUE, GREY, VERMILION, Picture


@dataclass(frozen=True)
class Panel:
    """One figure of every layer."""

    label: str
    bars: Mapping[str, Sequence[float]]
    """By name of the series, a value of each layer; one series, or two to compare."""
    limit: float | None = None
    """Where a line says how far the bars may go."""


def draw_layers(title: str, layers: Sequence[str], panels: Sequence[Panel]) -> Picture:
    """A row of panels, a bar per layer and series in each."""
    figure = Picture(figsize=(2 + 3 * len(panels), 1.6 + 0.5 * len(layers)), layout="constrained")
    rows = range(len(layers))
    for axes, panel in zip(figure.subplots(1, len(panels), sharey=True, squeeze=False)[0], panels, strict=True):
        height = 0.8 / len(panel.bars)
        colours = (GREY,) if panel.limit is not None else (BLUE, VERMILION)
        for k, (name, values) in enumerate(panel.bars.items()):
            at = [row + height * (k - (len(panel.bars) - 1) / 2) for row in rows]
            axes.barh(at, values, height=height, color=colours[k], label=name)
        if panel.limit is not None:
            axes.axvline(panel.limit, color=VERMILION, linewidth=1)
        if len(panel.bars) > 1:
            axes.legend(frameon=False)
        axes.set_xlim(0, max(1.0, axes.get_xlim()[1]))
        axes.set_xlabel(panel.label)
    first = figure.axes[0]
    first.set_yticks(list(rows), list(layers))
    first.invert_yaxis()
    figure.suptitle(title)
    return figure
