"""Makes the files of this folder: graphs that four frameworks export, and what the frameworks themselves do.

    python tests/model/interchange/nir/files/make.py

needs the extra `frameworks`. For each network there is a graph, <name>.nir, written by the framework's own exporter,
and <name>.npz with a seeded input (steps, …) and, by node, what every layer of neurons sent when the framework ran it:
spikes, or membranes of a read-out. Weights and biases lie on a grid of 1/8, so that where a framework's
equation is that of the chip, the spikes must be the same.
"""

import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import nir
import norse.torch as norse
import numpy as np
import sinabs.activation
import sinabs.layers
import snntorch
import torch
from norse.torch.utils.export_nir import to_nir as norse_to_nir
from sinabs.nir import to_nir as sinabs_to_nir
from snntorch.export_nir import export_to_nir as snntorch_to_nir
from spikingjelly.activation_based import layer as jelly_layer
from spikingjelly.activation_based import neuron as jelly
from spikingjelly.activation_based.nir_exchange import export_to_nir as spikingjelly_to_nir
from torch import nn

HERE = Path(__file__).parent
STEPS = 40


def on_grid(module: nn.Module, seed: int, *, spread: float = 0.5, mean: float = 0.1) -> None:
    """Weights and biases that are multiples of 1/8."""
    generator = torch.Generator().manual_seed(seed)
    for layer in module.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            weight = torch.randn(layer.weight.shape, generator=generator) * spread + mean
            layer.weight.data = torch.clamp(torch.round(weight * 8) / 8, -2, 2)
            if layer.bias is not None:
                bias = torch.randn(layer.bias.shape, generator=generator) * 0.1
                layer.bias.data = torch.round(bias * 8) / 8


def spikes_in(shape: tuple[int, ...], seed: int, rate: float = 0.3) -> torch.Tensor:
    """Input spikes, shape (steps, …)."""
    generator = torch.Generator().manual_seed(seed)
    return (torch.rand((STEPS, *shape), generator=generator) < rate).float()


def full(value: float, *shape: int) -> torch.Tensor:
    """The exporters need a value per neuron to know a layer's shape."""
    return torch.full(shape, value)


Sent = dict[int, torch.Tensor]
"""What each layer of neurons sends, (steps, …), by its place in the network."""


def run_snntorch(net: nn.Sequential, x: torch.Tensor) -> Sent:
    sent: dict[int, list[torch.Tensor]] = {}
    with torch.no_grad():
        for step in x:
            value = step[None]
            for number, layer in enumerate(net):
                value = layer(value)
                if isinstance(layer, snntorch.SpikingNeuron):
                    value = value[0] if isinstance(value, tuple) else value
                    sent.setdefault(number, []).append(value[0])
    return {number: torch.stack(values) for number, values in sent.items()}


def run_norse(net: Any, x: torch.Tensor) -> Sent:
    children = list(net.children())
    states: list[Any] = [None] * len(children)
    sent: dict[int, list[torch.Tensor]] = {}
    with torch.no_grad():
        for step in x:
            value = step[None]
            for number, layer in enumerate(children):
                if isinstance(layer, nn.Linear):
                    value = layer(value)
                else:
                    value, states[number] = layer(value, states[number])
                    sent.setdefault(number, []).append(value[0])
    return {number: torch.stack(values) for number, values in sent.items()}


def run_sinabs(net: nn.Sequential, x: torch.Tensor) -> Sent:
    sent = {}
    value = x
    with torch.no_grad():
        for number, layer in enumerate(net):
            value = layer(value)
            if isinstance(layer, sinabs.layers.LIF | sinabs.layers.ExpLeak):
                sent[number] = value
    return sent


def run_spikingjelly(net: nn.Sequential, x: torch.Tensor) -> Sent:
    sent: dict[int, list[torch.Tensor]] = {}
    with torch.no_grad():
        for step in x:
            value = step[None]
            for number, layer in enumerate(net):
                value = layer(value)
                if isinstance(layer, jelly.BaseNode):
                    sent.setdefault(number, []).append(value[0])
    for layer in net:
        if isinstance(layer, jelly.BaseNode):
            layer.reset()
    return {number: torch.stack(values) for number, values in sent.items()}


def leaky(*shape: int, beta: float = 0.5, **options: Any) -> Any:
    return snntorch.Leaky(beta=full(beta, *shape), threshold=full(1.0, *shape), init_hidden=True, **options)


def snntorch_dense() -> tuple[Any, tuple[int, ...]]:
    """Leak 1/2, snnTorch's default reset: by subtraction, in the next step."""
    return nn.Sequential(nn.Linear(16, 24), leaky(24), nn.Linear(24, 8), leaky(8, output=True)), (16,)


