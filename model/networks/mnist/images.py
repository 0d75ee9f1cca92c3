"""MNIST as events: its files (LeCun, Cortes and Burges 1998), and the rate code of the pixels."""

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ganglion.model.networks.data_folder import data_file
from ganglion.model.spec.errors import EventError, FormatError
from ganglion.model.spec.events import Events

SIDE = 28
"""Pixels of a side of an image."""

PIXELS = SIDE * SIDE

CLASSES = 10

BRIGHTEST = 255

SOURCE = "https://ossci-datasets.s3.amazonaws.com/mnist/ (the four .gz files of MNIST, into a folder mnist)"

BAYER = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]])
"""The ordered dither of Bayer (1973)."""

PHASE = (np.tile(BAYER, (SIDE // 4, SIDE // 4)) * 16 + 8).ravel()
"""Where in its cycle of 256 each pixel starts, shape (784,): neighbours of one brightness do not spike in one step."""


@dataclass(frozen=True, eq=False)
class Images:
    """Labelled images."""

    pixels: npt.NDArray[np.uint8]
    """Shape (images, 784), rows of pixels, 0 … 255."""
    label: npt.NDArray[np.uint8]
    """Shape (images,), 0 … 9."""

    def __len__(self) -> int:
        return self.label.size


def load_training(folder: str | Path | None = None) -> Images:
    """The 60,000 training images; see `load_images`."""
    return load_images("train", folder)


def load_test(folder: str | Path | None = None) -> Images:
    """The 10,000 test images; see `load_images`."""
    return load_images("t10k", folder)


def load_images(part: str, folder: str | Path | None = None) -> Images:
    """The images of one part, "train" or "t10k".

    Args:
        part: first word of the names of its files.
        folder: where the folder `mnist` is; None looks in the usual places (`data_folder.places`).

    Raises:
        ToolError: the files are not there; the message says where they were looked for and where to get them.
        FormatError: a file is not what its name says.
    """
    pixels = _read_idx(data_file(f"mnist/{part}-images-idx3-ubyte.gz", SOURCE, folder), 3)
    label = _read_idx(data_file(f"mnist/{part}-labels-idx1-ubyte.gz", SOURCE, folder), 1)
    if pixels.shape[1:] != (SIDE, SIDE) or len(pixels) != len(label):
        raise FormatError(
            f"MNIST's part {part} must be {SIDE} x {SIDE} images with a label each, not images of shape {pixels.shape} "
            f"and {len(label)} labels"
        )
    return Images(pixels.reshape(-1, PIXELS), label)


def _read_idx(path: Path, dimensions: int) -> npt.NDArray[np.uint8]:
    """An array of bytes in the IDX format, gzipped."""
    try:
        content = gzip.decompress(path.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise FormatError(f"{path} is not a whole gzip file (cut short, or another kind of file)") from error
    start = 4 + 4 * dimensions
    if len(content) < start or content[:4] != bytes([0, 0, 8, dimensions]):
        raise FormatError(f"{path} is not an IDX file of bytes in {dimensions} dimension(s)")
    shape = np.frombuffer(content, ">u4", dimensions, 4).astype(np.int64)
    if len(content) - start != shape.prod():
        raise FormatError(f"{path} must have {shape.prod()} bytes of data, as it says, not {len(content) - start}")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def encode_pixels(pixels: npt.ArrayLike, steps: int) -> npt.NDArray[np.uint8]:
    """The rate code: in `steps` steps, pixel p spikes about p * steps / 256 times, evenly spread, from its phase on.

    Args:
        pixels: shape (images, 784), whole numbers 0 … 255.
        steps: steps the image is shown for, 1 … 64.

    Returns:
        Spikes, 0 or 1, shape (steps, images, 784).

    Raises:
        EventError: another shape, or a value out of range; the message names image and pixel.
    """
    values = np.asarray(pixels)
    if values.ndim != 2 or values.shape[1] != PIXELS:
        raise EventError(f"MNIST is pixels of shape (images, {PIXELS}), got shape {values.shape}")
    if values.dtype.kind not in "iu":
        raise EventError(f"pixels must be whole numbers, 0 to {BRIGHTEST}, not {values.dtype}; scale and round them")
    if values.dtype != np.uint8:
        wrong = np.argwhere((values < 0) | (values > BRIGHTEST))
        if wrong.size:
            image, pixel = wrong[0]
            raise EventError(f"pixel {pixel} of image {image} is {values[image, pixel]}; it must be 0 to {BRIGHTEST}")
    if not 1 <= steps <= 64:
        raise EventError(f"an image is shown for 1 to 64 steps, not {steps}")
    value, before = values.astype(np.int16), np.zeros(values.shape, dtype=np.int16)
    # Sums in 16 bits: 64 * 255 + 255 is the largest.
    spikes = np.empty((steps, *values.shape), dtype=np.uint8)
    for step in range(steps):
        due = (value * np.int16(step + 1) + PHASE.astype(np.int16)) >> 8
        spikes[step] = due - before
        before = due
    return spikes


def encode_image(image: npt.ArrayLike, shown: int, steps: int) -> Events:
    """The events of one image, shown for `shown` of `steps` steps.

    Args:
        image: 784 pixels 0 … 255, of shape (784,) or (28, 28).
        shown: as `encode_pixels`.
        steps: steps of the whole run.

    Raises:
        EventError: another shape, or a value out of range.
    """
    pixels = np.asarray(image)
    if pixels.size != PIXELS:
        raise EventError(f"an image is {SIDE} x {SIDE} pixels, got shape {pixels.shape}")
    raster = np.zeros((steps, PIXELS), dtype=np.uint8)
    raster[:shown] = encode_pixels(pixels.reshape(1, PIXELS), shown)[:, 0]
    return Events.from_raster(raster)
