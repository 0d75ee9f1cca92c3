"""MNIST's files, and the code of its pixels."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from ganglion.model.networks.mnist.images import PHASE, PIXELS, encode_image, encode_pixels, load_images
from ganglion.model.spec.errors import EventError, FormatError


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


@pytest.mark.parametrize("steps", [1, 6, 8, 64])
def test_spike_counts_follow_the_brightness(steps: int) -> None:
    """The oracle counts in plain integers how often the sum of a pixel passes a multiple of 256."""
    pixels = np.random.default_rng(steps).integers(0, 256, (4, PIXELS))
    spikes = encode_pixels(pixels, steps)
    assert spikes.shape == (steps, 4, PIXELS)
    assert set(np.unique(spikes)) <= {0, 1}
    for image in range(4):
        for pixel in range(0, PIXELS, 97):
            value, phase = int(pixels[image, pixel]), int(PHASE[pixel])
            passed = [(value * (step + 1) + phase) // 256 for step in range(steps)]
            assert spikes[:, image, pixel].cumsum().tolist() == passed
    assert not encode_pixels(np.zeros((1, PIXELS), dtype=np.uint8), steps).any()


def test_an_image_is_shown_and_then_rests() -> None:
    image = np.random.default_rng(3).integers(0, 256, (28, 28))
    events = encode_image(image, 6, 9)
    assert events.steps == 9
    spikes = encode_pixels(image.reshape(1, -1), 6)[:, 0]
    assert [events[step].tolist() for step in range(9)] == [np.flatnonzero(s).tolist() for s in spikes] + [[]] * 3


def test_bad_pixels_are_named() -> None:
    bad = np.zeros((2, PIXELS), dtype=np.int64)
    bad[1, 5] = 256
    with pytest.raises(EventError, match="pixel 5 of image 1 is 256; it must be 0 to 255"):
        encode_pixels(bad, 8)
    with pytest.raises(EventError, match=r"shape \(images, 784\), got shape \(2, 10\)"):
        encode_pixels(np.zeros((2, 10), dtype=np.uint8), 8)
    with pytest.raises(EventError, match="whole numbers, 0 to 255, not float64"):
        encode_pixels(np.zeros((2, PIXELS)), 8)
    with pytest.raises(EventError, match="1 to 64 steps, not 65"):
        encode_pixels(bad[:1], 65)
    with pytest.raises(EventError, match=r"28 x 28 pixels, got shape \(8, 8\)"):
        encode_image(np.zeros((8, 8), dtype=np.uint8), 8, 10)
