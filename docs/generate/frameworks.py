"""Writes the table of what becomes of each option of each framework's neurons: every cell is run.

Run `python -m docs.generate.frameworks [file]`; the file is docs/reference/frameworks.md where none is named. What the
frameworks themselves did, and what their exporters wrote, is in tests/model/interchange/nir/files/options.npz.
"""

import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from ganglion.model.compiler.quantize import quantize
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.interchange.nir import CONVENTIONS, compare_spikes, import_nir
from ganglion.model.spec.arrays import Array
from ganglion.model.spec.errors import NetworkError
from ganglion.model.spec.events import Events
from ganglion.model.spec.files import write_text
from ganglion.model.spec.params import PRESETS

FILES = Path("tests/model/interchange/nir/files/options.npz")
PAGE = Path("docs/reference/frameworks.md")

TITLES = {
    "snntorch": "snnTorch",
    "norse": "Norse",
    "sinabs": "Sinabs",
    "spikingjelly": "SpikingJelly",
    "spyx": "Spyx",
    "rockpool": "Rockpool",
}

OPTIONS: dict[str, Mapping[str, Any]] = {
    "snntorch/Leaky reset zero": {"reset": "value"},
    "snntorch/Leaky reset none": {"reset": "none"},
    "snntorch/Leaky reset_delay=False": {"reset_delay": False},
    "snntorch/Leaky reset zero, reset_delay=False": {"reset": "value", "reset_delay": False},
    "snntorch/RLeaky reset zero": {"reset": "value"},
    "snntorch/RLeaky reset none": {"reset": "none"},
    "snntorch/Synaptic reset zero": {"reset": "value"},
    "snntorch/Synaptic reset zero, reset_delay=False": {"reset": "value", "reset_delay": False},
    "snntorch/Synaptic reset none": {"reset": "none"},
    "snntorch/Synaptic reset_delay=False": {"reset_delay": False},
    "snntorch/RSynaptic reset none": {"reset": "none"},
    "sinabs/IAF MembraneReset": {"reset": "value"},
    "sinabs/LIF norm_input=False": {"unit_gain": "all"},
    "sinabs/LIF tau_syn": {"unit_gain": "all"},
    "spikingjelly/IFNode soft reset, exported with v_reset=0.0": {"reset": "subtract"},
    "spikingjelly/LIFNode soft reset, exported with v_reset=0.0": {"reset": "subtract"},
}
"""What must be told of an option, as it is not in the file: changes of the framework's convention."""

CLOSE = {
    "snntorch/Leaky reset_delay=False": "snnTorch subtracts again where a membrane is twice its threshold",
}
"""Options that are in the file, and that the chip does otherwise in some steps."""

CURES = {
    "snntorch/Leaky one beta for all": "give the layer a value per neuron: `beta=torch.full((n,), 0.9)`, and of "
    "`threshold` too",
    "snntorch/Leaky inhibition": "train without it",
    "snntorch/Leaky graded_spikes_factor": "multiply it into the weights behind the layer instead",
    "snntorch/Lapicque": "use `Leaky` with `beta = 1 - time_step / (R * C)`",
    "norse/LIFBoxCell v_reset": "set `graph.nodes[…].v_reset` before `nir.write`",
    "norse/LIFCell v_reset": "as above",
    "norse/IAFCell v_reset": "as above",
    "sinabs/IAF MultiSpike": "train with `SingleSpike`: neurons of the chip spike once a step",
    "sinabs/IAF min_v_mem": "train with `min_v_mem=None`",
    "sinabs/LIF tau_syn": "train with `tau_syn=None`",
    "spikingjelly/IFNode soft reset": "export the same layer with `v_reset=0.0`, and tell the reset (next row)",
    "spyx/ALIF": "none: NIR has no adaptive threshold",
    "rockpool/LIFTorch bias": "train with a bias of the `LinearTorch` before it instead",
    "rockpool/LIFTorch has_rec": "add a `nir.Linear` of `w_rec.T` and its two edges to the graph",
    "rockpool/LIFTorch several spikes a step": "train with `max_spikes_per_dt=torch.tensor(1.0)`",
}
"""What helps where an option does not come through."""

