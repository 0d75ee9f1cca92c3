"""All parameters in one: copies, and what files and chips hold of them."""

import pytest

from ganglion.model.spec.errors import ParamsError
from ganglion.model.spec.params import PRESETS, Params

ALL = [pytest.param(params, id=name) for name, params in PRESETS.items()]
ODD = Params(levels=(3, 1, 4), link_bits=8, entry_bits=40)


@pytest.mark.parametrize("params", [*ALL, pytest.param(ODD, id="odd")])
def test_files_and_chips_give_the_parameters_back(params: Params) -> None:
    assert Params.from_dict(params.to_dict()) == params
    assert Params.from_numbers(params.to_numbers(), params.name) == params
    assert all(0 <= number < 1 << 32 for number in params.to_numbers())


def test_fields_come_part_by_part() -> None:
    names = list(Params().to_dict())
    parts = ["name", "neurons", "decay_bits", "current_bits", "adaptation_bits", "noise", "levels", "link_bits"]
    assert sorted(parts, key=names.index) == parts
    assert names[0] == "name" and names[-1] == "link_bits"


def test_parameters_of_another_version_are_refused_by_field() -> None:
    values = PRESETS["tiny"].to_dict()
    values["thinking"] = values.pop("noise")
    with pytest.raises(ParamsError, match="of another version of Ganglion: fields that differ: noise, thinking"):
        Params.from_dict(values)


def test_a_chip_that_tells_nonsense_is_refused() -> None:
    numbers = list(PRESETS["tiny"].to_numbers())
    with pytest.raises(ParamsError, match="a chip is told by 19, 20, 33, 34 numbers, not by 18"):
        Params.from_numbers(numbers[:-1])
    at = list(PRESETS["tiny"].to_dict()).index("noise") - 1
    with pytest.raises(ParamsError, match="noise must be True or False, not 7"):
        Params.from_numbers([*numbers[:at], 7, *numbers[at + 1 :]])
    with pytest.raises(ParamsError, match=r"levels must be .* not \(4, 10\)"):
        Params.from_numbers([*numbers[:-2], 0xA4, numbers[-1]])


def test_a_copy_is_custom_unless_it_is_named() -> None:
    tiny = PRESETS["tiny"]
    assert tiny.replace(neurons=16).name == "custom"
    assert tiny.replace(neurons=16, name="two").name == "two"
    assert tiny.replace(neurons=16).differences(tiny) == ["neurons: 16, 8"]
    with pytest.raises(ParamsError, match=r"no size of a chip is called 'neuron'; name, neurons, axons"):
        tiny.replace(neuron=16)
    with pytest.raises(ParamsError, match="neurons must be a power of two"):
        tiny.replace(neurons=12)
