"""The front door: what `import ganglion` loads, and that its names are what it says they are."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import ganglion

ROOT = Path(__file__).parent.parent
STUB = ast.parse((ROOT / "ganglion" / "__init__.pyi").read_text())

INTERNAL = {"__init__", "__main__", "cli", "console", "options"} | {
    f"{verbs}_cli" for verbs in ("board", "chip", "learn", "machine", "portal")
}
"""Modules of one level that are no interface: the door itself, and the command line."""

OWN: dict[str, set[str]] = {"hs_api": set(), "progress": {"TerminalProgress"}}
"""What public modules have that is no room's behind them; `hs_api` is a program too."""

PUBLIC = sorted({path.stem for path in (ROOT / "ganglion").glob("*.py")} - INTERNAL)

ELSEWHERE = """
import sys

before = set(sys.modules)
{code}
loaded = {{module.split(".")[0] for module in set(sys.modules) - before}}
print(*sorted(loaded - sys.stdlib_module_names))
"""


def loads(code: str) -> set[str]:
    """Packages from outside the standard library that a piece of code loads, in an interpreter of its own."""
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE.format(code=code)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_the_door_loads_nothing() -> None:
    assert loads("import ganglion; dir(ganglion)") == {"ganglion", "lazy_loader"}


@pytest.mark.parametrize(
    "code", ["from ganglion import Events, Program, Reference", "from ganglion import NeuronType, errors, noise"]
)
def test_the_reference_needs_numpy_alone(code: str) -> None:
    assert loads(code) == {"ganglion", "lazy_loader", "numpy"}


@pytest.mark.parametrize("name", ["ArrayEmulator", "Network", "Rtl", "compile_program", "quantize", "targets"])
def test_a_name_does_not_wait_for_the_others(name: str) -> None:
    assert not loads(f"from ganglion import {name}") & {"llvmlite", "matplotlib", "numba", "serial"}


def test_every_name_of_the_door_is_there() -> None:
    names = [alias.name for node in STUB.body if isinstance(node, ast.ImportFrom) for alias in node.names]
    assert sorted(names) == sorted(ganglion.__all__) == dir(ganglion)
    for name in names:
        getattr(ganglion, name)
    with pytest.raises(AttributeError, match="No ganglion attribute Netwrok"):
        _ = ganglion.Netwrok


@pytest.mark.long
def test_type_checkers_see_the_names(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("import ganglion\nreveal_type(ganglion.Params.neurons)\nganglion.Netwrok\n")
    done = subprocess.run([sys.executable, "-m", "mypy", program], cwd=ROOT, capture_output=True, text=True)
    assert 'Revealed type is "int"' in done.stdout, done.stdout
    assert 'Module has no attribute "Netwrok"' in done.stdout


@pytest.mark.parametrize("module", PUBLIC)
def test_a_public_module_is_its_list_of_names(module: str) -> None:
    """Names of the rooms behind it, and nothing of its own that a rename of a room could break."""
    assert module in ganglion.__all__
    public = importlib.import_module(f"ganglion.{module}")
    body = ast.parse((ROOT / "ganglion" / f"{module}.py").read_text()).body
    given = [alias.asname or alias.name for node in body if isinstance(node, ast.ImportFrom) for alias in node.names]
    assert set(public.__all__) - set(given) == OWN.get(module, set())
    if module not in OWN:
        assert sorted(given) == sorted(public.__all__)
        assert {type(node) for node in body} == {ast.Expr, ast.ImportFrom, ast.Assign}


def test_errors_are_all_there() -> None:
    rooms = importlib.import_module("ganglion.model.spec.errors")
    assert set(ganglion.errors.__all__) == {name for name, value in vars(rooms).items() if isinstance(value, type)}
