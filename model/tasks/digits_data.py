"""MNIST for tasks that learn: fewer pixels, black and white, as sets of axons."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from ganglion.model.networks.mnist.images import SIDE, load_test, load_training
from ganglion.model.spec.arrays import FloatArray, IntArray

DARK = 100
"""Pixels above it are ink."""

BATCH = 5000
"""Images that are made smaller at a time."""


def load(part: str, side: int, folder: str | Path | None = None) -> tuple[npt.NDArray[np.bool_], IntArray]:
    """Which pixels are ink, bool (images, side * side), and labels, of the part "training" or "test".

    Raises:
        ToolError, FormatError: as `load_images`.
    """
    images = {"training": load_training, "test": load_test}[part](folder)
    return smaller(images.pixels, side) > DARK, images.label.astype(np.int64)


def smaller(pixels: npt.NDArray[np.uint8], side: int) -> npt.NDArray[np.uint8]:
    """Images of 28 x 28 as means over areas of their pixels: from (images, 784) to (images, side * side)."""
    if side == SIDE:
        return pixels
    cover = _cover(side)
    made = np.empty((len(pixels), side * side), dtype=np.uint8)
    for begin in range(0, len(pixels), BATCH):
        part = pixels[begin : begin + BATCH].reshape(-1, SIDE, SIDE).astype(np.float32)
        made[begin : begin + BATCH] = np.rint(cover @ part @ cover.T).reshape(len(part), -1)
    return made


def _cover(side: int) -> FloatArray:
    """Share of each of 28 pixels in each of `side`, shape (side, 28); rows sum to 1."""
    edges = np.arange(side + 1)[:, None] * (SIDE / side)
    pixel = np.arange(SIDE)
    overlap = np.minimum(edges[1:], pixel + 1) - np.maximum(edges[:-1], pixel)
    return np.asarray(np.maximum(overlap, 0) * (side / SIDE), dtype=np.float64)


def axons(ink: npt.NDArray[np.bool_]) -> list[IntArray]:
    """The axons of each image that fire: a pixel of ink has one of its number."""
    return [np.flatnonzero(image) for image in ink]
