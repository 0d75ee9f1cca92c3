"""The smallest chip that a network fits: what is found is taken, and what a refusal advises is followed."""

import re
from typing import Any

import numpy as np
import pytest

from ganglion.jobs.sizes import Sizes
from ganglion.model.compiler import compile_program
from ganglion.model.compiler.fit import fewest_cores
from ganglion.model.spec.errors import CapacityError
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import PRESETS, Params, levels_for
from ganglion.model.spec.program import Program

CORE = Params(name="core", neurons=8, axons=16, lanes=2, synapse_words=32, fanout_entries=16)


def rings(count: int, params: Params = CORE) -> Program:
    """Rings of eight neurons, each of which fills a core."""
    neuron = np.arange(8 * count)
    return Program.build(
        params=params,
        types=(NeuronType(),),
        threshold=np.ones(8 * count, dtype=np.int64),
        inputs=0,
        pre=neuron,
        post=neuron // 8 * 8 + (neuron + 1) % 8,
        weight=1,
        outputs=[],
    )


def refused(program: Program) -> CapacityError:
    with pytest.raises(CapacityError) as caught:
        compile_program(program)
    return caught.value


@pytest.mark.parametrize(("count", "cores"), [(1, 1), (2, 2), (3, 3), (5, 6), (7, 8), (13, 16)])
def test_the_fewest_cores_that_hold_it(count: int, cores: int) -> None:
    image = fewest_cores(rings(count, CORE.replace(name="core", levels=(4, 4, 4))))
    assert (image.params.cores, image.params.name) == (cores, "core")


def test_more_cores_than_may_be() -> None:
    with pytest.raises(CapacityError, match="4 cores"):
        fewest_cores(rings(5), most=4)


def test_what_a_refusal_advises_has_room() -> None:
    error = refused(rings(3))
    advice = str(error).splitlines()[-1]
    assert advice == (
        "there is room in: 3 such cores (levels=levels_for(3)); one core with neurons=32, axons=32, fanout_entries=32; "
        "the preset 'small'"
    )
    compile_program(rings(3, CORE.replace(levels=levels_for(3))))
    larger: Any = {name: int(size) for name, size in re.findall(r"(\w+)=(\d+)", advice.split(";")[1])}
    compile_program(rings(3, CORE.replace(**larger)))
    compile_program(rings(3), PRESETS["small"])


def test_the_command_line_advises_in_its_own_words() -> None:
    advice = refused(rings(3)).at_the_command_line.splitlines()[-1]
    assert advice == (
        "there is room in: 3 such cores (--cores 3); one core with --set neurons=32 --set axons=32 "
        "--set fanout_entries=32; --preset small"
    )
    changes = re.findall(r"--set (\S+)", advice.split(";")[1])
    compile_program(rings(3), Sizes(changes=changes).of(CORE))


def test_what_nothing_holds_is_refused_without_advice() -> None:
    every = np.arange(300)
    program = Program.build(
        params=CORE.replace(delay_slots=32, membrane_bits=30),
        types=tuple(NeuronType(refractory=k % 16, v_reset=k) for k in range(300)),
        threshold=every,
        type=every,
        inputs=0,
        pre=every,
        post=every,
        weight=1,
    )
    assert "there is room" not in str(refused(program))
