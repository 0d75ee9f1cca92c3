"""The command line: what it prints, and what it says to bad input."""

import json
import os
import re
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any, NoReturn, get_args

import pytest
from typer.testing import CliRunner

import ganglion
from ganglion import chip_cli, cli, learn_cli, load_image, options
from ganglion.jobs import boards as boards_job
from ganglion.jobs import traffic as traffic_job
from ganglion.jobs.learn import TASKS
from ganglion.jobs.targets import TARGETS
from ganglion.model.compiler.quantize.quantize import Granularity, Rounding
from ganglion.model.interchange.nir import CONVENTIONS
from ganglion.model.interchange.nir.importer import Timing
from ganglion.model.networks.shipped import SHIPPED
from ganglion.model.spec.errors import ChipError, GanglionError, ParamsError
from ganglion.model.spec.params import PRESETS, Params, levels_for
from ganglion.sim.rtl import DriverName

ROOT = Path(__file__).parents[1]
RUNNER = CliRunner()

VERBS = ["run", "verify", "import", "place", "traffic", "train", "verilog", "bench", "resources", "bitstream"]
VERBS += ["doctor", "data", "cache", "wave", "serve", "worker", "submit", "jobs", "fetch", "cancel"]
BOARD_VERBS = ["list", "info", "selftest", "load", "emulate"]


def invoke(*arguments: str) -> str:
    """The output of a command that must succeed."""
    result = RUNNER.invoke(cli.app, list(arguments))
    assert result.exit_code == 0, result.output + str(result.exception)
    return result.output


def found(*arguments: str) -> dict[str, Any]:
    """What a command writes with --json, which must be one object and nothing else on standard output."""
    result = RUNNER.invoke(cli.app, [*arguments, "--json"])
    assert result.exit_code == 0, result.output + str(result.exception)
    values: dict[str, Any] = json.loads(result.stdout)
    return values


def refused(*arguments: str) -> BaseException:
    """What a command that must fail raises."""
    result = RUNNER.invoke(cli.app, list(arguments))
    assert isinstance(result.exception, GanglionError), result.output
    return result.exception


def usage_error(*arguments: str) -> str:
    """What a command prints that is not one."""
    result = RUNNER.invoke(cli.app, list(arguments), env={"COLUMNS": "200"})
    assert result.exit_code == 2, result.output
    return " ".join(re.sub(r"[│╭╮╰╯─]", " ", result.output).split())


def program(*arguments: str, cwd: Path) -> "subprocess.Popen[str]":
    """The program in a process of its own, which hears Ctrl-C: a shell that runs tests in the background has them, and
    all that they start, ignore it."""
    command = [sys.executable, "-m", "ganglion", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command,
        cwd=cwd,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )


@pytest.mark.parametrize("verb", [[verb] for verb in VERBS] + [["board", verb] for verb in BOARD_VERBS])
def test_help_of_every_verb_has_an_example(verb: list[str]) -> None:
    printed = " ".join(invoke(*verb, "--help").split())
    assert "Usage" in printed and re.search(rf"Examples?: ganglion {' '.join(verb)}", printed)
    assert verb[-1] in invoke(*verb[:-1], "--help")


def test_version() -> None:
    assert invoke("--version") == f"ganglion {ganglion.__version__}\n"


def test_help_loads_neither_a_job_nor_a_library_for_one() -> None:
    code = "import sys; from ganglion.cli import app; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    modules = set(loaded.stdout.split())
    assert not modules & {"numpy", "numba", "matplotlib", "amaranth", "rich.table", "ganglion.jobs"}


def test_an_option_means_the_same_in_every_verb() -> None:
    """Options of one name have one help text, but for those whose defaults differ."""
    texts: dict[str, set[str]] = {}
    for command in cli.app.registered_commands:
        assert command.callback is not None
        for name, hint in command.callback.__annotations__.items():
            for shared in (hint, *get_args(hint)):
                if hasattr(shared, "help") and name in (
                    "preset",
                    "changes",
                    "cores",
                    "out",
                    "picture",
                    "image",
                    "as_json",
                ):
                    texts.setdefault(name, set()).add(str(shared.help))
    assert {name: len(each) for name, each in texts.items()} == dict.fromkeys(texts, 1)


