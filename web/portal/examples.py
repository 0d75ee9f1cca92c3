"""Examples that a user of the portal can run without a file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ganglion.model.spec.decay import Decay
from ganglion.model.spec.events import Events
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.program import Program

RING = 32
"""Neurons of the ring."""


@dataclass(frozen=True, kw_only=True)
class Example:
    """One of them."""

    what: str
    make: Callable[[], tuple[Program, Events]]


def _digit() -> tuple[Program, Events]:
    """The digits network, and the first image of its test set."""
    from ganglion.model.networks import digits  # loads scikit-learn, for its images

    classifier = digits.load()
    return classifier.program(classifier.params), classifier.encode(classifier.test_set(None).inputs[0])


def _ring() -> tuple[Program, Events]:
    """A spike that goes round a ring of neurons, with one more let in every so often, and inhibition behind it."""
    ring = list(range(RING))
    pre = [0, *(1 + k for k in ring), *(1 + k for k in ring)]
    post = [1, *(1 + (k + 1) % RING for k in ring), *(1 + (k - 2) % RING for k in ring)]
    program = Program.build(
        params=PRESETS["small"],
        types=(NeuronType(decay=Decay(1, 2), refractory=2),),
        neurons=RING,
        threshold=40,
        inputs=1,
        pre=pre,
        post=post,
        weight=[60, *[60] * RING, *[-20] * RING],
        names={"ring": (0, RING)},
    )
    return program, Events.from_steps([[0] if t in (0, 11, 17) else [] for t in range(200)])


EXAMPLES: Mapping[str, Example] = {
    "digits": Example(what="a handwritten digit, read by two layers of neurons", make=_digit),
    "ring": Example(what="spikes that run round a ring of 32 neurons", make=_ring),
}
