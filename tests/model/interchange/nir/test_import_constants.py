"""Gains and biases of imported graphs: what is multiplied into weights, and what comes from the clock."""

from typing import Any

import nir
import numpy as np
import pytest

from ganglion.model.compiler.network import Network
from ganglion.model.compiler.quantize.flat import flatten
from ganglion.model.compiler.quantize.simulate import simulate
from ganglion.model.interchange.nir import Convention, import_nir
from ganglion.model.spec.errors import NetworkError

PLAIN = Convention(dt=1.0)


def chain(*nodes: Any) -> nir.NIRGraph:
    names = [f"n{number}" for number in range(len(nodes))]
    edges = [(names[k], names[k + 1]) for k in range(len(nodes) - 1)]
    return nir.NIRGraph(dict(zip(names, nodes, strict=True)), edges, type_check=False)


def membranes(network: Network, raster: np.ndarray, name: str, steps: int) -> np.ndarray:
    """Membranes of a population in `steps` steps, from the step on in which its input begins."""
    flat, lag = flatten(network), network.lag[name]
    part = flat.part(name)
    padded = np.zeros((steps + lag, raster.shape[1]), dtype=int)
    padded[: len(raster)] = raster
    return simulate(flat, padded[np.newaxis], membranes=np.arange(part.start, part.stop)).membranes[0, lag:]


def test_gains_of_convolutions() -> None:
    """A convolution stays one, with r / tau in its kernel, where all neurons have the same; else it is a matrix."""
    rng = np.random.default_rng(0)
    weight, image = rng.normal(size=(2, 1, 2, 2)), (rng.random((1, 4, 4)) < 0.5).astype(int)
    for r in (np.full((2, 3, 3), 3.0), rng.random((2, 3, 3))):
        node = nir.LI(tau=np.full((2, 3, 3), 2.0), r=r, v_leak=np.zeros((2, 3, 3)))
        graph = chain(
            nir.Input(np.array([1, 4, 4])),
            nir.Conv2d(None, weight, 1, 0, 1, 1, np.zeros(2)),
            node,
            nir.Output(np.array([2, 3, 3])),
        )
        network = import_nir(graph, PLAIN)
        windows = np.lib.stride_tricks.sliding_window_view(image[0], (2, 2))
        wanted = np.einsum("xyij,cij->cxy", windows, weight[:, 0]) * r / 2
        got = membranes(network, image.reshape(1, 16), "n2", 1)[0]
        assert np.allclose(got, wanted.ravel())
        assert (network.projections[0].convolution is not None) == (np.ptp(r) == 0)


def test_biases_pass_through_what_follows() -> None:
    """A bias is an input like any other: it is multiplied on, and scaled by the gain of its neuron."""
    rng = np.random.default_rng(1)
    first, bias, second = rng.normal(size=(3, 2)), rng.normal(size=3), rng.normal(size=(2, 3))
    graph = chain(
        nir.Input(np.array([2])),
        nir.Affine(first, bias),
        nir.Affine(second, np.array([0.5, -0.5])),
        nir.I(r=np.array([2.0, 3.0])),
        nir.Output(np.array([2])),
    )
    constant = (second @ bias + [0.5, -0.5]) * [2, 3]
    for how in ("clock", "constant"):
        network = import_nir(graph, PLAIN, bias=how)  # type: ignore[arg-type]
        silent = np.zeros((1, 2), dtype=int)
        got = membranes(network, silent, "n3", 5)
        start = 1 if how == "clock" else 2
        assert np.allclose(got, np.outer(np.arange(start, start + 5), constant))


@pytest.mark.parametrize("layers", [1, 2, 4])
def test_biases_begin_with_the_input(layers: int) -> None:
    """In layer n from step n on, and every step from then."""
    nodes: list[Any] = [nir.Input(np.array([1]))]
    for _ in range(layers - 1):
        nodes += [nir.Linear(np.ones((1, 1))), nir.Threshold(np.array([0.5]))]
    nodes += [nir.Affine(np.ones((1, 1)), np.array([0.75])), nir.I(r=np.ones(1)), nir.Output(np.array([1]))]
    network = import_nir(chain(*nodes), PLAIN)
    name = f"n{2 * layers}"
    assert network.lag[name] == layers
    got = membranes(network, np.array([[1], [0], [1]]), name, 5)[:, 0]
    assert got.tolist() == [1.75, 2.5, 4.25, 5.0, 5.75]


def test_large_biases_keep_the_scale() -> None:
    """One that is larger than all weights is split into several synapses, none larger than they."""
    graph = chain(
        nir.Input(np.array([1])),
        nir.Affine(np.array([[0.25], [-0.5]]), np.array([1.0, -0.125])),
        nir.I(r=np.ones(2)),
        nir.Output(np.array([2])),
    )
    network = import_nir(graph, PLAIN)
    assert membranes(network, np.zeros((1, 1), dtype=int), "n2", 3).tolist() == [[1, -0.125], [2, -0.25], [3, -0.375]]
    clock = next(p for p in network.projections if p.source == "clock" and p.target == "n2")
    assert clock.synapses == 3 and np.abs(clock.weight).max() == 0.5


def test_a_bias_of_another_order_is_refused() -> None:
    """It would be synapses without end."""
    graph = chain(
        nir.Input(np.array([1])),
        nir.Affine(np.array([[1e-290], [0.0]]), np.array([1e30, 0.0])),
        nir.I(r=np.ones(2)),
        nir.Output(np.array([2])),
    )
    with pytest.raises(NetworkError, match=r"'n2': its biases and resets, of up to 1e\+30, take inf synapses"):
        import_nir(graph, PLAIN)


def test_a_name_that_is_taken() -> None:
    graph = nir.NIRGraph(
        {
            "clock": nir.Input(np.array([1])),
            "w": nir.Affine(np.ones((1, 1)), np.ones(1)),
            "clock_": nir.I(r=np.ones(1)),
            "out": nir.Output(np.array([1])),
        },
        [("clock", "w"), ("w", "clock_"), ("clock_", "out")],
        type_check=False,
    )
    assert list(import_nir(graph, PLAIN).populations) == ["clock_", "clock__"]


@pytest.mark.parametrize(
    ("dt", "r", "message"),
    [
        (1e-6, 4.0, "node 'n2' (LIF): tau is 4,000 steps of dt = 1e-06 s; is that the dt of its framework?"),
        (
            1e-6,
            4.0,
            "node 'n2' (LIF): its input is multiplied by 0.001; dt = 1e-06 s, a unit or the convention looks wrong",
        ),
        (1e-3, 1000.0, "node 'n2' (LIF): its input is multiplied by 250"),
        (1e-3, 0.0, "node 'n2' (LIF): its input is multiplied by 0"),
    ],
)
def test_a_wrong_dt_or_unit_is_warned_of(dt: float, r: float, message: str) -> None:
    tau, zero = np.full(2, 4e-3), np.zeros(2)
    node = nir.LIF(tau=tau, r=np.full(2, r), v_leak=zero, v_threshold=zero + 1, v_reset=zero)
    graph = chain(nir.Input(np.array([3])), nir.Linear(np.ones((2, 3))), node, nir.Output(np.array([2])))
    assert any(warning.startswith(message) for warning in import_nir(graph, Convention(dt=dt)).warnings)
    node.r = np.full(2, 4.0)
    assert not import_nir(graph, Convention(dt=1e-3)).warnings
