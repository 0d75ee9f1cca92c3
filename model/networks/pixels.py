"""Grey images as events: a regular rate code, whose phases are an ordered dither."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ganglion.model.interchange.encode.encoders import regular_raster
from ganglion.model.spec.errors import EventError
from ganglion.model.spec.events import Events

BAYER = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]])
"""The ordered dither of Bayer (1973)."""


@dataclass(frozen=True)
class PixelCode:
    """The code of square images of one size."""

    side: int
    """Pixels of a side, a multiple of 4."""
    brightest: int
    """Value of a full pixel; an empty one is 0."""
    full: int
    """Value, a multiple of 16, at which a pixel would spike in every step."""

    @property
    def pixels(self) -> int:
        """Pixels of an image."""
        return self.side * self.side

    @cached_property
    def phase(self) -> npt.NDArray[np.int64]:
        """Where in its cycle of `full` each pixel starts, shape (pixels,).

        Neighbours of one brightness so do not spike in one step, and together keep what the rounding of a few steps
        takes from each.
        """
        tiles = self.side // len(BAYER)
        return (np.tile(BAYER, (tiles, tiles)) * (self.full // 16) + self.full // 32).ravel()

    def raster(self, pixels: npt.ArrayLike, steps: int) -> npt.NDArray[np.uint8]:
        """Spikes of images, each shown for `steps` steps.

        Args:
            pixels: shape (images, pixels), whole numbers 0 … brightest.
            steps: from 1.

        Returns:
            0 or 1, shape (images, steps, pixels).

        Raises:
            EventError: another shape, or a value out of range; the message names image and pixel.
        """
        values = np.asarray(pixels)
        if values.ndim != 2 or values.shape[1] != self.pixels:
            raise EventError(f"images are pixels of shape (images, {self.pixels}), got shape {values.shape}")
        wrong = np.argwhere((values < 0) | (values > self.brightest))
        if wrong.size:
            image, pixel = wrong[0]
            raise EventError(
                f"pixel {pixel} of image {image} is {values[image, pixel]}; it must be 0 to {self.brightest}"
            )
        return regular_raster(values, steps, full=self.full, phase=self.phase)

    def picture(self, image: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """An image as people look at it, of pixels as in `raster`: shape (side, side), 0 … 1, dark on white."""
        return np.asarray(image, dtype=np.float64).reshape(self.side, self.side) / self.brightest

    def encode(self, image: npt.ArrayLike, shown: int, steps: int) -> Events:
        """The events of one image, shown in the first `shown` of `steps` steps.

        Args:
            image: pixels as in `raster`, of shape (pixels,) or (side, side).
            shown: from 1.
            steps: of the whole run, from `shown` on.

        Raises:
            EventError: another shape, or a value out of range.
        """
        pixels = np.asarray(image)
        if pixels.size != self.pixels:
            raise EventError(f"an image is {self.side} x {self.side} pixels, got shape {pixels.shape}")
        spikes = self.raster(pixels.reshape(1, -1), shown)[0]
        return Events.from_raster(np.pad(spikes, ((0, steps - shown), (0, 0))))
