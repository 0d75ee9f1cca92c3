"""`NeuronType` is made by the names the field uses, and refuses what no chip, or this chip, could hold."""

from typing import Any

import pytest

from ganglion.model.spec.decay import Decay
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import PRESETS

TINY = PRESETS["tiny"]
PLAIN = PRESETS["small"]


def test_a_leak_is_a_shift_or_a_fraction_left_or_a_time_constant() -> None:
    assert NeuronType.leaky(4) == NeuronType.leaky(shift=4) == NeuronType(decay=(1, 4))
    assert NeuronType.leaky(beta=0.9) == NeuronType(decay=Decay.from_beta(0.9))
    assert NeuronType.leaky(tau=20, s=8, refractory=2) == NeuronType(decay=Decay.from_tau(20, 8), refractory=2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "a leaky neuron takes one of shift, beta and tau, not none of them"),
        ({"shift": 4, "tau": 20}, "a leaky neuron takes one of shift, beta and tau, not shift and tau"),
        ({"beta": 1.1}, "beta, the fraction left after a step, must be from 0 to 1, not 1.1"),
        ({"shift": 0.5}, r"decay must be whole numbers \(m, s\), .* not \(1, 0\.5\)"),
        ({"shift": 4, "reest": "value"}, "this neuron type takes no reest; besides its own arguments: reset, "),
        ({"shift": 4, "decay": (1, 2)}, "this neuron type takes no decay"),
    ],
)
def test_leaks_that_cannot_be(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ProgramError, match=message):
        NeuronType.leaky(**arguments)


def test_any_pair_becomes_a_decay() -> None:
    for pair in ((200, 12), [200, 12], Decay(200, 12)):
        neuron_type = NeuronType.current_based(pair, pair)  # type: ignore[arg-type]
        assert type(neuron_type.decay) is type(neuron_type.current_decay) is Decay
        assert neuron_type == NeuronType(decay=(200, 12), current_decay=(200, 12))
    assert NeuronType().current_decay is None


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"reset": "zero"}, 'reset must be "value" or "subtract", not \'zero\''),
        ({"decay": (3, 1)}, r"decay \(m, s\) must have 0 <= s <= 63 and 0 <= m <= 2\^s, not \(3, 1\)"),
        ({"current_decay": (-1, 1)}, r"current_decay \(m, s\) must have 0 <= s <= 63 and 0 <= m"),
        ({"adaptation_decay": (1, -1)}, r"adaptation_decay \(m, s\) must have 0 <= s"),
        ({"decay": (1, 64)}, r"decay \(m, s\) must have 0 <= s <= 63"),
        ({"decay": 0.9}, r"decay must be whole numbers \(m, s\), such as Decay\.from_beta\(0\.9\) makes, not 0\.9"),
        ({"decay": (1.0, 2)}, r"decay must be whole numbers \(m, s\), .*, not \(1\.0, 2\)"),
        ({"current_decay": (1, 2, 3)}, r"current_decay must be whole numbers \(m, s\)"),
        ({"v_reset": 1.5}, "v_reset must be a whole number, not 1.5"),
        ({"adaptation_raise": None}, "adaptation_raise must be a whole number, not None"),
        ({"refractory": -1}, "refractory must not be negative, not -1"),
        ({"noise": -2}, "noise must not be negative, not -2"),
    ],
)
def test_types_that_no_chip_could_hold(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ProgramError, match=message):
        NeuronType(**values)


@pytest.mark.parametrize(
    ("params", "values", "message"),
    [
        (TINY, {"decay": (1, 5)}, r"decay \(1, 5\): the chip \(tiny\) has shifts up to 4"),
        (TINY, {"current_decay": (1, 5)}, r"current_decay \(1, 5\): the chip \(tiny\) has shifts up to 4"),
        (PLAIN, {"current_decay": (1, 1)}, r"current_decay \(1, 1\): the chip \(small\) has no synaptic currents"),
        (PLAIN, {"adaptation_raise": 2}, r"adaptation_raise 2: the chip \(small\) has no adaptive thresholds"),
        (PLAIN, {"noise": 3}, r"noise 3: the chip \(small\) has no noise generator"),
        (TINY, {"v_reset": 128}, r"v_reset 128: the chip \(tiny\) takes -128 to 127"),
        (TINY, {"refractory": 4}, r"refractory 4: the chip \(tiny\) takes 0 to 3"),
        (TINY, {"noise": 9}, r"noise 9: the chip \(tiny\) takes 0 to 8"),
        (TINY, {"adaptation_raise": -33}, r"adaptation_raise -33: the chip \(tiny\) takes -32 to 31"),
    ],
)
def test_types_that_this_chip_cannot_hold(params: Any, values: dict[str, Any], message: str) -> None:
    with pytest.raises(ProgramError, match=message):
        NeuronType(**values).check(params)
