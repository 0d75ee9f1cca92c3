"""Handwritten digits: the images of scikit-learn, the held-out split, and the rate code of the pixels."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ganglion.model.networks.pixels import PixelCode
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import ToolError

UintArray = npt.NDArray[np.uint64]

SIDE = 8
"""Pixels of a side of an image."""

PIXELS = SIDE * SIDE

BRIGHTEST = 16
"""Value of a full pixel; an empty one is 0."""

CLASSES = 10

SPLIT_SEED = 2026

DATA = "scikit-learn's load_digits (Alpaydin and Kaynak 1998), 1,797 images of 8 x 8 pixels; 540 held out by class"

HELD_OUT = 540
"""Images held out: 30 % of the 1,797, rounded up."""

CODE = PixelCode(side=SIDE, brightest=BRIGHTEST, full=BRIGHTEST)
"""How pixels become events."""


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
