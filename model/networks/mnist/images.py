"""MNIST: its files (LeCun, Cortes and Burges 1998), and the rate code of its pixels."""

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ganglion.model.networks.data_folder import data_file
from ganglion.model.networks.pixels import PixelCode
from ganglion.model.spec.errors import FormatError

SIDE = 28
"""Pixels of a side of an image."""

PIXELS = SIDE * SIDE

CLASSES = 10

BRIGHTEST = 255

DATA = "MNIST (LeCun, Cortes and Burges 1998), the 10,000 test images of 28 x 28 pixels"

SOURCE = "https://ossci-datasets.s3.amazonaws.com/mnist/ (the four .gz files of MNIST, into a folder mnist)"

CODE = PixelCode(side=SIDE, brightest=BRIGHTEST, full=256)
"""How pixels become events."""


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
