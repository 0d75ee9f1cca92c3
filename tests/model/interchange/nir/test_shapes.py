"""Shapes and limits as users and exporters write them."""

from pathlib import Path
from typing import Any

import nir
import numpy as np
import pytest

from ganglion.model.compiler.network import Network, canonical
from ganglion.model.interchange.nir import CONVENTIONS, Convention, import_nir
from ganglion.model.spec.errors import NetworkError
from tests.model.interchange.nir.small import chain, cuba, full, grid, lif, membranes, raster, spikes

PLAIN = Convention(dt=1.0)


def same(first: Network, second: Network) -> bool:
    """Layers, shapes, synapses and parameters."""
    if list(first.inputs) != list(second.inputs) or list(first.populations) != list(second.populations):
        return False
    for one, other in zip(first.populations.values(), second.populations.values(), strict=True):
        if one.shape != other.shape or not np.array_equal(one.threshold, other.threshold):
            return False
        if not np.array_equal(one.decay, other.decay):
            return False
    one, other = canonical(first), canonical(second)
    return one.keys() == other.keys() and all(
        np.array_equal(a, b) for name in one for a, b in zip(one[name], other[name], strict=True)
    )


def conv(out: int, into: int, size: int = 3, padding: int = 1) -> nir.Conv2d:
    return nir.Conv2d(None, grid(out, into, size, size, seed=out), 1, padding, 1, 1, full(0.125, out))


@pytest.mark.parametrize("batch", [(1,), (1, 1)])
def test_batch_axes_of_one(batch: tuple[int, ...]) -> None:
    """Exporters keep the axes of their sample: of the input, of the output, of parameters."""
    w = grid(4, 6)
    network = import_nir(chain((*batch, 6), nir.Linear(w), lif(4), (*batch, 4)), PLAIN)
    assert same(network, import_nir(chain(6, nir.Linear(w), lif(4), 4), PLAIN))
    assert network.inputs["n0"].shape == (6,)
    assert any("n0" in note and "batch axis" in note for note in network.notes)
    assert same(network, import_nir(chain(6, nir.Linear(w), lif((*batch, 4)), 4), PLAIN))
    images = import_nir(
        chain((*batch, 1, 6, 6), conv(2, 1), lif((2, 6, 6)), conv(1, 2), lif(()), (*batch, 1, 6, 6)), PLAIN
    )
    assert images.inputs["n0"].shape == (1, 6, 6) and images.populations["n4"].shape == (1, 6, 6)
    plain = chain((1, 6, 6), conv(2, 1), lif((2, 6, 6)), conv(1, 2), lif(()), (1, 6, 6))
    assert same(images, import_nir(plain, PLAIN))


def test_a_single_channel_is_no_batch() -> None:
    network = import_nir(chain((1, 5, 5), conv(1, 1), lif(()), conv(2, 1), lif((2, 5, 5)), (2, 5, 5)), PLAIN)
    assert network.inputs["n0"].shape == (1, 5, 5) and network.populations["n2"].shape == (1, 5, 5)
    assert not network.notes[:-1], "the clock alone has something to say"


@pytest.mark.parametrize(
    ("shape", "flatten"),
    [
        ((1, 2, 4, 4), nir.Flatten(None, 1, -1)),
        ((1, 2, 4, 4), nir.Flatten(None, 0, -1)),
        ((2, 4, 4), nir.Flatten(None, 0, -1)),
        ((2, 4, 4), nir.Flatten(np.array([2, 4, 4]), 0, -1)),
        ((2, 4, 4), nir.Flatten(np.array([1, 2, 4, 4]), 1, -1)),
    ],
)
def test_flatten_counts_the_batch_axis_where_there_is_one(shape: tuple[int, ...], flatten: Any) -> None:
    w = grid(3, 32)
    network = import_nir(chain(shape, flatten, nir.Linear(w), lif(3), 3), PLAIN)
    assert same(network, import_nir(chain((2, 4, 4), nir.Flatten(None, 0, -1), nir.Linear(w), lif(3), 3), PLAIN)) or (
        network.inputs["n0"].size == 32
    )
    assert network.synapses == np.count_nonzero(w)


