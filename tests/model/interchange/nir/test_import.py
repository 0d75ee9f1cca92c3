"""Nodes of NIR one by one, against what they say, worked out independently with numpy and scipy."""

from itertools import pairwise
from typing import Any

import nir
import numpy as np
import pytest

from ganglion.model.compiler.network import Network
from ganglion.model.compiler.quantize.flat import flatten
from ganglion.model.compiler.quantize.simulate import simulate
from ganglion.model.interchange.nir import Convention, import_nir

PLAIN = Convention(dt=1.0)


def ones(*shape: int) -> np.ndarray:
    return np.ones(shape)


def graph(*chain: Any) -> nir.NIRGraph:
    """A chain of nodes called n0, n1, …; `nir` itself checks only some shapes, so it is told to check none."""
    names = [f"n{number}" for number in range(len(chain))]
    return nir.NIRGraph(dict(zip(names, chain, strict=True)), list(pairwise(names)), type_check=False)


def sums(network: Network, raster: np.ndarray, name: str) -> np.ndarray:
    """Membranes of an integrator in each step, from the step on in which the first spikes reach it."""
    flat = flatten(network)
    part = flat.part(name)
    padded = np.concatenate([raster, np.zeros((1, raster.shape[1]), dtype=int)])
    run = simulate(flat, padded[np.newaxis], membranes=np.arange(part.start, part.stop))
    return run.membranes[0, 1:]


