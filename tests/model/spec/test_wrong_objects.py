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
    "numbers for steps": (lambda: Events.from_steps(5), EventError, "steps are a list of axons for each step, not 5"),  # type: ignore[arg-type]
    "ragged rasters": (lambda: Events.from_raster([[1, 2], [3]]), EventError, "as many axons in each step"),
    "rasters beyond memory": (lambda: Events.from_raster(np.full((1, 2), 10**12)), EventError, "has at most 8,589,934"),
    "halves of axons": (lambda: Emulator(PROGRAM).step([0.5]), EventError, "axons of step 0 must be whole"),  # type: ignore[list-item]
    "names of presets": (lambda: PROGRAM.replace(params="tiny"), ProgramError, r"such as PRESETS\['small'\]"),
    "one type alone": (lambda: PROGRAM.replace(types=NeuronType()), ProgramError, "types are a tuple of NeuronType"),
    "half inputs": (lambda: PROGRAM.replace(inputs=1.5), ProgramError, "inputs must be a whole number"),
    "half seeds": (lambda: PROGRAM.replace(seed=0.5), ProgramError, "seed must be a whole number"),
    "lists of names": (lambda: PROGRAM.replace(names=["a"]), ProgramError, "names are a dict of"),
    "lists of probes": (lambda: Reference(PROGRAM).run(Events.from_steps([]), probes=["v"]), ProgramError, "a dict"),  # type: ignore[arg-type]
    "no state": (lambda: Reference(PROGRAM).load_state(None), ProgramError, "load_state takes a State"),  # type: ignore[arg-type]
    "no layer": (lambda: network().output(3), NetworkError, "a layer is an input, a population"),  # type: ignore[arg-type]
    "words for chances": (lambda: network().random("in", "p", "x", seed=0), NetworkError, "must be 0 to 1, not 'x'"),  # type: ignore[arg-type]
    "words for seeds": (lambda: network().random("in", "p", 0.5, seed="x"), NetworkError, "seed must be a whole"),  # type: ignore[arg-type]
    "no threshold": (lambda: network().population("q", 3, threshold=None), NetworkError, "numbers, not None"),  # type: ignore[arg-type]
    "crowds beyond memory": (lambda: network().population("q", 10**12), NetworkError, "2,147,483,647 are the most"),
    "scales of nothing": (lambda: quantize(network(), scale=3), NetworkError, "scale is a dict of populations"),  # type: ignore[arg-type]
    "words for scales": (lambda: quantize(network(), scale={"p": "x"}), NetworkError, "scale of 'p' must be positive"),
    "membranes of others": (lambda: quantize(network()).membranes("p", [1, 2, 3]), NetworkError, r"of shape \(…, 2\)"),
    "words for chips": (lambda: compile_program(PROGRAM, "tiny"), ProgramError, "params are those of a chip"),  # type: ignore[arg-type]
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
