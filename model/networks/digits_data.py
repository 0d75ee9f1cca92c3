"""Handwritten digits as events: the images of scikit-learn, the held-out split, and the code of the pixels."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import EventError, ToolError

UintArray = npt.NDArray[np.uint64]

SIDE = 8
"""Pixels of a side of an image."""

PIXELS = SIDE * SIDE

BRIGHTEST = 16
"""Value of a full pixel; an empty one is 0."""

CLASSES = 10

SPLIT_SEED = 2026

HELD_OUT = 540
"""Images held out: 30 % of the 1,797, rounded up."""

PHASE = np.tile([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], (2, 2)).ravel()
"""Where in its cycle of 16 each pixel starts, shape (64,): the ordered dither of Bayer (1973), so that neighbours of
one brightness do not spike in one step, and together keep what the rounding of a few steps takes from each."""


@dataclass(frozen=True, eq=False)
class Images:
    """Labelled images."""

    number: IntArray
    """Shape (images,): where in the 1,797 of scikit-learn each one is."""
    pixels: IntArray
    """Shape (images, 64), rows of pixels, 0 … 16."""
    label: IntArray
    """Shape (images,), 0 … 9."""

    def __len__(self) -> int:
        return self.label.size

    def take(self, where: npt.ArrayLike) -> "Images":
        """Some of the images, by position or by mask."""
        index = np.asarray(where)
        return Images(self.number[index], self.pixels[index], self.label[index])


def raw_draws(seed: int, count: int) -> UintArray:
    """`count` words of 64 bits of PCG64, whose stream NumPy keeps the same from version to version (NEP 19)."""
    return np.asarray(np.random.PCG64(seed).random_raw(count), dtype=np.uint64)


def load_images() -> Images:
    """All 1,797 images: Alpaydin and Kaynak, Optical Recognition of Handwritten Digits, UCI (1998), the test part.

    Raises:
        ToolError: scikit-learn is missing.
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise ToolError("the handwritten digits come with scikit-learn, which is missing: pip install -e .") from error
    digits = load_digits()
    count = len(digits.target)
    return Images(
        np.arange(count),
        digits.images.reshape(count, PIXELS).astype(np.int64),
        digits.target.astype(np.int64),
    )


def split(images: Images, held_out: int = HELD_OUT, seed: int = SPLIT_SEED) -> tuple[Images, Images]:
    """Images to train with, and images held out; each class keeps its share in both, to within one image.

    The images are laid out class by class, shuffled within a class, and every 1,797/540th is held out.
    """
    order = np.lexsort((raw_draws(seed, len(images)), images.label))
    place = np.arange(len(images))
    out = (place + 1) * held_out // len(images) > place * held_out // len(images)
    return images.take(np.sort(order[~out])), images.take(np.sort(order[out]))


def encode_pixels(pixels: npt.ArrayLike, steps: int) -> IntArray:
    """The rate code: in `steps` steps, pixel p spikes p * steps / 16 times, rounded by its phase, evenly spread.

    Args:
        pixels: shape (images, 64), whole numbers 0 … 16.
        steps: steps the image is shown for, 1 … 16.

    Returns:
        Spikes, 0 or 1, shape (images, steps, 64).

    Raises:
        EventError: another shape, or a value out of range; the message names image and pixel.
    """
    values = np.asarray(pixels)
    if values.ndim != 2 or values.shape[1] != PIXELS:
        raise EventError(f"digits are pixels of shape (images, {PIXELS}), got shape {values.shape}")
    if values.dtype.kind not in "iuf" or (values != np.rint(values)).any():
        raise EventError("pixels must be whole numbers, 0 to 16; scale and round them first")
    wrong = np.argwhere((values < 0) | (values > BRIGHTEST))
    if wrong.size:
        image, pixel = wrong[0]
        raise EventError(f"pixel {pixel} of image {image} is {values[image, pixel]}; it must be 0 to {BRIGHTEST}")
    if not 1 <= steps <= BRIGHTEST:
        raise EventError(f"an image is shown for 1 to {BRIGHTEST} steps, not {steps}")
    shown = np.arange(steps + 1)[:, None]
    due = (values[:, None, :].astype(np.int64) * shown + PHASE) // BRIGHTEST
    return np.asarray(np.diff(due, axis=1))
