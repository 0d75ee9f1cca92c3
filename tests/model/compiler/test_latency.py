"""Steps that a run must go on for after its last input."""

import numpy as np

from ganglion.model.compiler.latency import steps_behind
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference


def program(*synapses: tuple[int, int, int], inputs: int = 1, neurons: int = 4) -> Program:
    """Neurons that repeat what they hear; synapses are (pre, post, delay)."""
    pre, post, delay = np.array(synapses, dtype=np.int64).reshape(-1, 3).T
    return Program.build(
        params=PRESETS["small"].replace(delay_slots=16),
        types=(NeuronType.binary(),),
        neurons=neurons,
        threshold=0,
        inputs=inputs,
        pre=pre,
        post=post,
        weight=1,
        delay=delay,
    )


def test_the_last_spike_of_a_chain_is_just_in_time() -> None:
    chain = program((0, 1, 1), (1, 2, 3), (2, 3, 2))
    assert steps_behind(chain, [2]) == 6
    reference = Reference(chain)
    fired = [reference.step([0] if step == 0 else []) for step in range(7)]
    assert fired[6] == [2] and all(2 not in each for each in fired[:6])


def test_every_way_in_counts_by_its_slowest_synapse() -> None:
    assert steps_behind(program((0, 4, 1), (0, 1, 1), (1, 4, 1)), [3]) == 2
    assert steps_behind(program((0, 1, 5), (0, 1, 1), (1, 2, 2), (1, 2, 9)), [1]) == 10


def test_circles_end() -> None:
    assert steps_behind(program((0, 1, 1), (1, 2, 1), (2, 1, 1), (2, 3, 1), (3, 3, 4)), [2]) == 3


def test_what_no_input_reaches() -> None:
    assert steps_behind(program((1, 2, 1)), [1]) == 0
    assert steps_behind(program((0, 1, 1), inputs=0, neurons=2), [1]) == 0
    assert steps_behind(program(), [0]) == 0
