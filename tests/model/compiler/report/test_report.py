"""Table, sums and picture of a placement say what the image holds."""

from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from ganglion.model.compiler import Image, Places, compile_program
from ganglion.model.compiler.report.picture import draw_placement
from ganglion.model.compiler.report.table import summary, usage_table
from ganglion.model.compiler.report.traffic import traffic_of
from ganglion.model.spec.errors import FormatError, ProgramError
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program

CHIP = Params(name="square", neurons=4, axons=16, synapse_words=32, fanout_entries=16, levels=(2, 2))


def image() -> Image:
    """Two inputs and eight neurons, two in each of four cores; left[0] drives itself, a neighbour and the far side."""
    program = Program.build(
        params=CHIP,
        types=(NeuronType(),),
        threshold=np.ones(8, dtype=np.int64),
        inputs=2,
        pre=[0, 0, 1, 2, 2, 2, 2, 7],
        post=[2, 3, 9, 2, 4, 8, 9, 7],
        weight=1,
        outputs=[7],
        names={"left": (0, 3), "right": (4, 4)},
    )
    return compile_program(program, placement=Places(np.arange(8) // 2, np.arange(8) % 2 + 1))


def test_traffic_counts_synapses_deliveries_and_packets() -> None:
    traffic = traffic_of(image())
    synapses, events = np.zeros((2, 5, 4), dtype=np.int64)
    synapses[0, [0, 1, 3]] = 1, 1, 2
    synapses[2, 2] = 1
    synapses[4, [0, 3]] = 2, 1
    events[0, [0, 1, 3]] = 1
    events[2, 2] = 1
    events[4, [0, 3]] = 1
    np.testing.assert_array_equal(traffic.synapses, synapses)
    np.testing.assert_array_equal(traffic.events, events)
    assert traffic.packets.tolist() == [1, 1, 1], (
        "cores 0 and 1 at level 1, core 3 at level 2, neuron 7's core 2 is its own"
    )


def test_the_table_has_every_core_and_population() -> None:
    text = StringIO()
    console = Console(file=text, width=120)
    console.print(usage_table(image()))
    lines = [line for line in text.getvalue().splitlines() if line.startswith("│")]
    assert len(lines) == 4
    assert ["left 2 of 3" in line for line in lines] == [True, False, False, False]
    assert ["right 2 of 4" in line for line in lines] == [False, False, True, True]
    assert all("2   50%" in line for line in lines)
    assert summary(image()) == [
        "3 of 5 synapses between neurons join two cores",
        "packets if every neuron fired once, by where they turn: 1 in their core, 1 at level 1, 1 at level 2",
    ]


def test_the_picture(tmp_path: Path) -> None:
    draw_placement(image(), tmp_path / "place.png")
    assert (tmp_path / "place.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(FormatError, match=r"place\.txt: a picture's name ends in one of .*png"):
        draw_placement(image(), tmp_path / "place.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["place.png"]


def test_names_lead_to_places_and_back() -> None:
    placed = image()
    names = ["left[0]", "left[1]", "left[2]", "3", "right[0]", "right[1]", "right[2]", "right[3]"]
    for neuron, name in enumerate(names):
        place = (neuron // 2, neuron % 2 + 1)
        assert placed.place_of(name) == place
        assert placed.name_at(*place) == name
    assert placed.place_of("7") == (3, 2)
    assert placed.name_at(0, 0) is None
    assert placed.populations(1) == {"left": 1}
    for name in ("left[3]", "middle[0]", "8", "left", "", "left[x]"):
        with pytest.raises(ProgramError, match=r"there is no neuron '.*'; there are left\[0 … 2\], right\[0 … 3\]"):
            placed.place_of(name)
