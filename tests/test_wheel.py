"""The wheel: built from the tree, it has everything in it and runs without the tree."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.sim

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the wheel installs; the dependencies come from the environment of the tests."""
    wheels, target = tmp_path_factory.mktemp("wheels"), tmp_path_factory.mktemp("installed")
    run = [sys.executable, "-m"]
    subprocess.run([*run, "build", "--wheel", "--outdir", str(wheels), str(ROOT)], check=True, capture_output=True)
    (wheel,) = wheels.glob("*.whl")
    subprocess.run([*run, "pip", "install", "-q", "--no-deps", "--target", str(target), str(wheel)], check=True)
    return target


def run_python(installed: Path, folder: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    done = subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_is_what_is_imported(installed: Path, tmp_path: Path) -> None:
    code = "import ganglion.sim.build as b, ganglion.model.spec.params as p; print(b.__file__, p.__file__)"
    assert all(Path(file).is_relative_to(installed) for file in run_python(installed, tmp_path, "-c", code).split())


def test_its_version_is_that_of_the_package(installed: Path, tmp_path: Path) -> None:
    code = "import importlib.metadata as m, ganglion as g; print(g.__version__, m.version('ganglion-chip'))"
    named, built = run_python(installed, tmp_path, "-c", code).split()
    assert named == built


def test_its_names_load_when_they_are_used(installed: Path, tmp_path: Path) -> None:
    code = "import sys, ganglion; print('numpy' in sys.modules, ganglion.Program.__name__, ganglion.errors.__name__)"
    assert run_python(installed, tmp_path, "-c", code).split() == ["False", "Program", "ganglion.errors"]


def test_it_runs_the_digits_on_the_rtl(installed: Path, tmp_path: Path) -> None:
    printed = run_python(installed, tmp_path, "-m", "ganglion", "run", "digits", "--samples", "3", "--out", "report")
    assert "were equal after each of 30 steps" in printed
    assert (tmp_path / "report" / "digits.html").stat().st_size > 10_000


def test_it_writes_verilog(installed: Path, tmp_path: Path) -> None:
    run_python(installed, tmp_path, "-m", "ganglion", "verilog", "chip.v", "--preset", "tiny")
    assert "module chip(" in (tmp_path / "chip.v").read_text()


def test_it_has_the_playground(installed: Path, tmp_path: Path) -> None:
    run_python(installed, tmp_path, "-m", "ganglion", "playground", "--out", "page")
    shipped = {path.relative_to(ROOT / "web/playground/page") for path in (ROOT / "web/playground/page").rglob("*")}
    assert {path.relative_to(tmp_path / "page") for path in (tmp_path / "page").rglob("*")} == shipped
