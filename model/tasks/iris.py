"""Fisher's irises, with a quarter of the synapses: pruning and rewiring at constant fan-in (structural plasticity).

Each measure of a flower has axons along its range, of which those near its value fire. Three neurons, one for each
species, learn from labels (see `taught`), with synapses from few of the axons. Between two passes each gives up its
weakest synapses and gets as many from axons drawn at random, on the running target, whose weights begin at 0
(after Bellec et al. 2018, and Billaudelle et al. 2020 on BrainScaleS-2).
"""

import numpy as np

from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.arrays import Array, FloatArray, IntArray
from ganglion.model.spec.target import Target
from ganglion.model.tasks.task import Curve, Learned, Open
from ganglion.model.tasks.taught import Taught

CLASSES = 3

ALONG = 16
"""Axons along the range of a measure."""

NEAR = 3.0
"""Axons whose places are at most so far from a value, in distances of two axons, fire."""

FAN_IN = 0.25
"""Share of the axons from which a neuron has a synapse."""

PRUNED = 0.1
"""Share of a neuron's synapses that are drawn anew between two passes."""

SETTLED = 0.2
"""Share of the passes, the last ones, behind which nothing is drawn anew."""

SPREAD = 10
"""Standard deviation of the weights before."""


def learn(open_target: Open, *, seed: int, passes: int, rewire: bool = True, progress: Progress = SILENT) -> Learned:
    """Learn from half of the flowers, and tell the others.

    Args:
        open_target: makes the target.
        seed: of the halves, the synapses, the weights before, and all that is drawn.
        passes: over the flowers that are learned from.
        rewire: False keeps the synapses that there are at first.
        progress: told of passes.
    """
    rng = np.random.default_rng(seed)
    measures, label = flowers()
    learned, told = halves(label, rng)
    axons = near(measures, measures[learned])
    inputs = ALONG * measures.shape[1]
    fan_in = round(FAN_IN * inputs)
    pre = np.concatenate([np.sort(rng.choice(inputs, fan_in, replace=False)) for _ in range(CLASSES)])
    taught = Taught(
        inputs=inputs,
        classes=CLASSES,
        pre=pre,
        post=np.repeat(np.arange(CLASSES), fan_in),
        weight=np.rint(rng.normal(0, SPREAD, pre.size)).astype(np.int64),
        neurons=CLASSES,
    )
    shares, moved = [], 0
    with open_target(taught.program) as target, progress.task("learning flowers", passes) as task:
        before = picture(target, inputs)
        for number in range(passes):
            order = rng.permutation(learned)
            taught.teach(target, [axons[k] for k in order], label[order])
            shares.append(taught.right(target, [axons[k] for k in told], label[told]))
            if rewire and number < (1 - SETTLED) * passes:
                moved += redraw(target, inputs, rng)
            task.advance()
        after, counters, plastic = picture(target, inputs), target.counters(), int((target.program.rule == 1).sum())
    return Learned(
        program=taught.program,
        measure="share of the flowers not learned from that are told rightly",
        score=shares[-1],
        wanted=0.92,
        curves=[
            Curve(x=np.arange(passes) + 1, y=np.array(shares), x_name="passes", y_name="right, of the other flowers")
        ],
        pictures={"weights from axons (across) to species (down)": (before, after)},
        facts={
            "synapses": f"{plastic} of {inputs * CLASSES} possible, {plastic / inputs / CLASSES:.0%}",
            "drawn anew": f"{moved:,} synapses",
            "flowers": f"{learned.size} to learn from, {told.size} others",
        },
        counters=counters,
    )


def flowers() -> tuple[FloatArray, IntArray]:
    """Four measures of 150 irises, and their species (Fisher 1936), as scikit-learn has them."""
    from sklearn.datasets import load_iris

    data = load_iris()
    return np.asarray(data.data, dtype=np.float64), np.asarray(data.target, dtype=np.int64)


def halves(label: IntArray, rng: np.random.Generator) -> tuple[IntArray, IntArray]:
    """The numbers of half of the flowers of each species, and of the other half."""
    mixed = [rng.permutation(np.flatnonzero(label == k)) for k in range(CLASSES)]
    first, second = zip(*(np.array_split(each, 2) for each in mixed), strict=True)
    return np.concatenate(first), np.concatenate(second)


def near(measures: FloatArray, known: FloatArray) -> list[IntArray]:
    """The axons of each flower that fire; ranges are those of the flowers that are known."""
    low, high = known.min(axis=0), known.max(axis=0)
    places = (np.clip(measures, low, high) - low) / (high - low) * (ALONG - 1)
    fires = np.abs(places[:, :, None] - np.arange(ALONG)) <= NEAR
    return [np.flatnonzero(flower) for flower in fires.reshape(len(measures), -1)]


def redraw(target: Target, inputs: int, rng: np.random.Generator) -> int:
    """Let every neuron give up its weakest synapses for new ones; how many."""
    program, weights = target.program, target.weights()
    given_up, new = [], []
    for neuron in range(CLASSES):
        mine = np.flatnonzero((program.rule == 1) & (program.post_neuron == neuron))
        count = max(1, round(PRUNED * mine.size))
        given_up.append(mine[np.argsort(np.abs(weights[mine]), kind="stable")[:count]])
        new.append(rng.choice(np.setdiff1d(np.arange(inputs), program.pre[mine]), count, replace=False))
    synapses = np.concatenate(given_up)
    number = target.rewire(synapses, pre=np.concatenate(new))
    target.write_weights(number[synapses], 0)
    return int(synapses.size)


def picture(target: Target, inputs: int) -> Array:
    """Weights, shape (species, axons), 0 … 1, where 0.5 is no synapse."""
    program, seen = target.program, np.full((CLASSES, inputs), 0.5)
    plastic = program.rule == 1
    seen[program.post_neuron[plastic], program.pre[plastic]] = 0.5 + target.weights()[plastic] / 256
    return seen
