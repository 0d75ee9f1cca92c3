"""What the sweeps of a network on a chip visit, for the cycle model."""

import numpy as np

from ganglion.model.compiler.image import Image
from ganglion.model.spec.arrays import BoolArray, IntArray
from ganglion.model.spec.cycles.sweep import SweepRow, sweep_cycles
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.events import Events
from ganglion.model.spec.memories import Memory
from ganglion.model.spec.state import State
from ganglion.model.spec.trace import Trace


class Sweeps:
    """The rows of the axon tables of an image, and which of them a sweep visits.

    Args:
        image: of a network that learns.
    """

    def __init__(self, image: Image) -> None:
        self.image, program = image, image.program
        assert program.learning is not None
        self._rules, self._ruled, params = program.learning.rules, program.ruled, image.params
        self._place = image.synapses.core[self._ruled] * params.axons + image.synapses.axon[self._ruled]
        self._source = np.zeros(params.cores * params.axons, dtype=np.int64)
        self._source[self._place] = program.pre[self._ruled]
        columns = [image.columns(Memory.AXONS, core) for core in range(params.cores)]
        self._rule, self._words = (np.concatenate([each[name] for each in columns]) for name in ("rule", "length"))

    def cycles(self, active: BoolArray, tags: IntArray) -> list[int]:
        """Cycles of a sweep of each core.

        Args:
            active: of each source, whether it fired in the epoch or anything is left of its traces.
            tags: of each synapse that has a rule, before the sweep.
        """
        tagged = np.zeros(self._rule.size, dtype=bool)
        tagged[self._place[tags != 0]] = True
        rows = [self._row(k, bool(active[self._source[k]]), bool(tagged[k])) for k in range(self._rule.size)]
        axons = self.image.params.axons
        return [sweep_cycles(self.image.params, rows[k : k + axons]) for k in range(0, len(rows), axons)]

    def _row(self, place: int, active: bool, tagged: bool) -> SweepRow:
        words = int(self._words[place])
        if not self._rule[place] or not words:
            return SweepRow(words, 0)
        rule = self._rules[self._rule[place] - 1]
        if rule.is_quiet and not active and not (rule.is_tagged and tagged):
            return SweepRow(words, 0)
        return SweepRow(words, -(-len(rule.terms) // self.image.params.products), rule.is_stochastic)


def sweeps_of_run(image: Image, events: Events, trace: Trace) -> list[list[int]]:
    """Cycles of the sweep of each core in each step of a run, 0 in steps without one.

    Args:
        image: the network on its chip.
        events: the host's events.
        trace: of a run from step 0 on, with the spikes of all neurons, and with states where the network learns.

    Raises:
        ProgramError: the trace has no states, without which nobody knows what is visited.
    """
    learning, cores = image.program.learning, image.params.cores
    if learning is None:
        return [[0] * cores] * events.steps
    if not trace.states:
        raise ProgramError("the cycles of a network that learns depend on its traces and tags: run it with keep_states")
    sweeps, found = Sweeps(image), list[list[int]]()
    sources = image.program.inputs + image.program.neurons
    fired, learned, tags = np.zeros(sources, dtype=bool), 0, np.zeros(image.program.ruled.size, dtype=np.int64)
    for step, spikes in enumerate(trace.spikes_per_step()):
        state = trace.states[step]
        cycles = [0] * cores
        if state.learned != learned:
            fired[events[step]] = fired[image.program.inputs + np.asarray(spikes)] = True
            if state.learned % learning.epoch == 0:
                cycles = sweeps.cycles(fired | _left(image, state), tags)
                fired[:] = False
        found.append(cycles)
        learned, tags = state.learned, state.e
    return found


def _left(image: Image, state: State) -> BoolArray:
    """Of each source, whether anything is left of its traces."""
    learning = image.program.learning
    assert learning is not None
    left = np.zeros(state.xg.size, dtype=bool)
    for trace, values in zip(learning.pre, (state.x1, state.x2), strict=False):
        kernel = np.array(learning.kernels[trace.kernel].table(image.params.trace_ages))
        left |= (values * kernel[state.xg]) >> 8 > 0
    return left