@pytest.mark.parametrize(
    ("choices", "known"),
    [
        (options.PresetName, PRESETS),
        (cli.NetworkName, SHIPPED),
        (learn_cli.TaskName, TASKS),
        (options.TARGETS, TARGETS),
        (options.Framework, CONVENTIONS),
        (options.TimingName, get_args(Timing)),
        (options.GranularityName, get_args(Granularity)),
        (options.RoundingName, get_args(Rounding)),
        (chip_cli.DriverName, get_args(DriverName)),
    ],
)
def test_choices_are_those_that_there_are(choices: Any, known: Any) -> None:
    """They are typed again in the command line, which loads no job to print its help."""
    assert list(get_args(choices) or choices) == list(known)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "digits", "--samples", "1e3"), r"--samples takes a whole number from 1, or a file (.npz, .npy"),
        (("run", "digits", "--samples", "0"), "--samples takes a whole number from 1"),
        (("run", "digits", "--only", "one"), "--only takes whole numbers from 0"),
        (("run", "digits", "--targets", ""), "--targets takes one or more of reference"),
        (("run", "digits", "--targets", "rtl,rtl"), "rtl is there twice"),
        (("run", "digits", "--clock", "nan"), "--clock, in MHz, takes a number greater than 0, not nan"),
        (("run", "digits", "--cores", "-1"), "--cores takes a whole number from 1"),
        (("verify", "--networks", "-5"), "greater than or equal to 1"),
        (("verify", "--steps", "0"), "greater than or equal to 1"),
        (("verify", "--seed", "-1"), "greater than or equal to 0"),
        (("train", "digits", "--epochs", "0"), "greater than or equal to 1"),
        (("board", "emulate", "--damage", "2"), "--damage takes a number from 0 to 1, not 2"),
        (("board", "emulate", "--damage", "nan"), "--damage takes a number from 0 to 1, not nan"),
    ],
)
def test_a_number_out_of_range_never_runs(arguments: tuple[str, ...], message: str) -> None:
    assert message in usage_error(*arguments)


def test_run_prints_accuracy_and_energy() -> None:
    printed = invoke("run", "digits", "--targets", "reference", "--samples", "4", "--report")
    assert "accuracy" in printed and "SynOps" in printed
    assert "per sample" in printed and "Horowitz" in printed


def test_run_takes_any_network_that_ships_and_writes_its_report(tmp_path: Path) -> None:
    printed = invoke("run", "mnist", "--samples", "20", "--out", str(tmp_path))
    assert "20 of 10,000 test samples" in printed and "Horowitz" not in printed
    page = (tmp_path / "mnist.html").read_text()
    assert "MNIST, 784-128-10" in page


def test_run_for_programs() -> None:
    values = found("run", "digits", "--targets", "reference", "--only", "3,17")
    assert values["samples"] == [3, 17] and values["right"] == 2 and values["compared"] is None


@pytest.mark.sim
def test_verify_prints_what_was_covered() -> None:
    arguments = ("verify", "--preset", "tiny", "--networks", "3", "--seed", "7", "--steps", "5")
    assert "seeds 7 to 9: no difference" in invoke(*arguments)
    assert found(*arguments)["networks"] == 3


def test_place_prints_what_each_core_holds(tmp_path: Path) -> None:
    picture, image = tmp_path / "place.png", tmp_path / "digits.npz"
    sizes = ("--set", "neurons=64", "--cores", "4")
    printed = invoke("place", "digits", *sizes, "--picture", str(picture), "--image", str(image))
    assert "hidden" in printed and "synapses between neurons join two cores" in printed
    assert picture.exists() and load_image(image).params.cores == 4
    assert printed.splitlines()[:-2] == invoke("place", str(image)).splitlines()
    assert found("place", str(image))["chip"]["cores"] == 4
    assert "there is no network 'none'; there are digits" in str(refused("place", "none"))
    assert isinstance(refused("place", "digits", "--cores", "5"), ParamsError)


