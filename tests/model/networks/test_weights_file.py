"""Integers and fractions on disk."""

from pathlib import Path

import numpy as np
import pytest

from ganglion.model.networks.weights_file import as_stored, load_arrays, save_arrays
from ganglion.model.spec.errors import FormatError


def test_integers_are_the_nearest_and_floats_come_back(tmp_path: Path) -> None:
    draws = np.random.default_rng(2)
    arrays = {"weight": draws.uniform(-127, 127, (40, 30)), "threshold": draws.uniform(0, 900, 30)}
    arrays["weight"][0, :4] = [0.5, 1.5, -0.5, 126.5]
    file = tmp_path / "network.npz"
    save_arrays(arrays, file)
    integers, floats = load_arrays(file, {"weight": (40, 30), "threshold": (30,)})
    for name, values in arrays.items():
        np.testing.assert_array_equal(integers[name], np.rint(values))
        assert np.abs(floats[name] - values).max() <= 1 / 256
        np.testing.assert_array_equal(floats[name], as_stored(values))
        np.testing.assert_array_equal(np.rint(floats[name]), integers[name])
    assert file.stat().st_size < 2 * 1200 + 5 * 30 + 2000


def test_the_same_network_is_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        save_arrays({"weight": np.arange(5) / 3}, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_files_that_are_not_networks_are_named(tmp_path: Path) -> None:
    file = tmp_path / "network.npz"
    with pytest.raises(FormatError, match=r"network.npz: there is no such file; docs/reference/networks.md says how"):
        load_arrays(file, {})
    save_arrays({"weight": np.zeros((4, 3))}, file)
    with pytest.raises(FormatError, match=r"weight must be integers of shape \(3, 4\), not int8 of \(4, 3\)"):
        load_arrays(file, {"weight": (3, 4)})
    save_arrays({"weight": np.zeros((4, 3)), "bias": np.zeros(2)}, file)
    with pytest.raises(FormatError, match=r"bias must be integers of shape \(3,\), not int8 of \(2,\)"):
        load_arrays(file, {"weight": (4, "neurons"), "bias": ("neurons",)})
    assert load_arrays(file, {"weight": ("sources", 3)})[0]["weight"].shape == (4, 3)
    whole = file.read_bytes()
    for damaged in (whole[:-40], b"", b"something else"):
        file.write_bytes(damaged)
        with pytest.raises(FormatError, match="is not a whole network of this kind"):
            load_arrays(file, {"weight": (4, 3)})
    file.write_bytes(whole)
    with pytest.raises(FormatError, match="is not a whole network of this kind: it has no array 'other'"):
        load_arrays(file, {"other": (4, 3)})
