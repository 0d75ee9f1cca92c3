"""Networks: projections against matrices worked out otherwise, and errors at the call that is wrong."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from ganglion.model.compiler.network import Network, Projection, canonical
from ganglion.model.compiler.quantize.flat import flatten
from ganglion.model.compiler.quantize.simulate import simulate
from ganglion.model.spec.errors import NetworkError


def matrix(network: Network, projection: Projection) -> np.ndarray:
    """Weights of a projection as an array (target, source); parallel synapses add."""
    result = np.zeros((network.layers.target(projection.target).size, network.layers.source(projection.source).size))
    np.add.at(result, (projection.post, projection.pre), projection.weight)
    return result


def small() -> Network:
    network = Network("small")
    network.input("in", 3)
    network.population("a", 4, threshold=2.0)
    network.population("image", (2, 3, 4))
    network.readout("sum", 2, decay=0.1)
    return network


def test_all_to_all() -> None:
    network = small()
    weights = np.arange(12.0).reshape(4, 3)
    delays = np.arange(12).reshape(4, 3) % 5 + 1
    projection = network.all_to_all("in", "a", weights, delay=delays)
    assert np.array_equal(matrix(network, projection), weights)
    assert projection.synapses == 11, "a weight of 0 is no synapse"
    assert projection.delay.tolist() == delays.ravel()[1:].tolist()
    assert network.all_to_all("a", "a", 0.5).synapses == 16


def test_one_to_one() -> None:
    network = small()
    projection = network.one_to_one("a", "a", [1, 2, 3, 4], delay=[4, 3, 2, 1])
    assert np.array_equal(matrix(network, projection), np.diag([1, 2, 3, 4]))
    assert projection.delay.tolist() == [4, 3, 2, 1]


@pytest.mark.parametrize("form", ["csr", "coo", "csc"])
def test_sparse_matrices(form: str) -> None:
    network = small()
    wanted = np.array([[0, 1.5, 0], [0, 0, 0], [2, 0, -1], [0, 0, 0.25]])
    assert np.array_equal(matrix(network, network.sparse("in", "a", sparse.coo_array(wanted).asformat(form))), wanted)


def test_lists_and_duplicates() -> None:
    """Two synapses between the same pair both count, from a list and from a COO matrix."""
    network = small()
    listed = network.sparse("in", "a", ([0, 0, 3], [1, 1, 2], [1.0, 2.0, 3.0]), delay=[1, 2, 3])
    coo = network.sparse("in", "a", sparse.coo_array(([1.0, 2.0, 3.0], ([0, 0, 3], [1, 1, 2])), shape=(4, 3)))
    for projection in (listed, coo):
        assert projection.synapses == 3
        assert matrix(network, projection)[0, 1] == 3
    assert listed.delay.tolist() == [1, 2, 3]


@pytest.mark.parametrize(("stride", "padding", "dilation"), [(1, 0, 1), (2, 1, 1), (1, 2, 2), (3, (1, 2), 1)])
def test_convolution(stride: int, padding: Any, dilation: int) -> None:
    from scipy.signal import correlate2d  # long to load

    rng = np.random.default_rng(0)
    weight = rng.normal(size=(3, 2, 3, 2))
    image = rng.normal(size=(2, 7, 8))
    spread = np.zeros((3, 2, 2 * dilation + 1, dilation + 1))
    spread[:, :, ::dilation, ::dilation] = weight
    pads = np.broadcast_to(padding, 2)
    padded = np.pad(image, [(0, 0), (pads[0], pads[0]), (pads[1], pads[1])])
    wanted = np.array(
        [
            sum(correlate2d(padded[i], spread[o, i], mode="valid") for i in range(2))[::stride, ::stride]
            for o in range(3)
        ]
    )
    network = Network()
    network.input("image", (2, 7, 8))
    network.population("maps", wanted.shape)
    projection = network.convolution("image", "maps", weight, stride=stride, padding=padding, dilation=dilation)
    assert np.allclose(matrix(network, projection) @ image.ravel(), wanted.ravel())
    assert projection.convolution is not None and "3 channels of 3x2" in repr(projection)


def test_groups_and_pooling_keep_channels_apart() -> None:
    from scipy.signal import correlate2d

    network = Network()
    network.input("image", (4, 6, 6))
    network.population("maps", (4, 5, 5))
    network.population("sum", (4, 3, 3))
    network.population("mean", (4, 2, 2))
    x = np.random.default_rng(1).normal(size=(4, 6, 6))
    weight = np.random.default_rng(2).normal(size=(4, 2, 2, 2))
    maps = matrix(network, network.convolution("image", "maps", weight, groups=2)) @ x.ravel()
    for out in range(4):
        first = out // 2 * 2
        wanted = sum(correlate2d(x[first + i], weight[out, i], mode="valid") for i in range(2))
        assert np.allclose(maps.reshape(4, 5, 5)[out], wanted)
    summed = matrix(network, network.pool("image", "sum", 2, weight=1.0)) @ x.ravel()
    assert np.allclose(summed.reshape(4, 3, 3), x.reshape(4, 3, 2, 3, 2).sum(axis=(2, 4)))
    mean = matrix(network, network.pool("image", "mean", 3)) @ x.ravel()
    assert np.allclose(mean.reshape(4, 2, 2), x.reshape(4, 2, 3, 2, 3).mean(axis=(2, 4)))


def test_random_projections() -> None:
    """The same seed gives the same synapses; the number of them is binomial; no pair has two."""

    def made(seed: int) -> Projection:
        network = Network()
        network.input("in", 200)
        network.population("p", 150)
        weight: Callable[[np.random.Generator, int], Any] = lambda rng, count: rng.normal(size=count)  # noqa: E731
        return network.random("in", "p", 0.1, weight, seed=seed, delay=lambda rng, n: rng.integers(1, 4, n))

    one, same, other = made(3), made(3), made(4)
    for field in ("pre", "post", "weight", "delay"):
        assert np.array_equal(getattr(one, field), getattr(same, field))
    assert not np.array_equal(one.pre[:500], other.pre[:500])
    pairs = one.post * 200 + one.pre
    assert np.unique(pairs).size == one.synapses
    expected, deviation = 3000, np.sqrt(30000 * 0.1 * 0.9)
    assert abs(one.synapses - expected) < 5 * deviation
    assert set(one.delay.tolist()) == {1, 2, 3}


def test_parameters_per_neuron() -> None:
    network = Network()
    image = network.population("p", (2, 2), threshold=[[1, 2], [3, 4]], decay=0.5, refractory=[0, 1, 2, 3])
    assert image.threshold.tolist() == [1, 2, 3, 4]
    assert image.refractory.tolist() == [0, 1, 2, 3]
    assert image.channel.tolist() == [0, 0, 1, 1]
    assert [network.population(f"k{n}", 1, **options).type for n, options in enumerate(KINDS.values())] == list(KINDS)
    assert network.readout("i", 1).type == "I" and network.readout("li", 1, decay=0.5).type == "LI"


KINDS: dict[str, dict[str, Any]] = {
    "IF": {},
    "LIF": {"decay": 0.1},
    "binary": {"decay": 1.0},
    "CUBA-LIF": {"decay": 0.1, "current_decay": 0.2},
    "ALIF": {"decay": 0.1, "adaptation_raise": 1},
}


def test_repr_shows_what_it_is() -> None:
    network = small()
    network.all_to_all("in", "a", 0.5, delay=2)
    network.population("b", 3, decay=[0.1, 0.2, 0.3], reset="subtract", bias=1, refractory=2, current_decay=0.5)
    text = repr(network)
    for part in (
        "<Network 'small' 3 inputs, 33 neurons, 12 synapses",
        "<Input 'in' 3>",
        "<Population 'a' 4 IF, threshold 2, reset to 0>",
        "<Population 'image' 2x3x4 IF",
        "<Population 'sum' 2 LI, decay 0.1>",
        "CUBA-LIF, threshold 1, reset by subtraction, decay 0.1 … 0.3, current decay 0.5, bias 1, refractory 2",
        "<Projection 'in -> a' all to all, 12 synapses, weight 0.5, delay 2>",
    ):
        assert part in text


def test_canonical_sees_through_rules() -> None:
    one, other = small(), small()
    one.all_to_all("in", "a", np.eye(4, 3))
    other.sparse("in", "a", ([2, 0, 1], [2, 0, 1], [1.0, 1.0, 1.0]))
    (places, weights), (again, same) = canonical(one)["in -> a"], canonical(other)["in -> a"]
    assert np.array_equal(places, again) and np.array_equal(weights, same)


def test_outputs() -> None:
    network = small()
    network.output("sum", "a")
    network.output("a")
    assert network.outputs == ["sum", "a"]


BAD: dict[str, tuple[Callable[[Network], Any], str]] = {
    "taken": (lambda n: n.population("in", 2), "input or population 'in' already"),
    "nameless": (lambda n: n.input("", 2), "a name must be a text"),
    "shape": (lambda n: n.population("p", 0), r"population 'p': shape must be whole numbers from 1.*not 0"),
    "half a shape": (lambda n: n.input("p", (2, 1.5)), "input 'p': shape must be whole numbers"),
    "threshold": (lambda n: n.population("p", 3, threshold=[1, 2]), r"population 'p': threshold .*\(3,\), not \(2,\)"),
    "text": (lambda n: n.population("p", 3, bias="high"), "population 'p': bias must be numbers, not 'high'"),
    "nan": (lambda n: n.population("p", 2, threshold=[1, np.nan]), "population 'p': threshold must be finite; value 1"),
    "decay": (
        lambda n: n.population("p", 2, decay=[0.5, 1.5]),
        "decay is the fraction lost.*neuron 1 has 1.5.*1 / tau",
    ),
    "negative decay": (lambda n: n.readout("p", 2, decay=-0.1), "read-out 'p': decay is the fraction"),
    "refractory": (lambda n: n.population("p", 2, refractory=1.5), "refractory is a whole number of steps"),
    "reset": (lambda n: n.population("p", 2, reset="none"), 'population \'p\': reset must be "value" or "subtract"'),
    "v_reset": (lambda n: n.population("p", 2, v_reset=[0, 2]), "v_reset must not be above the threshold.*neuron 1"),
    "no source": (lambda n: n.all_to_all("x", "a", 1), "no input or population 'x'; it has in, a, image, sum"),
    "input as target": (lambda n: n.all_to_all("a", "in", 1), "'in' is an input: only populations receive"),
    "readout as source": (lambda n: n.all_to_all("sum", "a", 1), "'sum' is a read-out and sends no spikes"),
    "other network": (lambda n: n.all_to_all(small().inputs["in"], "a", 1), "'in' is of another network"),
    "transpose": (
        lambda n: n.all_to_all("in", "a", np.ones((3, 4))),
        r"in -> a: weight must have shape \(target, source\) = \(4, 3\), not \(3, 4\); that is the transpose",
    ),
    "weight": (lambda n: n.all_to_all("in", "a", [[np.inf] * 3] * 4), "in -> a: weight must be finite; .*from 0 to 0"),
    "delay": (lambda n: n.all_to_all("in", "a", 1, delay=0), "in -> a: delay is a whole number of steps from 1"),
    "delay shape": (lambda n: n.all_to_all("in", "a", 1, delay=[1, 2]), r"delay must have shape .*not \(2,\)"),
    "sizes": (lambda n: n.one_to_one("in", "a"), "in -> a: one to one needs equal sizes, not 3 and 4"),
    "one weight each": (
        lambda n: n.one_to_one("a", "a", [1, 2]),
        r"a -> a: weight must be one value or one per synapse",
    ),
    "sparse shape": (lambda n: n.sparse("in", "a", sparse.eye_array(3)), r"\(4, 3\), not \(3, 3\)"),
    "no matrix": (lambda n: n.sparse("in", "a", np.ones((4, 3))), "a sparse matrix of SciPy or .post, pre, weight."),
    "post": (lambda n: n.sparse("in", "a", ([4], [0], [1.0])), r"post\[0\] is 4; 'a' has neurons 0 to 3"),
    "pre": (lambda n: n.sparse("in", "a", ([0, 0], [0, -1], [1.0, 1.0])), r"pre\[1\] is -1; 'in' has neurons 0 to 2"),
    "list lengths": (lambda n: n.sparse("in", "a", ([0], [0, 1], [1.0])), "pre must be whole numbers, one per synapse"),
    "floats": (lambda n: n.sparse("in", "a", ([0.5], [0], [1.0])), "post must be whole numbers"),
    "channels": (
        lambda n: n.convolution("image", "a", np.ones((1, 3, 2, 2))),
        r"image -> a: the source must have shape \(3, height, width\), not \(2, 3, 4\)",
    ),
    "maps": (
        lambda n: n.convolution("image", "a", np.ones((4, 2, 3, 3))),
        r"image -> a: 4 channels of 3x3 of 2x3x4 gives \(4, 1, 2\), the target has \(4,\)",
    ),
    "kernel axes": (lambda n: n.convolution("image", "a", np.ones((4, 2))), "one or two kernel axes"),
    "padding": (lambda n: n.convolution("image", "a", np.ones((4, 2, 1, 1)), padding="full"), '"same" or "valid"'),
    "same": (
        lambda n: n.convolution("image", "a", np.ones((4, 2, 1, 1)), padding="same", stride=2),
        'padding "same" needs stride 1',
    ),
    "pool": (lambda n: n.pool("image", "a", 5), "the kernel reaches over 5"),
    "probability": (lambda n: n.random("in", "a", 1.5, seed=0), "probability must be 0 to 1"),
    "output": (lambda n: n.output("in"), "'in' is an input"),
}


@pytest.mark.parametrize("case", BAD)
def test_errors_at_the_call_that_is_wrong(case: str) -> None:
    network = small()
    before = repr(network)
    call, message = BAD[case]
    with pytest.raises(NetworkError, match=message):
        call(network)
    assert repr(network) == before and not network.outputs, "nothing is changed"


@pytest.mark.long
@pytest.mark.parametrize(("kernel", "stride", "padding"), [(2, None, 0), (3, 2, 1), ((2, 3), 1, 0)])
def test_max_pooling_of_spikes_is_that_of_pytorch(kernel: Any, stride: Any, padding: int) -> None:
    import torch  # which takes seconds to load

    events = (np.random.default_rng(4).random((20, 2, 6, 6)) < 0.15).astype(int)
    network = Network()
    network.input("image", (2, 6, 6))
    made = network.max_pool("any", "image", kernel, stride=stride, padding=padding)
    wanted = torch.nn.functional.max_pool2d(torch.tensor(events).float(), kernel, stride, padding).numpy()
    assert made.shape == wanted.shape[1:]
    late = np.concatenate([events.reshape(20, -1), np.zeros((1, 72), dtype=int)])
    spikes = simulate(flatten(network), late[np.newaxis]).spikes[0, 1:]
    assert np.array_equal(spikes, wanted.reshape(20, -1).astype(bool)) and 0 < spikes.mean() < 1
