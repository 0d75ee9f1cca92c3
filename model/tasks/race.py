"""The race: neurons that tell classes compete, and the first that fires is the answer; on-chip, in one epoch.

An epoch begins with a flush: enough input for every neuron to fire, which sets all membranes to 0, and lets a
refractory period swallow what the last epoch left in flight. Then all spikes of a sample come at once: each membrane is
the match of the sample with the neuron's weights. Then a clock raises all membranes alike, step by step, until one
fires. It makes an inhibitor fire, which lowers all membranes by so much that no other neuron fires in this epoch. That
takes a step, in which a synapse from each neuron to each other can hold the others back: then only those that fire in
the same step tie, and else those of the next step too.

A kernel that is 0 at the age of the flush lets traces of own spikes tell the winner alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ganglion.model.spec.arithmetic import signed_range
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.events import Events
from ganglion.model.spec.synaptic_traces import Kernel
from ganglion.model.spec.target import Target
from ganglion.model.tasks.task import CHIP, joined

EPOCH = 64
"""Steps of a race."""

SAMPLE_STEP, CLOCK_STEP = 5, 7
"""When the sample comes, and from when on the clock does."""

REFRACTORY = 4
"""Steps: until what the flush set off has arrived."""

WINNER = Kernel.box(EPOCH - SAMPLE_STEP)
"""Tells, at the end of an epoch, of spikes that came behind the flush."""

LOWEST, STRONGEST = signed_range(CHIP.weight_bits)
"""Weights."""


@dataclass(frozen=True, kw_only=True)
class Race:
    """The axons of a race, behind those of the sample: flushes, the clock, then those of the user.

    Synapses are added with `synapses`; the inhibitor is the last neuron.
    """

    inputs: int
    """Axons of a sample."""
    neurons: int
    """That compete."""
    flushes: int
    """Axons that flush: what they deliver must exceed the threshold by all that a membrane may be below 0."""
    tick: int
    """What a step of the clock adds to every membrane."""
    slow_tick: int
    """What a step of the slow clock adds, a divisor of `tick`."""
    lateral: bool = True
    """Whether each neuron holds back all others at once."""
    others: int = 0
    """Axons of the user's, behind the clocks'."""

    @property
    def clock(self) -> int:
        """The axon of the clock."""
        return self.inputs + self.flushes

    @property
    def slow_clock(self) -> int:
        """The axon of the slow clock."""
        return self.clock + 1

    @property
    def other(self) -> int:
        """First axon of the user's."""
        return self.clock + 2

    @property
    def inhibiting(self) -> int:
        """Synapses from the inhibitor to each neuron: enough to undo all that the clock adds."""
        return -(-(EPOCH - CLOCK_STEP) * self.tick // -LOWEST)

    @property
    def axons(self) -> int:
        """All axons."""
        return self.other + self.others

    @property
    def inhibitor(self) -> int:
        """Neuron."""
        return self.neurons

    def synapses(self) -> tuple[IntArray, IntArray, IntArray]:
        """Those of flush, clock and inhibitor: where from, which neuron, which weight."""
        every = np.arange(self.neurons)
        flushing = np.arange(self.inputs, self.clock)
        first, second = np.nonzero(~np.eye(self.neurons, dtype=bool))
        groups = [
            (np.repeat(flushing, self.neurons), np.tile(every, self.flushes), STRONGEST),
            (np.full(self.neurons, self.clock), every, self.tick),
            (np.full(self.neurons, self.slow_clock), every, self.slow_tick),
            *([(self.axons + first, second, LOWEST)] if self.lateral else []),
            (self.axons + every, np.full(self.neurons, self.inhibitor), STRONGEST),
            (
                np.full(self.inhibiting * self.neurons, self.axons + self.inhibitor),
                np.tile(every, self.inhibiting),
                LOWEST,
            ),
        ]
        pre, post, weight = joined(groups)
        return pre, post, weight

    def events(self, samples: Sequence[IntArray], plans: Sequence[Mapping[int, Sequence[int]]]) -> Events:
        """A race for each sample.

        Args:
            samples: axons of each, which fire at once.
            plans: for each, by step from `SAMPLE_STEP` on, the user's axons that fire in it.
        """
        return self._events(samples, plans, self.clock, EPOCH)

    def slow_events(self, samples: Sequence[IntArray]) -> Events:
        """A race for each sample, of `slow_steps` steps, with the slow clock, which tells more membranes apart."""
        return self._events(samples, [{}] * len(samples), self.slow_clock, self.slow_steps)

    @property
    def slow_steps(self) -> int:
        """Steps of a race that the slow clock takes as far as the clock takes others."""
        return CLOCK_STEP + (EPOCH - CLOCK_STEP) * self.tick // self.slow_tick

    def _events(
        self, samples: Sequence[IntArray], plans: Sequence[Mapping[int, Sequence[int]]], clock: int, steps: int
    ) -> Events:
        flush = np.arange(self.inputs, self.clock)
        made: dict[int, tuple[IntArray, IntArray]] = {}
        parts, counts = [flush[:0]], [flush[:0]]
        for sample, plan in zip(samples, plans, strict=True):
            if id(plan) not in made:
                ticks = [[clock] if step >= CLOCK_STEP else [] for step in range(SAMPLE_STEP, steps)]
                last = [[*ticking, *plan.get(step, ())] for step, ticking in enumerate(ticks, start=SAMPLE_STEP)]
                made[id(plan)] = (np.array([a for axons in last for a in axons]), np.array([len(a) for a in last]))
            rest, sizes = made[id(plan)]
            parts += [flush, sample, rest]
            counts += [np.array([flush.size, *[0] * (SAMPLE_STEP - 1), sample.size + sizes[0]]), sizes[1:]]
        return Events(np.concatenate(parts), np.append(0, np.cumsum(np.concatenate(counts))))


def winners(race: Race, target: Target, samples: Sequence[IntArray]) -> IntArray:
    """Who wins the race for each sample, while the target does not learn; of those that tie, the lowest; shape
    (samples,).

    A sample for which no neuron fires counts as won by neuron 0.
    """
    learns, target.learning = target.learning, False
    first = target.t
    trace = target.run(race.slow_events(samples))
    target.learning = learns
    step, neuron = (trace.spikes - [first, 0]).T
    number, step = np.divmod(step, race.slow_steps)
    competes = (neuron < race.neurons) & (step > SAMPLE_STEP)
    number, neuron = number[competes], neuron[competes]
    won = np.zeros(len(samples), dtype=np.int64)
    numbers, place = np.unique(number, return_index=True)
    won[numbers] = neuron[place]
    return won