def snntorch_zero() -> tuple[Any, tuple[int, ...]]:
    """The same with the reset to 0, which the file does not tell from the other."""
    options = {"reset_mechanism": "zero"}
    return nn.Sequential(nn.Linear(16, 24), leaky(24, **options), nn.Linear(24, 8), leaky(8, output=True, **options)), (
        16,
    )


def snntorch_recurrent() -> tuple[Any, tuple[int, ...]]:
    """Recurrent weights within a layer."""
    recurrent = snntorch.RLeaky(
        beta=full(0.5, 20), threshold=full(1.0, 20), linear_features=20, all_to_all=True, init_hidden=True
    )
    return nn.Sequential(nn.Linear(16, 20), recurrent, nn.Linear(20, 6), leaky(6, output=True)), (16,)


def snntorch_conv() -> tuple[Any, tuple[int, ...]]:
    """Stride, padding, groups, dilation, an average pooling and a flattening."""
    return nn.Sequential(
        nn.Conv2d(2, 4, 3, stride=2, padding=1),
        leaky(4, 8, 8),
        nn.Conv2d(4, 6, 3, padding=2, dilation=2, groups=2, bias=False),
        leaky(6, 8, 8),
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(96, 5, bias=False),
        leaky(5, output=True),
    ), (2, 16, 16)


def snntorch_synaptic() -> tuple[Any, tuple[int, ...]]:
    """A synaptic current, and the reset at once; thresholds so high that one reset is enough."""
    options = {"init_hidden": True, "reset_delay": False}
    return nn.Sequential(
        nn.Linear(16, 24),
        snntorch.Synaptic(alpha=full(0.75, 24), beta=full(0.5, 24), threshold=full(6.0, 24), **options),
        nn.Linear(24, 8, bias=False),
        snntorch.Synaptic(alpha=full(0.5, 8), beta=full(0.5, 8), threshold=full(2.5, 8), output=True, **options),
    ), (16,)


def snntorch_slow() -> tuple[Any, tuple[int, ...]]:
    """Leak 1/10, which no binary fraction is."""
    return nn.Sequential(nn.Linear(16, 24), leaky(24, beta=0.9), nn.Linear(24, 8), leaky(8, beta=0.9, output=True)), (
        16,
    )


def box(*shape: int) -> Any:
    return norse.LIFBoxCell(
        p=norse.LIFBoxParameters(
            tau_mem_inv=full(500.0, *shape),
            v_leak=full(0.0, *shape),
            v_th=full(0.5, *shape),
            v_reset=full(0.0, *shape),
        )
    )


def norse_box() -> tuple[Any, tuple[int, ...]]:
    """Leak 1/2, reset to 0, and a leaky integrator that is read out."""
    readout = norse.LIBoxCell(p=norse.LIBoxParameters(tau_mem_inv=full(250.0, 6), v_leak=full(0.0, 6)))
    return norse.SequentialState(nn.Linear(16, 24), box(24), nn.Linear(24, 6), readout), (16,)


def norse_cuba() -> tuple[Any, tuple[int, ...]]:
    """A synaptic current, then IF."""
    cell = norse.LIFCell(
        p=norse.LIFParameters(
            tau_syn_inv=full(250.0, 24),
            tau_mem_inv=full(500.0, 24),
            v_leak=full(0.0, 24),
            v_th=full(1.0, 24),
            v_reset=full(0.0, 24),
        )
    )
    after = norse.IAFCell(p=norse.IAFParameters(v_th=full(2.0, 6), v_reset=full(0.0, 6)))
    return norse.SequentialState(nn.Linear(16, 24), cell, nn.Linear(24, 6), after), (16,)


def iaf(spike: Any = sinabs.activation.SingleSpike, threshold: float = 1.0) -> Any:
    return sinabs.layers.IAFSqueeze(batch_size=1, spike_fn=spike, spike_threshold=torch.tensor(threshold))


def sinabs_conv() -> tuple[Any, tuple[int, ...]]:
    """IF with one spike a step at most, and a sum pooling."""
    return nn.Sequential(
        nn.Conv2d(2, 4, 3, padding=1, bias=False),
        iaf(),
        sinabs.layers.SumPool2d(2),
        nn.Conv2d(4, 4, 3, padding=1, bias=False),
        iaf(threshold=4.0),
        nn.Flatten(),
        nn.Linear(64, 5),
        iaf(threshold=4.0),
    ), (2, 8, 8)


