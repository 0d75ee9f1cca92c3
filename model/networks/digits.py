"""The digits network: two layers of LIF neurons that read a handwritten digit, trained by `train_digits`.

64 pixels -> hidden -> 10 classes, weights of 8 bits. An image is shown for a few steps as a rate code; the class is
the output neuron with the most spikes, and where some have equally many, the lowest of them.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy.typing as npt

from ganglion.model.compiler.network import Network
from ganglion.model.networks.classifier import OUTPUT, Classifier, Samples
from ganglion.model.networks.digits_data import CLASSES, CODE, DATA, PIXELS, SIDE, load_images, split
from ganglion.model.networks.weights_file import load_arrays
from ganglion.model.spec.events import Events
from ganglion.model.spec.params import PRESETS

FILE = Path(__file__).with_name("digits.npz")
"""The trained network that ships with Ganglion."""

LEAK_SHIFT = 3
"""A membrane v loses floor(v / 2^3) in a step."""

SHOWN = 8
"""Steps an image is shown for."""

STEPS = SHOWN + 2
"""Steps of one image: its last events take two to reach the outputs."""

SHAPES: dict[str, tuple[int | str, ...]] = {
    "hidden_weight": (PIXELS, "hidden"),
    "hidden_threshold": ("hidden",),
    "hidden_bias": ("hidden",),
    "output_weight": ("hidden", CLASSES),
    "output_threshold": (CLASSES,),
    "output_bias": (CLASSES,),
}
"""The training decides how many hidden neurons stay."""


def network(arrays: Mapping[str, npt.NDArray[Any]]) -> Network:
    """The network of these arrays; their shapes are `SHAPES`."""
    made = Network("digits")
    made.input("pixels", (1, SIDE, SIDE))
    for name in ("hidden", OUTPUT):
        threshold, bias = arrays[f"{name}_threshold"], arrays[f"{name}_bias"]
        made.population(name, threshold.size, threshold=threshold, bias=bias, decay=2.0**-LEAK_SHIFT, reset="subtract")
    made.all_to_all("pixels", "hidden", arrays["hidden_weight"].T)
    made.all_to_all("hidden", OUTPUT, arrays["output_weight"].T)
    made.output(OUTPUT)
    return made


def encode(image: npt.ArrayLike) -> Events:
    """The events of one image: 64 pixels 0 … 16, of shape (64,) or (8, 8)."""
    return CODE.encode(image, SHOWN, STEPS)


def test_set(folder: str | Path | None = None) -> Samples:
    """The 540 images that the training did not see, in scikit-learn's order; they come with it, in no folder."""
    held_out = split(load_images())[1]
    return Samples(list(held_out.pixels), held_out.label, held_out.number)


def load(path: str | Path = FILE) -> Classifier:
    """The trained network.

    Raises:
        FormatError: the file is not one of such a network.
    """
    integers, floats = load_arrays(path, SHAPES)
    return Classifier(
        name="digits",
        what="handwritten digits",
        network=network(integers),
        original=network(floats),
        encode=encode,
        test_set=test_set,
        params=PRESETS["small"],
        data=DATA,
        picture=CODE.picture,
        ties="lowest",
    )
