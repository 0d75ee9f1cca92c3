"""Trains the convolutional MNIST network; needs the extra `train` (PyTorch).

First as a network without time, whose activations are rates, clipped and rounded
down to what an IF neuron can count in the steps an image is shown for (after Bu et al. 2022, without their shift);
then, for few epochs, through the integer network itself, step by step. The recipe was chosen on the last 5,000
training images (`--hold-out`), never on the test images.
"""

import torch.nn.functional as functional
from torch import Tensor, nn

from ganglion.model.interchange.torch.loop import make_repeatable
from ganglion.model.interchange.torch.spiking import Neurons, exported, later, uniform, weights
from ganglion.model.networks.mnist.conv import KERNEL, MAPS, SHOWN, SIDES, STEPS, STRIDE
from ganglion.model.networks.mnist.images import CLASSES, SIDE
from ganglion.model.networks.mnist.training import Images, encoded
from ganglion.model.networks.weights_file import FloatArrays
from ganglion.model.progress import Progress

UNIT = 128.0
"""Threshold that neurons start with."""

SPIKING_EPOCHS = 3


class ConvNetwork(nn.Module):
    """Two convolutions and a dense layer."""

    def __init__(self) -> None:
        super().__init__()
        self.first_weight = uniform(0.3, MAPS[0], 1, KERNEL, KERNEL)
        self.second_weight = uniform(0.09, MAPS[1], MAPS[0], KERNEL, KERNEL)
        self.output_weight = uniform(0.06, MAPS[1] * SIDES[1] ** 2, CLASSES)
        self.first, self.second = Neurons(MAPS[0], UNIT, trailing=2), Neurons(MAPS[1], UNIT, trailing=2)
        self.output = Neurons(CLASSES, UNIT)

    def rates(self, pixels: Tensor) -> Tensor:
        """What the outputs would count, shape (images, 10), if pixels and neurons had rates instead of spikes."""
        x = pixels.float().view(-1, 1, SIDE, SIDE) / 256
        x = self.first.rate(functional.conv2d(x, self.first_weight, stride=STRIDE), SHOWN)
        x = self.second.rate(functional.conv2d(x, self.second_weight, stride=STRIDE), SHOWN)
        return (x.flatten(1) @ self.output_weight + self.output.bias) * SHOWN

    def forward(self, events: Tensor, quantised: bool) -> Tensor:
        """Output spikes of the events of the pixels; see `MnistNetwork`."""
        arrived = _convolved(events.unflatten(-1, (1, SIDE, SIDE)), weights(self.first_weight, UNIT, quantised))
        first = self.first(functional.pad(arrived, (0,) * 8 + (1, STEPS - SHOWN - 1)), quantised)
        second = self.second(later(_convolved(first, weights(self.second_weight, UNIT, quantised))), quantised)
        drive = later(second.flatten(2) @ weights(self.output_weight, UNIT, quantised))
        output: Tensor = self.output(drive, quantised)
        return output

    def arrays(self) -> FloatArrays:
        """The float original, for `weights_file`."""
        names = ("first", "second", "output")
        arrays = {f"{name}_weight": exported(weights(getattr(self, f"{name}_weight"), UNIT, False)) for name in names}
        for name in names:
            arrays |= getattr(self, name).arrays(name)
        return arrays


def _convolved(maps: Tensor, kernel: Tensor) -> Tensor:
    """Maps of each step, shape (steps, images, channels, rows, columns), under one kernel."""
    flat = functional.conv2d(maps.flatten(0, 1), kernel, stride=STRIDE)
    return flat.view(*maps.shape[:2], *flat.shape[1:])


def train(seed: int, epochs: int, hold_out: bool, progress: Progress) -> FloatArrays:
    """Train a network; the float original, for `weights_file`. The epochs are those without time."""
    make_repeatable(seed)
    images, network = Images(hold_out, progress), ConvNetwork()

    def check() -> str:
        return images.accuracy(network, SHOWN)

    images.train(network, network.rates, epochs=epochs, rate=4e-3, name="rates", check=check, every=10)
    images.train(
        network,
        lambda pixels: network(encoded(pixels, SHOWN), quantised=True).sum(dim=0),
        epochs=SPIKING_EPOCHS,
        rate=1e-3,
        name="spikes",
        check=check,
        every=1,
    )
    return network.arrays()
