"""The neuron models under all names of HiAER-Spike's interfaces, and objects that have their getters."""

import copy
import pickle
import warnings
from typing import Any

import numpy as np
import pytest

from ganglion.hs_api import ANN_neuron, CRI_network, IF_neuron, LIF_neuron, neuron_model
from ganglion.model.spec.errors import ProgramError

MODELS = (LIF_neuron, ANN_neuron, IF_neuron)


def getters(model: Any) -> tuple[Any, ...]:
    first = (model.get_threshold(), model.get_shift(), model.get_leak())
    assert first == (model.get_theta(), model.get_nu(), model.get_Lambda())
    assert first == (model.theta, model.nu, model.Lambda) == (model.threshold, model.shift, model.leak)
    assert model.get_soft_reset() == model.get_soft_reset_en() == int(model.soft_reset) == int(model.soft_reset_en)
    return (
        *first,
        model.get_neuronModel(),
        model.get_refractory_max(),
        model.get_delay_value(),
        model.get_soft_reset(),
        model.get_dual_synapse_en(),
        model.get_shadow_uram_offset(),
        model.get_legacy_noise_en(),
    )


@pytest.mark.parametrize("make", MODELS)
def test_both_sets_of_names_are_the_same(make: Any) -> None:
    one = make(threshold=10, shift=-3, leak=5, refractory_max=2, delay_value=7, soft_reset_en=True)
    other = make(theta=10, nu=-3, Lambda=5, refractory_max=2, delay_value=7, soft_reset=True)
    assert getters(one) == getters(other) == (10, -3, 5, make.number, 2, 7, 1, 0, 0, 0)
    assert repr(one) == repr(other)


def test_arguments_by_position() -> None:
    assert getters(LIF_neuron(10, -3, 5, 2, True, 7)) == (10, -3, 5, 2, 2, 7, 0, 1, 0, 0)
    assert getters(ANN_neuron(10, -3, 0, 2, True, 7)) == (10, -3, 0, 0, 2, 7, 0, 1, 0, 0)
    assert getters(IF_neuron(10, -3, 0, 7, True, True, 1)) == (10, -3, 0, 3, 0, 7, 1, 1, 0, 1)


def test_what_is_not_given_is_what_it_is_there() -> None:
    assert getters(LIF_neuron(1))[:4] == (1, -17, 63, 2)
    assert getters(ANN_neuron(1))[:4] == (1, -17, 0, 0)
    assert getters(IF_neuron(1))[:4] == (1, -17, 0, 3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: LIF_neuron(), "LIF_neuron needs a threshold"),
        (lambda: LIF_neuron(1, theta=2), "LIF_neuron got two values for 'threshold'"),
        (lambda: IF_neuron(1, tau=2), "IF_neuron has no argument 'tau'; it has threshold, shift, leak"),
        (
            lambda: LIF_neuron(1, -17, 63, 0, False, 0, True),
            r"LIF_neuron takes threshold, .*, delay_value by position, and soft_reset_en, .* by name; 7 values",
        ),
    ],
)
def test_calls_that_python_would_refuse(call: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        call()


def test_models_show_what_makes_them() -> None:
    assert repr(LIF_neuron(10, -3, 5, 2, True, 7)) == (
        "LIF_neuron(threshold=10, shift=-3, leak=5, refractory_max=2, delay_value=7)"
    )
    assert repr(IF_neuron(3, soft_reset=True)) == "IF_neuron(theta=3, nu=-17, soft_reset=True)"
    assert all(isinstance(make(3), neuron_model) for make in MODELS)


def test_models_have_an_order() -> None:
    models = [IF_neuron(3), LIF_neuron(5), LIF_neuron(4, -3), ANN_neuron(9), LIF_neuron(4)]
    assert [repr(model) for model in sorted(models)] == [
        "ANN_neuron(threshold=9, shift=-17, leak=0)",
        "LIF_neuron(threshold=4, shift=-17, leak=63)",
        "LIF_neuron(threshold=4, shift=-3, leak=63)",
        "LIF_neuron(threshold=5, shift=-17, leak=63)",
        "IF_neuron(theta=3, nu=-17)",
    ]
    assert LIF_neuron(4) <= LIF_neuron(4) and not LIF_neuron(4) < LIF_neuron(4)
    assert len({*models, *models}) == 5, "they are hashed as objects, as theirs"


@pytest.mark.parametrize(
    ("state", "wanted"),
    [
        ({"threshold": 6, "shift": -17, "leak": 3}, (6, -17, 3, 2, 0, 0, 0, 0, 0, 0)),
        ({"theta": 6, "nu": -2, "Lambda": 3, "refractory_max": 1}, (6, -2, 3, 2, 1, 0, 0, 0, 0, 0)),
        ({"threshold": 6, "soft_reset": True}, (6, -17, 63, 2, 0, 0, 1, 0, 0, 0)),
    ],
)
def test_objects_of_any_version_of_theirs_are_filled_up(state: Any, wanted: tuple[int, ...]) -> None:
    model = object.__new__(LIF_neuron)
    model.__setstate__(state)
    assert getters(model) == wanted
    assert getters(pickle.loads(pickle.dumps(model))) == getters(copy.deepcopy(model)) == wanted


def test_an_attribute_that_is_set_later_counts() -> None:
    model = LIF_neuron(6)
    model.theta, model.nu, model.legacy_noise_en = 2, -17, 1
    assert getters(model)[:2] == (2, -17) and model.get_legacy_noise_en() == 1
    network = CRI_network({"x": [("n", 3)]}, {"n": ([], model)}, ["n"])
    assert [network.step(keys) for keys in (["x"], [])] == [[], ["n"]]
    model.leak = 99
    with pytest.raises(ProgramError, match="neuron 'n': leak must be 0 to 64, not 99"):
        CRI_network({}, {"n": ([], model)}, [])


class Foreign:
    """A model of a user's own, with the getters of one of their interfaces."""

    def __init__(self, number: Any = 2) -> None:
        self.number = number

    def get_theta(self) -> Any:
        return np.int32(4)

    def get_nu(self) -> int:
        return -17

    def get_Lambda(self) -> float:  # noqa: N802
        return 1.0

    def get_neuronModel(self) -> Any:  # noqa: N802
        return self.number


@pytest.mark.parametrize(("number", "kept"), [(0, 0), (2, 2), (3, 3)])
def test_any_object_with_the_getters_is_a_model(number: int, kept: int) -> None:
    network = CRI_network({"x": [("n", 3)]}, {"n": ([], Foreign(number))}, ["n"])
    network.step(["x"])
    network.step([])
    assert network.read_membrane(["n"]) == [kept]


def test_a_model_of_another_number_is_refused() -> None:
    with pytest.raises(
        ProgramError, match=r"neuron 'n': get_neuronModel must be 0 \(ANN\), 2 \(LIF\) or 3 \(IF\), not 1"
    ):
        CRI_network({}, {"n": ([], Foreign(1))}, [])


def test_a_shift_of_zero_warns_where_it_is_noise() -> None:
    with pytest.warns(
        UserWarning, match="LIF_neuron: a shift of 0 is 17 bits of noise, as on their hardware since 2025"
    ):
        model = LIF_neuron(5, shift=0)
    with pytest.warns(UserWarning, match="a shift of 0 is 17 bits of noise"):
        copy.copy(model)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ANN_neuron(5, shift=0)
        IF_neuron(5, nu=0)
        LIF_neuron(5, shift=-1)
