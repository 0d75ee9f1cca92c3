"""The hash of a run: two targets that agree have one, and no bit of state escapes it."""

import hashlib

import numpy as np
import pytest

from ganglion.model.emulator.emulator import Emulator
from ganglion.model.random_network import random_network
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.events import Events
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference


def test_targets_that_agree_have_one_hash_and_every_bit_counts() -> None:
    network = random_network(PRESETS["tiny"], 3, 6)
    trace = Reference(network.program).run(network.events, keep_states=True)
    whole, kept = trace.hash(), trace.hashes()
    assert Emulator(network.program).run(network.events, keep_states=True).hash() == whole
    assert kept[-1] == whole and len(set(kept)) == 6
    for name, array in trace.states[2].arrays().items():
        array.flat[-1] ^= 1
        changed = trace.hashes()
        assert changed[:2] == kept[:2] and not set(changed[2:]) & set(kept), name
        array.flat[-1] ^= 1
    trace.spikes[-1, 1] ^= 1
    assert trace.hash() != whole


def test_it_is_made_of_the_bytes_that_are_stated() -> None:
    program = Program.build(
        params=PRESETS["small"],
        types=(NeuronType(),),
        threshold=[1],
        inputs=1,
        pre=[0],
        post=[1],
        weight=[5],
        delay=[1],
    )
    trace = Reference(program).run(Events.from_steps([[0], []]), keep_states=True)
    before = bytes(32)
    # Step, spikes, the neurons that fired, v, u, a, refractory, and two slots of accumulators.
    for numbers in ([0, 0, 0, 0, 0, 0, 0, 5], [1, 1, 0, 0, 0, 0, 0, 0, 0]):
        before = hashlib.sha256(before + np.array(numbers, dtype="<i8").tobytes()).digest()
    assert trace.hash() == before.hex()


def test_a_run_without_states_has_none() -> None:
    network = random_network(PRESETS["tiny"], 3, 6)
    with pytest.raises(ProgramError, match="keep_states=True"):
        Reference(network.program).run(network.events).hash()
