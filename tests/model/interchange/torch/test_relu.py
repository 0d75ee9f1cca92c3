"""ReLU networks of PyTorch: their graphs do what they do, and so do the rates of the spiking networks made of them."""

from typing import Any

import nir
import numpy as np
import pytest
import torch
from torch import nn

from ganglion.model.compiler.quantize import quantize
from ganglion.model.compiler.quantize.flat import flatten
from ganglion.model.compiler.quantize.simulate import simulate
from ganglion.model.interchange.encode import regular_raster
from ganglion.model.interchange.nir import convert_rates
from ganglion.model.interchange.torch.relu import fold_batch_norms, relu_graph
from ganglion.model.spec.errors import EventError, NetworkError
from ganglion.model.spec.params import PRESETS

STEPS = 200


def trained(seed: int = 0) -> nn.Sequential:
    """Convolution, batch norms with statistics of their own, average pooling, nested and dropped out."""
    torch.manual_seed(seed)
    net = nn.Sequential(
        nn.Sequential(nn.Conv2d(1, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU()),
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(64, 20),
        nn.BatchNorm1d(20),
        nn.ReLU(),
        nn.Dropout(),
        nn.Linear(20, 5),
    )
    for module in net.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            module.running_mean = torch.rand_like(module.weight) * 0.4 - 0.2
            module.running_var = torch.rand_like(module.weight) + 0.25
            module.weight.data, module.bias.data = (
                torch.rand_like(module.weight) + 0.5,
                torch.rand_like(module.bias) * 0.2,
            )
    return net.eval()


def images(count: int = 24) -> np.ndarray:
    return np.round(np.random.default_rng(1).random((count, 1, 8, 8)), 2)


def hidden(net: nn.Sequential, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Activations of both ReLUs, and the output."""
    with torch.no_grad():
        first = net[0](torch.tensor(x, dtype=torch.float32))
        second = net[1:6](first)
        return first.flatten(1).numpy(), second.numpy(), net[6:](second).numpy()


def test_batch_norms_are_folded_and_the_network_is_left_alone() -> None:
    net, x = trained().train(), torch.tensor(images(), dtype=torch.float32)
    folded = fold_batch_norms(net)
    assert not any("BatchNorm" in type(module).__name__ for module in folded.modules())
    assert net.training and any("BatchNorm" in type(module).__name__ for module in net.modules())
    with torch.no_grad():
        assert torch.allclose(folded.eval()(x), net.eval()(x), atol=1e-5)


def test_rates_are_the_activations() -> None:
    """To within a spike or two of 200 steps, where activations are within the threshold; decisions too."""
    net, x = trained(), images()
    network = convert_rates(relu_graph(net, (1, 8, 8)), x, percentile=100)
    flat = flatten(network)
    late = max(network.lag.values())
    raster = regular_raster(np.rint(x.reshape(len(x), -1) * 100).astype(int), STEPS, full=100, phase=np.arange(64))
    raster = np.pad(raster, [(0, 0), (0, late), (0, 0)])
    readouts = np.arange(flat.part("output").start, flat.part("output").stop)
    run = simulate(flat, raster, membranes=readouts)
    first, second, logits = hidden(net, x)
    names = [name for name in network.populations if name not in ("clock", "start", "output")]
    for name, activation in zip(names, (first, second), strict=True):
        rates = run.spikes[:, network.lag[name] :, flat.part(name)][:, :STEPS].mean(axis=1)
        unit = network.populations[name].threshold[0]
        assert unit == pytest.approx(activation.max(), rel=1e-5)
        assert np.abs(rates * unit - activation).max() < 0.05 * unit
    ends = run.membranes[:, STEPS - 1 + network.lag["output"]]
    assert np.abs(ends / STEPS - logits).max() < 0.05 * np.abs(logits).max()
    sure = np.diff(np.sort(logits)[:, -2:])[:, 0] > 0.1 * np.abs(logits).max()
    assert sure.sum() > 5 and (ends.argmax(axis=1) == logits.argmax(axis=1))[sure].all()
    quantized = quantize(network, PRESETS["wide"], samples=raster)
    assert quantized.report.output is not None and quantized.report.output.agree >= len(x) - 1


def test_the_percentile_is_the_unit() -> None:
    x = images()
    network = convert_rates(relu_graph(trained(), (1, 8, 8)), x, percentile=90)
    first, *_ = hidden(trained(), x)
    assert network.populations["0.2"].threshold[0] == pytest.approx(np.percentile(first, 90), rel=1e-5)
    dead = convert_rates(relu_graph(trained(), (1, 8, 8)), x * 0, percentile=60)
    assert all("of its activations on the data are 0" in warning for warning in dead.warnings)


@pytest.mark.parametrize(
    ("net", "message"),
    [
        (nn.Sequential(nn.Linear(4, 3), nn.Tanh()), r"module '1' \(Tanh\) is not of a ReLU network"),
        (nn.Sequential(nn.Unflatten(1, (1, 2, 2)), nn.MaxPool2d(2)), r"module '0' \(Unflatten\) is not of"),
        (nn.Sequential(nn.Linear(5, 3)), r"module '0' \(Linear\): mat1 and mat2"),
        (nn.Sequential(nn.ReLU(), nn.BatchNorm1d(4)), r"module '1': a batch norm is folded into .* there is ReLU"),
        (nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4, track_running_stats=False)), "without running statistics"),
    ],
)
def test_other_modules(net: nn.Sequential, message: str) -> None:
    with pytest.raises(NetworkError, match=message):
        relu_graph(net, (4,))


def with_node(node: Any) -> nir.NIRGraph:
    graph = relu_graph(nn.Sequential(nn.Linear(4, 3), nn.ReLU()), (4,))
    graph.nodes["1"] = node
    return graph


@pytest.mark.parametrize(
    ("graph", "x", "error", "message"),
    [
        (
            with_node(nir.Threshold(np.ones(3))),
            np.ones((2, 4)),
            NetworkError,
            r"node '1' \(Threshold\): a ReLU is an IF",
        ),
        (with_node(nir.Delay(np.ones(3))), np.ones((2, 4)), NetworkError, "a Delay leads to it"),
        (with_node(nir.IF(np.ones(3), np.ones(3))), np.ones((2, 5)), EventError, r"shape \(samples, 4\), not \(2, 5\)"),
        (with_node(nir.IF(np.ones(3), np.ones(3))), 2 * np.ones((2, 4)), EventError, "from 0 to 1"),
    ],
)
def test_what_does_not_convert(graph: nir.NIRGraph, x: np.ndarray, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        convert_rates(graph, x)
    with pytest.raises(NetworkError, match="percentile must be above 50"):
        convert_rates(graph, x, percentile=5)