def sinabs_multi() -> tuple[Any, tuple[int, ...]]:
    """The same with Sinabs' default, several spikes in a step, which the file does not tell from the other."""
    many = sinabs.activation.MultiSpike
    return nn.Sequential(nn.Linear(16, 24, bias=False), iaf(many), nn.Linear(24, 6), iaf(many)), (16,)


def sinabs_lif() -> tuple[Any, tuple[int, ...]]:
    """Leak 1/2 by exp(-1 / tau), and a leaky integrator that is read out."""
    tau = float(1 / np.log(2))
    lif = sinabs.layers.LIFSqueeze(
        batch_size=1, tau_mem=full(tau, 24), spike_threshold=full(0.5, 24), spike_fn=sinabs.activation.SingleSpike
    )
    readout = sinabs.layers.ExpLeakSqueeze(batch_size=1, tau_mem=full(tau, 6))
    return nn.Sequential(nn.Linear(16, 24), lif, nn.Linear(24, 6), readout), (16,)


def spikingjelly_conv() -> tuple[Any, tuple[int, ...]]:
    """IF and LIF (tau 2 steps, input divided by it), reset to 0, an average pooling."""
    return nn.Sequential(
        jelly_layer.Conv2d(2, 4, 3, padding=1),
        jelly.IFNode(),
        jelly_layer.AvgPool2d(2),
        jelly_layer.Conv2d(4, 4, 3, padding=1, bias=False),
        jelly.LIFNode(tau=2.0),
        jelly_layer.Flatten(),
        jelly_layer.Linear(64, 6, bias=False),
        jelly.LIFNode(tau=2.0, decay_input=False, v_threshold=2.0),
    ), (2, 8, 8)


def spikingjelly_cuba() -> tuple[Any, tuple[int, ...]]:
    """A synaptic current."""
    return nn.Sequential(
        nn.Linear(16, 24),
        jelly.CUBALIFNode(c_decay=0.75, v_decay=0.5, v_threshold=3.0),
        nn.Linear(24, 6),
        jelly.IFNode(v_threshold=2.0),
    ), (16,)


Maker = Callable[[], tuple[Any, tuple[int, ...]]]

NETWORKS: dict[str, Maker] = {
    maker.__name__: maker
    for maker in (
        snntorch_dense,
        snntorch_zero,
        snntorch_recurrent,
        snntorch_conv,
        snntorch_synaptic,
        snntorch_slow,
        norse_box,
        norse_cuba,
        sinabs_conv,
        sinabs_multi,
        sinabs_lif,
        spikingjelly_conv,
        spikingjelly_cuba,
    )
}

RATES = {"snntorch_conv": 0.2, "sinabs_conv": 0.1, "snntorch_synaptic": 0.2}
"""Of the input, where it is not 0.3."""


def make(name: str, maker: Maker, seed: int) -> None:
    """One network: run it, export it, write both."""
    torch.manual_seed(seed)
    net, shape = maker()
    on_grid(net, seed)
    x = spikes_in(shape, seed + 1000, RATES.get(name, 0.3))
    framework = name.partition("_")[0]
    if framework == "snntorch":
        sent = run_snntorch(net, x)
        graph = snntorch_to_nir(net, x[:1], ignore_dims=[0])
    elif framework == "norse":
        sent = run_norse(net, x)
        graph = norse_to_nir(net, x[0])
    elif framework == "spikingjelly":
        sent = run_spikingjelly(net, x)
        graph = spikingjelly_to_nir(net, x[:1])
    else:
        sent = run_sinabs(net, x)
        graph = sinabs_to_nir(net, x[:1])
        graph.infer_types()  # a file has no word for a shape that is not known
    nir.write(HERE / f"{name}.nir", graph)
    arrays = {}
    for number, values in sent.items():
        called = (f"{number}.lif", str(number), f"_{number}")
        node = next(name for name in called if name in graph.nodes)
        spiking = not isinstance(graph.nodes[node], nir.LI)
        arrays[node] = values.numpy().astype(np.uint8 if spiking else np.float32)
    versions = ", ".join(f"{package} {version(package)}" for package in (framework, "nir", "nirtorch", "torch"))
    np.savez_compressed(
        HERE / f"{name}.npz",
        allow_pickle=False,
        input=x.numpy().astype(np.uint8),
        versions=np.array(versions),
        **arrays,
    )
    spikes = {node: int(values.sum()) for node, values in arrays.items() if values.dtype == np.uint8}
    print(f"{name}: {(HERE / f'{name}.nir').stat().st_size:,} bytes, spikes {spikes}, {versions}")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    for number, (name, maker) in enumerate(NETWORKS.items()):
        make(name, maker, number)
