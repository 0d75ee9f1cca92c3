"""`ganglion place`: what is found of a placement, and what is written."""

import json
from pathlib import Path

import pytest

from ganglion import load_image
from ganglion.jobs.place import place
from ganglion.jobs.sizes import Sizes
from ganglion.model.spec.errors import CapacityError, FormatError, GanglionError, ParamsError

FOUR = Sizes(changes=["neurons=64"], cores=4)


def test_the_figures_are_those_of_the_image(tmp_path: Path) -> None:
    picture, image = tmp_path / "place.png", tmp_path / "digits.npz"
    placed = place("digits", sizes=FOUR, picture=picture, image=image)
    found = json.loads(json.dumps(placed.to_dict()))
    assert found["chip"]["cores"] == len(found["cores"]) == 4
    assert sum(core["used"]["neurons"] for core in found["cores"]) == found["neurons"] == 147
    assert {core["available"]["neurons"] for core in found["cores"]} == {64}
    assert sum(core["populations"].get("output", 0) for core in found["cores"]) == 10
    assert 0 < found["synapses_between_cores"] < found["synapses_between_neurons"]
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert load_image(image).params.cores == 4
    lines = [part for part in placed.shown() if isinstance(part, str)]
    assert f"{found['synapses_between_cores']:,} of {found['synapses_between_neurons']:,} synapses" in lines[0]
    assert lines[-2:] == [f"picture: {picture}", f"image: {image}"]


def test_an_image_is_shown_as_it_is_and_placed_anew_where_sizes_are_given(tmp_path: Path) -> None:
    image = tmp_path / "digits.npz"
    before = place("digits", sizes=FOUR, image=image).to_dict()
    assert place(str(image)).to_dict() == before
    assert place(str(image), sizes=Sizes(cores=16)).to_dict()["chip"]["cores"] == 16


def test_nothing_is_written_where_something_is_wrong(tmp_path: Path) -> None:
    image = tmp_path / "image.npz"
    for error, message, name, options in (
        (GanglionError, "there is no network 'none'; there are digits", "none", {}),
        (FormatError, "there is no such file", str(tmp_path / "none.npz"), {}),
        (ParamsError, "5 cores", "digits", {"sizes": Sizes(cores=5)}),
        (CapacityError, "neurons", "digits", {"sizes": Sizes(changes=["neurons=64"])}),
        (FormatError, "a picture's name", "digits", {"picture": tmp_path / "place.doc"}),
    ):
        with pytest.raises(error, match=message):
            place(name, image=image, **options)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())
