"""Every bad graph is one clear error that names the node, before anything is loaded."""

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import h5py
import nir
import numpy as np
import pytest

from ganglion.model.interchange.nir import Convention, import_nir
from ganglion.model.spec.errors import FormatError, NetworkError

PLAIN = Convention(dt=1.0)
GOOD = Path(__file__).parent / "files" / "norse_box.nir"


def lif(size: int = 2, **changes: Any) -> nir.LIF:
    values = {"tau": 2.0, "r": 1.0, "v_leak": 0.0, "v_threshold": 1.0, "v_reset": 0.0} | changes
    return nir.LIF(**{field: np.full(size, value) for field, value in values.items()})


def chain(*nodes: Any, size: int = 3, out: int = 2) -> nir.NIRGraph:
    """in -> a -> b … -> out."""
    names = ["in", *"abcdef"[: len(nodes)], "out"]
    every = [nir.Input(np.array([size])), *nodes, nir.Output(np.array([out]))]
    edges = list(pairwise(names))
    return nir.NIRGraph(dict(zip(names, every, strict=True)), edges, type_check=False)


def weights(*shape: int) -> nir.Linear:
    return nir.Linear(np.ones(shape))


def with_nan() -> nir.NIRGraph:
    weight = np.ones((2, 3))
    weight[1, 2] = np.nan
    return chain(nir.Linear(weight), lif())


def odd_reset() -> nir.NIRGraph:
    return chain(weights(2, 3), lif(v_reset=2.0))


def loop() -> nir.NIRGraph:
    graph = chain(weights(2, 3), lif(), weights(2, 2), lif())
    graph.nodes["back"] = weights(2, 2)
    graph.edges += [("d", "back"), ("back", "b")]
    return graph


def empty_loop() -> nir.NIRGraph:
    graph = chain(weights(3, 3), weights(2, 3), lif())
    graph.nodes["back"] = weights(3, 3)
    graph.edges += [("a", "back"), ("back", "a")]
    return graph


def lost_edge() -> nir.NIRGraph:
    graph = chain(weights(2, 3), lif())
    graph.edges.append(("b", "nowhere"))
    return graph


class Izhikevich:
    """A node that NIR does not have."""


def unknown() -> nir.NIRGraph:
    graph = chain(weights(2, 3), lif())
    graph.nodes["b"] = Izhikevich()
    return graph


def no_source() -> nir.NIRGraph:
    graph = chain(weights(2, 3), lif())
    graph.edges.remove(("in", "a"))
    return graph


def two_shapes() -> nir.NIRGraph:
    graph = chain(weights(2, 3), lif())
    graph.nodes["more"] = weights(4, 3)
    graph.edges += [("in", "more"), ("more", "b")]
    return graph


def kernel(**changes: Any) -> nir.Conv2d:
    values = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1, "bias": np.zeros(2)} | changes
    return nir.Conv2d(None, values.pop("weight", np.ones((2, 1, 3, 3))), **values)


def image(node: Any, shape: tuple[int, ...] = (1, 4, 4)) -> nir.NIRGraph:
    graph = chain(node, lif(1))
    graph.nodes["in"] = nir.Input(np.array(shape))
    return graph


LATE = Convention(dt=1.0, reset="subtract", reset_delay=True)