def test_flatten_before_a_convolution() -> None:
    """(frames, channels, height, width) of which the first two are made one: the source has other axes than arrive."""
    network = import_nir(chain((2, 1, 4, 4), nir.Flatten(None, 0, 1), conv(3, 2), lif((3, 4, 4)), (3, 4, 4)), PLAIN)
    plain = import_nir(chain((2, 4, 4), conv(3, 2), lif((3, 4, 4)), (3, 4, 4)), PLAIN)
    x = raster(32, 20)
    assert np.array_equal(spikes(network, x, "n3"), spikes(plain, x, "n2"))
    folded = chain((8, 4), nir.Flatten(None, 0, -1), nir.Linear(np.eye(32)), lif(32), 32)
    assert import_nir(folded, PLAIN).synapses == 32


def test_parameters_per_channel() -> None:
    """(C, 1, 1), as learned ones are, beside whole ones."""
    node = lif((3, 1, 1), tau=np.array([2.0, 4.0, 8.0]).reshape(3, 1, 1))
    spread = lif((3, 4, 4), tau=np.array([2.0, 4.0, 8.0]).reshape(3, 1, 1))
    mixed = lif((3, 4, 4))
    mixed.tau, mixed.r, mixed.v_threshold = node.tau, node.r, np.array(1.0)
    networks = [import_nir(chain((2, 4, 4), conv(3, 2), n, (3, 4, 4)), PLAIN) for n in (node, spread, mixed)]
    assert same(networks[0], networks[1]) and same(networks[1], networks[2])
    assert networks[0].populations["n2"].decay.reshape(3, 16)[:, 0].tolist() == [0.5, 0.25, 0.125]
    assert networks[0].projections[0].rule == "convolution"
    scaled = import_nir(chain((2, 3, 3), nir.Scale(full(2, 2, 1, 1)), lif((2, 3, 3)), (2, 3, 3)), PLAIN)
    assert scaled.projections[0].weight.tolist() == [2.0] * 18
    delayed = import_nir(chain((2, 3, 3), nir.Delay(full(2, 2, 1, 1)), lif((2, 3, 3)), (2, 3, 3)), PLAIN)
    assert delayed.projections[0].delay.tolist() == [3] * 18


def test_one_axis_over_several_is_ambiguous_and_the_advice_works() -> None:
    def graph(shape: tuple[int, ...]) -> nir.NIRGraph:
        return chain((3, 3, 3), nir.Scale(np.arange(1.0, 4).reshape(shape)), lif((3, 3, 3)), (3, 3, 3))

    with pytest.raises(NetworkError, match=r"scale has shape \(3,\).*per channel, give it the shape \(3, 1, 1\)"):
        import_nir(graph((3,)), PLAIN)
    assert import_nir(graph((3, 1, 1)), PLAIN).projections[0].weight[::9].tolist() == [1, 2, 3]


@pytest.mark.parametrize("tau", [np.inf, 1e9, -1e9])
@pytest.mark.parametrize("make", [lif, lambda size, tau: cuba(size, tau_mem=tau), lambda size, tau: cuba(size, tau)])
def test_no_leak_at_all(make: Any, tau: float) -> None:
    """tau and r (or w_in) infinite or huge, with a gain of 1: an integrator, which a note says."""
    w = grid(5, 4)
    network = import_nir(
        chain(4, nir.Linear(w), make(5, tau), 5), CONVENTIONS["snntorch"].__class__(dt=1.0, clamped=True)
    )
    population = network.populations["n2"]
    decays = population.decay if population.current_decay is None else np.r_[population.decay, population.current_decay]
    assert (decays == 0).any() and any("tau" in note for note in network.notes)
    assert np.allclose(canonical(network)["n0 -> n2"][1], np.sort(w[w != 0])) or np.allclose(
        np.sort(network.projections[0].weight), np.sort(w[w != 0])
    )