def linear_map(
    *chain: Any, shape: tuple[int, ...], out: tuple[int, ...], seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """What an integrator behind these nodes receives for random spikes: (spikes (steps, …), input (steps, …))."""
    x = (np.random.default_rng(seed).random((6, *shape)) < 0.4).astype(int)
    network = import_nir(
        graph(nir.Input(np.array(shape)), *chain, nir.I(r=ones(*out)), nir.Output(np.array(out))), PLAIN
    )
    integral = sums(network, x.reshape(6, -1), f"n{len(chain) + 1}")
    return x, np.diff(integral, axis=0, prepend=0).reshape(6, *out)


def convolve(x: np.ndarray, weight: np.ndarray, stride: int, padding: int, dilation: int, groups: int) -> np.ndarray:
    """A convolution by scipy's correlate, channel by channel."""
    from scipy.signal import correlate  # long to load

    kernel = np.zeros((*weight.shape[:2], *(dilation * (k - 1) + 1 for k in weight.shape[2:])))
    kernel[(slice(None), slice(None), *(slice(None, None, dilation) for _ in weight.shape[2:]))] = weight
    padded = np.pad(x, [(0, 0), *[(padding, padding)] * (x.ndim - 1)])
    per_group = weight.shape[0] // groups
    result = []
    for channel in range(weight.shape[0]):
        first = channel // per_group * weight.shape[1]
        total = sum(
            correlate(padded[first + k].astype(float), kernel[channel, k], mode="valid", method="direct")
            for k in range(weight.shape[1])
        )
        result.append(total[tuple(slice(None, None, stride) for _ in weight.shape[2:])])
    return np.array(result)


@pytest.mark.parametrize(
    ("shape", "kernel", "stride", "padding", "dilation", "groups"),
    [
        ((3, 8, 8), (4, 3, 3, 3), 1, 0, 1, 1),
        ((2, 9, 7), (4, 1, 3, 2), 2, 1, 1, 2),
        ((4, 8, 9), (6, 2, 2, 3), 1, 2, 2, 2),
        ((2, 6, 6), (2, 2, 1, 5), 3, 2, 1, 1),
        ((3, 12), (2, 3, 4), 1, 0, 1, 1),
        ((4, 13), (6, 2, 3), 2, 3, 2, 2),
    ],
)
def test_convolutions(
    shape: tuple[int, ...], kernel: tuple[int, ...], stride: int, padding: int, dilation: int, groups: int
) -> None:
    rng = np.random.default_rng(1)
    weight, bias = rng.normal(size=kernel), np.zeros(kernel[0])
    want = convolve(np.zeros(shape), weight, stride, padding, dilation, groups)
    node = nir.Conv1d if len(shape) == 2 else nir.Conv2d
    axes = len(shape) - 1
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    if axes == 2:
        options = {name: (value, value) for name, value in options.items()}
    convolution = node(input_shape=None, weight=weight, groups=groups, bias=bias, **options)
    x, got = linear_map(convolution, shape=shape, out=want.shape)
    wanted = [convolve(step, weight, stride, padding, dilation, groups) for step in x]
    assert np.allclose(got, wanted) and np.abs(got).max() > 0.5


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("size", [3, 4])
def test_padding_by_name(padding: str, size: int) -> None:
    weight = np.random.default_rng(2).normal(size=(2, 1, size, size))
    before, after = ((size - 1) // 2, size - 1 - (size - 1) // 2) if padding == "same" else (0, 0)
    out = (2, 6, 6) if padding == "same" else (2, 7 - size, 7 - size)
    node = nir.Conv2d(None, weight, 1, padding, 1, 1, np.zeros(2))
    x, got = linear_map(node, shape=(1, 6, 6), out=out)
    wanted = [convolve(np.pad(step, [(0, 0), (before, after), (before, after)]), weight, 1, 0, 1, 1) for step in x]
    assert np.allclose(got, wanted)


def test_pooling_scaling_and_flattening() -> None:
    scale = np.random.default_rng(3).normal(size=(2, 2, 3))
    pair = np.array([2, 2])
    chain = (nir.SumPool2d(pair, pair, np.array([0, 0])), nir.Scale(scale), nir.Flatten(np.array([2, 2, 3]), 0, -1))
    x, got = linear_map(*chain, shape=(2, 4, 6), out=(12,))
    sums_of_four = x.reshape(6, 2, 2, 2, 3, 2).sum(axis=(3, 5))
    assert np.allclose(got, (sums_of_four * scale).reshape(6, 12))
    average = nir.AvgPool2d(np.array([3, 3]), np.array([1, 1]), np.array([1, 1]))
    x, got = linear_map(average, shape=(2, 5, 4), out=(2, 5, 4))
    assert np.allclose(got[:, 0], [convolve(step[:1], np.full((1, 1, 3, 3), 1 / 9), 1, 1, 1, 1)[0] for step in x])


@pytest.mark.parametrize(
    ("start", "end", "shape"), [(0, -1, (24,)), (1, 2, (2, 12)), (0, 1, (6, 4)), (-1, -1, (2, 3, 4))]
)
def test_flatten_takes_some_axes(start: int, end: int, shape: tuple[int, ...]) -> None:
    x, got = linear_map(nir.Flatten(np.array([2, 3, 4]), start, end), shape=(2, 3, 4), out=shape)
    assert np.array_equal(got.reshape(6, -1), x.reshape(6, -1))


def test_affine_after_linear_is_one_projection() -> None:
    rng = np.random.default_rng(4)
    first, second = rng.normal(size=(5, 4)), rng.normal(size=(3, 5))
    x, got = linear_map(nir.Linear(first), nir.Linear(second), shape=(4,), out=(3,))
    assert np.allclose(got, x @ first.T @ second.T)


def test_delays() -> None:
    """A Delay before and one after a matrix, with values per element: every path has its own."""
    before, after = np.array([0.0, 2.0, 1.0]), np.array([1.0, 0.0])
    weight = np.array([[1.0, 10.0, 100.0], [2.0, 20.0, 200.0]])
    network = import_nir(
        graph(
            nir.Input(np.array([3])),
            nir.Delay(before),
            nir.Linear(weight),
            nir.Delay(after),
            nir.I(r=ones(2)),
            nir.Output(np.array([2])),
        ),
        PLAIN,
    )
    raster = np.zeros((6, 3), dtype=int)
    raster[0] = 1
    got = np.diff(sums(network, raster, "n4"), axis=0, prepend=0)
    wanted = np.zeros((6, 2))
    for j in range(2):
        for i in range(3):
            wanted[int(before[i] + after[j]), j] += weight[j, i]
    assert np.allclose(got, wanted)


def test_the_unit_of_delays() -> None:
    convention = Convention(dt=1e-3, tau_unit=1e-3)
    chain = (nir.Input(np.array([1])), nir.Delay(np.array([3.0])), nir.I(r=ones(1)), nir.Output(np.array([1])))
    (projection,) = import_nir(graph(*chain), convention).projections
    assert projection.delay.tolist() == [4]


def simulated(node: Any, convention: Convention, drive: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Spikes and membranes of one neuron that gets `drive` (small whole numbers times 0.25) in each step."""
    network = import_nir(
        graph(nir.Input(np.array([1])), nir.Linear(np.array([[0.25]])), node, nir.Output(np.array([1]))), convention
    )
    flat = flatten(network)
    run = simulate(flat, np.append(drive, 0)[np.newaxis, :, np.newaxis], membranes=[0])
    return run.spikes[0, 1:, 0], run.membranes[0, 1:, 0]


def ode_step(
    drive: np.ndarray, tau: float, r: float, leak: float, theta: float, reset: float, rule: str
) -> tuple[list[bool], list[float]]:
    """The LIF of NIR step by step, in the file's own units; starts at rest."""
    keep = 1 - 1 / tau if rule == "euler" else np.exp(-1 / tau)
    v, spikes, membranes = leak, [], []
    for i in drive * 0.25:
        v = keep * v + (1 - keep) * (leak + r * i)
        spikes.append(bool(v > theta))
        v = reset if v > theta else v
        membranes.append(v)
    return spikes, membranes


@pytest.mark.parametrize("rule", ["euler", "exponential"])
def test_lif_with_a_resting_potential(rule: str) -> None:
    """tau, r, v_leak and v_reset in the units of the file: milliseconds and millivolts."""
    drive = np.random.default_rng(6).integers(0, 30, 60)
    node = nir.LIF(
        tau=np.array([8.0]),
        r=np.array([7.0]),
        v_leak=np.array([-65.0]),
        v_threshold=np.array([-50.0]),
        v_reset=np.array([-70.0]),
    )
    convention = Convention(dt=2e-3, tau_unit=1e-3, rule=rule)  # type: ignore[arg-type]
    spikes, membranes = simulated(node, convention, drive)
    wanted, potentials = ode_step(drive, 4.0, 7.0, -65.0, -50.0, -70.0, rule)
    assert spikes.tolist() == wanted and 0 < sum(wanted) < 60
    assert np.allclose(membranes - 65, potentials)


def test_li_if_i_and_threshold() -> None:
    drive = np.array([4, 0, 8, 1, 0, 0, 12, 3])
    _, membranes = simulated(nir.LI(np.array([2.0]), np.array([3.0]), np.array([0.0])), PLAIN, drive)
    assert np.allclose(membranes, ode_step(drive, 2.0, 3.0, 0.0, 1e9, 0.0, "euler")[1])
    _, membranes = simulated(nir.I(np.array([3.0])), Convention(dt=0.5), drive)
    assert np.allclose(membranes, np.cumsum(drive * 0.25 * 3 * 0.5))
    spikes, _ = simulated(nir.Threshold(np.array([0.5])), PLAIN, drive)
    assert spikes.tolist() == (drive * 0.25 > 0.5).tolist()
    spikes, membranes = simulated(nir.IF(np.array([1.0]), np.array([1.5]), np.array([-1.0])), PLAIN, drive)
    assert spikes.tolist() == [False, False, True, False, False, False, True, False]
    assert membranes.tolist() == [1, 1, -1, -0.75, -0.75, -0.75, -1, -0.25]


@pytest.mark.parametrize("current", ["euler", "jump"])
def test_cuba(current: str) -> None:
    drive = np.random.default_rng(7).integers(0, 12, 50)
    node = nir.CubaLIF(
        tau_syn=np.array([4.0]),
        tau_mem=np.array([5.0]),
        r=np.array([3.0]),
        v_leak=np.array([0.0]),
        v_threshold=np.array([2.0]),
        w_in=np.array([1.5]),
    )
    spikes, _ = simulated(node, Convention(dt=1.0, current=current), drive)  # type: ignore[arg-type]
    u = v = 0.0
    wanted = []
    for i in drive * 0.25:
        u = u * 0.75 + (0.25 if current == "euler" else 1) * 1.5 * i
        v = v * 0.8 + 0.2 * 3.0 * u
        wanted.append(v > 2)
        v = 0.0 if v > 2 else v
    assert spikes.tolist() == wanted and any(wanted)
    _, membranes = simulated(
        nir.CubaLI(np.array([4.0]), np.array([5.0]), np.array([3.0]), np.array([0.0]), np.array([1.5])),
        PLAIN,
        np.array([4, 0]),
    )
    assert np.allclose(membranes, [0.2 * 3 * 0.375, 0.8 * 0.225 + 0.6 * 0.28125])


def test_branches_are_evened_out() -> None:
    """A connection that skips a layer waits for the other, so that both bring the same moment of the input."""
    nodes = {
        "in": nir.Input(np.array([1])),
        "w": nir.Linear(np.array([[1.0]])),
        "relay": nir.Threshold(np.array([0.5])),
        "second": nir.Linear(np.array([[1.0]])),
        "sum": nir.Threshold(np.array([1.5])),
        "out": nir.Output(np.array([1])),
    }
    edges = [("in", "w"), ("w", "relay"), ("relay", "second"), ("second", "sum"), ("w", "sum"), ("sum", "out")]
    network = import_nir(nir.NIRGraph(nodes, edges, type_check=False), PLAIN)
    assert network.lag == {"relay": 1, "sum": 2}
    raster = np.array([[0], [1], [0], [1], [1], [0], [0]])
    spikes = simulate(flatten(network), raster[np.newaxis]).spikes[0]
    assert spikes[2:, 1].tolist() == [False, True, False, True, True], "both paths meet, two steps later"
    at_once = import_nir(nir.NIRGraph(nodes, edges, type_check=False), PLAIN, timing="edges")
    assert set(at_once.lag.values()) == {0}
    assert [p.delay.tolist() for p in at_once.projections] == [[1]] * 3


def test_subgraphs_and_their_loops() -> None:
    inner = nir.NIRGraph(
        {
            "input": nir.Input(np.array([2])),
            "lif": nir.IF(r=ones(2), v_threshold=ones(2) * 3),
            "back": nir.Linear(np.array([[0.0, 2.0], [-1.0, 0.0]])),
            "output": nir.Output(np.array([2])),
        },
        [("input", "lif"), ("lif", "back"), ("back", "lif"), ("lif", "output")],
        type_check=False,
    )
    outer = nir.NIRGraph(
        {"in": nir.Input(np.array([3])), "w": nir.Linear(ones(2, 3)), "block": inner, "out": nir.Output(np.array([2]))},
        [("in", "w"), ("w", "block"), ("block", "out")],
        type_check=False,
    )
    network = import_nir(outer, PLAIN)
    assert list(network.populations) == ["block.lif"] and network.outputs == ["block.lif"]
    loop = next(p for p in network.projections if p.source == "block.lif")
    assert sorted(
        zip(loop.pre.tolist(), loop.post.tolist(), loop.weight.tolist(), loop.delay.tolist(), strict=True)
    ) == [
        (0, 1, -1.0, 1),
        (1, 0, 2.0, 1),
    ]


def test_one_value_is_for_the_whole_layer() -> None:
    """Some exporters write scalars; the shape is then that of what arrives."""
    node = nir.LIF(tau=np.array(2.0), r=np.array(1.0), v_leak=np.array(0.0), v_threshold=np.array(1.0))
    chain = (
        nir.Input(np.array([3])),
        nir.Linear(ones(5, 3)),
        node,
        nir.Linear(ones(2, 5)),
        node,
        nir.Output(np.array([2])),
    )
    network = import_nir(graph(*chain), PLAIN)
    assert [p.shape for p in network.populations.values()] == [(5,), (2,)]
