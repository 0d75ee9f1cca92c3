"""Handwritten digits, found on the chip without labels: STDP, winner-take-all and adaptive thresholds.

Every pixel has two axons, one for ink and one for paper, so each image has equally many spikes. A weight is the
logarithm of how often its axon fires for the images of a neuron (Nessler et al. 2013, PLoS Comput. Biol. 9:e1003037),
so the neuron that fires first in a `race` is the likeliest; it alone learns: a mixture of prototypes, by expectation
maximisation. Where its axon fired, a weight grows by exp(-w), of which the rule has the first three terms, and each
falls by 1. A bias for each neuron, the weights of axons that fire for every image, is its adaptive threshold: it grows
a little with each image, and falls when the neuron wins, until all win equally often. It is left out where the network
is asked. Labels are used only afterwards, to tell which digit a neuron has found.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.arrays import Array, IntArray
from ganglion.model.spec.decay import AT_ONCE
from ganglion.model.spec.learning import Learning, LearningRule, Term
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.program import Program
from ganglion.model.spec.synaptic_traces import PostTrace
from ganglion.model.spec.target import Target
from ganglion.model.tasks import digits_data
from ganglion.model.tasks.race import EPOCH, REFRACTORY, SAMPLE_STEP, STRONGEST, WINNER, Race, winners
from ganglion.model.tasks.task import CHIP, Curve, Learned, Open, joined

CLASSES = 10

NAT = 16
"""What 1 of a natural logarithm is on the chip."""

CERTAIN, LEAST = 32, -32
"""Weights of probabilities 1 and exp(-64 / 16) = 1.8 %: around 0, so that accumulators hold sums of many."""

TICK, SLOW_TICK, FLUSHES = 32, 8, 88

THRESHOLD = 8000
"""Near the best matches."""

BIASES = 8
"""Axons that fire for every image; a neuron's bias is the sum of its weights from these."""

LIKELIHOOD = LearningRule(
    name="log-likelihood",
    terms=(
        Term(dependency="x0", scale=5, exponent=-1, factors=("y2",)),
        Term(dependency="x0", scale=-3, exponent=-5, factors=("y2", "w")),
        Term(dependency="x0", scale=1, exponent=-10, factors=("y2", "w", "w")),
        Term(scale=-1, exponent=-1, factors=("y2",)),
    ),
    low=LEAST,
    high=CERTAIN,
    rounding="stochastic",
)
"""dw = y2 (x0 (1 + u + u^2 / 2) - 1) / 2 with u = (CERTAIN - w) / NAT: its rest is where exp(-u) is the rate of x0."""

FALL, RISE = 106, 119
"""Of each weight of a bias, in 16ths: when its neuron wins; and with as many images as there are neurons, which is more
as several may tie."""

COMPETITOR = NeuronType(refractory=REFRACTORY, traces=(PostTrace(feed="none"), PostTrace(jump=1, mode="set")))
INHIBITOR = NeuronType(decay=AT_ONCE)

CHUNK = 5000

LABELLED = 10_000
"""Images, the last that were learned from, whose labels name the neurons."""

TESTED = 500


class Mixture:
    """The network: its axons and its program.

    Args:
        pixels: of an image.
        neurons: prototypes.
        seed: of the weights before, and of the rounding.
    """

    def __init__(self, pixels: int, neurons: int, seed: int) -> None:
        self.race = Race(
            inputs=2 * pixels,
            neurons=neurons,
            flushes=FLUSHES,
            tick=TICK,
            slow_tick=SLOW_TICK,
            others=BIASES,
        )
        rng, every, axons = np.random.default_rng(seed), np.arange(neurons), np.arange(2 * pixels)
        likely = CERTAIN + np.rint(NAT * np.log(rng.uniform(0.6, 0.9, (axons.size, neurons)))).astype(np.int64)
        biases = self.race.other + np.arange(BIASES)
        self.biasing = {SAMPLE_STEP: biases.tolist()}
        shift = int(np.log2(STRONGEST * neurons / RISE))
        homeostasis = LearningRule(
            name="homeostasis",
            terms=(
                Term(scale=round((RISE << shift) / neurons), exponent=-4 - shift),
                Term(scale=-FALL, exponent=-4, factors=("y2",)),
            ),
            rounding="stochastic",
        )
        groups = [
            (np.repeat(axons, neurons), np.tile(every, axons.size), likely.ravel(), 1),
            (*self.race.synapses(), 0),
            (np.repeat(biases, neurons), np.tile(every, BIASES), 0, 2),
        ]
        pre, post, weight, rule = joined(groups)
        self.program = Program.build(
            params=CHIP,
            types=(COMPETITOR, INHIBITOR),
            threshold=[*[THRESHOLD] * neurons, 0],
            type=[*[0] * neurons, 1],
            inputs=self.race.axons,
            pre=pre,
            post=self.race.axons + post,
            weight=weight,
            seed=seed,
            names={"prototype": (0, neurons), "inhibitor": (neurons, 1)},
            learning=Learning(epoch=EPOCH, kernels=(WINNER,), rules=(LIKELIHOOD, homeostasis)),
            rule=rule,
        )

    def show(self, target: Target, images: Sequence[IntArray]) -> None:
        """Learn from images."""
        target.run(self.race.events(images, [self.biasing] * len(images)))

    def names(self, target: Target, images: Sequence[IntArray], label: IntArray) -> IntArray:
        """The digit that each neuron wins most often, shape (neurons,)."""
        wins = np.zeros((self.race.neurons, CLASSES), dtype=np.int64)
        np.add.at(wins, (winners(self.race, target, images), label), 1)
        return np.asarray(wins.argmax(axis=1))

    def right(self, target: Target, images: Sequence[IntArray], label: IntArray, names: IntArray) -> float:
        """Share of the images that the network answers rightly; it does not learn from them."""
        return float((names[winners(self.race, target, images)] == label).mean())