@pytest.mark.parametrize("inclusive", [False, True])
@pytest.mark.parametrize("layers", [1, 2, 3])
def test_negative_thresholds_of_binary_layers(layers: int, inclusive: bool) -> None:
    """Folded batch norms make them: a neuron fires without input, but not before its input begins."""
    thresholds, ws = np.array([-0.25, 0.5, 0.0]), [grid(3, 3, seed=s) for s in range(3)]
    nodes: list[Any] = []
    for w in ws[:layers]:
        nodes += [nir.Linear(w), nir.Threshold(thresholds)]
    network = import_nir(chain(3, *nodes, 3), Convention(dt=1.0, inclusive=inclusive))
    x = raster(3, 30)
    wanted = x.astype(bool)
    for w in ws[:layers]:
        i = wanted @ w.T
        wanted = i >= thresholds if inclusive else i > thresholds
    assert np.array_equal(spikes(network, x, f"n{2 * layers}"), wanted)
    early = spikes(network, np.concatenate([np.zeros((9, 3), dtype=int)]), "n2")
    assert early[:, 0].all(), "without input, i = 0 is above -0.25"


def test_an_output_behind_a_linear_layer() -> None:
    """Its values are membranes of a read-out that keeps nothing."""
    w, v = grid(5, 4), grid(3, 5, seed=2)
    graph = chain(4, nir.Linear(w), lif(5), nir.Affine(v, np.array([0.5, 0.0, -1.0])), 3)
    network = import_nir(graph, PLAIN)
    assert network.outputs == ["n3"] and not network.populations["n3"].spiking
    x = raster(4, 30)
    assert np.allclose(membranes(network, x, "n3"), spikes(network, x, "n2") @ v.T + [0.5, 0, -1])
    straight = import_nir(chain(4, nir.Linear(w), 5), PLAIN)
    assert np.allclose(membranes(straight, x, "n1"), x @ w.T)
    pooled = chain((2, 4, 4), nir.AvgPool2d(np.array([2, 2]), np.array([2, 2]), np.array([0, 0])), (2, 2, 2))
    assert import_nir(pooled, PLAIN).populations["n1"].shape == (2, 2, 2)


def test_a_bias_before_a_delay_begins_later() -> None:
    w, bias = grid(2, 3), np.array([0.25, -0.5])
    graph = chain(3, nir.Affine(w, bias), nir.Delay(np.array([2.0, 0.0])), nir.I(r=full(1, 2)), 2)
    x = raster(3, 12)
    current = x @ w.T + bias
    late = np.concatenate([np.zeros(2), current[:-2, 0]])
    assert np.allclose(membranes(import_nir(graph, PLAIN), x, "n3"), np.cumsum(np.stack([late, current[:, 1]], 1), 0))


def test_names_that_meet_are_renamed() -> None:
    """Node "sub.n" beside a subgraph "sub" with a node "n"."""
    inner = nir.NIRGraph(
        {"input": nir.Input(np.array([4])), "n": lif(4), "output": nir.Output(np.array([4]))},
        [("input", "n"), ("n", "output")],
        type_check=False,
    )
    graph = nir.NIRGraph(
        {
            "a": nir.Input(np.array([4])),
            "w": nir.Linear(np.eye(4)),
            "sub": inner,
            "v": nir.Linear(2 * np.eye(4)),
            "sub.n": lif(4, v_threshold=50.0),
            "o": nir.Output(np.array([4])),
        },
        [("a", "w"), ("w", "sub"), ("sub", "v"), ("v", "sub.n"), ("sub.n", "o")],
        type_check=False,
    )
    network = import_nir(graph, PLAIN)
    assert {name: p.threshold[0] for name, p in network.populations.items()} == {"sub.n": 50, "sub.n_": 1}
    assert network.outputs == ["sub.n"] and any("'sub.n_'" in note for note in network.notes)


