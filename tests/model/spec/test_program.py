"""`Program.build` sorts, completes and refuses; every refusal names the value, its place and the range."""

from typing import Any

import numpy as np
import pytest

from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.program import ARRAYS, Program

TINY = PRESETS["tiny"]
PLAIN = PRESETS["small"]


def build(**changes: Any) -> Program:
    """Two inputs, three neurons, two synapses; with changes."""
    arguments: dict[str, Any] = {
        "params": TINY,
        "types": (NeuronType(),),
        "threshold": [1, 2, 3],
        "inputs": 2,
        "pre": [4, 0],
        "post": [3, 4],
        "weight": [7, -8],
    }
    return Program.build(**(arguments | changes))


def test_synapses_are_sorted_by_source_and_keep_their_order() -> None:
    program = build(pre=[4, 0, 4, 0], post=[3, 4, 2, 4], weight=[1, 2, 3, 4], delay=[1, 2, 3, 1])
    assert program.pre.tolist() == [0, 0, 4, 4]
    assert program.post.tolist() == [4, 4, 3, 2]
    assert program.indptr.tolist() == [0, 2, 2, 2, 2, 4]
    assert program.post_neuron.tolist() == [2, 2, 1, 0]
    assert program.weight.tolist() == [2, 4, 1, 3]
    assert program.delay.tolist() == [2, 1, 1, 3]


def test_single_values_hold_for_all() -> None:
    program = build(bias=-3, weight=5)
    assert program.bias.tolist() == [-3, -3, -3]
    assert program.weight.tolist() == [5, 5]
    assert program.delay.tolist() == [1, 1]
    assert program.outputs.tolist() == [0, 1, 2]
    assert (program.neurons, program.synapses) == (3, 2)
    assert repr(program) == "<Program 2 inputs, 3 neurons, 2 synapses, params tiny>"


def test_a_number_of_neurons_lets_one_threshold_hold_for_all() -> None:
    assert build(neurons=3, threshold=9).threshold.tolist() == [9, 9, 9]
    assert build(neurons=3, threshold=[1, 2, 3]).threshold.tolist() == [1, 2, 3]


def test_arrays_cannot_be_written() -> None:
    program, given = build(), np.array([1, 2, 3])
    for name in ARRAYS:
        with pytest.raises(ValueError, match="read-only"):
            getattr(program, name)[0] = 0
    build(threshold=given)
    given[0] = 5


def test_a_copy_with_changes_keeps_the_rest_and_is_checked() -> None:
    program = build(bias=[1, 2, 3], outputs=[2], seed=7, names={"hidden": (0, 2)}, delay=[2, 3])
    other = program.replace(weight=[1, 2], delay=1)
    assert (other.weight.tolist(), other.delay.tolist()) == ([1, 2], [1, 1])
    for name in ("params", "types", "inputs", "seed", "names"):
        assert getattr(other, name) == getattr(program, name)
    for name in ("threshold", "bias", "type", "indptr", "post_neuron", "outputs"):
        assert getattr(other, name).tolist() == getattr(program, name).tolist()
    assert program.replace(neurons=4, threshold=0, bias=0, type=0).neurons == 4
    with pytest.raises(ProgramError, match=r"weight\[0\] is 8"):
        program.replace(weight=8)
    with pytest.raises(ProgramError, match="a program has no target; it has params, types, neurons, "):
        program.replace(target=[0, 1])


def test_outputs_are_ascending_and_single() -> None:
    assert build(outputs=[2, 0, 2]).outputs.tolist() == [0, 2]
    assert build(outputs=[]).outputs.tolist() == []


def test_neurons_have_the_users_names() -> None:
    program = build(names={"hidden": (0, 2)})
    assert [program.name_of(neuron) for neuron in range(3)] == ["hidden[0]", "hidden[1]", "2"]


def test_a_program_may_have_no_inputs_and_no_synapses() -> None:
    program = build(inputs=0, pre=[], post=[], weight=[])
    assert program.indptr.tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"threshold": 5}, r"threshold must have shape \(neurons,\) with at least one, not \(\); .* needs neurons="),
        ({"threshold": []}, r"threshold must have shape \(neurons,\) with at least one, not \(0,\)"),
        ({"neurons": 2}, r"threshold must be one value or have shape \(2,\), not \(3,\)"),
        ({"neurons": 0}, "neurons must be 1 to 2147483647, not 0"),
        ({"neurons": 2.0}, "neurons must be a whole number from 1 to 2147483647, not 2.0"),
        ({"threshold": [1, 2, 128]}, r"threshold\[2\] is 128; it must be -128 to 127"),
        ({"threshold": [1.0, 2.0, 3.0]}, r"threshold must be integers, not float64 \(quantise the network first\)"),
        ({"bias": [0, -33, 0]}, r"bias\[1\] is -33; it must be -32 to 31"),
        ({"bias": [0, 0]}, r"bias must be one value or have shape \(3,\), not \(2,\)"),
        ({"type": 1}, r"type\[0\] is 1; it must be 0 to 0"),
        ({"types": ()}, "types must name at least one neuron type"),
        ({"inputs": -1}, "inputs must be 0 to 2147483647, not -1"),
        ({"pre": [4, 5]}, r"pre\[1\] is 5; it must be 0 to 4"),
        ({"pre": [-1, 0]}, r"pre\[0\] is -1; it must be 0 to 4"),
        ({"pre": [0]}, "pre names 1 synapses, post 2"),
        ({"post": [3, 5]}, r"post\[1\] is 5; it must be 0 to 4"),
        ({"post": [3, 1]}, r"post\[1\] is 1, an input; .* behind the inputs: 2 to 4 \(neuron n is 2 \+ n\)"),
        ({"post": [1.5, 2]}, "post must be integers, not float64"),
        ({"weight": [7, 8]}, r"weight\[1\] is 8; it must be -8 to 7"),
        ({"weight": [7, 8, 9]}, r"weight must be one value or have shape \(2,\), not \(3,\)"),
        ({"delay": 0}, r"delay\[0\] is 0; it must be 1 to 3"),
        ({"delay": [1, 4]}, r"delay\[1\] is 4; it must be 1 to 3"),
        ({"outputs": [3]}, r"outputs\[0\] is 3; it must be 0 to 2"),
        ({"seed": -1}, "seed must be 0 to 4294967295, not -1"),
        ({"seed": 1 << 32}, "seed must be 0 to 4294967295, not 4294967296"),
        ({"names": {"far": (2, 2)}}, "population 'far' is neurons 2 to 3 of 3"),
        ({"names": {"back": (-1, 1)}}, "population 'back' is neurons -1 to -1 of 3"),
    ],
)
def test_refusals(changes: dict[str, Any], message: str) -> None:
    if "pre" in changes and len(changes["pre"]) == 1:
        changes = changes | {"weight": 1}
    with pytest.raises(ProgramError, match=message):
        build(**changes)


def test_noise_tells_a_limited_number_of_neurons_apart() -> None:
    many = np.zeros((1 << 20) + 1, dtype=np.int64)
    with pytest.raises(ProgramError, match="noise tells 1048576 neurons apart, the network has 1048577"):
        build(threshold=many, types=(NeuronType(noise=1),))