def test_traffic_takes_the_sizes_of_place(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = PRESETS["small"].replace(delay_slots=8, levels=levels_for(4))

    def build(chip: Params, **_: object) -> NoReturn:
        raise ChipError(f"not built; differences: {chip.differences(wanted)}")

    monkeypatch.setattr(traffic_job, "NativeDriver", build)
    sizes = ("--preset", "small", "--set", "delay_slots=8", "--cores", "4")
    assert str(refused("traffic", "digits", *sizes, "--samples", "1")) == "not built; differences: []"


def test_verilog_writes_a_whole_file(tmp_path: Path) -> None:
    file = tmp_path / "chip.v"
    invoke("verilog", str(file), "--preset", "tiny", "--set", "lanes=1")
    assert "module chip(" in file.read_text()
    assert list(tmp_path.iterdir()) == [file]


def test_boards_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boards_job, "generic_boards", lambda: ["icestick:ICEStickPlatform"])
    printed, values = invoke("board", "list"), found("board", "list")
    assert "icebreaker" in printed and "icestick:ICEStickPlatform" in printed
    assert set(values["boards"]) == {"icebreaker", "ulx3s", "ulx3s-usb", "ulx3s-learning"}
    assert values["others"] == ["icestick:ICEStickPlatform"]


def test_bad_input_is_named() -> None:
    assert "'huge' is not one of 'tiny'" in usage_error("verilog", "--preset", "huge")
    assert "'soon' is not one of 'layers', 'edges'" in usage_error("import", "a.nir", "--timing", "soon")
    assert "there is no network 'digit' (did you mean digits?)" in str(refused("run", "digit"))
    assert "only one of --quick, --large, --peers and --placement" in usage_error("bench", "--large", "--peers")
    assert isinstance(refused("verilog", "--set", "lanes=3"), ParamsError)
    assert "there is no 'lames' (did you mean lanes?)" in str(refused("verilog", "--set", "lames=2"))


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["place", "[red]none[/]"], "GanglionError: there is no network '[red]none[/]'; there are digits"),
        (["run", "digits", "--energies", "[/b].json"], "FormatError: [/b].json: there is no such file"),
    ],
)
def test_an_error_is_one_line_letter_by_letter(arguments: list[str], line: str, tmp_path: Path) -> None:
    process = program(*arguments, cwd=tmp_path)
    printed, said = process.communicate(timeout=60)
    assert (process.returncode, printed) == (1, "")
    assert said.startswith(line) and len(said.splitlines()) == 1


def test_an_error_of_the_system_is_one_line(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "chip.v")

    monkeypatch.setattr(cli, "app", full)
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert stop.value.code == 1
    assert capfd.readouterr().err == "OSError: chip.v: No space left on device\n"


def test_what_is_not_good_enough_is_printed_and_fails(capfd: pytest.CaptureFixture[str]) -> None:
    from ganglion.console import show
    from ganglion.jobs.bench import AbsentPeers

    class Late(AbsentPeers):
        @property
        def failure(self) -> str:
            return "too late"

    for as_json, printed in ((False, "NEST: not installed"), (True, '{"absent": {"NEST": "not installed"}}')):
        with pytest.raises(GanglionError, match="too late"):
            show([Late(why={"NEST": "not installed"})], as_json=as_json)
        assert capfd.readouterr().out.startswith(printed)


@pytest.mark.sim
def test_ctrl_c_leaves_nothing_behind(tmp_path: Path) -> None:
    process = program("verify", "--preset", "tiny", "--networks", "100000", "--json", cwd=tmp_path)
    assert process.stderr is not None
    try:
        assert any("random networks" in line for line in process.stderr), "it says what it is at"
        process.send_signal(signal.SIGINT)
        printed, said = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, printed, "Traceback" in said) == (130, "", False)
    assert re.search(r"stopped: .*random networks.*, [\d,]+ of 100,000 done", said), said
    assert said.endswith("no file was left half written; what was built is kept\n")
    assert not list(tmp_path.iterdir())


def test_a_chip_that_takes_hours_is_refused_before() -> None:
    error = refused("verify", "--preset", "wide", "--networks", "1")
    assert "the memories of a core of wide have 1,474,849 rows, 1,048,576 of them SYNAPSES" in str(error)
    assert isinstance(error, GanglionError) and "--set synapse_words=…" in error.at_the_command_line
    assert "takes hours" in str(refused("resources", "--preset", "wide"))
