"""What quantising did to a network, layer by layer: as a table, as JSON, as a picture."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table

from ganglion.model.spec import html
from ganglion.model.spec.errors import NetworkError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.files import write_text
from ganglion.model.spec.named import Named

if TYPE_CHECKING:
    from ganglion.model.spec.drawing import Picture


@dataclass(frozen=True, kw_only=True)
class SampleResult:
    """One layer in floats and in integers, run on the same samples."""

    spikes_float: int
    spikes_integer: int
    coincident: float
    """Of all spikes in either run: the fraction that is in both, in the same step of the same neuron."""
    saturated: int
    """Neurons whose membrane or current left its range in some step."""


@dataclass(frozen=True, kw_only=True)
class LayerReport:
    """One population, and the synapses that end in it."""

    name: str
    neurons: int
    synapses: int
    """Of the network in floats."""
    zeroed: int
    """Synapses whose weight became 0, which are left out."""
    scale: tuple[float, float]
    """Least and greatest scale: units of the chip per unit of the user."""
    limit: str
    """What kept the scale from being larger, for most neurons: "grid" where the weights are whole multiples."""
    clipped: int
    """Weights cut off at the end of their field."""
    weight_error: float
    """Root mean square error of the weights over their root mean square."""
    weight_error_max: float
    """Greatest error of a weight, in units of the chip; rounding alone is at most 0.5."""
    threshold_error: float
    """Greatest error of a threshold, in units of the chip."""
    bias_error: float
    """Greatest difference of a bias from what it was, in units of the chip; calibration makes some on purpose."""
    decay_error: float
    """Greatest error of a decay, absolute."""
    accumulator: tuple[int, int]
    """Least and greatest sum that one accumulator can reach if every axon fires once."""
    accumulator_range: tuple[int, int]
    """What an accumulator holds."""
    words: int
    """Words of synapse memory on one core, all rows that end in this layer. Convolutions are stored unrolled."""
    samples: SampleResult | None
    """None where no samples were given."""


@dataclass(frozen=True, kw_only=True)
class OutputResult:
    """What the network says, in floats and in integers, on the same samples."""

    population: str
    samples: int
    decision: str
    """How a sample is decided: by the most spikes, or by the greatest membrane at the end."""
    agree: int
    """Samples on which both decide for the same neuron."""
    identical: int
    """Samples in which every spike of every layer is the same."""


@explained(NetworkError)
@dataclass(frozen=True, kw_only=True)
class QuantizationReport:
    """All layers, and the output."""

    network: str
    params: str
    layers: tuple[LayerReport, ...]
    output: OutputResult | None
    notes: tuple[str, ...]
    """What the user should know besides."""
    warnings: tuple[str, ...] = ()
    """What makes it likely that this is not what the user means."""

    @property
    def words(self) -> int:
        """Words of synapse memory of all layers."""
        return sum(layer.words for layer in self.layers)

    def layer(self, name: str) -> LayerReport:
        """The report of a population.

        Raises:
            NetworkError: there is none of that name.
        """
        return Named("population", NetworkError, {layer.name: layer for layer in self.layers})[name]

    def table(self, *, warnings: bool = True) -> Table:
        """A table for the terminal, a column per layer, and notes and warnings below: `rich.print(report.table())`."""
        table = Table(title=self._title(), title_justify="left")
        table.add_column("")
        for layer in self.layers:
            table.add_column(layer.name, justify="right")
        columns = [_cells(layer) for layer in self.layers]
        for name in columns[0]:
            table.add_row(name, *(column[name] for column in columns))
        table.caption = "\n".join(self._lines(warnings)) or None
        table.caption_justify = "left"
        return table

    def to_dict(self) -> dict[str, Any]:
        """Everything, as plain values."""
        return {**asdict(self), "words": self.words}

    def to_json(self, path: str | Path | None = None) -> str:
        """As JSON, and into a file where `path` says so.

        Raises:
            OSError: the file cannot be written.
        """
        text = json.dumps(self.to_dict(), indent=1)
        if path is not None:
            write_text(path, text)
        return text

    def plot(self, path: str | Path | None = None) -> "Picture":
        """A picture of weights, sums and spikes, floats against integers, layer by layer.

        Args:
            path: a file to write it to as well, in the format of its ending.

        Raises:
            OSError: the file cannot be written.
            FormatError: no picture is called so.
        """
        from ganglion.model.compiler.quantize.picture import Panel, draw_layers

        used = [100 * max(x.accumulator[1], -x.accumulator[0]) / x.accumulator_range[1] for x in self.layers]
        panels = [
            Panel("weight error, % of rms", {"error": [100 * layer.weight_error for layer in self.layers]}),
            Panel("worst-case sum, % of the accumulator", {"sum": used}, limit=100),
        ]
        if self.output is not None:
            told = [layer.samples for layer in self.layers]
            spikes = {
                "floats": [one.spikes_float if one else 0 for one in told],
                "integers": [one.spikes_integer if one else 0 for one in told],
            }
            panels.append(Panel("spikes on the samples", spikes))
        picture = draw_layers(self._title(), [layer.name for layer in self.layers], panels)
        if path is not None:
            picture.write(path)
        return picture

    def _title(self) -> str:
        return f"{self.network} in the integers of {self.params}"

    def _lines(self, warnings: bool = True) -> list[str]:
        """What there is to say of the whole network."""
        rest = [*self.notes, *(f"warning: {warning}" for warning in self.warnings if warnings)]
        if self.output is None:
            return rest
        head = (
            f"output '{self.output.population}', by {self.output.decision}: {self.output.agree} of "
            f"{self.output.samples} samples decided alike; {self.output.identical} with every spike the same"
        )
        return [head, *rest]

    def _repr_html_(self) -> str:
        columns = [_cells(layer) for layer in self.layers]
        rows = [(name, *(column[name] for column in columns)) for name in columns[0]]
        head = ("", *(layer.name for layer in self.layers))
        return html.block(self._title(), html.table(rows, head), *map(html.line, self._lines()))


def _cells(layer: LayerReport) -> dict[str, str]:
    low, high = layer.scale
    cells = {
        "neurons": f"{layer.neurons:,}",
        "synapses": f"{layer.synapses:,}",
        "synapse words": f"{layer.words:,}",
        "scale": f"{low:.4g}" if low == high else f"{low:.4g} … {high:.4g}",
        "scale held by": layer.limit,
        "weights clipped": f"{layer.clipped:,}",
        "weights now 0": f"{layer.zeroed:,}",
        "weight error, rms": f"{layer.weight_error:.2%}",
        "threshold error": f"{layer.threshold_error:.2g}",
        "decay error": f"{layer.decay_error:.1g}",
        "worst-case input": f"{layer.accumulator[0]:,} … {layer.accumulator[1]:,}",
        "accumulator": f"{layer.accumulator_range[0]:,} … {layer.accumulator_range[1]:,}",
    }
    if result := layer.samples:
        cells |= {
            "spikes, floats": f"{result.spikes_float:,}",
            "spikes, integers": f"{result.spikes_integer:,}",
            "in the same step": f"{result.coincident:.1%}",
            "neurons saturated": f"{result.saturated:,}",
        }
    return cells
