"""The page of the frameworks' options is what their cells do today, and its cures work."""

from collections import Counter
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from docs.generate import frameworks as document
from docs.generate.frameworks import CURES, FILES, PAGE, SNIPPETS, Cell
from ganglion.model.compiler.quantize import quantize
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.interchange.nir import CONVENTIONS, compare_spikes, import_nir
from ganglion.model.spec.events import Events
from ganglion.model.spec.params import PRESETS

pytestmark = pytest.mark.long

DROPPED = {
    "snntorch/Leaky inhibition",
    "snntorch/Leaky graded_spikes_factor",
    "norse/LIFBoxCell v_reset",
    "norse/LIFCell v_reset",
    "norse/IAFCell v_reset",
    "sinabs/IAF MultiSpike",
    "sinabs/IAF min_v_mem",
    "sinabs/LIF tau_syn",
    "spyx/ALIF",
    "rockpool/LIFTorch bias",
    "rockpool/LIFTorch has_rec",
    "rockpool/LIFTorch several spikes a step",
}
"""What the exporters drop."""


@pytest.fixture(scope="module")
def cells() -> dict[str, Cell]:
    return {f"{cell.framework}/{cell.option}": cell for cell in document.cells()}


def test_the_page_is_fresh(cells: dict[str, Cell], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "cells", lambda: cells.values())
    assert PAGE.read_text() == document.page(), "write it again with: python -m docs.generate.frameworks"


def test_every_option_that_a_file_has_is_exact_but_these(cells: dict[str, Cell]) -> None:
    assert {name for name, cell in cells.items() if cell.kind == "dropped"} == DROPPED
    assert {name for name, cell in cells.items() if cell.kind == "refused"} == {"snntorch/Synaptic reset zero"}
    assert {name for name, cell in cells.items() if cell.kind == "close"} == set(document.CLOSE)
    assert Counter(cell.kind for cell in cells.values())["exact"] >= 45


def test_what_does_not_come_through_has_a_cure(cells: dict[str, Cell]) -> None:
    failing = {name for name, cell in cells.items() if cell.kind in ("dropped", "not exported")}
    assert set(CURES) == failing
    assert set(SNIPPETS) == set(CONVENTIONS)
    for snippet in SNIPPETS.values():
        compile(snippet, "snippet", "exec")


def cured(name: str, path: Path) -> int:
    """Differing steps of a case whose file was mended."""
    with np.load(FILES) as file:
        x, sent, layer = (file[key] for key in ("input", f"{name}/sent", f"{name}/layer"))
    network = import_nir(path, name.partition("/")[0])
    late = np.concatenate([x, np.zeros((max(network.lag.values()), x.shape[1]))]).astype(int)
    quantized = quantize(network, PRESETS["wide"])
    trace = Emulator(quantized.program).run(Events.from_raster(late))
    (difference,) = compare_spikes(quantized, trace, {str(layer): sent})
    return difference.differing


def mended(name: str, path: Path) -> Any:
    with np.load(FILES) as file:
        path.write_bytes(file[f"{name}/file"].tobytes())
    return h5py.File(path, "a")


@pytest.mark.parametrize("kind", ["LIFBoxCell", "LIFCell", "IAFCell"])
def test_norse_with_its_v_reset_put_back(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "graph.nir"
    with mended(f"norse/{kind} v_reset", path) as file:
        node = file["node/nodes/1"]
        node.pop("v_reset", None)
        node["v_reset"] = np.full(node["v_threshold"].shape, -0.5)
    assert cured(f"norse/{kind} v_reset", path) == 0


def test_rockpool_with_its_recurrent_weights_put_back(tmp_path: Path) -> None:
    name, path = "rockpool/LIFTorch has_rec", tmp_path / "graph.nir"
    weight = np.rint(np.random.default_rng(3).normal(0, 0.05, (10, 10)) * 64) / 64
    with mended(name, path) as file:
        layer = "1_LIFTorch"
        node = file.create_group("node/nodes/back")
        node["type"], node["weight"] = "Linear", weight.T
        edges = [tuple(edge) for edge in file["node/edges"][()]]
        del file["node/edges"]
        file["node/edges"] = [*edges, (layer.encode(), b"back"), (b"back", layer.encode())]
    assert cured(name, path) == 0
