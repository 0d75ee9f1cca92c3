"""The report as a picture."""

from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ganglion.model.compiler.quantize.report import QuantizationReport
from ganglion.model.spec.errors import FormatError
from ganglion.model.spec.files import written_whole

BLUE, VERMILION, GREY = "#0072b2", "#d55e00", "#66717e"
"""Colours of Okabe and Ito (2008), which colour-blind people tell apart."""


def draw(report: QuantizationReport, path: str | Path) -> None:
    """Write the picture; see `QuantizationReport.plot`."""
    kind = Path(path).suffix.lstrip(".").lower()
    known = FigureCanvasAgg.get_supported_filetypes()
    if kind not in known:
        raise FormatError(f"{path}: a picture's name ends in one of {', '.join(sorted(known))}")
    sampled = report.output is not None
    figure = Figure(figsize=(11 if sampled else 8, 1.6 + 0.5 * len(report.layers)), layout="constrained")
    axes = figure.subplots(1, 3 if sampled else 2, sharey=True, squeeze=False)[0]
    rows = range(len(report.layers))
    axes[0].barh(rows, [100 * layer.weight_error for layer in report.layers], color=BLUE)
    axes[0].set_xlabel("weight error, % of rms")
    axes[0].set_xlim(0, max(1.0, *(105 * layer.weight_error for layer in report.layers)))
    axes[0].set_yticks(list(rows), [layer.name for layer in report.layers])
    axes[0].invert_yaxis()
    used = [
        100 * max(layer.accumulator[1], -layer.accumulator[0]) / layer.accumulator_range[1] for layer in report.layers
    ]
    axes[1].barh(rows, used, color=GREY)
    axes[1].axvline(100, color=VERMILION, linewidth=1)
    axes[1].set_xlabel("worst-case sum, % of the accumulator")
    if sampled:
        results = [layer.samples for layer in report.layers]
        floats = [result.spikes_float if result else 0 for result in results]
        integers = [result.spikes_integer if result else 0 for result in results]
        axes[2].barh([row - 0.2 for row in rows], floats, height=0.4, color=BLUE, label="floats")
        axes[2].barh([row + 0.2 for row in rows], integers, height=0.4, color=VERMILION, label="integers")
        axes[2].set_xlabel("spikes on the samples")
        axes[2].legend(frameon=False)
    figure.suptitle(f"{report.network} in the integers of {report.params}")
    with written_whole(path) as file:
        figure.savefig(file, format=kind)
