"""Networks of a user's own run over files of samples: what is found, and what is said where something is wrong."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ganglion import Emulator, compile_program, import_nir, quantize, save_image
from ganglion.jobs.classified import Classified
from ganglion.jobs.own_network import Reading
from ganglion.jobs.report.page import render
from ganglion.jobs.run import run
from ganglion.jobs.sizes import Sizes
from ganglion.model.spec.errors import EventError, FormatError, GanglionError, NetworkError
from tests.jobs.test_run import printed
from tests.model.compiler.quantize.examples import samples, two_layers

pytestmark = pytest.mark.long

FILES = Path(__file__).parents[1] / "model" / "interchange" / "nir" / "files"
GRAPH = FILES / "snntorch_dense.nir"
SNNTORCH = Reading(convention="snntorch")


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six samples, the steps of one in other orders, and their labels: what the chip itself tells, but for the last."""
    folder = tmp_path_factory.mktemp("recording")
    with np.load(FILES / "snntorch_dense.npz") as file:
        steps = file["input"]
    rng = np.random.default_rng(0)
    counts = np.stack([rng.permutation(steps) for _ in range(6)])
    quantized = quantize(import_nir(GRAPH, "snntorch"))
    labels = quantized.run(Emulator(quantized.program), counts).classes
    labels[5] = (labels[5] + 1) % 8
    np.savez(folder / "x.npz", input=counts, labels=labels)
    np.savez(folder / "bare.npz", input=counts)
    np.save(folder / "y.npy", labels)
    return folder


def own(recording: Path, **options: Any) -> Classified:
    arguments: dict[str, Any] = {"samples": recording / "x.npz", "reading": SNNTORCH, "targets": ["emulator"]}
    return run(str(options.pop("network", GRAPH)), **(arguments | options))


def test_a_nir_file_over_samples_with_labels(recording: Path) -> None:
    result = own(recording, targets=["reference", "emulator"])
    assert (result.right, result.accuracy, result.right_in_floats) == (5, 5 / 6, 5)
    told = result.to_dict()
    assert told["samples"] == [0, 1, 2, 3, 4, 5] and told["same_in_floats"] == 6 and told["compared"]
    text = printed(result)
    assert "6 of 6 samples, 42.0 steps each" in text and "5 of 6 right, 83.33%" in text and "estimated energy" in text


def test_labels_of_another_file_and_some_of_the_samples(recording: Path) -> None:
    result = own(recording, samples=recording / "bare.npz", labels=recording / "y.npy", only=[5, 0], floats=False)
    assert (result.numbers.tolist(), result.right, result.in_floats) == ([5, 0], 1, None)


def test_without_labels_it_says_what_was_told(recording: Path, tmp_path: Path) -> None:
    result = own(recording, samples=recording / "bare.npz", out=tmp_path, show=[2, 4])
    assert result.accuracy is None and "told, by the most spikes: " in printed(result)
    assert "6 of 6 samples decided alike" in printed(result)
    page = (tmp_path / "snntorch_dense.html").read_text()
    assert "Sample 2 was told as" in page and "Sample 4 was told as" in page and "times told" in page


def test_images_and_programs_run_as_the_file_that_they_are_of(recording: Path, tmp_path: Path) -> None:
    quantized = quantize(import_nir(GRAPH, "snntorch"))
    image, program = tmp_path / "image.npz", tmp_path / "program.npz"
    save_image(compile_program(quantized.program), image)
    quantized.program.save(program)
    wanted = own(recording).guess
    for path in (image, program):
        result = own(recording, network=path, reading=Reading(), targets=["array"])
        assert np.array_equal(result.guess, wanted) and result.right_in_floats is None
        assert result.steps.tolist() == [42] * 6


def test_as_few_cores_as_hold_it(recording: Path) -> None:
    result = own(recording, sizes=Sizes(preset="small", changes=["neurons=16"], cores="auto"))
    assert result.program.params.cores == 3 and result.right == 5


def test_every_class_of_many_has_its_place_on_the_page(tmp_path: Path) -> None:
    """Read-outs, more classes than a table can have, and one that fires from its bias before any input can come."""
    network = two_layers()
    network.population("many", 60, bias=[2.0] + [0.0] * 59, threshold=1.0)
    network.all_to_all("out", "many", np.random.default_rng(3).normal(size=(60, 5)))
    network.output("many")
    path, recorded = tmp_path / "many.npz", tmp_path / "x.npz"
    quantize(network).program.save(path)
    np.savez(recorded, input=samples(count=3), labels=[0, 59, 7])
    page = render(run(str(path), samples=recorded, targets=["array"]))
    assert "Class 0 fired in step 0 already" in page and "What was taken for what" not in page
    assert page.count("<td>59</td>") == 1


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"samples": None}, GanglionError, "comes without samples: give a file of them, --samples x.npz"),
        ({"samples": 5}, GanglionError, "the first 5 of it are --only 0-4"),
        ({"network": "nets/none.nir"}, FormatError, "nets/none.nir: there is no such file"),
        ({"network": "."}, FormatError, "it is a folder"),
        ({"reading": Reading()}, NetworkError, "does not say how long a step is"),
        ({"only": [6]}, GanglionError, "samples are 0 to 5, not 6"),
        ({"show": [3], "only": [1]}, GanglionError, "sample 3 is to be shown, and is not among those that run"),
        ({"network": FILES / "make.py"}, FormatError, "is not a whole Ganglion image or program"),
        ({"network": FILES / "norse_box.npz"}, FormatError, "neither an image nor a program"),
        ({"network": "digits"}, GanglionError, "has a test set of its own: --samples takes how many of it"),
        ({"network": "digits", "samples": 3}, GanglionError, "options for reading a NIR file may be given for"),
        ({"network": "digits", "samples": 3, "labels": Path("y")}, GanglionError, "--labels may be given for"),
    ],
)
def test_what_cannot_be_run(recording: Path, options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        own(recording, **options)


def test_floats_of_what_is_in_integers_are_not_known(recording: Path, tmp_path: Path) -> None:
    path = tmp_path / "program.npz"
    quantize(import_nir(GRAPH, "snntorch")).program.save(path)
    with pytest.raises(GanglionError, match="what it was before it was rounded is not known"):
        own(recording, network=path, reading=Reading(), floats=True, targets=["array"])
    with pytest.raises(GanglionError, match="options for reading a NIR file are not for it"):
        own(recording, network=path)


def test_labels_beyond_the_classes(recording: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "y.npy", [0, 1, 2, 8, 0, 0])
    with pytest.raises(EventError, match="labels are 0 to 7, the neurons that are read; one is 8"):
        own(recording, labels=tmp_path / "y.npy")
