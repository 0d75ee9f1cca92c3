"""Images varied for training: turned, sheared, scaled and moved a little."""

import numpy as np
import torch
import torch.nn.functional as functional
from torch import Tensor

TURN = 0.12
"""Largest angle, radians."""

SHEAR = 0.1

SCALE = 0.08

MOVE = 1.5
"""Largest shift, pixels."""


def varied(pixels: Tensor) -> Tensor:
    """Images, each under an affine map of its own; parameters are uniform up to the constants above.

    Args:
        pixels: shape (images, 784), uint8.

    Returns:
        The same shape and type.
    """
    count, side = pixels.shape[0], int(np.sqrt(pixels.shape[1]))
    angle, shear, scale, right, down = (2 * torch.rand(5, count) - 1) * torch.tensor(
        [[TURN], [SHEAR], [SCALE], [2 * MOVE / side], [2 * MOVE / side]]
    )
    cosine, sine = torch.cos(angle) * (1 + scale), torch.sin(angle) * (1 + scale)
    rows = torch.stack((cosine, shear - sine, right, sine, cosine, down), dim=1).view(count, 2, 3)
    grid = functional.affine_grid(rows, [count, 1, side, side], align_corners=False)
    moved = functional.grid_sample(pixels.float().view(count, 1, side, side), grid, align_corners=False)
    return moved.round().clamp(0, 255).to(torch.uint8).view(pixels.shape)
