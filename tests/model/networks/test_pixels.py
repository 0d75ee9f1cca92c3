"""The rate code of grey images."""

import numpy as np
import pytest

from ganglion.model.networks import digits_data
from ganglion.model.networks.mnist import images
from ganglion.model.networks.pixels import PixelCode
from ganglion.model.spec.errors import EventError

DIGITS, MNIST = digits_data.CODE, images.CODE


@pytest.mark.parametrize(("code", "steps"), [(MNIST, 1), (MNIST, 6), (MNIST, 200), (DIGITS, 8), (DIGITS, 16)])
def test_spike_counts_follow_the_brightness(code: PixelCode, steps: int) -> None:
    """The oracle counts in plain integers how often the sum of a pixel passes a multiple of the full value."""
    pixels = np.random.default_rng(steps).integers(0, code.brightest + 1, (4, code.pixels))
    spikes = code.raster(pixels, steps)
    assert spikes.shape == (4, steps, code.pixels)
    assert set(np.unique(spikes)) <= {0, 1}
    for image in range(4):
        for pixel in range(0, code.pixels, 7):
            value, phase = int(pixels[image, pixel]), int(code.phase[pixel])
            passed = [(value * (step + 1) + phase) // code.full for step in range(steps)]
            assert spikes[image, :, pixel].cumsum().tolist() == passed
    assert not code.raster(np.zeros((1, code.pixels), dtype=np.uint8), steps).any()


@pytest.mark.parametrize("steps", [1, 6, 8, 16])
def test_spikes_of_a_pixel_are_evenly_spread(steps: int) -> None:
    """Pixel p of a digit spikes p * steps / 16 times, rounded down or up, and all gaps between its spikes are alike."""
    pixels = np.tile(np.arange(DIGITS.brightest + 1)[:, np.newaxis], (1, DIGITS.pixels))
    raster = DIGITS.raster(pixels, steps)
    rate = pixels * steps / DIGITS.brightest
    counts = raster.sum(axis=1)
    assert ((counts >= np.floor(rate)) & (counts <= np.ceil(rate))).all()
    for train in raster.transpose(0, 2, 1).reshape(-1, steps):
        gaps = np.diff(np.flatnonzero(train))
        assert gaps.size == 0 or np.ptp(gaps) <= 1


def test_an_image_is_shown_and_then_rests() -> None:
    image = np.random.default_rng(3).integers(0, 256, (28, 28))
    events = MNIST.encode(image, 6, 9)
    assert events.steps == 9
    spikes = MNIST.raster(image.reshape(1, -1), 6)[0]
    assert [events[step].tolist() for step in range(9)] == [np.flatnonzero(s).tolist() for s in spikes] + [[]] * 3


def test_phases_are_all_different_in_a_square_of_four() -> None:
    for code in (DIGITS, MNIST):
        square = code.phase.reshape(code.side, code.side)[:4, :4]
        assert sorted((square * 16 // code.full).ravel().tolist()) == list(range(16))
        assert square.max() < code.full


def test_bad_pixels_are_named() -> None:
    bad = np.zeros((2, 784), dtype=np.int64)
    bad[1, 5] = 256
    with pytest.raises(EventError, match="pixel 5 of image 1 is 256; it must be 0 to 255"):
        MNIST.raster(bad, 8)
    with pytest.raises(EventError, match=r"shape \(images, 784\), got shape \(2, 10\)"):
        MNIST.raster(np.zeros((2, 10), dtype=np.uint8), 8)
    with pytest.raises(EventError, match="whole numbers, 0 to 256, not float64"):
        MNIST.raster(np.full((2, 784), 0.5), 8)
    with pytest.raises(EventError, match="steps must be at least 1"):
        MNIST.raster(bad[:1], 0)
    with pytest.raises(EventError, match=r"28 x 28 pixels, got shape \(8, 8\)"):
        MNIST.encode(np.zeros((8, 8), dtype=np.uint8), 8, 10)
    with pytest.raises(EventError, match="pixel 10 of image 0 is 17; it must be 0 to 16"):
        DIGITS.encode(np.where(np.arange(64) == 10, 17, 0), 8, 10)