SNIPPETS = {
    "snntorch": """
import nir
import snntorch as snn
import torch
from snntorch.export_nir import export_to_nir


def leaky(n, **options):  # one beta and one threshold for all do not export: give a value per neuron
    return snn.Leaky(beta=torch.full((n,), 0.9), threshold=torch.full((n,), 1.0), init_hidden=True, **options)


net = torch.nn.Sequential(torch.nn.Linear(784, 100), leaky(100), torch.nn.Linear(100, 10), leaky(10, output=True))
nir.write("snntorch.nir", export_to_nir(net, torch.zeros(1, 784), ignore_dims=[0]))
""",
    "norse": """
import nir
import norse.torch as norse
import torch
from norse.torch.utils.export_nir import to_nir


def lif(n):  # a value per neuron, so that the file says how many there are
    values = {"tau_mem_inv": 100.0, "v_leak": 0.0, "v_th": 1.0, "v_reset": 0.0}
    return norse.LIFBoxCell(p=norse.LIFBoxParameters(**{name: torch.full((n,), x) for name, x in values.items()}))


net = norse.SequentialState(torch.nn.Linear(784, 100), lif(100), torch.nn.Linear(100, 10), lif(10))
nir.write("norse.nir", to_nir(net, torch.zeros(784)))
""",
    "sinabs": """
import nir
import sinabs.layers as sl
import torch
from sinabs.activation import SingleSpike
from sinabs.nir import to_nir


def iaf():  # one spike a step; the default, MultiSpike, is dropped by the exporter
    return sl.IAFSqueeze(batch_size=1, spike_fn=SingleSpike)


net = torch.nn.Sequential(torch.nn.Linear(784, 100), iaf(), torch.nn.Linear(100, 10), iaf())
net(torch.zeros(5, 784))  # layers learn their shape when they run
graph = to_nir(net, torch.zeros(1, 784))
graph.infer_types()
nir.write("sinabs.nir", graph)
""",
    "spikingjelly": """
import torch
from spikingjelly.activation_based.neuron import LIFNode
from spikingjelly.activation_based.nir_exchange import export_to_nir

net = torch.nn.Sequential(torch.nn.Linear(784, 100), LIFNode(tau=2.0), torch.nn.Linear(100, 10), LIFNode(tau=2.0))
export_to_nir(net, torch.zeros(1, 784), save_path="spikingjelly.nir")
""",
    "spyx": """
import nir
import numpy as np
import spyx.nn as snn
from flax import nnx
from spyx.nir import to_nir

rngs = nnx.Rngs(0)
net = snn.Sequential(nnx.Linear(784, 10, use_bias=False, rngs=rngs), snn.LIF((10,), beta=0.9, rngs=rngs))
nir.write("spyx.nir", to_nir(net, {"input": np.array([784])}, {"output": np.array([10])}))
""",
    "rockpool": """
import nir
import torch
from rockpool.nn.combinators import Sequential
from rockpool.nn.modules.torch import LIFTorch, LinearTorch
from rockpool.nn.modules.torch.nir import to_nir

one = torch.tensor(1.0)  # one spike a step; several are dropped by the exporter
net = Sequential(LinearTorch((784, 10), has_bias=False), LIFTorch((10,), dt=1e-3, max_spikes_per_dt=one))
nir.write("rockpool.nir", to_nir(net, torch.zeros(1, 784)))
""",
}
"""How a network of each framework becomes a file, for the code that people write."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What became of an option."""

    framework: str
    option: str
    told: Mapping[str, Any] = field(default_factory=dict)
    kind: str
    """exact, close, refused, dropped (by the exporter), or not exported."""
    words: str