CASES: dict[str, tuple[Any, Convention, str]] = {
    "NaN": (with_nan, PLAIN, r"node 'a' \(Linear\): 'weight' must be finite; weight\[\(?1, 2\)?\] is nan"),
    "shape": (lambda: chain(weights(2, 4), lif()), PLAIN, r"node 'a' \(Linear\).*takes shape \(4,\), \(3,\) arrives"),
    "neurons": (lambda: chain(weights(2, 3), lif(5)), PLAIN, r"node 'b' \(LIF\): .*shape \(5,\), \(2,\) arrives"),
    "tau": (
        lambda: chain(weights(2, 3), lif(tau=0.5)),
        PLAIN,
        r"node 'b' \(LIF\): tau is 0.5 steps.*at least one step",
    ),
    "unknown node": (unknown, PLAIN, r"node 'b' is of the unknown type 'Izhikevich'; known are Input"),
    "edge": (lost_edge, PLAIN, r"edge from 'b' to 'nowhere' names 'nowhere'"),
    "no source": (no_source, PLAIN, r"node 'a' \(Linear\): no edge leads to it; put an Input"),
    "two shapes": (two_shapes, PLAIN, r"node 'b' \(LIF\): the shapes that arrive differ: \[\(2,\), \(4,\)\]"),
    "reset": (odd_reset, PLAIN, r"node 'b' \(LIF\): v_reset is above v_threshold"),
    "loop": (loop, PLAIN, r"is in a loop with '[bd]'.*timing='edges'"),
    "loop without a neuron": (empty_loop, PLAIN, r"loop without a neuron"),
    "subtracting from a v_reset": (
        lambda: chain(weights(2, 3), lif(v_reset=-1.0)),
        replace(PLAIN, reset="subtract"),
        r"node 'b' \(LIF\): the convention resets by subtraction, but v_reset or v_leak is not 0.*reset='value'",
    ),
    "late reset of a current to a value": (
        lambda: chain(weights(2, 3), nir.CubaLIF(*(np.full(2, 2.0),) * 3, np.zeros(2), np.ones(2))),
        replace(LATE, reset="value"),
        r"node 'b' \(CubaLIF\).*reset_delay=False",
    ),
    "membrane as a source": (
        lambda: chain(weights(2, 3), nir.I(np.ones(2)), weights(2, 2), lif()),
        PLAIN,
        r"node 'b' \(I\): its membrane feeds 'd'",
    ),
    "fires before its input": (
        lambda: chain(weights(2, 3), lif(v_leak=2.0)),
        PLAIN,
        r"node 'b' \(LIF\): its threshold is below its membrane at rest",
    ),
    "part of a step": (
        lambda: chain(nir.Delay(np.array([0.0, 1.4, 2.0])), weights(2, 3), lif()),
        PLAIN,
        r"node 'a' \(Delay\).*number 1 is 1.4 steps. The nearest is 1",
    ),
    "tau without end": (
        lambda: chain(weights(2, 3), lif(tau=np.inf)),
        PLAIN,
        r"node 'b' \(LIF\): tau is infinite and r",
    ),
    "bias shape": (
        lambda: chain(nir.Affine(np.ones((2, 3)), np.ones(3)), lif()),
        PLAIN,
        r"node 'a' \(Affine\): bias must have shape \(2,\)",
    ),
    "flat image": (lambda: image(weights(2, 16)), PLAIN, r"node 'a' \(Linear\).*a Flatten of all axes"),
    "channels": (
        lambda: image(kernel(), (3, 4, 4)),
        PLAIN,
        r"node 'a' \(Conv2d\): the source must have shape \(1, height",
    ),
    "kernel": (lambda: image(kernel(), (1, 2, 4)), PLAIN, r"node 'a' \(Conv2d\): the kernel reaches over 3"),
    "groups": (
        lambda: image(kernel(groups=3)),
        PLAIN,
        r"node 'a' \(Conv2d\): groups must divide the 2 output channels, not be 3",
    ),
    "stride": (lambda: image(kernel(stride=0)), PLAIN, r"node 'a' \(Conv2d\): stride must be a whole number from 1"),
    "half a stride": (
        lambda: image(kernel(stride=(1.5, 1))),
        PLAIN,
        r"node 'a' \(Conv2d\): stride must be whole numbers, not \[1.5, 1.0\]",
    ),
    "axes": (lambda: image(kernel(weight=np.ones((2, 1, 3)))), PLAIN, r"node 'a' \(Conv2d\): weight must have 4 axes"),
    "stated shape": (
        lambda: image(nir.Conv2d((5, 4), np.ones((2, 1, 3, 3)), 1, 0, 1, 1, np.zeros(2))),
        PLAIN,
        r"node 'a' \(Conv2d\): input_shape is \(5, 4\), \(4, 4\) arrives",
    ),
    "output shape": (
        lambda: chain(weights(2, 3), lif(), out=5),
        PLAIN,
        r"node 'out' \(Output\): its shape is \(5,\), \(2,\) arrives",
    ),
    "flatten": (
        lambda: chain(nir.Flatten(None, 1, -1), weights(2, 3), lif()),
        PLAIN,
        r"node 'a' \(Flatten\): start_dim 1 and end_dim -1 are no axes of shape \(3,\)",
    ),
    "pooling": (
        lambda: chain(nir.SumPool2d(np.array([2, 2]), np.array([2, 2]), np.array([0, 0])), weights(2, 3), lif()),
        PLAIN,
        r"node 'a' \(SumPool2d\): it takes shape \(channels, height, width\), \(3,\) arrives",
    ),
    "parameters": (
        lambda: chain(weights(2, 3), nir.I(np.ones(2)), nir.Scale(np.ones(3))),
        PLAIN,
        r"node 'c' \(Scale\): scale has shape \(3,\), \(2,\) arrives",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_bad_graphs(case: str) -> None:
    make, convention, message = CASES[case]
    with pytest.raises(NetworkError, match=message) as caught:
        import_nir(make(), convention)
    at_the_command_line = re.sub(r"--with \S+|reset_\w+='?\w+'?", "", caught.value.at_the_command_line)
    assert not re.search(r"\w='|\w\(|params|import_nir", at_the_command_line), "advice in the words of Python"


def test_a_current_has_no_constant_bias() -> None:
    graph = chain(
        nir.Affine(np.ones((2, 3)), np.ones(2)), nir.CubaLIF(*(np.full(2, 2.0),) * 3, np.zeros(2), np.ones(2))
    )
    with pytest.raises(NetworkError, match=r"node 'b' \(CubaLIF\): a bias into its synaptic current.*bias='clock'"):
        import_nir(graph, PLAIN, bias="constant")


FIELDS = {"0": ("weight", "bias"), "1": ("tau", "r", "v_leak", "v_threshold"), "input": ("shape",)}


def copy(tmp_path: Path) -> Path:
    path = tmp_path / "graph.nir"
    path.write_bytes(GOOD.read_bytes())
    return path


@pytest.mark.parametrize(("node", "field"), [(node, field) for node, fields in FIELDS.items() for field in fields])
def test_a_missing_field(node: str, field: str, tmp_path: Path) -> None:
    path = copy(tmp_path)
    with h5py.File(path, "a") as file:
        del file[f"node/nodes/{node}/{field}"]
    with pytest.raises(NetworkError, match=rf"node '{node}' \(\w+\): the field '{field}' is missing"):
        import_nir(path, "norse")


def test_a_missing_v_reset_is_noted(tmp_path: Path) -> None:
    path = copy(tmp_path)
    with h5py.File(path, "a") as file:
        del file["node/nodes/1/v_reset"]
    assert any("node '1' (LIF): the file has no v_reset" in note for note in import_nir(path, "norse").notes)


@pytest.mark.parametrize(
    ("node", "value", "message"),
    [
        ("0/weight", "text", r"node '0' \(Affine\): 'weight' must be numbers"),
        ("1/type", "Perceptron", r"node '1' is of the unknown type 'Perceptron'"),
        ("1/tau", np.nan, r"node '1' \(LIF\): 'tau' must be finite"),
        ("1/v_threshold", np.inf, r"node '1' \(LIF\): 'v_threshold' must be finite"),
    ],
)
def test_a_wrong_field(node: str, value: Any, message: str, tmp_path: Path) -> None:
    path = copy(tmp_path)
    with h5py.File(path, "a") as file:
        del file[f"node/nodes/{node}"]
        file[f"node/nodes/{node}"] = value
    with pytest.raises(NetworkError, match=message):
        import_nir(path, "norse")


@pytest.mark.parametrize("kept", [0, 7, 100, 2000, 0.5, 0.9, 0.99])
def test_a_file_cut_short(kept: float, tmp_path: Path) -> None:
    whole = GOOD.read_bytes()
    path = tmp_path / "short.nir"
    path.write_bytes(whole[: int(kept if kept >= 1 or kept == 0 else kept * len(whole))])
    with pytest.raises(FormatError, match=r"short.nir is not a whole NIR file"):
        import_nir(path, "norse")


def test_other_files_and_things(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="there is no such file"):
        import_nir(tmp_path / "none.nir", "norse")
    with h5py.File(tmp_path / "other.nir", "w") as file:
        file["node/type"] = "LIF"
    with pytest.raises(FormatError, match="has no nodes and edges: its root is a LIF"):
        import_nir(tmp_path / "other.nir", "norse")
    with pytest.raises(FormatError, match=r"a NIR graph is a file or a nir\.NIRGraph, not list"):
        import_nir([], "norse")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: import_nir(GOOD, "lava"), "no convention 'lava'; there are snntorch, norse, spikingjelly, sinabs"),
        (lambda: import_nir(GOOD, "norse", timing="now"), 'timing must be "layers" or "edges"'),
        (lambda: import_nir(GOOD, "norse", bias="none"), 'bias must be "clock" or "constant"'),
        (lambda: Convention(dt=0), "dt must be a positive number of seconds"),
        (lambda: Convention(dt=1, rule="heun"), "rule must be one of euler, exponential"),
        (lambda: Convention(dt=1, reset="never"), "reset must be one of value, subtract, none"),
        (lambda: Convention(dt=1, spike_delay=2), "spike_delay must be 0 or 1 steps"),
        (
            lambda: import_nir(GOOD, "norse", nodes={"2": "norse"}),
            "no neuron node '2' to give a convention; there are 1, 3",
        ),
        (lambda: import_nir(GOOD, "norse", nodes={"1": "sinabs"}), r"node '1': its dt is 1 s, the graph's 0.001 s"),
    ],
)
def test_bad_options(call: Any, message: str) -> None:
    with pytest.raises(NetworkError, match=message):
        call()
