"""MNIST's files."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from ganglion.model.networks.mnist.images import load_images
from ganglion.model.spec.errors import FormatError


def idx(array: np.ndarray) -> bytes:
    """An IDX file of bytes, by its definition."""
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def write(folder: Path, images: bytes, labels: bytes) -> None:
    (folder / "mnist").mkdir(exist_ok=True)
    (folder / "mnist" / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(images))
    (folder / "mnist" / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(labels))


def test_idx_files_are_read(tmp_path: Path) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (3, 28, 28), dtype=np.uint8)
    write(tmp_path, idx(pixels), idx(np.array([7, 0, 9], dtype=np.uint8)))
    images = load_images("train", tmp_path)
    np.testing.assert_array_equal(images.pixels, pixels.reshape(3, 784))
    assert images.label.tolist() == [7, 0, 9]


def test_files_that_are_not_mnist_are_named(tmp_path: Path) -> None:
    good, labels = idx(np.zeros((2, 28, 28), dtype=np.uint8)), idx(np.zeros(2, dtype=np.uint8))
    for images, message in {
        good[:-1]: r"train-images-idx3-ubyte.gz must have 1568 bytes of data, as it says, not 1567",
        labels: "is not an IDX file of bytes in 3 dimension",
        b"": "is not an IDX file",
        idx(np.zeros((2, 8, 8), dtype=np.uint8)): r"must be 28 x 28 images with a label each, not .*\(2, 8, 8\)",
        idx(np.zeros((3, 28, 28), dtype=np.uint8)): "and 2 labels",
    }.items():
        write(tmp_path, images, labels)
        with pytest.raises(FormatError, match=message):
            load_images("train", tmp_path)
    path = tmp_path / "mnist" / "train-images-idx3-ubyte.gz"
    for damaged in (gzip.compress(good)[:-9], b"no gzip at all"):
        path.write_bytes(damaged)
        with pytest.raises(FormatError, match="is not a whole gzip file"):
            load_images("train", tmp_path)
