"""Handwritten digits, learned on the chip from labels, in one pass over MNIST; see `taught`."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.arrays import Array, IntArray
from ganglion.model.spec.program import Program
from ganglion.model.tasks import digits_data
from ganglion.model.tasks.task import Curve, Learned, Open
from ganglion.model.tasks.taught import Taught, reach

CLASSES = 10

SPREAD = 3, 10
"""Standard deviation of the weights before, of one neuron per class, and of several, which have to differ."""

CHUNK = 5000
"""Images that are shown in one run."""

TESTED = 500
"""Images of the test set that the curve is of."""


def network(side: int, neurons: int, seed: int) -> Taught:
    """A synapse from every pixel to every neuron."""
    pre, post = np.divmod(np.arange(side * side * neurons), neurons)
    drawn = np.random.default_rng(seed).normal(0, SPREAD[neurons > CLASSES], pre.size)
    highest = reach(side * side)
    weight = np.clip(np.rint(drawn), -highest, highest).astype(np.int64)
    return Taught(inputs=side * side, classes=CLASSES, pre=pre, post=post, weight=weight, neurons=neurons)


def learn(
    open_target: Open,
    *,
    seed: int,
    images: int,
    side: int = 16,
    neurons: int = CLASSES,
    tested: int | None = None,
    data: Path | None = None,
    progress: Progress = SILENT,
) -> Learned:
    """Learn from labels, in one pass.

    Args:
        open_target: makes the target.
        seed: of the weights before, and of the order of the images.
        images: of the training set, at most 60,000.
        side: pixels of a side, at most 28.
        neurons: that compete.
        tested: images of the test set, from the first on; None is all.
        data: folder of real data; None looks in the usual places.
        progress: told of images.
    """
    ink, label = digits_data.load("training", side, data)
    order = np.random.default_rng([seed, 1]).permutation(len(label))[:images]
    tests, answers = digits_data.load("test", side, data)
    tests, answers = tests[:tested], answers[:tested]
    shown, asked = digits_data.axons(ink[order]), digits_data.axons(tests)
    taught = network(side, neurons, seed)
    points, shares = [0], []
    with open_target(taught.program) as target, progress.task("learning digits", images) as task:
        shares.append(taught.right(target, asked[:TESTED], answers[:TESTED]))
        for begin in range(0, images, CHUNK):
            part = slice(begin, min(begin + CHUNK, images))
            taught.teach(target, shown[part], label[order[part]])
            points.append(part.stop)
            shares.append(taught.right(target, asked[:TESTED], answers[:TESTED]))
            task.advance(part.stop - begin)
        score = taught.right(target, asked, answers)
        after, counters = target.weights(), target.counters()
    program = taught.program
    return Learned(
        program=program,
        measure=f"share of MNIST's {len(answers):,} test images that are read rightly",
        score=score,
        wanted=0.845 if neurons == CLASSES else 0.9,
        curves=[Curve(
            x=np.array(points),
            y=np.array(shares),
            x_name="training images",
            y_name=f"right, of {min(TESTED, len(answers)):,} test images",
        )],
        pictures={
            f"weights of neuron {k}": _receptive(program, (program.weight, after), k, side) for k in range(CLASSES)
        },
        facts={"neurons": f"{neurons}", "pixels": f"{side} x {side}, black and white"},
        counters=counters,
    )


def _receptive(program: Program, weights: Sequence[IntArray], neuron: int, side: int) -> tuple[Array, Array]:
    """What a neuron looks for, before and after: its weights as an image, 0 … 1."""
    mine = (program.rule == 1) & (program.post_neuron == neuron)
    before, after = (0.5 + each[mine].reshape(side, side) / 256 for each in weights)
    return before, after
