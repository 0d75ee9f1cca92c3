"""Classes, learned on the chip from labels: the perceptron with a margin (Crammer and Singer 2003).

Every neuron belongs to a class, and the first that fires in a `race` answers. Each sample has two epochs. In the first
the network is free, but for a handicap of the right class, and the weights from its axons to the winner go down; in the
second a teacher holds all other classes down, and those to the winner go up. Where the right neuron wins by more than
the handicap, the two undo each other.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.decay import AT_ONCE
from ganglion.model.spec.learning import Learning, LearningRule, Term
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.program import Program
from ganglion.model.spec.synaptic_traces import PostTrace
from ganglion.model.spec.target import Target
from ganglion.model.tasks.race import EPOCH, REFRACTORY, SAMPLE_STEP, WINNER, Race, winners
from ganglion.model.tasks.task import CHIP, joined

HANDICAP = 127
"""Of the right class, in the first epoch: the margin."""

HELD = 16
"""Steps in which the teacher lowers the wrong classes by 128 each."""

HELP = 127
"""Of the right class, in the second epoch: so that it fires, however badly the sample matches."""

SIGN_STEP = EPOCH - 2
"""When the axons that tell up from down fire, so that what they say is there when the epoch ends."""

THRESHOLD = 800
"""Above any match."""

TICK, SLOW_TICK, FLUSHES = 16, 4, 48

COMPETITOR = NeuronType(
    refractory=REFRACTORY, traces=(PostTrace(feed="receptor", decay=AT_ONCE), PostTrace(jump=1, mode="set"))
)
INHIBITOR = NeuronType(decay=AT_ONCE)


class Taught:
    """The network: its axons and its program.

    Args:
        inputs: axons of a sample.
        classes: how many.
        pre: of each plastic synapse, an axon.
        post: of each, a neuron.
        weight: of each, before.
        neurons: that compete; neuron n is of class n modulo `classes`.
        rate: exponent of the rate: a weight changes by 1 once in 2^rate times.
        seed: of the rounding.
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
        rate: int,
        seed: int,
    ) -> None:
        self.label = np.arange(neurons) % classes
        self.race = Race(
            inputs=inputs,
            neurons=neurons,
            flushes=FLUSHES,
            tick=TICK,
            slow_tick=SLOW_TICK,
            others=3 * classes + 2,
        )
        first = self.race.other
        self._handicap, self._teacher, self._help = first + np.arange(3 * classes).reshape(3, classes)
        self._down, self._up = first + 3 * classes, first + 3 * classes + 1
        every = np.arange(neurons)
        kinds, others = np.nonzero(self.label != np.arange(classes)[:, None])
        groups: list[tuple[npt.ArrayLike, ...]] = [
            (pre, post, weight, 1, 0),
            (*self.race.synapses(), 0, 0),
            (self._handicap[self.label], every, -HANDICAP, 0, 0),
            (self._teacher[kinds], others, -128, 0, 0),
            (self._help[self.label], every, HELP, 0, 0),
            (np.full(neurons, self._down), every, -1, 0, 1),
            (np.full(neurons, self._up), every, 1, 0, 1),
        ]
        pre, post, weight, plastic, receptor = joined(groups)
        rule = LearningRule(
            name="free and taught",
            terms=(Term(dependency="x0", scale=1, exponent=-rate, factors=("y1", "y2")),),
            rounding="stochastic",
        )
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
            names={"class": (0, neurons), "inhibitor": (neurons, 1)},
            learning=Learning(epoch=EPOCH, kernels=(WINNER,), rules=(rule,)),
            rule=plastic,
            receptor=receptor,
        )

    def teach(self, target: Target, samples: Sequence[IntArray], label: IntArray) -> None:
        """Show samples, each twice: the axons of each, and its class."""
        kinds, steps = range(self._handicap.size), range(SAMPLE_STEP, SAMPLE_STEP + HELD)
        free = [{SAMPLE_STEP: [self._handicap[k]], SIGN_STEP: [self._down]} for k in kinds]
        taught = [{step: [self._teacher[k]] for step in steps} for k in kinds]
        for k, plan in enumerate(taught):
            plan |= {SAMPLE_STEP: [self._teacher[k], self._help[k]], SIGN_STEP: [self._up]}
        plans = [plan for k in label.tolist() for plan in (free[k], taught[k])]
        target.run(self.race.events([axons for axons in samples for _ in range(2)], plans))

    def right(self, target: Target, samples: Sequence[IntArray], label: IntArray) -> float:
        """Share of the samples that the network answers rightly; it does not learn from them."""
        return float((self.label[winners(self.race, target, samples)] == label).mean())
