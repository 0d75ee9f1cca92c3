"""Loading a whole chip leaves every core with what its own packets would have left there, in fewer packets."""

import numpy as np
import pytest

from ganglion.model.compiler import Image, compile_program
from ganglion.model.compiler.loading import loading_packets
from ganglion.model.spec.memories import Memory
from ganglion.model.spec.packets import ACCESS
from ganglion.model.spec.registers import Register
from ganglion.model.spec.tree import cores_of
from tests.model.compiler.place.test_many_cores import random_program

Written = dict[tuple[int, int, int], int]


def loaded(image: Image, packets: list[int]) -> list[Written]:
    """What the chunks of each core's memories hold after these packets."""
    cores: list[Written] = [{} for _ in image.cores]
    for word in packets:
        field = ACCESS.unpack(word)
        for core in cores_of(image.params.levels, field["route"]):
            cores[core][field["memory"], field["row"], field["chunk"]] = field["data"]
    return cores


@pytest.mark.parametrize("levels", [(), (2,), (3,), (4, 2)], ids=str)
def test_every_core_holds_what_it_must(levels: tuple[int, ...]) -> None:
    for seed in range(6):
        program = random_program(seed, levels)
        image = compile_program(program, placement="random", rng=np.random.default_rng(seed), allow_overflow=True)
        packets = loading_packets(image).tolist()
        singly = [word for core in range(len(image.cores)) for word in image.packets(core).tolist()]
        after = loaded(image, packets)
        for core, (found, wanted) in enumerate(zip(after, loaded(image, singly), strict=True)):
            assert wanted.items() <= found.items(), f"seed {seed}, core {core}"
            more = found.keys() - wanted.keys()
            assert all(memory == Memory.SYNAPSES for memory, _, _ in more)
        last = ACCESS.unpack(packets[-1])
        assert (last["memory"], last["row"]) == (Memory.REGISTERS, Register.CLEAR)
        assert cores_of(levels, last["route"]) == list(range(len(image.cores))), "all start together"
        if len(image.cores) > 1:
            assert len(packets) < len(singly)


def test_a_chip_that_is_mostly_empty_loads_like_a_core() -> None:
    program = next(program for seed in range(20) if (program := random_program(seed, (4, 4))).neurons <= 16)
    rows = np.arange(program.neurons)
    image = compile_program(program, placement=np.stack((rows * 0, rows), axis=1), allow_overflow=True)
    assert loading_packets(image).size < 2 * image.packets(0).size
