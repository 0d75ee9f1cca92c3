"""The digits network: two layers of LIF neurons that read a handwritten digit, trained by `train_digits`.

64 pixels -> hidden -> 10 classes, weights of 8 bits. An image is shown for a few steps as a rate code; the class is
the output neuron with the most spikes, and where some have equally many, the lowest of them.
"""

import zipfile
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ganglion.model.files import written_whole
from ganglion.model.networks.digits_data import CLASSES, PIXELS, Images, encode_pixels, load_images, split
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import EventError, FormatError
from ganglion.model.spec.events import Events
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import PRESETS, Params
from ganglion.model.spec.program import Program
from ganglion.model.spec.trace import Trace

FILE = Path(__file__).with_name("digits.npz")
"""The trained network that ships with Ganglion."""

LAYERS = 2
"""Steps it takes the last event of an image to reach the output neurons."""


@dataclass(frozen=True, eq=False, kw_only=True)
class DigitsNetwork:
    """The trained integers. All neurons leak floor(v / 2^leak_shift) a step and reset by subtraction."""

    hidden_weight: IntArray
    """Shape (64, hidden); 0 is no synapse."""
    hidden_bias: IntArray
    """Shape (hidden,)."""
    hidden_threshold: IntArray
    """Shape (hidden,)."""
    output_weight: IntArray
    """Shape (hidden, 10); 0 is no synapse."""
    output_bias: IntArray
    """Shape (10,)."""
    output_threshold: IntArray
    """Shape (10,)."""
    leak_shift: int
    shown: int
    """Steps an image is shown for."""
    split_seed: int
    """Seed of the held-out split that the training did not see."""
    training_seed: int
    correct: int
    """Held-out images that the training counted as right, in the end."""

    @property
    def hidden(self) -> int:
        """Number of hidden neurons."""
        return self.hidden_bias.size

    @property
    def steps(self) -> int:
        """Steps of one image: those it is shown for, and those its last events take to the outputs."""
        return self.shown + LAYERS

    def program(self, params: Params = PRESETS["small"], *, report_all: bool = False) -> Program:
        """The network as a program, with populations "hidden" and "output".

        Args:
            params: widths of the arithmetic.
            report_all: report the spikes of all neurons to the host, not only those of the outputs.

        Raises:
            ProgramError: the weights, thresholds or biases do not fit these widths.
        """
        pixel, first = np.nonzero(self.hidden_weight)
        sender, second = np.nonzero(self.output_weight)
        outputs = self.hidden + np.arange(CLASSES)
        return Program.build(
            params=params,
            types=(NeuronType.leaky(self.leak_shift, reset="subtract"),),
            threshold=np.concatenate((self.hidden_threshold, self.output_threshold)),
            bias=np.concatenate((self.hidden_bias, self.output_bias)),
            inputs=PIXELS,
            pre=np.concatenate((pixel, PIXELS + sender)),
            post=PIXELS + np.concatenate((first, self.hidden + second)),
            weight=np.concatenate((self.hidden_weight[pixel, first], self.output_weight[sender, second])),
            outputs=None if report_all else outputs,
            names={"hidden": (0, self.hidden), "output": (self.hidden, CLASSES)},
        )

    def encode(self, image: npt.ArrayLike) -> Events:
        """The events of one image, to be run from step 0 with all state zero.

        Args:
            image: 64 pixels 0 … 16, of shape (64,) or (8, 8).

        Raises:
            EventError: another shape, or a value out of range; the message names the pixel.
        """
        pixels = np.asarray(image)
        if pixels.size != PIXELS:
            raise EventError(f"an image is 8 x 8 pixels, got shape {pixels.shape}")
        raster = np.zeros((self.steps, PIXELS), dtype=np.int64)
        raster[: self.shown] = encode_pixels(pixels.reshape(1, PIXELS), self.shown)[0]
        return Events.from_raster(raster)

    def output_counts(self, trace: Trace) -> IntArray:
        """How often each output neuron fired in the run of one image, shape (10,)."""
        return trace.counts(self.hidden + np.arange(CLASSES))

    def decode(self, trace: Trace) -> int:
        """The class a run of one image tells: most spikes, and of equals the lowest.

        Raises:
            EventError: the run is not `steps` long, so it was not of one image.
        """
        if trace.steps != self.steps:
            raise EventError(f"one image takes {self.steps} steps, the trace has {trace.steps}")
        return int(self.output_counts(trace).argmax())

    def heldout(self) -> Images:
        """The 540 images that the training did not see, in scikit-learn's order."""
        return split(load_images(), seed=self.split_seed)[1]


def load(path: str | Path = FILE) -> DigitsNetwork:
    """Read a trained network.

    Raises:
        FormatError: no such file, cut short, or another kind of file.
    """
    values: dict[str, Any] = {}
    try:
        with Path(path).open("rb") as whole, np.load(whole, allow_pickle=False) as file:
            for field in fields(DigitsNetwork):
                stored = file[field.name]
                values[field.name] = int(stored) if field.type is int else stored.astype(np.int64)
    except FileNotFoundError:
        raise FormatError(
            f"{path}: there is no such file; python -m ganglion.model.networks.train_digits makes one"
        ) from None
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, LookupError, TypeError) as error:
        raise FormatError(f"{path} is not a whole digits network (cut short, or another kind of file)") from error
    network = DigitsNetwork(**values)
    wanted = {
        "hidden_weight": (PIXELS, network.hidden),
        "hidden_bias": (network.hidden,),
        "hidden_threshold": (network.hidden,),
        "output_weight": (network.hidden, CLASSES),
        "output_bias": (CLASSES,),
        "output_threshold": (CLASSES,),
    }
    for name, shape in wanted.items():
        if getattr(network, name).shape != shape:
            raise FormatError(f"{path}: {name} must have shape {shape}, not {getattr(network, name).shape}")
    return network


def save(network: DigitsNetwork, path: str | Path = FILE) -> None:
    """Write a trained network, uncompressed, so that the same network is the same bytes everywhere."""
    narrow = {"hidden_weight": np.int8, "output_weight": np.int8}
    arrays = {
        field.name: np.asarray(getattr(network, field.name), dtype=narrow.get(field.name, "<i4"))
        for field in fields(network)
    }
    with written_whole(path) as file:
        np.savez(file, allow_pickle=False, **arrays)
