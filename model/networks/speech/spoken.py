"""The network that hears spoken digits: 168 fibres, recurrent LIF neurons of two speeds, 10 outputs; see `train`.

It fits one core of the iCEBreaker: 202 neurons, 71,040 weights of 8 bits, less those that are 0.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ganglion.model.compiler.network import Network
from ganglion.model.networks.classifier import OUTPUT, Classifier, Samples
from ganglion.model.networks.speech.filter_bank import AXONS, cochleagram, encode_audio
from ganglion.model.networks.speech.recordings import CLASSES, load_recordings, split
from ganglion.model.networks.weights_file import load_arrays
from ganglion.model.spec.events import Events
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


def network(arrays: Mapping[str, npt.NDArray[Any]]) -> Network:
    """The network of these arrays; their shapes are `SHAPES`, fast neurons first."""
    made = Network("speech")
    made.input("fibres", AXONS)
    half = HIDDEN // len(SPEEDS)
    parts = {name: slice(half * k, half * (k + 1)) for k, name in enumerate(SPEEDS)}
    for name, part in parts.items():
        threshold, bias = arrays["hidden_threshold"][part], arrays["hidden_bias"][part]
        made.population(name, half, threshold=threshold, bias=bias, decay=2.0 ** -SPEEDS[name], reset="subtract")
    made.population(
        OUTPUT, CLASSES, threshold=arrays["output_threshold"], bias=arrays["output_bias"], reset="subtract"
    )
    for target, part in parts.items():
        made.all_to_all("fibres", target, arrays["hidden_weight"][:, part].T)
        for source, other in parts.items():
            made.all_to_all(source, target, arrays["recurrent_weight"][other, part].T)
    for source, part in parts.items():
        made.all_to_all(source, OUTPUT, arrays["output_weight"][part].T)
    made.output(OUTPUT)
    return made


def encode(audio: npt.ArrayLike) -> Events:
    """The events of one recording: samples at 8 kHz, shape (samples,)."""
    return encode_audio(audio, REST)


def test_set(folder: str | Path | None = None) -> Samples:
    """The official test set: 300 recordings."""
    test = split(load_recordings(folder))[1]
    return Samples(test.audio, test.label.astype(np.int64), np.arange(len(test)))


def load(path: str | Path = FILE) -> Classifier:
    """The trained network.

    Raises:
        FormatError: the file is not one of such a network.
    """
    integers, floats = load_arrays(path, SHAPES)
    return Classifier(
        name="speech",
        what="spoken digits, recurrent",
        network=network(integers),
        original=network(floats),
        encode=encode,
        test_set=test_set,
        params=PRESETS["icebreaker"],
        data="Free Spoken Digit Dataset, its test split: 300 recordings of six speakers at 8 kHz",
        picture=cochleagram,
    )
