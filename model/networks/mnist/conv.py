"""The convolutional MNIST network: two convolutions with stride 2 and a dense layer, of IF neurons; see `train_conv`.

1 x 28 x 28 pixels, 12 maps of 12 x 12, 40 maps of 4 x 4, 10 outputs. Kernels are 5 x 5, without padding. Thresholds and
biases are per map. Unrolled: 2,378 neurons, 241,600 synapses less those whose weight is 0.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ganglion.model.compiler.network import Network
from ganglion.model.networks.classifier import OUTPUT, Classifier
from ganglion.model.networks.mnist.dense import test_set
from ganglion.model.networks.mnist.images import CLASSES, CODE, DATA, SIDE
from ganglion.model.networks.weights_file import load_arrays
from ganglion.model.spec.events import Events
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


def network(arrays: Mapping[str, npt.NDArray[Any]]) -> Network:
    """The network of these arrays; their shapes are `SHAPES`."""
    made = Network("mnist-conv")
    made.input("pixels", (1, SIDE, SIDE))
    shapes = {"first": (MAPS[0], SIDES[0], SIDES[0]), "second": (MAPS[1], SIDES[1], SIDES[1]), OUTPUT: (CLASSES, 1, 1)}
    for name, shape in shapes.items():
        threshold, bias = (
            np.broadcast_to(arrays[f"{name}_{constant}"][:, np.newaxis, np.newaxis], shape)
            for constant in ("threshold", "bias")
        )
        made.population(name, shape, threshold=threshold, bias=bias, reset="subtract")
    made.convolution("pixels", "first", arrays["first_weight"], stride=STRIDE)
    made.convolution("first", "second", arrays["second_weight"], stride=STRIDE)
    made.all_to_all("second", OUTPUT, arrays["output_weight"].T)
    made.output(OUTPUT)
    return made


def encode(image: npt.ArrayLike) -> Events:
    """The events of one image."""
    return CODE.encode(image, SHOWN, STEPS)


def load(path: str | Path = FILE) -> Classifier:
    """The trained network.

    Raises:
        FormatError: the file is not one of such a network.
    """
    integers, floats = load_arrays(path, SHAPES)
    return Classifier(
        name="mnist-conv",
        what="MNIST, two convolutions",
        network=network(integers),
        original=network(floats),
        encode=encode,
        test_set=test_set,
        params=CHIP,
        data=DATA,
        picture=CODE.picture,
    )