def learn(
    open_target: Open,
    *,
    seed: int,
    images: int,
    side: int = 16,
    neurons: int = 100,
    tested: int | None = None,
    data: Path | None = None,
    progress: Progress = SILENT,
) -> Learned:
    """Learn without labels, in one pass.

    Args:
        open_target: makes the target.
        seed: of the weights before, of the rounding, and of the order of the images.
        images: of the training set, at most 60,000.
        side: pixels of a side, at most 28.
        neurons: prototypes.
        tested: images of the test set, from the first on; None is all.
        data: folder of real data; None looks in the usual places.
        progress: told of images.
    """
    ink, label = digits_data.load("training", side, data)
    order = np.random.default_rng([seed, 1]).permutation(len(label))[:images]
    label = label[order]
    tests, answers = digits_data.load("test", side, data)
    tests, answers = tests[:tested], answers[:tested]
    shown, asked = both(ink[order]), both(tests)
    mixture = Mixture(side * side, neurons, seed)
    points: list[int] = []
    shares: list[float] = []
    with open_target(mixture.program) as target, progress.task("finding digits", images) as task:
        for end in [*range(CHUNK, images, CHUNK), images]:
            begin = points[-1] if points else 0
            mixture.show(target, shown[begin:end])
            recent = slice(max(0, end - TESTED), end)
            names = mixture.names(target, shown[recent], label[recent])
            points.append(end)
            shares.append(mixture.right(target, asked[:TESTED], answers[:TESTED], names))
            task.advance(end - begin)
        names = mixture.names(target, shown[-LABELLED:], label[-LABELLED:])
        score = mixture.right(target, asked, answers, names)
        after, counters = target.weights(), target.counters()
    return Learned(
        program=mixture.program,
        measure=f"share of MNIST's {len(answers):,} test images that are read rightly, learned without labels",
        score=score,
        wanted=0.829,
        curves=[Curve(
            x=np.array(points),
            y=np.array(shares),
            x_name="training images",
            y_name=f"right, of {min(TESTED, len(answers)):,} test images",
        )],
        pictures={"prototypes": (_sheet(mixture, mixture.program.weight, side), _sheet(mixture, after, side))},
        facts={
            "prototypes": f"{neurons}",
            "digits found": ", ".join(f"{k}: {int((names == k).sum())}" for k in range(CLASSES)),
            "training images": f"{images:,}",
        },
        counters=counters,
    )


def both(ink: Array) -> list[IntArray]:
    """The axons of each image that fire, bool (images, pixels): pixel k is axon k where it is ink, or pixels + k."""
    return list(np.nonzero(np.concatenate([ink, ~ink], axis=1))[1].reshape(len(ink), -1))


def _sheet(mixture: Mixture, weights: IntArray, side: int) -> Array:
    """Ink that each prototype expects, 0 … 1, side by side."""
    neurons, program = mixture.race.neurons, mixture.program
    found = np.exp((weights[program.rule == 1].reshape(-1, neurons)[: side * side].T - CERTAIN) / NAT)
    columns = int(np.ceil(np.sqrt(neurons)))
    sheet = np.zeros((-(-neurons // columns) * side, columns * side))
    for neuron, image in enumerate(found):
        row, column = np.array(divmod(neuron, columns)) * side
        sheet[row : row + side, column : column + side] = image.reshape(side, side)
    return sheet
