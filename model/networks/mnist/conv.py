"""The convolutional MNIST network: two convolutions with stride 2 and a dense layer, of IF neurons; see `train_conv`.

1 x 28 x 28 pixels, 12 maps of 12 x 12, 40 maps of 4 x 4, 10 outputs. Kernels are 5 x 5, without padding. Thresholds and
biases are per map. Unrolled: 2,378 neurons, 241,600 synapses less those whose weight is 0.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from ganglion.model.networks.classifier import Classifier
from ganglion.model.networks.mnist.dense import test_set
from ganglion.model.networks.mnist.images import CLASSES, PIXELS, SIDE, encode_image
from ganglion.model.networks.structure import INPUT, Population, Structure, Values, convolution, dense
from ganglion.model.networks.weights_file import load_arrays
from ganglion.model.spec.events import Events
from ganglion.model.spec.neuron import NEVER
from ganglion.model.spec.params import Params

FILE = Path(__file__).with_name("conv.npz")
"""The trained network that ships with Ganglion."""

KERNEL, STRIDE = 5, 2

MAPS = (12, 40)
"""Maps of the two convolutions."""

SIDES = (12, 4)
"""Rows, and columns, of a map."""

SHOWN = 6
"""Steps an image is shown for."""

STEPS = SHOWN + 3
"""Steps of one image: its last events take three to reach the outputs."""

SHAPES = {
    "first_weight": (MAPS[0], 1, KERNEL, KERNEL),
    "first_threshold": (MAPS[0],),
    "first_bias": (MAPS[0],),
    "second_weight": (MAPS[1], MAPS[0], KERNEL, KERNEL),
    "second_threshold": (MAPS[1],),
    "second_bias": (MAPS[1],),
    "output_weight": (MAPS[1] * SIDES[1] ** 2, CLASSES),
    "output_threshold": (CLASSES,),
    "output_bias": (CLASSES,),
}

CHIP = Params(
    name="mnist-conv",
    axons=2048,
    lanes=4,
    synapse_words=16384,
    fanout_entries=1024,
    levels=(4, 4),
)
"""A chip that holds it: 16 cores of 256 neurons."""


def structure(arrays: dict[str, Values]) -> Structure:
    """The network of these arrays; their shapes are `SHAPES`."""
    sizes = {"first": SIDES[0] ** 2, "second": SIDES[1] ** 2, "output": 1}
    populations = [
        Population(name, np.repeat(arrays[f"{name}_threshold"], size), np.repeat(arrays[f"{name}_bias"], size), NEVER)
        for name, size in sizes.items()
    ]
    return Structure(
        PIXELS,
        tuple(populations),
        (
            convolution(INPUT, "first", arrays["first_weight"], SIDE, STRIDE),
            convolution("first", "second", arrays["second_weight"], SIDES[0], STRIDE),
            dense("second", "output", arrays["output_weight"]),
        ),
    )


def encode(image: npt.ArrayLike) -> Events:
    """The events of one image."""
    return encode_image(image, SHOWN, STEPS)


def load(path: str | Path = FILE) -> Classifier:
    """The trained network.

    Raises:
        FormatError: the file is not one of such a network.
    """
    integers, floats = load_arrays(path, SHAPES)
    return Classifier(
        name="mnist-conv",
        what="MNIST, two convolutions",
        structure=structure(integers),
        original=structure(floats),
        encode=encode,
        test_set=test_set,
        params=CHIP,
    )
