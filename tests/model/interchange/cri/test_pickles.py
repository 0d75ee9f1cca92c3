"""Pickled networks of programs: models of any version of theirs, and nothing else that runs."""

import collections
import pickle
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from ganglion.hs_api import CRI_network, LIF_neuron, load_pickle
from ganglion.model.spec.errors import FormatError


def theirs(name: str, **attributes: Any) -> Any:
    """An object of a class of their module, as one of its versions made it."""
    module = sys.modules["hs_api.neuron_models"]
    if not hasattr(module, name):
        setattr(module, name, type(name, (), {"__module__": module.__name__}))
    thing = getattr(module, name)()
    thing.__dict__.update(attributes)
    return thing


@pytest.fixture
def their_module(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("hs_api", "hs_api.neuron_models"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))


@pytest.mark.usefixtures("their_module")
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickled_network_runs(protocol: int, tmp_path: Path) -> None:
    old = theirs("LIF_neuron", threshold=2, shift=-17, leak=63)
    new = theirs("ANN_neuron", theta=1, nu=0, Lambda=0, refractory_max=0, dual_synapse_en=0, delay_value=0)
    config = {
        "axons": {"x": [("a", np.int64(3))]},
        "connections": collections.OrderedDict(a=([("b", 2)], old), b=([], new)),
        "outputs": ["a", "b"],
        "extra": (np.arange(3), {1, 2}, frozenset("ab"), 1 << 70, None),
    }
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps(config, protocol=protocol))
    loaded = load_pickle(path)
    assert isinstance(loaded["connections"]["a"][1], LIF_neuron)
    network = CRI_network(loaded["axons"], loaded["connections"], loaded["outputs"])
    assert [network.step(keys) for keys in (["x"], [], [])] == [[], ["a"], ["b"]]
    assert loaded["extra"][0].tolist() == [0, 1, 2] and loaded["extra"][1:] == config["extra"][1:]


class Harmful:
    def __reduce__(self) -> Any:
        return print, ("run",)


def test_what_would_run_is_not_loaded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps({"axons": {}, "model": Harmful()}))
    with pytest.raises(FormatError, match=r"model\.pkl: holds builtins\.print; only their neuron models, containers"):
        load_pickle(path)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("content", [b"", b"not a pickle", pickle.dumps([1, 2])[:-2]])
def test_a_damaged_file_is_named(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=r"model\.pkl is no whole pickle"):
        load_pickle(path)
    with pytest.raises(FormatError, match=r"other\.pkl: there is no such file"):
        load_pickle(tmp_path / "other.pkl")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\x80\x02]r\xff\xff\xff\x7f.", "it keeps value 2147483647 before there are so many"),
        (b"]p99999999999\n.", "it keeps value 99999999999 before there are so many"),
        (b"cbuiltins\nlist\n(cbuiltins\nrange\n(I1000000000000\ntRtR.", "holds builtins.range"),
        (b"cbuiltins\nlist\n(I1000000000000\ntR.", "holds a list of no container"),
        (b"cbuiltins\nbytearray\n(I1000000000000\ntR.", "holds a bytearray of no bytes"),
        (b"c_codecs\nencode\n(Vx\nVzlib\ntR.", "holds bytes in the encoding 'zlib'"),
        (b"cnumpy\nndarray\n((I1000000000000\ntR.", "no whole pickle"),
    ],
)
def test_what_would_take_all_memory_is_refused(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=rf"model\.pkl.*{message}"):
        load_pickle(path)


@pytest.mark.parametrize(
    "array",
    [np.arange(6.0).reshape(2, 3).T, np.array(["a", "b"]), np.array([1, 2], ">i4"), np.zeros((0, 2)), np.bool_(1)],
)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_arrays_come_back(array: Any, protocol: int, tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps(array, protocol=protocol))
    got = load_pickle(path)
    np.testing.assert_array_equal(got, array)
    assert got.dtype.newbyteorder("=") == array.dtype.newbyteorder("=")


@pytest.mark.parametrize("what", [np.array([{}, None]), np.zeros(2, dtype=[("a", "i4")]), np.zeros(2, dtype="M8[s]")])
def test_arrays_of_other_things_are_refused(what: Any, tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps(what, protocol=2))
    with pytest.raises(FormatError, match=r"model\.pkl: holds an array of '.*'; only numbers and text are loaded"):
        load_pickle(path)