def cells() -> Iterator[Cell]:
    """Import, quantise and run every option, and compare each step of each neuron with the framework's."""
    with np.load(FILES) as file:
        arrays = {name: file[name] for name in file.files}
    names = dict.fromkeys(name.rpartition("/")[0] for name in arrays if "/" in name)
    for name in names:
        framework, _, option = name.partition("/")
        told = OPTIONS.get(name, {})
        kind, words = _outcome(name, arrays, framework, told)
        if cure := CURES.get(name):
            words += f". Cure: {cure}"
        yield Cell(framework=framework, option=option, told=told, kind=kind, words=words)


def _outcome(name: str, arrays: Mapping[str, Array], framework: str, told: Mapping[str, Any]) -> tuple[str, str]:
    if f"{name}/refusal" in arrays:
        return "not exported", f"`{arrays[f'{name}/refusal']}`"
    layer, sent = str(arrays[f"{name}/layer"]), arrays[f"{name}/sent"]
    if not layer:
        return "dropped", "the file has no neuron of it"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "graph.nir"
        path.write_bytes(arrays[f"{name}/file"].tobytes())
        try:
            network = import_nir(path, replace(CONVENTIONS[framework], **told))
        except NetworkError as error:
            return "refused", str(error).partition(": ")[2]
    late = max(network.lag.values())
    x = np.concatenate([arrays["input"], np.zeros((late, arrays["input"].shape[1]), dtype=np.uint8)]).astype(np.int64)
    quantized = quantize(network, PRESETS["wide"], samples=x[np.newaxis])
    probes = {"v": quantized.neurons(layer)}
    trace = Emulator(quantized.program).run(Events.from_raster(x), probes=probes)
    if not network.populations[layer].spiking:
        ours = quantized.membranes(layer, trace.probes["v"])[network.lag[layer] :][: len(sent)]
        error = np.abs(ours - sent).max() / np.abs(sent).max()
        return ("exact" if error < 1e-4 else "dropped"), f"membranes to {error:.0e} of the greatest"
    if (sent != np.rint(sent)).any():
        return "dropped", f"the framework sends {sent.max():g} for a spike, the chip 1"
    (difference,) = compare_spikes(quantized, trace, {layer: sent})
    if not difference.differing:
        return "exact", f"{difference.theirs} spikes"
    differ = f"{difference.differing} of {difference.of:,} steps of neurons differ"
    return ("close", f"{differ}: {CLOSE[name]}") if name in CLOSE else ("dropped", differ)


def page() -> str:
    """The page."""
    lines = [
        "<!-- Generated by python -m docs.generate.frameworks from runs: change that. -->",
        "# What becomes of each framework's neurons",
        "",
        "One layer of each, exported by the framework and run by it and by Ganglion (preset `wide`, weights on a",
        "grid), 40 steps of 10 neurons. *Exact*: every spike is the same. *Told*: what is not in the file, and must be",
        "given with `--with` or `dataclasses.replace(CONVENTIONS[…], …)`. *Dropped*: the exporter leaves the option",
        "out of the file, so that no import can know of it. *Not exported*: the framework's exporter fails. *Close*:",
        "the chip does otherwise in some steps. Each framework's snippet is run where these files are made.",
    ]
    found = list(cells())
    for framework, title in TITLES.items():
        lines += ["", f"## {title}", "", "```{code-block} python", SNIPPETS[framework].strip(), "```", ""]
        lines += [f"`ganglion import {framework}.nir --convention {framework}` reads it."]
        lines += ["", "| option | told | |", "|---|---|---|"]
        for cell in found:
            if cell.framework == framework:
                told = ", ".join(f"`{name}={value}`" for name, value in cell.told.items())
                lines.append(f"| {cell.option} | {told} | **{cell.kind}**: {cell.words} |")
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str]) -> None:
    """Write the page."""
    path = Path(arguments[0]) if arguments else PAGE
    write_text(path, page())
    print(f"wrote {path}")


if __name__ == "__main__":
    main(sys.argv[1:])
