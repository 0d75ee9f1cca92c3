"""Classes, learned on the chip from labels: the perceptron with a margin (Crammer and Singer 2003).

Every neuron belongs to a class, and the first that fires in a `race` answers. Each sample has two epochs. In the first
the network is free, but for a handicap of the right class, and tags from its axons to the winner go down; in the second
a teacher holds all other classes down, and those to the winner go up. Where a neuron of the right class wins by more
than the handicap, it wins both, and its tags are 0 again. At the end of the first epoch of the next sample, weights
change by what their tags say.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ganglion.model.spec.arithmetic import signed_range
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.decay import AT_ONCE
from ganglion.model.spec.learning import Learning, LearningRule, Term
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.program import Program
from ganglion.model.spec.synaptic_traces import PostTrace
from ganglion.model.spec.target import Target
from ganglion.model.tasks.race import EPOCH, LOWEST, REFRACTORY, SAMPLE_STEP, STRONGEST, WINNER, Race, winners
from ganglion.model.tasks.task import CHIP, joined

HANDICAP = STRONGEST
"""Of the right class, in the first epoch: the margin."""

HELD = 16
"""Steps in which the teacher lowers the wrong classes."""

HELP = STRONGEST
"""Of the right class, in the second epoch: so that it fires, however badly the sample matches."""

TOLD_STEP = EPOCH - 2
"""When the axon that tells of a first epoch fires, so that what it says is there when the epoch ends."""

TERMS = (
    Term(scale=1, factors=("e", "y1")),
    Term(destination="tag", scale=-1, factors=("e", "y1")),
    Term(destination="tag", dependency="x0", scale=1, factors=("y2",)),
    Term(destination="tag", dependency="x0", scale=-2, factors=("y1", "y2")),
)
"""y1 is 1 in the first epoch of a sample and 0 in the second, y2 is 1 for who won."""

THRESHOLD = 800
"""Above any match."""

TICK, SLOW_TICK, FLUSHES = 16, 4, 56

COMPETITOR = NeuronType(
    refractory=REFRACTORY, traces=(PostTrace(feed="receptor", decay=AT_ONCE), PostTrace(jump=1, mode="set"))
)
INHIBITOR = NeuronType(decay=AT_ONCE)

MOST_LATERAL = 32
"""Neurons, at most, of which each holds back all others at once: that more send accumulators could not hold."""


def reach(inputs: int) -> int:
    """Greatest weight, of either sign, from so many axons: all of them, the flush, the clocks and the help fit into an
    accumulator."""
    _, highest = signed_range(CHIP.accumulator_bits)
    return min(STRONGEST, (highest - (FLUSHES + 2) * STRONGEST) // inputs)


class Taught:
    """The network: its axons and its program.

    Args:
        inputs: axons of a sample.
        classes: how many.
        pre: of each plastic synapse, an axon.
        post: of each, a neuron.
        weight: of each, before, at most `reach(inputs)` and at least its negative.
        neurons: that compete; neuron n is of class n modulo `classes`.
    """

    def __init__(
        self,
        *,
        inputs: int,
        classes: int,
        pre: IntArray,
        post: IntArray,
        weight: IntArray,
        neurons: int,
    ) -> None:
        self.label = np.arange(neurons) % classes
        self.race = Race(
            inputs=inputs,
            neurons=neurons,
            flushes=FLUSHES,
            tick=TICK,
            slow_tick=SLOW_TICK,
            lateral=neurons <= MOST_LATERAL,
            others=3 * classes + 1,
        )
        first = self.race.other
        self._handicap, self._teacher, self._help = first + np.arange(3 * classes).reshape(3, classes)
        self._told = first + 3 * classes
        every = np.arange(neurons)
        kinds, others = np.nonzero(self.label != np.arange(classes)[:, None])
        groups: list[tuple[npt.ArrayLike, ...]] = [
            (pre, post, weight, 1, 0),
            (*self.race.synapses(), 0, 0),
            (self._handicap[self.label], every, -HANDICAP, 0, 0),
            (self._teacher[kinds], others, LOWEST, 0, 0),
            (self._help[self.label], every, HELP, 0, 0),
            (np.full(neurons, self._told), every, 1, 0, 1),
        ]
        pre, post, weight, plastic, receptor = joined(groups)
        highest = reach(inputs)
        rule = LearningRule(name="free and taught", terms=TERMS, low=-highest, high=highest)
        self.program = Program.build(
            params=CHIP,
            types=(COMPETITOR, INHIBITOR),
            threshold=[*[THRESHOLD] * neurons, 0],
            type=[*[0] * neurons, 1],
            inputs=self.race.axons,
            pre=pre,
            post=self.race.axons + post,
            weight=weight,
            names={"class": (0, neurons), "inhibitor": (neurons, 1)},
            learning=Learning(epoch=EPOCH, kernels=(WINNER,), rules=(rule,)),
            rule=plastic,
            receptor=receptor,
        )

    def teach(self, target: Target, samples: Sequence[IntArray], label: IntArray) -> None:
        """Show samples, each twice, and behind the last an empty one: the axons of each, and its class."""
        kinds, steps = range(self._handicap.size), range(SAMPLE_STEP, SAMPLE_STEP + HELD)
        free = [{SAMPLE_STEP: [self._handicap[k]], TOLD_STEP: [self._told]} for k in kinds]
        taught = [{step: [self._teacher[k]] for step in steps} for k in kinds]
        for k, plan in enumerate(taught):
            plan[SAMPLE_STEP] = [self._teacher[k], self._help[k]]
        plans = [plan for k in label.tolist() for plan in (free[k], taught[k])]
        shown = [axons for axons in samples for _ in range(2)]
        empty = np.zeros(0, dtype=np.int64)
        target.run(self.race.events([*shown, empty], [*plans, {TOLD_STEP: [self._told]}]))

    def right(self, target: Target, samples: Sequence[IntArray], label: IntArray) -> float:
        """Share of the samples that the network answers rightly; it does not learn from them."""
        return float((self.label[winners(self.race, target, samples)] == label).mean())
