"""`ganglion import`, as a user types it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from ganglion import Emulator, Events, load_image
from ganglion.cli import app
from ganglion.model.spec.errors import EventError, FormatError, GanglionError, NetworkError

FILES = Path(__file__).parents[1] / "model" / "interchange" / "nir" / "files"


def run(*arguments: Any) -> Any:
    return CliRunner().invoke(app, ["import", *map(str, arguments)])


@pytest.mark.long
def test_a_file_becomes_an_image(tmp_path: Path) -> None:
    """Report, comparison and image; the image runs like the framework."""
    image, picture = tmp_path / "image.npz", tmp_path / "picture.png"
    graph, samples = FILES / "snntorch_dense.nir", FILES / "snntorch_dense.npz"
    wide = ("--set", "membrane_bits=32", "--set", "accumulator_bits=32", "--set", "weight_bits=16")
    result = run(
        *(graph, "--convention", "snntorch", "--input", samples, *wide),
        *("--image", image, "--picture", picture),
    )
    assert result.exit_code == 0, result.output
    assert "against the framework" in result.output and "synapse words" in result.output
    rows = [line.split("│") for line in result.output.splitlines() if line.startswith(("│ 1 ", "│ 3 "))]
    assert [[cell.strip() for cell in row[2:5]] for row in rows] == [["292", "292", "0"], ["181", "181", "0"]]
    told = json.loads(run(graph, "--convention", "snntorch", "--input", samples, *wide, "--json").stdout)
    assert told["layers"][0]["limit"] == "grid"
    assert [(each["theirs"], each["ours"], each["differing"]) for each in told["differences"]] == [
        (292, 292, 0),
        (181, 181, 0),
    ]
    program = load_image(image).program
    with np.load(samples) as file:
        x, theirs = file["input"], file["3"]
    trace = Emulator(program).run(Events.from_raster(np.concatenate([x, x[:2] * 0])))
    first, count = program.names["3"]
    raster = np.zeros((len(x) + 2, program.neurons), dtype=int)
    raster[trace.spikes[:, 0], trace.spikes[:, 1]] = 1
    assert np.array_equal(raster[2:, first : first + count], theirs)
    assert picture.stat().st_size > 1000


def test_batches_and_several_options() -> None:
    graph = FILES / "norse_box.nir"
    result = run(graph, "--convention", "norse", "--timing", "edges", "--granularity", "layer", "--preset", "wide")
    assert result.exit_code == 0 and "against the framework" not in result.output


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("norse_box.nir",), NetworkError, "a NIR file does not say how long a step is"),
        (("norse_box.nir", "--with", "dt=soon"), NetworkError, "takes a number greater than 0, not 'soon'"),
        (("norse_box.nir", "--with", "tau=3"), NetworkError, "--with tau=3: there is no 'tau'"),
        (("none.nir", "--convention", "norse"), FormatError, "there is no such file"),
        (("make.py", "--convention", "norse"), FormatError, "is not a whole NIR file"),
        (("snntorch_synaptic.nir", "--convention", "snntorch", "--with", "reset=value"), NetworkError, "reset_delay"),
    ],
)
def test_errors(arguments: tuple[str, ...], error: type[GanglionError], message: str, tmp_path: Path) -> None:
    result = run(FILES / arguments[0], *arguments[1:], "--image", tmp_path / "image.npz")
    assert isinstance(result.exception, error) and message in str(result.exception)
    assert not list(tmp_path.iterdir())


def test_bad_samples(tmp_path: Path) -> None:
    graph = ("--convention", "norse", "--input")
    path = tmp_path / "samples.npz"
    np.savez(path, input=np.zeros((4, 7), dtype=int))
    result = run(FILES / "norse_box.nir", *graph, path)
    assert isinstance(result.exception, EventError) and "(16,); not (4, 7)" in str(result.exception)
    np.savez(path, other=np.zeros(3), more=np.zeros(3))
    result = run(FILES / "norse_box.nir", *graph, path)
    assert isinstance(result.exception, FormatError) and "it has no array 'input'" in str(result.exception)
    np.savez(path, input=np.full((3, 5, 16), 0.5))
    result = run(FILES / "norse_box.nir", *graph, path)
    assert isinstance(result.exception, EventError) and "whole numbers from 0" in str(result.exception)
    np.savez(path, input=np.zeros((3, 5, 16), dtype=int))
    assert run(FILES / "norse_box.nir", *graph, path).exit_code == 0


def test_a_node_that_is_read_otherwise() -> None:
    graph = FILES / "snntorch_dense.nir"
    result = run(graph, "--convention", "snntorch", "--with", "3.reset=none", "--preset", "wide")
    assert result.exit_code == 0 and "node '3' (LIF): it is not reset" in result.output.replace("\n", " ")
    result = run(graph, "--convention", "snntorch", "--with", "2.reset=none")
    assert isinstance(result.exception, NetworkError) and "there are 1, 3" in str(result.exception)


def test_warnings_are_the_last_lines_and_errors_if_strict(tmp_path: Path) -> None:
    path, image = tmp_path / "samples.npz", tmp_path / "image.npz"
    np.savez(path, input=np.zeros((20, 16), dtype=int), hidden=np.zeros((20, 24)))
    arguments = (FILES / "norse_box.nir", "--convention", "norse", "--input", path)
    result = run(*arguments)
    last = " ".join(result.output[result.output.index("warning:") :].split())
    assert result.exit_code == 0 and "never fires on the samples" in last
    assert "nothing is compared with the array hidden of the samples; spiking populations are 1" in last
    told = json.loads(run(*arguments, "--json").stdout)
    assert len(told["warnings"]) >= 2
    result = run(*arguments, "--strict", "--image", image)
    assert isinstance(result.exception, NetworkError) and "array hidden of the samples" in str(result.exception)
    assert not image.exists()


@pytest.mark.long
def test_the_wrong_framework_is_seen() -> None:
    """A file of snnTorch read as one of Norse: nothing fails, and nothing is left."""
    result = run(FILES / "snntorch_dense.nir", "--convention", "norse", "--input", FILES / "snntorch_dense.npz")
    assert result.exit_code == 0 and "never fires on the samples" in " ".join(result.output.split())
