"""Graphs that four frameworks exported, against the spikes that they themselves made; see files/make.py."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ganglion.model.compiler.network import Network
from ganglion.model.compiler.quantize import Quantized, quantize
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.interchange.nir import CONVENTIONS, Convention, compare_spikes, import_nir
from ganglion.model.spec.errors import EventError
from ganglion.model.spec.events import Events
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.reference import Reference
from ganglion.model.spec.trace import Trace

FILES = Path(__file__).parent / "files"

TOLD = {
    "snntorch_zero": replace(CONVENTIONS["snntorch"], reset="value"),
    "snntorch_synaptic": replace(CONVENTIONS["snntorch"], reset_delay=False),
}
"""Networks with options that their files do not tell, and that an importer must therefore be told."""

EXACT = (
    "norse_box",
    "norse_cuba",
    "sinabs_conv",
    "sinabs_lif",
    "snntorch_conv",
    "snntorch_dense",
    "snntorch_recurrent",
    "snntorch_synaptic",
    "snntorch_zero",
    "spikingjelly_conv",
    "spikingjelly_cuba",
)


def convention_of(name: str) -> Convention:
    return TOLD.get(name, CONVENTIONS[name.partition("_")[0]])


def stored(name: str) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The input (steps, inputs), and what each layer sent."""
    with np.load(FILES / f"{name}.npz") as file:
        arrays = {key: file[key] for key in file.files if key != "versions"}
    x = arrays.pop("input")
    return x.reshape(len(x), -1).astype(np.int64), arrays


def run(name: str, params: str = "wide") -> tuple[Quantized, Trace, dict[str, np.ndarray]]:
    network = import_nir(FILES / f"{name}.nir", convention_of(name))
    x, sent = stored(name)
    x = np.concatenate([x, np.zeros((max(network.lag.values()), x.shape[1]), dtype=np.int64)])
    quantized = quantize(network, PRESETS[params], samples=x[np.newaxis])
    probes = {"v": np.arange(quantized.program.neurons)}
    return quantized, Emulator(quantized.program).run(Events.from_raster(x), probes=probes), sent


def spiking(network: Network, sent: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: values for name, values in sent.items() if network.populations[name].spiking}


@pytest.mark.parametrize("name", EXACT)
def test_spikes_are_the_frameworks(name: str) -> None:
    """Weights on a grid, and equations that the chip can do: every spike of every layer, in every step."""
    quantized, trace, sent = run(name)
    differences = compare_spikes(quantized, trace, spiking(quantized.network, sent))
    assert [d.differing for d in differences] == [0] * len(differences), differences
    assert min(d.theirs for d in differences) >= 15, f"{name} is too quiet to tell anything"
    assert all(quantized.report.layer(d.population).limit == "grid" for d in differences)


@pytest.mark.parametrize("name", ["norse_box", "sinabs_lif"])
def test_membranes_of_readouts(name: str) -> None:
    """Within the rounding of the leak, a unit of the chip a step, and of the file's floats of 32 bits."""
    quantized, trace, sent = run(name)
    (readout,) = set(sent) - set(spiking(quantized.network, sent))
    lag = quantized.network.lag[readout]
    ours = quantized.membranes(readout, trace.probes["v"][:, quantized.neurons(readout)])[lag:]
    theirs = sent[readout]
    assert np.abs(ours[: len(theirs)] - theirs).max() < 1e-4 * np.abs(theirs).max()


def test_the_reference_agrees() -> None:
    quantized, trace, _ = run("snntorch_recurrent")
    x, _ = stored("snntorch_recurrent")
    reference = Reference(quantized.program).run(Events.from_raster(x))
    assert reference.spikes.tolist() == [row for row in trace.spikes.tolist() if row[0] < len(x)]


def test_what_the_file_does_not_tell_is_seen_as_a_difference() -> None:
    """Sinabs' several spikes in a step: imported as one spike, the comparison says by how much they differ."""
    quantized, trace, sent = run("sinabs_multi")
    first, last = compare_spikes(quantized, trace, sent)
    assert sent["1"].max() > 1
    assert first.theirs == 399 and first.ours < first.theirs and 0 < first.differing < first.of
    assert first.first is not None and last.differing > 0


@pytest.mark.long
def test_a_leak_off_the_grid_differs_little_in_16_bits() -> None:
    """Leak 1/10, weights of 8 bits: the report says how much floats and integers differ, and so does the comparison."""
    quantized, trace, sent = run("snntorch_slow", "board")
    for difference in compare_spikes(quantized, trace, sent):
        assert difference.differing < 0.03 * difference.of, difference
    report = quantized.report.layer("1")
    assert report.decay_error > 0 and report.samples is not None and report.samples.coincident > 0.9
    wide = compare_spikes(*run("snntorch_slow"))
    assert [d.differing for d in wide] == [0, 0], "36 bits of membrane are as good as the framework's floats"


@pytest.mark.parametrize(
    ("name", "wrong", "layer"),
    [
        ("snntorch_dense", {"reset": "value"}, "1"),
        ("snntorch_dense", {"reset_delay": False}, "1"),
        ("norse_box", {"rule": "exponential"}, "1"),
        ("norse_cuba", {"current": "euler"}, "1"),
        ("sinabs_conv", {"inclusive": False}, "1"),
        ("spikingjelly_conv", {"inclusive": False}, "_1"),
    ],
)
def test_the_convention_matters(name: str, wrong: dict[str, object], layer: str) -> None:
    """Each option of a convention is what makes the spikes equal."""
    network = import_nir(FILES / f"{name}.nir", replace(convention_of(name), **wrong))  # type: ignore[arg-type]
    x, sent = stored(name)
    x = np.concatenate([x, np.zeros((max(network.lag.values()), x.shape[1]), dtype=np.int64)])
    quantized = quantize(network, PRESETS["wide"])
    trace = Emulator(quantized.program).run(Events.from_raster(x))
    (difference,) = compare_spikes(quantized, trace, {layer: sent[layer]})
    assert difference.differing > 0


def test_files_are_small() -> None:
    files = list(FILES.glob("*.n??"))
    assert len(files) == 27
    assert max(path.stat().st_size for path in files) <= 200_000


def test_why_biases_come_from_a_clock() -> None:
    """The chip's own bias acts from step 0, before the input of a later layer begins."""
    network = import_nir(FILES / "snntorch_dense.nir", "snntorch", bias="constant")
    x, sent = stored("snntorch_dense")
    quantized = quantize(network, PRESETS["wide"])
    trace = Emulator(quantized.program).run(Events.from_raster(np.concatenate([x, x[:2]])))
    assert any(d.differing for d in compare_spikes(quantized, trace, sent))
    assert "clock" in import_nir(FILES / "snntorch_dense.nir", "snntorch").populations


@pytest.mark.parametrize("wrong", [0.5, np.nan])
def test_graded_spikes_are_not_compared(wrong: float) -> None:
    """As counts they would all be 0."""
    quantized, trace, sent = run("snntorch_dense")
    with pytest.raises(EventError, match=f"'1': spikes are whole numbers, not {wrong}"):
        compare_spikes(quantized, trace, {"1": sent["1"] * wrong + wrong})
