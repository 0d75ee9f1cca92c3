"""What the trainings of both MNIST networks share: images and accuracy."""

from collections.abc import Callable, Sequence
from typing import Protocol

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from ganglion.model.interchange.encode import count_rasters
from ganglion.model.interchange.torch.augment import varied
from ganglion.model.interchange.torch.loop import fit
from ganglion.model.networks.mnist.images import CODE, load_training
from ganglion.model.networks.weights_file import FloatArrays
from ganglion.model.progress import Progress

BATCH = 128

HELD_OUT = 5000

TESTED = 500
"""Images tested at once."""


class MnistNetwork(Protocol):
    """What learns."""

    def __call__(self, events: Tensor, *, quantised: bool) -> Tensor:
        """Output spikes, shape (steps, images, 10), of the events of the pixels, shape (shown, images, 784)."""
        ...

    def arrays(self) -> FloatArrays:
        """The float original, for `weights_file`."""
        ...


def encoded(pixels: Tensor, shown: int) -> Tensor:
    """The events of images, shape (shown, images, 784): PyTorch has time first."""
    return torch.from_numpy(CODE.raster(pixels.numpy(), shown)).float().transpose(0, 1).contiguous()


class Images:
    """Training images, and those held out of them.

    Args:
        hold_out: whether the last 5,000 are for tests alone; where not, they stand in as tests all the same.
        progress: told of the training.
    """

    def __init__(self, hold_out: bool, progress: Progress) -> None:
        images = load_training()
        first_tested = len(images) - HELD_OUT
        count = first_tested if hold_out else len(images)
        pixels, label = torch.from_numpy(images.pixels.copy()), torch.from_numpy(images.label.astype("int64"))
        self.pixels, self.label = pixels[:count], label[:count]
        self.test_pixels, self.test_label = pixels[first_tested:], label[first_tested:]
        self.tested = "held-out" if hold_out else "training"
        self.progress = progress

    def train(self, network: nn.Module, logits: Callable[[Tensor], Tensor], **how: object) -> None:
        """Train a network whose `logits` of varied images are to tell the class; `how` goes to `loop.fit`."""

        def loss(chosen: Tensor) -> Tensor:
            return functional.cross_entropy(logits(varied(self.pixels[chosen])), self.label[chosen])

        batches = len(self.label) // BATCH

        def order() -> Sequence[Tensor]:
            return torch.split(torch.randperm(len(self.label))[: batches * BATCH], BATCH)

        fit(network, loss, order=order, batches=batches, progress=self.progress, **how)  # type: ignore[arg-type]

    def accuracy(self, network: MnistNetwork, shown: int) -> str:
        """How many images the network reads right, in integers and in floats."""
        right = {True: 0, False: 0}
        with torch.no_grad():
            for pixels, label in zip(self.test_pixels.split(TESTED), self.test_label.split(TESTED), strict=True):
                events = encoded(pixels, shown)
                for quantised in right:
                    spikes = network(events, quantised=quantised).transpose(0, 1)
                    guess = count_rasters(spikes.numpy(), ties="earliest")
                    right[quantised] += int((guess == label.numpy()).sum())
        shares = {quantised: count / len(self.test_label) for quantised, count in right.items()}
        return f"{shares[True]:.2%} of {len(self.test_label)} {self.tested} images, {shares[False]:.2%} in floats"
