"""A program comes back from its file, and a file that is none is refused by what is wrong in it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ganglion.model.spec.archive import HEADER
from ganglion.model.spec.errors import FormatError
from ganglion.model.spec.learning import Learning
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.program import ARRAYS, Program
from ganglion.model.spec.rule_text import parse_rule
from ganglion.model.spec.synaptic_traces import Kernel, PostTrace, PreTrace


def program() -> Program:
    rng = np.random.default_rng(2)
    return Program.build(
        params=PRESETS["tiny"],
        types=(NeuronType.leaky(tau=3, s=4), NeuronType.current_based((1, 3), (3, 2), reset="subtract")),
        threshold=rng.integers(-5, 20, size=5),
        type=rng.integers(2, size=5),
        inputs=3,
        pre=rng.integers(8, size=12),
        post=rng.integers(3, 8, size=12),
        weight=rng.integers(-8, 8, size=12),
        delay=rng.integers(1, 4, size=12),
        outputs=[1, 4],
        seed=99,
        names={"hidden": (0, 3), "out": (3, 2)},
    )


def equal(one: Program, other: Program) -> bool:
    arrays = all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ARRAYS)
    return arrays and one.header() == other.header()


def test_a_program_comes_back(tmp_path: Path) -> None:
    one, path = program(), tmp_path / "net.npz"
    one.save(path)
    assert equal(Program.load(path), one)
    assert not equal(one.replace(seed=1), one)
    empty = one.replace(pre=[], post=[], weight=[], delay=1)
    empty.save(path)
    assert equal(Program.load(path), empty)


def learner() -> Program:
    """The same synapses on a chip that learns; those between neurons have a rule."""
    rule = parse_rule("dw = x1 * y1 / 8 - e", name="pairs")
    types = tuple(replace(each, traces=(PostTrace(jump=4), PostTrace.window(-1, 3))) for each in program().types)
    return program().replace(
        params=PRESETS["tiny-learning"],
        types=types,
        learning=Learning(epoch=3, pre=(PreTrace(jump=9),), kernels=(Kernel.box(2),), rules=(rule,)),
        rule=(program().pre >= 3).astype(int),
        receptor=(program().pre == 0).astype(int),
    )


def damage(path: Path, made: Program, **changes: Any) -> None:
    """Change arrays and entries of the header of a program's file; None takes them out."""
    made.save(path)
    with np.load(path) as file:
        arrays = dict(file)
    header = json.loads(str(arrays[HEADER]))
    for name, value in changes.items():
        where = arrays if name in arrays else header
        if value is None:
            del where[name]
        else:
            where[name] = np.array(value) if where is arrays else value
    np.savez(path, **{**arrays, HEADER: np.array(json.dumps(header))})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"version": 9}, "net.npz is a Ganglion program of version 9; this Ganglion reads version 1: save it again"),
        ({"format": "ganglion image"}, "net.npz is not a whole Ganglion program"),
        ({"weight": None}, "net.npz is a damaged Ganglion program: it has no array 'weight'"),
        ({"weight": [1.0] * 12}, r"'weight' must be whole numbers in 1 dimension\(s\), not float64 in 1"),
        ({"weight": [[1] * 12]}, r"'weight' must be whole numbers in 1 dimension\(s\), not int64 in 2"),
        ({"weight": [9] * 12}, r"damaged Ganglion program: weight\[0\] is 9; it must be -8 to 7"),
        ({"weight": [1] * 11}, r"damaged .* weight must be one value or have shape \(12,\)"),
        ({"post_neuron": [7] * 12}, r"damaged .* post\[0\] is 10; it must be 0 to 7"),
        ({"post_neuron": [-1] * 12}, r"damaged .* post\[0\] is 2, an input"),
        ({"indptr": [0] * 8 + [13]}, "'indptr' must rise from 0 to 12, the number of synapses"),
        ({"indptr": [0] * 7 + [13, 12]}, "'indptr' must rise from 0 to 12"),
        ({"indptr": [0, 12]}, "'indptr' must rise .* one number more than there are inputs and neurons"),
        ({"indptr": []}, "'indptr' must be whole numbers"),
        ({"indptr": np.zeros(0, dtype=int)}, "'indptr' must rise"),
        ({"threshold": np.zeros(0, dtype=int), "indptr": [0, 6, 12, 12]}, "threshold must have shape"),
        ({"inputs": 4}, "'indptr' must rise"),
        ({"inputs": "3"}, "'inputs' in its header: "),
        ({"inputs": None}, "its header has no 'inputs'"),
        ({"params": {}}, "'params' in its header: these parameters are of another version of Ganglion"),
        ({"params": 5}, "'params' in its header: "),
        ({"types": []}, "types must name at least one neuron type"),
        ({"types": [{"decay": [3, 1]}]}, r"'types' in its header: decay \(m, s\) must have .* not \(3, 1\)"),
        ({"types": [{"dekay": [1, 1]}]}, "'types' in its header: .*dekay"),
        ({"types": [7]}, "'types' in its header: "),
        ({"seed": -1}, "seed must be 0 to 4294967295, not -1"),
        ({"seed": 1.5}, "'seed' in its header: "),
        ({"names": {"out": [3, 4]}}, "population 'out' is neurons 3 to 6 of 5"),
        ({"names": {"out": [3]}}, "'names' in its header: "),
        ({"names": [1]}, "'names' in its header: "),
    ],
)
def test_what_is_damaged_is_named(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    path = tmp_path / "net.npz"
    damage(path, program(), **changes)
    with pytest.raises(FormatError, match=message):
        Program.load(path)


def learning(**changes: Any) -> dict[str, Any]:
    """What the header of the learner says, with some of it changed."""
    values: dict[str, Any] = learner().header()["learning"]
    return {"learning": {**values, **changes}}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"learning": 3}, "'learning' in its header: "),
        (learning(epoch=0), "'learning' in its header: epoch, in steps, must be 1 to 64, not 0"),
        (learning(epochs=1), "'learning' in its header: .*epochs"),
        (learning(kernels=[{"values": [300]}]), r"'learning' in its header: kernel\[0\] must be 0 to 256, not 300"),
        (learning(kernels=[]), "trace x1: there is no kernel 0; there are 0"),
        (learning(rules=[]), r"rule\[\d\] is 1; it must be 0 to 0"),
        (learning(rules=[{"terms": [{"scale": 1, "factors": ["z"]}]}]), "a factor of a term is one of .* not 'z'"),
        ({"rule": None}, "it has no array 'rule'"),
        ({"receptor": [2] * 12}, r"receptor\[0\] is 2; it must be 0 to 1"),
        ({"types": [{"traces": [{"feed": "glia"}]}] * 2}, "'types' in its header: a post trace is fed by one of"),
        ({"types": [{"traces": 5}] * 2}, "'types' in its header: "),
    ],
)
def test_what_is_damaged_of_learning_is_named(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    path = tmp_path / "net.npz"
    learner().save(path)
    assert equal(Program.load(path), learner())
    damage(path, learner(), **changes)
    with pytest.raises(FormatError, match=message):
        Program.load(path)


def test_nothing_that_is_no_program_is_read(tmp_path: Path) -> None:
    (tmp_path / "net.npz").write_bytes(b"PK\x03\x04")
    for name, message in (("net.npz", "not a whole Ganglion program"), ("other.npz", "there is no such file")):
        with pytest.raises(FormatError, match=message):
            Program.load(tmp_path / name)
