"""Options of the neuron: off by default, and each with its own check."""

import numpy as np
import pytest

from ganglion.model.spec.errors import ParamsError
from ganglion.model.spec.params import Params


def test_options_are_off_by_default() -> None:
    params = Params()
    assert (params.current_bits, params.adaptation_bits, params.noise) == (0, 0, False)


@pytest.mark.parametrize("field", ["current_bits", "adaptation_bits"])
@pytest.mark.parametrize(
    ("bits", "message"),
    [
        (3, r"must be 0 \(off\) or at least 4, not 3"),
        (-1, "must be a whole number from 0 to 36, not -1"),
        (37, "must be a whole number from 0 to 36, not 37"),
    ],
)
def test_the_width_of_a_state_variable_is_none_or_enough(field: str, bits: int, message: str) -> None:
    with pytest.raises(ParamsError, match=f"{field} {message}"):
        Params(**{field: bits})


@pytest.mark.parametrize("value", [2, "False", None])
def test_noise_is_there_or_not(value: object) -> None:
    with pytest.raises(ParamsError, match=f"noise must be True or False, not {value!r}"):
        Params(noise=value)  # type: ignore[arg-type]


def test_a_truth_of_numpy_is_a_truth() -> None:
    assert Params(noise=np.True_).noise is True
