"""Trains the digits network, in NumPy, to the same bits on any machine.

Backpropagation through time with a surrogate gradient (Neftci, Mostafa and Zenke 2019, eq. 5-6, fast sigmoid), through
the integer network itself: the forward pass is the chip's arithmetic with rounded weights, the gradient passes the
rounding as if it were not there (straight-through), Adam (Kingma and Ba 2015) moves the unrounded weights. The loss is
a squared hinge on spike counts: the right class wants `margin` more spikes than any other.

It repeats because gradients are rounded to multiples of 2^-12 before they are summed; see `repeatable`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from threadpoolctl import threadpool_limits

from ganglion.model.emulator.array.arithmetic import Integers
from ganglion.model.emulator.array.engine import ArrayEngine
from ganglion.model.emulator.array.synapses import Block, Synapses
from ganglion.model.networks.digits import LEAK_SHIFT, SHOWN, STEPS
from ganglion.model.networks.digits_data import (
    BRIGHTEST,
    CLASSES,
    CODE,
    PIXELS,
    SIDE,
    Images,
)
from ganglion.model.networks.repeatable import Adam, Draws, exact_product
from ganglion.model.networks.weights_file import FloatArrays
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.arithmetic import signed_range
from ganglion.model.spec.arrays import FloatArray, IntArray
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import PRESETS

CHIP = PRESETS["small"]
"""Whose arithmetic the network learns in."""

NEURON = NeuronType.leaky(LEAK_SHIFT, reset="subtract")

TOLD = 20
"""Epochs after which the accuracy is told."""

GRADIENT_GRID = 2.0**12
"""Gradients are summed as multiples of 1 / this."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How to train. The values were chosen on a fifth of the training images, never on the held-out ones."""

    hidden: int = 192
    epochs: int = 200
    batch: int = 60
    rate: float = 1.5
    """First step size of Adam, in units of the weights; falls to 0 along a line."""
    margin: int = 4
    """Spikes by which the right class should win."""
    pruned: float = 0.7
    """Share of the weights that end as 0."""
    weight_range: float = 30.0
    """Weights start uniform in plus or minus this."""
    threshold: float = 160.0
    """Thresholds start here, and the surrogate is as wide as half of it."""
    seed: int = 2


@dataclass(eq=False)
class Layer:
    """Weights and neurons of one layer, in units of the integer network."""

    weight: FloatArray
    """Shape (sources, neurons)."""
    bias: FloatArray
    """Shape (neurons,)."""
    threshold: FloatArray
    """Shape (neurons,)."""


@dataclass(frozen=True, eq=False)
class Activity:
    """What the neurons of a layer did, shape (steps, neurons, images) each."""

    before: FloatArray
    """Membranes when they are compared with the threshold, before the reset."""
    spikes: FloatArray
    """0 or 1."""


