"""The command line: what it prints, and what it says to bad input."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from ganglion import cli, load_image
from ganglion.model.spec.errors import GanglionError, ParamsError

RUNNER = CliRunner()


def invoke(*arguments: str) -> str:
    """The output of a command that must succeed."""
    result = RUNNER.invoke(cli.app, list(arguments))
    assert result.exit_code == 0, result.output + str(result.exception)
    return result.output


def refused(*arguments: str) -> BaseException:
    """What a command that must fail raises."""
    result = RUNNER.invoke(cli.app, list(arguments))
    assert isinstance(result.exception, GanglionError), result.output
    return result.exception


@pytest.mark.parametrize("command", ["run", "verify", "place", "verilog", "bench", "resources"])
def test_help_of_every_verb(command: str) -> None:
    assert "Usage" in invoke(command, "--help")
    assert command in invoke("--help")


def test_bench_tells_of_other_simulators() -> None:
    assert "--peers" in invoke("bench", "--help")


def test_run_prints_accuracy_and_energy() -> None:
    printed = invoke("run", "digits", "--targets", "reference", "--images", "4", "--report")
    assert "accuracy" in printed and "SynOps" in printed
    assert "per image" in printed and "Horowitz" in printed


def test_run_takes_any_network_that_ships() -> None:
    printed = invoke("run", "mnist", "--samples", "20", "--report")
    assert "20 of 10,000 test samples" in printed and "accuracy" in printed and "per sample" in printed
    assert "no HTML report of speech" in str(refused("run", "speech", "--out", "folder"))


@pytest.mark.sim
def test_verify_prints_what_was_covered() -> None:
    printed = invoke("verify", "--networks", "3", "--seed", "7", "--steps", "5")
    assert "seeds 7 to 9: no difference" in printed


def test_place_prints_what_each_core_holds(tmp_path: Path) -> None:
    picture, image = tmp_path / "place.png", tmp_path / "digits.npz"
    sizes = ("--preset", "small", "--set", "neurons=64", "--cores", "4")
    printed = invoke("place", "digits", *sizes, "--out", str(picture), "--image", str(image))
    assert "hidden" in printed and "synapses between neurons join two cores" in printed
    assert picture.exists() and load_image(image).params.cores == 4
    assert printed.splitlines()[:-2] == invoke("place", str(image)).splitlines()
    assert "there is no network 'none'; there are digits" in str(refused("place", "none"))
    assert isinstance(refused("place", "digits", "--cores", "5"), ParamsError)
    assert isinstance(refused("place", "digits", "--set", "lanes=2"), ParamsError)


def test_verilog_writes_a_whole_file(tmp_path: Path) -> None:
    file = tmp_path / "chip.v"
    invoke("verilog", "--preset", "tiny", "--set", "lanes=1", "--output", str(file))
    assert "module chip(" in file.read_text()
    assert list(tmp_path.iterdir()) == [file]


def test_bad_input_is_named() -> None:
    assert "there is no preset 'huge'; there are tiny" in str(refused("verilog", "--preset", "huge"))
    assert isinstance(refused("verilog", "--set", "lanes=3"), ParamsError)
    assert "no size is called 'lames'" in str(refused("verilog", "--set", "lames=2"))
    assert "lanes takes a whole number" in str(refused("verilog", "--set", "lanes=two"))
    assert "--only takes whole numbers" in str(refused("run", "digits", "--only", "one"))


def test_an_error_is_one_line(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["ganglion", "verilog", "--preset", "huge"])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert stop.value.code == 1
    assert capfd.readouterr().err.startswith("ParamsError: there is no preset 'huge'")
