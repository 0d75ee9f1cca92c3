"""What the trainings of both MNIST networks share: images, command line, accuracy."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import torch
import torch.nn.functional as functional
from rich.console import Console
from torch import Tensor, nn

from ganglion.model.interchange.encode import count_rasters
from ganglion.model.interchange.torch.augment import varied
from ganglion.model.interchange.torch.loop import fit, make_repeatable
from ganglion.model.networks.mnist.images import CODE, load_training
from ganglion.model.networks.weights_file import FloatArrays, save_arrays

BATCH = 128

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
    """Training images, and those held out of them."""

    def __init__(self, held_out: int, console: Console) -> None:
        images = load_training()
        count = len(images) - held_out
        pixels, label = torch.from_numpy(images.pixels.copy()), torch.from_numpy(images.label.astype("int64"))
        self.pixels, self.label = pixels[:count], label[:count]
        # Where nothing is held out, the last training images stand in.
        self.test_pixels, self.test_label = pixels[min(count, 55000) :], label[min(count, 55000) :]
        self.tested = "held-out" if held_out else "training"
        self.console = console

    def train(self, network: nn.Module, logits: Callable[[Tensor], Tensor], **how: object) -> None:
        """Train a network whose `logits` of varied images are to tell the class; `how` goes to `loop.fit`."""

        def loss(chosen: Tensor) -> Tensor:
            return functional.cross_entropy(logits(varied(self.pixels[chosen])), self.label[chosen])

        batches = len(self.label) // BATCH

        def order() -> Sequence[Tensor]:
            return torch.randperm(len(self.label))[: batches * BATCH].split(BATCH)

        fit(network, loss, order=order, batches=batches, console=self.console, **how)  # type: ignore[arg-type]

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


def main(
    name: str, file: Path, learn: Callable[[Images, argparse.Namespace], MnistNetwork], epochs: dict[str, int]
) -> None:
    """The command line of a training.

    Args:
        name: last word of the module.
        file: where the network goes unless told otherwise.
        learn: trains one.
        epochs: options that say how long, and their defaults.
    """
    parser = argparse.ArgumentParser(
        prog=f"python -m ganglion.model.networks.mnist.{name}", description="Train a network on MNIST."
    )
    parser.add_argument("--out", default=file, help=f"file to write (default: {file})")
    parser.add_argument("--seed", type=int, default=1, help="seed of the training (default: %(default)s)")
    parser.add_argument("--held-out", type=int, default=0, help="training images to hold out (default: %(default)s)")
    for option, default in epochs.items():
        parser.add_argument(f"--{option}", type=int, default=default, help="epochs (default: %(default)s)")
    arguments = parser.parse_args()
    console = Console()
    make_repeatable(arguments.seed)
    network = learn(Images(arguments.held_out, console), arguments)
    save_arrays(network.arrays(), arguments.out)
    console.print(f"wrote {arguments.out}", soft_wrap=True)