class Trainer:
    """Holds the unrounded network while it learns."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.draws = Draws(recipe.seed)
        self.limit = signed_range(CHIP.weight_bits)[1]
        spread = 2 * recipe.weight_range
        self.layers = [
            Layer(
                weight=(self.draws.uniform(sources, neurons) - 0.5) * spread,
                bias=np.zeros(neurons),
                threshold=np.full(neurons, recipe.threshold),
            )
            for sources, neurons in ((PIXELS, recipe.hidden), (recipe.hidden, CLASSES))
        ]
        self.kept = [np.ones_like(layer.weight) for layer in self.layers]
        self.adam = Adam([a for layer in self.layers for a in (layer.weight, layer.bias, layer.threshold)])

    def rounded(self) -> list[Layer]:
        """The integer network."""
        return [
            Layer(np.rint(layer.weight) * kept, np.rint(layer.bias), np.rint(layer.threshold))
            for layer, kept in zip(self.layers, self.kept, strict=True)
        ]

    def forward(self, pixels: IntArray, layers: list[Layer]) -> tuple[FloatArray, list[Activity]]:
        """The spikes of the pixels, and what each layer makes of them; shape (steps, pixels or neurons, images) all."""
        sources = np.zeros((STEPS, PIXELS, len(pixels)))
        sources[:SHOWN] = CODE.raster(pixels, SHOWN).transpose(1, 2, 0)
        engine = engine_of(layers, len(pixels))
        sizes = [layer.threshold.size for layer in layers]
        found = [Activity(*np.empty((2, STEPS, size, len(pixels)))) for size in sizes]
        ends = np.cumsum([0, *sizes]).tolist()
        for t in range(STEPS):
            step = engine.step(sources[t])
            for layer, (begin, end) in zip(found, pairwise(ends), strict=True):
                layer.before[t], layer.spikes[t] = step.before[begin:end], step.fired[begin:end]
        return sources, found

    def learn(self, pixels: IntArray, label: IntArray, rate: float) -> None:
        """One step of Adam on one batch."""
        layers = self.rounded()
        sources, (hidden, output) = self.forward(pixels, layers)
        counts = output.spikes.sum(axis=0)
        right = np.eye(CLASSES)[label].T
        lead = np.take_along_axis(counts, label[np.newaxis], axis=0) - counts
        short = np.maximum(0, self.recipe.margin - lead) * (1 - right)
        wrong_way = short - right * short.sum(axis=0, keepdims=True)
        at_output = np.broadcast_to(wrong_way, output.spikes.shape)

        gradients_out, delta = self.backward(at_output, hidden.spikes, output, layers[1])
        back = exact_product(layers[1].weight, joined(delta[1:]))
        at_hidden = np.zeros_like(hidden.spikes)
        at_hidden[:-1] = back.reshape(self.recipe.hidden, STEPS - 1, -1).swapaxes(0, 1)
        at_hidden /= GRADIENT_GRID * self.recipe.threshold
        gradients_in, _ = self.backward(at_hidden, sources, hidden, layers[0])
        self.adam.step(gradients_in + gradients_out, rate)
        for layer in self.layers:
            np.clip(layer.weight, -self.limit, self.limit, out=layer.weight)
            np.maximum(layer.threshold, self.recipe.threshold / 4, out=layer.threshold)

    def backward(
        self, at_spikes: FloatArray, sources: FloatArray, activity: Activity, layer: Layer
    ) -> tuple[list[FloatArray], FloatArray]:
        """From the gradient at a layer's spikes to those of its weights, biases and thresholds, and at its drive.

        The reset is taken as a constant. All returned values are whole numbers, in units of the gradient's grid.
        """
        surrogate = 1 + 2 * np.abs(activity.before - layer.threshold[:, np.newaxis]) / self.recipe.threshold
        at_membrane = at_spikes / (surrogate * surrogate)
        keep = 1 - 2.0**-LEAK_SHIFT
        delta = at_membrane.copy()
        for step in reversed(range(STEPS - 1)):
            delta[step] += keep * delta[step + 1]
        delta = np.rint(delta * GRADIENT_GRID)
        weight = exact_product(joined(sources[:-1]), joined(delta[1:]).T)
        threshold = -np.rint(at_membrane * GRADIENT_GRID).sum(axis=(0, 2))
        return [weight, delta.sum(axis=(0, 2)), threshold], delta

    def prune(self, share: float) -> None:
        """Take out the `share` of the weights of each layer that are nearest to zero."""
        for layer, kept in zip(self.layers, self.kept, strict=True):
            size = np.abs(layer.weight)
            kept[:] = size >= np.sort(size, axis=None)[int(share * size.size)]

    def varied(self, pixels: IntArray) -> IntArray:
        """The images, some moved by a pixel, their strokes lighter or darker by up to 2."""
        count = len(pixels)
        roomy = np.zeros((count, SIDE + 2, SIDE + 2), dtype=np.int64)
        roomy[:, 1:-1, 1:-1] = pixels.reshape(count, SIDE, SIDE)
        down = np.where(self.draws.uniform(count) < 0.6, 1, self.draws.below(3, count))
        right = np.where(self.draws.uniform(count) < 0.4, 1, self.draws.below(3, count))
        line = np.arange(SIDE)
        moved = roomy[
            np.arange(count)[:, None, None], (down[:, None] + line)[:, :, None], (right[:, None] + line)[:, None, :]
        ].reshape(count, PIXELS)
        shade = self.draws.below(5, count, PIXELS) - 2
        return np.where(moved > 0, np.clip(moved + shade, 0, BRIGHTEST), 0)

    def correct(self, images: Images) -> int:
        """How many images the integer network reads right."""
        _, (_, output) = self.forward(images.pixels, self.rounded())
        return int((output.spikes.sum(axis=0).argmax(axis=0) == images.label).sum())

    def arrays(self) -> FloatArrays:
        """The unrounded network, for `weights_file`, without the hidden neurons that nothing listens to."""
        hidden, output = self.layers
        heard = self.rounded()[1].weight.any(axis=1)
        weights = [layer.weight * kept for layer, kept in zip(self.layers, self.kept, strict=True)]
        return {
            "hidden_weight": weights[0][:, heard],
            "hidden_threshold": hidden.threshold[heard],
            "hidden_bias": hidden.bias[heard],
            "output_weight": weights[1][heard],
            "output_threshold": output.threshold,
            "output_bias": output.bias,
        }


def joined(values: FloatArray) -> FloatArray:
    """Steps and images on one axis: from (steps, neurons, images) to (neurons, steps * images)."""
    return values.swapaxes(0, 1).reshape(values.shape[1], -1)


def engine_of(layers: Sequence[Layer], images: int) -> ArrayEngine:
    """The integer network over many images: each layer is fed by the one before it, the first by the pixels."""
    thresholds, biases = (
        np.concatenate([getattr(layer, name) for layer in layers]).astype(np.int64) for name in ("threshold", "bias")
    )
    neurons = Integers(CHIP, (NEURON,), np.zeros(thresholds.size, dtype=np.int64), thresholds, biases)
    sources = np.cumsum([0, *(len(layer.weight) for layer in layers)]).tolist()
    blocks = [
        Block(1, slice(*pre), slice(post, post + layer.threshold.size), layer.weight.T)
        for layer, pre, post in zip(layers, pairwise(sources), np.array(sources[1:]) - PIXELS, strict=True)
    ]
    bound = max(np.abs(layer.weight).sum(axis=0).max() for layer in layers)
    return ArrayEngine(neurons, Synapses(blocks, bound), images)


def train(recipe: Recipe, images: Images, progress: Progress = SILENT) -> Trainer:
    """Train a network.

    Args:
        recipe: how.
        images: what with.
        progress: told of epochs, and now and then of the accuracy.
    """
    trainer = Trainer(recipe)
    batches = len(images) // recipe.batch
    total = recipe.epochs * batches
    # The products are so small that a second thread of BLAS only gets in the way.
    with threadpool_limits(1), progress.task("training digits", recipe.epochs) as task:
        for epoch in range(recipe.epochs):
            done = (epoch - recipe.epochs // 3) / (recipe.epochs / 3)
            if recipe.pruned and done >= 0:
                trainer.prune(min(1.0, done) * recipe.pruned)
            order = np.argsort(trainer.draws.uniform(len(images)), kind="stable")
            for number in range(batches):
                chosen = order[number * recipe.batch : (number + 1) * recipe.batch]
                rate = recipe.rate * (1 - (epoch * batches + number) / total)
                trainer.learn(trainer.varied(images.pixels[chosen]), images.label[chosen], rate)
            task.advance()
            if (epoch + 1) % TOLD == 0:
                progress.note(f"epoch {epoch + 1}: {trainer.correct(images)} of {len(images)} training images")
    return trainer
