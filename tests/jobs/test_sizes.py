"""Sizes of a chip as a user asks for them."""

import shlex

import pytest

from ganglion.jobs.sizes import DEFAULT, Sizes
from ganglion.model.spec.errors import ParamsError
from ganglion.model.spec.params import PRESETS, Params
from ganglion.sim.verify import replay

OWN = PRESETS["icebreaker"]


def test_nothing_asked_for_is_the_network_s_own_chip() -> None:
    assert Sizes().of(OWN) is OWN and not Sizes().given
    assert Sizes().of() is PRESETS[DEFAULT]


def test_a_preset_goes_before_the_network_s_own() -> None:
    assert Sizes(preset="tiny").of(OWN) is PRESETS["tiny"] and Sizes(preset="tiny").given


def test_single_sizes_change_whatever_chip_it_is() -> None:
    changed = Sizes(changes=["neurons=128", "noise=true"]).of(OWN)
    assert (changed.name, changed.neurons, changed.noise, changed.axons) == ("custom", 128, True, OWN.axons)
    assert Sizes(preset="tiny", changes=["lanes=1"]).of(OWN).lanes == 1


def test_cores_keep_the_name_of_their_sizes() -> None:
    chip = Sizes(cores=8).of(OWN)
    assert (chip.name, chip.cores, chip.neurons) == (OWN.name, 8, OWN.neurons)
    assert Sizes(changes=["levels=4,2"]).of(OWN).levels == (4, 2)


@pytest.mark.parametrize(
    "chip",
    [
        PRESETS["tiny"].replace(lanes=4, noise=False),
        PRESETS["small"].replace(levels=(4, 2), link_bits=16),
        PRESETS["ulx3s"].replace(levels=()),
    ],
)
def test_the_command_that_replays_a_chip_asks_for_that_chip(chip: Params) -> None:
    words = shlex.split(replay(chip, 7, 20, "native"))
    given = [words[k + 1] for k, word in enumerate(words) if word == "--set"]
    assert Sizes(preset=words[words.index("--preset") + 1], changes=given).of().differences(chip) == []


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        (Sizes(preset="huge"), "there is no preset 'huge'; there are tiny"),
        (Sizes(changes=["lames=2"]), r"--set lames=2: there is no 'lames' \(did you mean lanes\?\); there are neurons"),
        (Sizes(changes=["name=mine"]), "there is no 'name'"),
        (Sizes(changes=["lanes=two"]), "--set lanes=two: lanes takes a whole number"),
        (Sizes(changes=["lanes"]), "--set takes NAME=VALUE, not 'lanes'"),
        (Sizes(changes=["noise=1"]), "noise takes true or false"),
        (Sizes(changes=["levels=four"]), "levels takes a whole number"),
        (Sizes(changes=["lanes=3"]), "lanes"),
        (Sizes(cores=5), "no tree of routers has 5 cores"),
        (Sizes(cores="auto"), "there is none here: give their number"),
    ],
)
def test_chips_that_cannot_be(sizes: Sizes, message: str) -> None:
    with pytest.raises(ParamsError, match=message):
        sizes.of(OWN)
