"""Trains the dense MNIST network; needs the extra `train` (PyTorch).

Backpropagation through time through the integer network itself; see
`ganglion.model.interchange.torch.spiking`. The loss is the cross-entropy of the counts of output spikes. The recipe was
chosen on the last 5,000 training images (`--hold-out`), never on the test images.
"""

import torch.nn.functional as functional
from torch import Tensor, nn

from ganglion.model.interchange.torch.accumulator import within_accumulator
from ganglion.model.interchange.torch.loop import make_repeatable
from ganglion.model.interchange.torch.spiking import Neurons, exported, later, uniform, weights
from ganglion.model.networks.mnist.dense import HIDDEN, SHOWN, STEPS
from ganglion.model.networks.mnist.images import CLASSES, PIXELS
from ganglion.model.networks.mnist.training import Images, encoded
from ganglion.model.networks.weights_file import FloatArrays
from ganglion.model.progress import Progress

UNIT = 256.0
"""Threshold that neurons start with."""


class DenseNetwork(nn.Module):
    """784-128-10."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden_weight = uniform(0.1, PIXELS, HIDDEN)
        self.output_weight = uniform(0.3, HIDDEN, CLASSES)
        self.hidden, self.output = Neurons(HIDDEN, UNIT), Neurons(CLASSES, UNIT)

    def forward(self, events: Tensor, quantised: bool) -> Tensor:
        """Output spikes of the events of the pixels; see `MnistNetwork`."""
        arrived = events @ weights(self.hidden_weight, UNIT, quantised)
        drive = functional.pad(arrived, (0, 0, 0, 0, 1, STEPS - SHOWN - 1))
        hidden = self.hidden(drive, quantised)
        output: Tensor = self.output(later(hidden @ weights(self.output_weight, UNIT, quantised)), quantised)
        return output

    def arrays(self) -> FloatArrays:
        """The float original, for `weights_file`, within accumulators of 16 bits."""
        arrays = {
            "hidden_weight": exported(weights(self.hidden_weight, UNIT, False)),
            "output_weight": exported(weights(self.output_weight, UNIT, False)),
            **self.hidden.arrays("hidden"),
            **self.output.arrays("output"),
        }
        names = ("hidden_weight", "hidden_threshold", "hidden_bias")
        weight, threshold, bias = (arrays[name] for name in names)
        return arrays | dict(zip(names, within_accumulator(weight, threshold, bias), strict=True))


def train(seed: int, epochs: int, hold_out: bool, progress: Progress) -> FloatArrays:
    """Train a network; the float original, for `weights_file`."""
    make_repeatable(seed)
    images, network = Images(hold_out, progress), DenseNetwork()
    images.train(
        network,
        lambda pixels: network(encoded(pixels, SHOWN), quantised=True).sum(dim=0),
        epochs=epochs,
        rate=4e-3,
        name="dense",
        check=lambda: images.accuracy(network, SHOWN),
    )
    return network.arrays()
