"""The network that hears spoken digits: 168 fibres, recurrent LIF neurons of two speeds, 10 outputs; see `train`.

It fits one core of the iCEBreaker: 202 neurons, 71,040 weights of 8 bits, less those that are 0.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from ganglion.model.networks.classifier import Classifier, Samples
from ganglion.model.networks.speech.filter_bank import AXONS, encode_audio
from ganglion.model.networks.speech.recordings import CLASSES, load_recordings, split
from ganglion.model.networks.structure import INPUT, Population, Structure, Values, dense
from ganglion.model.networks.weights_file import load_arrays
from ganglion.model.spec.events import Events
from ganglion.model.spec.neuron import NEVER
from ganglion.model.spec.params import PRESETS

FILE = Path(__file__).with_name("spoken.npz")
"""The trained network that ships with Ganglion."""

SPEEDS = {"fast": 3, "slow": 5}
"""Shift of the leak of each half of the hidden neurons: time constants of about 80 and 320 ms."""

HIDDEN = 192

REST = 5
"""Steps behind a recording's last one; its last events take two to reach the outputs."""

SHAPES = {
    "hidden_weight": (AXONS, HIDDEN),
    "recurrent_weight": (HIDDEN, HIDDEN),
    "output_weight": (HIDDEN, CLASSES),
    "hidden_threshold": (HIDDEN,),
    "hidden_bias": (HIDDEN,),
    "output_threshold": (CLASSES,),
    "output_bias": (CLASSES,),
}


def structure(arrays: dict[str, Values]) -> Structure:
    """The network of these arrays; their shapes are `SHAPES`, fast neurons first."""
    half = HIDDEN // len(SPEEDS)
    parts = {name: slice(half * k, half * (k + 1)) for k, name in enumerate(SPEEDS)}
    populations = [
        Population(name, arrays["hidden_threshold"][part], arrays["hidden_bias"][part], (1, SPEEDS[name]))
        for name, part in parts.items()
    ]
    projections = []
    for target, part in parts.items():
        projections.append(dense(INPUT, target, arrays["hidden_weight"][:, part]))
        for source, other in parts.items():
            projections.append(dense(source, target, arrays["recurrent_weight"][other, part]))
    for source, part in parts.items():
        projections.append(dense(source, "output", arrays["output_weight"][part]))
    output = Population("output", arrays["output_threshold"], arrays["output_bias"], NEVER)
    return Structure(AXONS, (*populations, output), tuple(projections))


def encode(audio: npt.ArrayLike) -> Events:
    """The events of one recording: samples at 8 kHz, shape (samples,)."""
    return encode_audio(audio, REST)


def test_set(folder: str | Path | None = None) -> Samples:
    """The official test set: 300 recordings."""
    test = split(load_recordings(folder))[1]
    return Samples(test.audio, test.label.astype(np.int64))


def load(path: str | Path = FILE) -> Classifier:
    """The trained network.

    Raises:
        FormatError: the file is not one of such a network.
    """
    integers, floats = load_arrays(path, SHAPES)
    return Classifier(
        name="speech",
        what="spoken digits, recurrent",
        structure=structure(integers),
        original=structure(floats),
        encode=encode,
        test_set=test_set,
        params=PRESETS["icebreaker"],
    )