def block(*inner: tuple[str, str], edges: tuple[tuple[str, str], ...]) -> nir.NIRGraph:
    """Inputs a and b into a subgraph of inputs i and j and a neuron n, whose other end is an output o."""
    sub = nir.NIRGraph(
        {
            "i": nir.Input(np.array([2])),
            "j": nir.Input(np.array([2])),
            "w": nir.Linear(3 * np.eye(2)),
            "n": lif(2),
            "o": nir.Output(np.array([2])),
        },
        list(inner),
        type_check=False,
    )
    nodes = {"a": nir.Input(np.array([2])), "b": nir.Input(np.array([2])), "sub": sub, "out": nir.Output(np.array([2]))}
    return nir.NIRGraph(nodes, [*edges, ("sub", "out")], type_check=False)


def test_several_inputs_of_a_subgraph() -> None:
    alike = (("i", "n"), ("j", "n"), ("i", "w"), ("j", "w"), ("w", "n"), ("n", "o"))
    network = import_nir(block(*alike, edges=(("a", "sub"), ("b", "sub"))), PLAIN)
    assert [p.weight.tolist() for p in network.projections if p.source == "a"] == [
        p.weight.tolist() for p in network.projections if p.source == "b"
    ]
    apart = (("i", "n"), ("j", "w"), ("w", "n"), ("n", "o"))
    with pytest.raises(NetworkError, match=r"'sub' \(NIRGraph\): it has 2 nodes Input \(i, j\).*as in 'sub.i'"):
        import_nir(block(*apart, edges=(("a", "sub"), ("b", "sub"))), PLAIN)
    told = import_nir(block(*apart, edges=(("a", "sub.i"), ("b", "sub.j"))), PLAIN)
    assert {p.source: p.weight.max() for p in told.projections} == {"a": 1.0, "b": 3.0}


def test_a_graph_and_its_file_are_the_same_network(tmp_path: Path) -> None:
    """Also the order of inputs, which is that of the axons."""
    nodes = {
        "out": nir.Output(np.array([3])),
        "z": nir.Input(np.array([4])),
        "10": lif(3),
        "2": nir.Linear(grid(3, 4)),
        "b": nir.Linear(grid(3, 2)),
        "a": nir.Input(np.array([2])),
    }
    graph = nir.NIRGraph(nodes, [("z", "2"), ("2", "10"), ("a", "b"), ("b", "10"), ("10", "out")], type_check=False)
    nir.write(tmp_path / "graph.nir", graph)
    network = import_nir(graph, PLAIN)
    assert same(network, import_nir(tmp_path / "graph.nir", PLAIN)) and list(network.inputs) == ["a", "z"]


class Tensor:
    """What NumPy makes of a torch.nn.Parameter: an error, unless it is detached."""

    def __init__(self, values: np.ndarray, dtype: str = "torch.float32") -> None:
        self.values, self.dtype = values, dtype

    def __array__(self, *_: Any, **__: Any) -> np.ndarray:
        raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")

    def detach(self) -> "Tensor":
        return self

    def cpu(self) -> Any:
        return self if self.dtype == "torch.bfloat16" else self.values

    def float(self) -> np.ndarray:
        return self.values


@pytest.mark.parametrize("dtype", ["torch.float32", "torch.bfloat16"])
def test_tensors_that_want_gradients(dtype: str) -> None:
    graph = chain(4, nir.Linear(grid(3, 4)), lif(3), 3)
    plain = import_nir(graph, PLAIN)
    graph.nodes["n1"].weight = Tensor(graph.nodes["n1"].weight, dtype)
    graph.nodes["n2"].tau = Tensor(graph.nodes["n2"].tau, dtype)
    assert same(import_nir(graph, PLAIN), plain)


