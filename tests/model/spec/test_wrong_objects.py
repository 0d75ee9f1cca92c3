"""Objects of another kind than a call takes are refused in our own words, which say what to do."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ganglion import (
    CONVENTIONS,
    PRESETS,
    ArrayEmulator,
    Emulator,
    Events,
    GanglionError,
    Network,
    NeuronType,
    Program,
    Reference,
    Rtl,
    compile_program,
    lockstep,
    quantize,
)
from ganglion.boards import BOARDS
from ganglion.errors import BoardError, EventError, NetworkError, ParamsError, ProgramError

PROGRAM = Program.build(
    params=PRESETS["tiny"], types=(NeuronType(),), threshold=[1, 1], inputs=2, pre=[0, 1], post=[2, 3], weight=1
)
RASTER = np.zeros((3, 2), dtype=int)


def network() -> Network:
    made = Network("small")
    made.input("in", 2)
    made.population("p", 2)
    made.one_to_one("in", "p")
    return made


WRONG: dict[str, tuple[Callable[[], Any], type[GanglionError], str]] = {
    "networks": (lambda: Emulator(network()), ProgramError, r"Emulator\(ganglion.quantize\(network\).program\)"),  # type: ignore[arg-type]
    "networks elsewhere": (lambda: Reference(network()), ProgramError, "quantize the network first, Reference"),  # type: ignore[arg-type]
    "quantized": (lambda: Reference(quantize(network())), ProgramError, r"give it its program, Reference\(….program\)"),  # type: ignore[arg-type]
    "images": (lambda: ArrayEmulator(compile_program(PROGRAM)), ProgramError, "ArrayEmulator runs a Program, not"),  # type: ignore[arg-type]
    "files": (lambda: Rtl("net.npz"), ProgramError, "runs a Program or a Image, not 'net.npz': load the file first"),  # type: ignore[arg-type]
    "classes": (lambda: Reference(Program), ProgramError, "not the class Program"),  # type: ignore[arg-type]
    "nothing": (lambda: Emulator(None), ProgramError, "not None"),  # type: ignore[arg-type]
    "rasters": (lambda: Reference(PROGRAM).run(RASTER), EventError, r"a ndarray of shape \(3, 2\): Events.from_raster"),  # type: ignore[arg-type]
    "lists": (lambda: Emulator(PROGRAM).run([[0], []]), EventError, "Events.from_steps of a list"),  # type: ignore[arg-type]
    "one sample": (lambda: Reference(PROGRAM).run_batch(Events.from_steps([])), EventError, "a list of Events"),  # type: ignore[arg-type]
    "rasters in a batch": (lambda: Reference(PROGRAM).run_batch([RASTER]), EventError, "not a ndarray of shape"),  # type: ignore[list-item]
    "presets": (lambda: PRESETS["smal"], ParamsError, r"no preset 'smal' \(did you mean small\?\); there are tiny"),
    "conventions": (lambda: CONVENTIONS["nors"], NetworkError, r"no convention 'nors' \(did you mean norse\?\)"),
    "boards": (lambda: BOARDS["ulx3"], BoardError, r"no board 'ulx3' \(did you mean ulx3s\?\)"),
    "numbers for names": (lambda: PRESETS[3], ParamsError, "no preset 3; there are"),  # type: ignore[index]
    "counters": (lambda: run().total("synop"), ProgramError, r"no counter 'synop' \(did you mean synops\?\)"),
    "neurons": (lambda: run().counts([99]), ProgramError, "no neuron 99; the network has neurons 0 to 1"),
    "neurons from behind": (lambda: run().raster([-1]), ProgramError, "no neuron -1"),
    "masks": (lambda: run().counts([True, False]), ProgramError, "neurons are whole numbers"),
    "plots": (lambda: run().plot([2]), ProgramError, "no neuron 2"),
    "populations": (lambda: quantize(network()).report.layer("q"), NetworkError, "no population 'q'; there are p"),
    "programs to quantise": (lambda: quantize(PROGRAM), NetworkError, "quantize takes a Network, not <Program"),  # type: ignore[arg-type]
    "names of chips": (lambda: quantize(network(), "small"), NetworkError, r"such as PRESETS\['small'\], not 'small'"),  # type: ignore[arg-type]
    "networks to compile": (lambda: compile_program(network()), ProgramError, r"such as quantize\(network\).program"),  # type: ignore[arg-type]
    "classes of targets": (
        lambda: lockstep(PROGRAM, Events.from_steps([]), Emulator, Reference),  # type: ignore[arg-type]
        ProgramError,
        "the class Emulator is not a target",
    ),
    "arguments in another order": (
        lambda: lockstep(Emulator(PROGRAM), Reference(PROGRAM), PROGRAM, Events.from_steps([])),  # type: ignore[arg-type]
        ProgramError,
        "lockstep takes program, events and two targets",
    ),
}


def run() -> Any:
    return Reference(PROGRAM).run(Events.from_raster(RASTER))


@pytest.mark.parametrize("what", WRONG)
def test_what_is_of_another_kind_is_refused(what: str) -> None:
    call, error, message = WRONG[what]
    with pytest.raises(error, match=message):
        call()


def test_names_that_there_are_are_found_as_in_a_dict() -> None:
    assert PRESETS["small"].name == "small" and "smal" not in PRESETS and PRESETS.get("smal") is None
    assert list(PRESETS)[:2] == ["tiny", "small"]
    assert run().counts([]).tolist() == [] and run().raster([1]).shape == (3, 1)
