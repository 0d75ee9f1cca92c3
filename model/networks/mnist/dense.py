"""The dense MNIST network: 784 pixels, 128 hidden neurons, 10 outputs, IF neurons; trained by `train_dense`.

It fits one core of the iCEBreaker: 138 neurons, 101,632 weights of 8 bits, membranes and accumulators of 16 bits.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ganglion.model.compiler.network import Network
from ganglion.model.networks.classifier import OUTPUT, Classifier, Samples
from ganglion.model.networks.mnist.images import CLASSES, CODE, DATA, PIXELS, SIDE, load_test
from ganglion.model.networks.weights_file import load_arrays
from ganglion.model.spec.events import Events
from ganglion.model.spec.params import PRESETS

FILE = Path(__file__).with_name("dense.npz")
"""The trained network that ships with Ganglion."""

HIDDEN = 128

SHOWN = 8
"""Steps an image is shown for."""

STEPS = SHOWN + 2
"""Steps of one image: its last events take two to reach the outputs."""

SHAPES = {
    "hidden_weight": (PIXELS, HIDDEN),
    "hidden_threshold": (HIDDEN,),
    "hidden_bias": (HIDDEN,),
    "output_weight": (HIDDEN, CLASSES),
    "output_threshold": (CLASSES,),
    "output_bias": (CLASSES,),
}


def network(arrays: Mapping[str, npt.NDArray[Any]]) -> Network:
    """The network of these arrays; their shapes are `SHAPES`."""
    made = Network("mnist")
    made.input("pixels", (1, SIDE, SIDE))
    for name, size in (("hidden", HIDDEN), (OUTPUT, CLASSES)):
        threshold, bias = arrays[f"{name}_threshold"], arrays[f"{name}_bias"]
        made.population(name, size, threshold=threshold, bias=bias, reset="subtract")
    made.all_to_all("pixels", "hidden", arrays["hidden_weight"].T)
    made.all_to_all("hidden", OUTPUT, arrays["output_weight"].T)
    made.output(OUTPUT)
    return made


def encode(image: npt.ArrayLike) -> Events:
    """The events of one image."""
    return CODE.encode(image, SHOWN, STEPS)


def test_set(folder: str | Path | None = None) -> Samples:
    """The 10,000 test images."""
    images = load_test(folder)
    return Samples(list(images.pixels), images.label.astype(np.int64), np.arange(len(images)))


def load(path: str | Path = FILE) -> Classifier:
    """The trained network.

    Raises:
        FormatError: the file is not one of such a network.
    """
    integers, floats = load_arrays(path, SHAPES)
    return Classifier(
        name="mnist",
        what="MNIST, 784-128-10",
        network=network(integers),
        original=network(floats),
        encode=encode,
        test_set=test_set,
        params=PRESETS["icebreaker"],
        data=DATA,
        picture=CODE.picture,
    )
