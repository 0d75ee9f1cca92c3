"""Where real data is looked for, and what is said when it is not there."""

from pathlib import Path

import pytest

from ganglion.model.networks.data_folder import BESIDE_PROJECT, VARIABLE, data_file, places
from ganglion.model.networks.mnist.images import load_test
from ganglion.model.networks.speech.recordings import load_recordings
from ganglion.model.spec.errors import ToolError

ROOT = Path(__file__).parents[3]


def test_the_variable_alone_counts_where_it_is_set() -> None:
    assert places({VARIABLE: "/some/where"}) == [Path("/some/where")]
    assert places({"XDG_CACHE_HOME": "/cache"}) == [BESIDE_PROJECT, Path("/cache/ganglion/data")]
    assert places({}) == [BESIDE_PROJECT, Path.home() / ".cache" / "ganglion" / "data"]
    assert ROOT.parent / "shared" / "data" == BESIDE_PROJECT


def test_the_first_place_that_has_the_file_is_taken(tmp_path: Path) -> None:
    (tmp_path / "mnist").mkdir()
    (tmp_path / "mnist" / "file").touch()
    assert data_file("mnist/file", "somewhere", tmp_path) == tmp_path / "mnist" / "file"


def test_missing_data_is_named_with_places_and_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "nowhere"))
    with pytest.raises(ToolError, match=r"mnist/t10k-images-idx3-ubyte.gz is in none of: .*nowhere\. Get it from http"):
        load_test()
    with pytest.raises(ToolError, match=r"fsdd/fsdd.npz is in none of: .*set GANGLION_DATA to the folder that has"):
        load_recordings()
