"""What does not fit is refused, with the resource, the place, and the numbers; what fits is found a place."""

from typing import Any

import numpy as np
import pytest

from ganglion.model.compiler import Places, compile_program
from ganglion.model.compiler.usage import Resource
from ganglion.model.spec.errors import CapacityError, PlacementError
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program

CHIP = Params(name="four", neurons=8, axons=16, lanes=2, synapse_words=32, fanout_entries=16, levels=(4,))
EVERY = np.arange(32)


def network(params: Params = CHIP, **changes: Any) -> Program:
    """32 neurons in four populations, each a ring of its own; no outputs."""
    ring = EVERY // 8 * 8 + (EVERY + 1) % 8
    arguments: dict[str, Any] = {
        "params": params,
        "types": (NeuronType(),),
        "threshold": np.ones(32, dtype=np.int64),
        "inputs": 0,
        "pre": EVERY,
        "post": ring,
        "weight": 1,
        "outputs": [],
        "names": {name: (8 * k, 8) for k, name in enumerate(("north", "east", "south", "west"))},
    }
    return Program.build(**(arguments | changes))


def message(program: Program, **arguments: Any) -> str:
    with pytest.raises(CapacityError) as caught:
        compile_program(program, **arguments)
    return str(caught.value)


def test_what_the_whole_chip_is_short_of() -> None:
    def needed(**changes: Any) -> list[str]:
        return message(network(**changes)).splitlines()[:3]

    head = "the network does not fit the chip (four, 4 cores), wherever its neurons sit; at least:"
    columns = "                    needed   available"
    thirty_three: dict[str, Any] = {"threshold": np.ones(33, dtype=np.int64)}
    assert needed(**thirty_three) == [head, columns, "neurons                 33          32"]
    assert needed(types=(NeuronType(),) * 5) == [head, columns, "neuron types             5           4"]
    many: dict[str, Any] = {"inputs": 70, "pre": np.arange(70), "post": 70 + np.arange(70) % 32}
    assert needed(**many) == [head, columns, "axon rows               70          64"]
    dense: dict[str, Any] = {"pre": np.repeat(EVERY, 9), "post": np.arange(288) % 32}
    assert needed(**dense) == [head, columns, "synapse words          144         128"]
    tight = CHIP.replace(name="four", fanout_entries=8)
    lines = message(network(tight, outputs=[3, 4])).splitlines()[:3]
    assert lines == [head, columns, "fan-out entries         34          32"]


def test_a_neuron_that_no_core_can_hold_is_named() -> None:
    star: dict[str, Any] = {"pre": EVERY, "post": np.full(32, 17)}
    assert message(network(**star)) == (
        "neuron south[1] has 32 sources, each on an axon of its own; a core of the chip (four, 4 cores) has 16; "
        "there is room in: one core with neurons=32, axons=32, fanout_entries=32; the preset 'small'"
    )
    twins: dict[str, Any] = {"pre": np.full(66, 3), "post": np.repeat([9, 30], 33)}
    assert message(network(**twins)).startswith(
        "neuron east[1] has 33 synapses, each in a word of its own; a core of the chip (four, 4 cores) has 32 "
        "(1 other neurons have too many too); there is room in: "
    )


def test_sources_count_once() -> None:
    """20 synapses of 10 sources take 10 axons of the 16 that a core has."""
    image = compile_program(network(pre=np.tile(np.arange(10), 2), post=np.full(20, 17)))
    assert max(usage[Resource.AXONS].used for usage in image.usage) == 10


def test_what_each_core_is_short_of() -> None:
    """Each population drives all of itself: it fits a core, but not where two of them are mixed in two cores."""
    core, row = EVERY // 8, EVERY % 8
    source = np.repeat(EVERY, 8)
    tight = CHIP.replace(name="four", axons=12)
    program = network(tight, pre=source, post=source // 8 * 8 + np.arange(256) % 8, outputs=EVERY[:8])
    compile_program(program, placement=Places(core, row))
    mixed = core.copy()
    mixed[:8:2], mixed[24::2] = 3, 0
    assert message(program, placement=Places(mixed, row)).splitlines() == [
        "as placed, the network does not fit 2 of the 4 cores of the chip (four):",
        "                    needed   available   cores short   most on core",
        "axon rows               16          12             2   0 (north, west)",
        "synapse words           64          32             2   0 (north, west)",
    ]
    assert len(np.unique(compile_program(program).neurons.core)) == 4, "a placement that fits is found"


def test_the_last_entry_of_a_fanout_table() -> None:
    """Each neuron drives two cores of different rows and columns of a 2 x 2 tree, and is an output: three entries."""
    params = CHIP.replace(name="square", levels=(2, 2), fanout_entries=24)
    target = np.stack((EVERY % 8 + 8, EVERY % 8 + 16), axis=1).ravel()
    arguments: dict[str, Any] = {"pre": np.repeat(EVERY[:8], 2), "post": target[:16], "outputs": EVERY[:8]}
    places = Places(EVERY // 8, EVERY % 8)
    image = compile_program(network(params, **arguments), placement=places)
    assert image.usage[0][Resource.ENTRIES].used == 24
    short = network(params.replace(name="square", fanout_entries=23), **arguments)
    assert message(short, placement=places).splitlines()[1:] == [
        "                    needed   available   cores short   most on core",
        "fan-out entries         24          23             1   0 (north)",
    ]


def test_cores_that_cannot_be() -> None:
    def refused(placement: Any) -> str:
        with pytest.raises(PlacementError) as caught:
            compile_program(network(), placement=placement)
        return str(caught.value)

    core, row = EVERY // 8, EVERY % 8
    assert refused(row) == (
        "placement must be core and row of each neuron, integers of shape (32, 2), not int64 of (32,)"
    )
    assert refused("best") == "placement must be None, \"random\", or where each neuron sits, not 'best'"
    assert refused("random") == 'placement "random" needs rng, such as numpy.random.default_rng(seed)'
    assert refused(np.stack((core + (EVERY == 9), row - (EVERY == 9)), axis=1)) == (
        "placement puts 2 neurons in core 2, row 0: east[1], south[0]"
    )
    assert refused(Places(core + (EVERY == 31), row)) == (
        "placement puts neuron west[7] in core 4; the chip has cores 0 to 3"
    )
    assert refused(Places(core, row + (EVERY == 23))) == (
        "placement puts neuron south[7] in row 8; a core has rows 0 to 7"
    )
