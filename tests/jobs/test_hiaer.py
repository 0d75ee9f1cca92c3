"""`python -m ganglion.hs_api` runs HiAER-Spike programs without a changed line."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ganglion import hs_api
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.interchange.cri import backend
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.reference import Reference
from ganglion.sim.rtl import Rtl

PROGRAM = """
import pickle
import sys

import hs_bridge
from helper import connections
from hs_api import LIF_neuron
from hs_api.api import CRI_network
from hs_api.converter import FOUND
from hs_api.neuron_models import ANN_neuron, IF_neuron
from hs_bridge.FPGA_Execution.fpga_controller import readSelect

assert FOUND is CRI_network
axons = {"alpha": [("a", 3), ("b", 3)]}
model = pickle.loads(pickle.dumps(LIF_neuron(threshold=2, shift=-17, leak=63)))
hardware = CRI_network(axons=axons, connections=connections(model), outputs=["a", "b"], target="CRI")
spikes, latency, hbmAcc = hardware.step(["alpha"])
assert spikes == [] and latency > 0 and hbmAcc == 1
assert [row[3] for row in readSelect([0, 1], coreID=0)] == [3, 3]
hs_bridge.FPGA_Execution.fpga_controller.clear(2, False, 0)
assert hardware.read_membrane(["a", "b"]) == [("a", 0), ("b", 0)]
software = CRI_network(axons, connections(model), ["a", "b"], target="simpleSim")
print(__name__, sys.argv[1:], type(software.machine).__name__, software.run_cont([["alpha"], []]))
"""

HELPER = """
def connections(model):
    return {"a": ([("b", 1)], model), "b": ([], model)}
"""

TEST = """
from hs_api.api import CRI_network
from hs_api.neuron_models import IF_neuron

def test_it():
    assert CRI_network({}, {"n": ([], IF_neuron(3))}, []).read_membrane(["n"]) == [0]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {
        "program.py": PROGRAM,
        "helper.py": HELPER,
        "test_it.py": TEST,
        "hs_api/__init__.py": "raise AssertionError",
        "hs_api/converter.py": "from hs_api.api import CRI_network as FOUND",
    }
    (tmp_path / "hs_api").mkdir()
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def run(*arguments: Any, folder: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "ganglion.hs_api", *map(str, arguments)]
    path = os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": path, **environment}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("options", "environment", "machine"),
    [
        pytest.param([], {}, "Emulator", marks=pytest.mark.long),
        (["--on", "reference"], {}, "Reference"),
        ([], {"GANGLION_HS_ON": "reference"}, "Reference"),
        pytest.param(["--on", "emulator"], {"GANGLION_HS_ON": "reference"}, "Emulator", marks=pytest.mark.long),
    ],
)
def test_a_program_runs_as_it_is(options: list[str], environment: dict[str, str], machine: str, folder: Path) -> None:
    done = run(*options, folder / "program.py", "--epochs", "3", folder=Path.cwd(), **environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"__main__ ['--epochs', '3'] {machine} [(1, 'a'), (1, 'b')]\n"


@pytest.mark.long
def test_their_tests_run_too(folder: Path) -> None:
    done = run("-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py", folder=folder)
    assert done.returncode == 0 and "1 passed" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "environment", "message"),
    [
        (["missing.py"], {}, "there is no program missing.py"),
        (["--on", "gpu", "program.py"], {}, "argument --on: invalid choice: 'gpu'"),
        (["program.py"], {"GANGLION_HS_ON": "gpu"}, "a program runs on emulator, reference, rtl, board, not on 'gpu'"),
        (["--on", "board", "program.py"], {}, "the board needs its device, such as /dev/ttyUSB1"),
    ],
)
def test_a_bad_call_is_one_line(arguments: list[str], environment: dict[str, str], message: str, folder: Path) -> None:
    done = run(*arguments, folder=folder, **environment)
    assert done.returncode == 2 and done.stderr.splitlines()[-1].startswith(
        f"python -m ganglion.hs_api: error: {message}"
    )


@pytest.fixture
def kept_backend() -> Iterator[None]:
    before = backend.default()
    yield
    backend.choose(before)


@pytest.mark.long
@pytest.mark.usefixtures("kept_backend")
def test_what_networks_run_on_is_chosen_by_name() -> None:
    connections = {"n": ([], hs_api.IF_neuron(3))}
    hs_api.run_on("reference")
    assert isinstance(hs_api.CRI_network({}, connections, []).machine, Reference)
    assert isinstance(hs_api.CRI_network({}, connections, [], backend=Emulator).machine, Emulator)
    hs_api.run_on("rtl")
    chosen = backend.default()
    assert getattr(chosen, "func", None) is Rtl and chosen.keywords["counters"] == hs_api.COUNTED  # type: ignore[attr-defined]
    with pytest.raises(ProgramError, match="a program runs on emulator, reference, rtl, board, not on 'fpga'"):
        hs_api.run_on("fpga")
    assert backend.default() is chosen


def test_a_backend_with_parameters_gets_a_program_for_its_chip() -> None:
    from ganglion import PRESETS

    class OnChip:
        params = PRESETS["board"]

        def __call__(self, program: Any) -> Reference:
            return Reference(program)

    network = hs_api.CRI_network({"x": [("n", 100)]}, {"n": ([], hs_api.LIF_neuron(99))}, ["n"], backend=OnChip())
    assert network.program.params is PRESETS["board"]
    assert [network.step(keys) for keys in (["x"], [])] == [[], ["n"]]
    with pytest.raises(ProgramError, match="weight"):
        hs_api.CRI_network({"x": [("n", 200)]}, {"n": ([], hs_api.LIF_neuron(99))}, ["n"], backend=OnChip())