def test_a_maximum_of_spikes_is_whether_there_is_one(tmp_path: Path) -> None:
    """MaxPool2d, in the words of its siblings; NIR has no such node yet, so the file is made by hand."""

    class MaxPool2d:
        kernel_size, stride, padding = np.array([2, 2]), np.array([2, 2]), np.array([0, 0])

    graph = chain(
        (1, 6, 6), conv(2, 1), lif((2, 6, 6)), MaxPool2d(), nir.Flatten(None, 0, -1), nir.Linear(grid(3, 18)), lif(3), 3
    )
    network = import_nir(graph, PLAIN)
    x = raster(36, 40)
    before = spikes(network, x, "n2").reshape(40, 2, 3, 2, 3, 2)
    assert np.array_equal(spikes(network, x, "n3"), before.any(axis=(3, 5)).reshape(40, 18)) and before.any()
    with pytest.raises(NetworkError, match=r"node 'n2' \(MaxPool2d\): the greatest of weighted inputs.*AvgPool2d"):
        import_nir(chain((1, 6, 6), conv(2, 1), MaxPool2d(), lif((2, 3, 3)), (2, 3, 3)), PLAIN)


def looped(delay: float, *, timing: str = "layers") -> Network:
    """in -> a -> b, and back to a through a Delay."""
    graph = chain(3, nir.Linear(grid(3, 3, mean=0.75)), lif(3), nir.Linear(grid(3, 3, seed=2, mean=0.75)), lif(3), 3)
    graph.nodes |= {"back": nir.Linear(grid(3, 3, seed=3, mean=-0.25)), "late": nir.Delay(full(delay, 3))}
    graph.edges += [("n4", "late"), ("late", "back"), ("back", "n2")]
    return import_nir(graph, PLAIN, timing=timing)  # type: ignore[arg-type]


@pytest.mark.parametrize("delay", [2, 3])
def test_feedback_through_a_delay(delay: int) -> None:
    """A loop of two layers whose Delay has two steps: one of them is each layer's own. Just the graph's equations."""
    network = looped(delay)
    assert network.lag == {"n2": 1, "n4": 2}
    assert [p.delay.tolist()[0] for p in network.projections] == [1, delay - 1, 1]
    a, b, x = np.zeros(3), np.zeros(3), raster(3, 50)
    sent = np.zeros((50 + delay, 3))
    for t, row in enumerate(x):
        a = (
            0.75 * a
            + grid(3, 3, mean=0.75) @ row
            + grid(3, 3, seed=3, mean=-0.25) @ (sent[t - delay] if t >= delay else np.zeros(3))
        )
        first = a > 1
        a = np.where(first, 0, a)
        b = 0.75 * b + grid(3, 3, seed=2, mean=0.75) @ first
        sent[t] = b > 1
        b = np.where(b > 1, 0, b)
    assert np.array_equal(spikes(network, x, "n4"), sent[:50].astype(bool)) and sent.sum() > 5


def test_a_loop_needs_a_step_per_layer() -> None:
    with pytest.raises(NetworkError, match=r"in a loop with .*a Delay of as many steps as it has layers"):
        looped(1)
    assert [p.delay.tolist()[0] for p in looped(1, timing="edges").projections] == [1, 2, 1]


def test_edges_count_once_and_a_neuron_without_any_is_warned_of() -> None:
    graph = chain(3, nir.Linear(np.eye(3)), lif(3), 3)
    graph.edges.append(("n1", "n2"))
    graph.nodes["alone"] = lif(2)
    network = import_nir(graph, PLAIN)
    assert network.projections[0].weight.tolist() == [1, 1, 1] and any(
        "1 edges are there twice" in n for n in network.notes
    )
    assert network.warnings == ["node 'alone' (LIF): no edge leads to it, so nothing drives it"]
