"""Plasticity: the part of the golden reference that learns, to be read aloud behind `ganglion.model.spec.reference`.

Traces are kept step by step. Behind the last delivery of an epoch each synapse that has a rule is visited once. It
sees its source, its target and itself as they were before the visit, so the order of the visits does not matter.
"""

from typing import Protocol

from ganglion.model.spec.arithmetic import decay, saturate, signed_range
from ganglion.model.spec.learning import LearningRule, Term
from ganglion.model.spec.learning_memories import FRACTION_BITS
from ganglion.model.spec.noise import draw, step_keys
from ganglion.model.spec.program import Program
from ganglion.model.spec.synaptic_traces import PostTrace, PreTrace


class Network(Protocol):
    """What of a running network plasticity sees and changes: a value for each neuron, or synapse."""

    v: list[int]
    type: list[int]
    weight: list[int]


class Plasticity:
    """What a network remembers in order to learn, and how that changes its weights."""

    def __init__(self, program: Program, network: Network) -> None:
        assert program.learning is not None, "a network without learning has nothing that learns"
        self.learning, self.params, self.network = program.learning, program.params, network
        self.kernels = [kernel.table(self.params.trace_ages) for kernel in self.learning.kernels]
        self.clips = [rule.clip(self.params) for rule in self.learning.rules]
        self.visits = self.changes = self.saturations = 0
        self.wire(program)
        self.reset()

    def wire(self, program: Program) -> None:
        """The synapses are those of this program."""
        self.program = program
        self.rule, self.copy, self.ruled = program.rule.tolist(), program.copy.tolist(), program.ruled.tolist()
        self.source, self.target = program.pre.tolist(), program.post_neuron.tolist()
        self.traced = set(program.pre[program.ruled].tolist())

    def rewire(self, program: Program) -> None:
        """The same of another program of these neurons; sources that have lost their rules forget their traces."""
        self.wire(program)
        for values in (self.x0, self.x1, self.x2, self.xg):
            for source in set(range(len(values))) - self.traced:
                values[source] = 0

    def reset(self) -> None:
        """All of it is zero, but for the weights, which stay."""
        neurons, sources = self.program.neurons, self.program.inputs + self.program.neurons
        self.learned = 0
        self.modulators: tuple[int, ...] = (0, 0, 0, 0)
        self.x0, self.x1, self.x2, self.xg = ([0] * sources for _ in range(4))
        self.y0, self.y1, self.y2, self.y3, self.yg = ([0] * neurons for _ in range(5))
        self.receptor = [[0] * neurons for _ in range(self.params.delay_slots)]
        self.e = [0] * self.program.synapses

    def begin_step(self) -> None:
        """The spikes of the past are one step older."""
        for source in self.traced if self.params.pre_traces else ():
            self.xg[source] = min(self.xg[source] + 1, self.params.trace_ages - 1)

    def source_fires(self, source: int) -> None:
        """A source fires in this step, once. One without a rule on any of its synapses has no traces."""
        if source not in self.traced:
            return
        self.x0[source] = 1
        for x, trace in zip((self.x1, self.x2), self.learning.pre, strict=False):
            x[source] = self.jumped(x[source], self.xg[source], trace)
        self.xg[source] = 0

    def neuron_steps(self, neuron: int, spikes: bool, errors: int) -> None:
        """A neuron has been updated: whether it spikes, and what arrives at its receptor 1."""
        age = min(self.yg[neuron] + 1, self.params.trace_ages - 1)
        self.y0[neuron] |= spikes
        for y, trace in zip((self.y1, self.y2, self.y3), self.traces(neuron), strict=False):
            if trace.feed == "spikes" and spikes:
                y[neuron] = self.jumped(y[neuron], age, trace)
            elif trace.feed == "receptor":
                value = y[neuron] - decay(y[neuron], *trace.decay) + errors
                y[neuron] = saturate(value, self.params.trace_bits + 1)
        if self.params.has_ages:
            self.yg[neuron] = 0 if spikes else age

    def end_step(self) -> None:
        """Everything has been delivered; at the end of an epoch, rules are applied."""
        epoch, phase = divmod(self.learned, self.learning.epoch)
        self.learned += 1
        if phase == self.learning.epoch - 1:
            for synapse in self.ruled:
                self.visit(synapse, epoch)
            self.x0, self.y0 = [0] * len(self.x0), [0] * len(self.y0)

    def visit(self, synapse: int, epoch: int) -> None:
        """A synapse changes as its rule says, the tag and the weight at once."""
        rule = self.learning.rules[self.rule[synapse] - 1]
        sees = self.sees(synapse)
        quiet = rule.is_quiet and not (sees["x0"] or sees["x1"] or sees["x2"] or (rule.is_tagged and sees["e"]))
        self.visits += not quiet
        rounding = self.rounding(synapse, epoch) if rule.is_stochastic else 0
        if self.params.tag_bits:
            self.e[synapse] = self.changed(("e", *signed_range(self.params.tag_bits)), rule, sees, rounding)
        self.network.weight[synapse] = self.changed(("w", *self.clips[self.rule[synapse] - 1]), rule, sees, rounding)
        self.changes += self.network.weight[synapse] != sees["w"]

    def changed(self, what: tuple[str, int, int], rule: LearningRule, sees: dict[str, int], rounding: int) -> int:
        """The weight or the tag, which has these limits, after the visit: an exact sum, rounded once, and clipped."""
        name, low, high = what
        total = sees[name] << FRACTION_BITS
        for term in rule.terms:
            if term.changes == name:
                total += self.product(term, sees) << (FRACTION_BITS + term.exponent)
        exact = (total + rounding) >> FRACTION_BITS
        self.saturations += not low <= exact <= high
        return max(low, min(high, exact))

    def product(self, term: Term, sees: dict[str, int]) -> int:
        """A term, but for its power of two."""
        value = term.scale
        if term.dependency != "always":
            value *= sees[term.dependency]
        for factor in term.factors:
            value *= sees[factor]
        return value

    def rounding(self, synapse: int, epoch: int) -> int:
        """A fraction below 1 that is a function of seed, epoch, source, copy and target."""
        row = 1 << 31 | self.copy[synapse] << 20 | self.source[synapse]
        drawn: int = draw(step_keys(self.program.seed ^ row, epoch), self.target[synapse])
        return drawn & ((1 << FRACTION_BITS) - 1)

    def sees(self, synapse: int) -> dict[str, int]:
        """What a synapse sees: every factor by its name."""
        source, target = self.source[synapse], self.target[synapse]
        values = {"x0": self.x0[source], "x1": 0, "x2": 0, "y0": self.y0[target], "y1": 0, "y2": 0, "y3": 0}
        values |= {"w": self.network.weight[synapse], "e": self.e[synapse]}
        values |= {f"r{number}": value for number, value in enumerate(self.modulators)}
        for name, x, trace in zip(("x1", "x2"), (self.x1, self.x2), self.learning.pre, strict=False):
            values[name] = self.seen(x[source], self.xg[source], trace)
        for name, y, each in zip(("y1", "y2", "y3"), (self.y1, self.y2, self.y3), self.traces(target), strict=False):
            if each.feed == "spikes":
                values[name] = self.seen(y[target], self.yg[target], each)
            elif each.feed == "receptor":
                values[name] = y[target]
            elif each.feed == "membrane":
                values[name] = each.look_up(self.network.v[target])
            elif each.feed == "trace":
                values[name] = each.look_up(values["y1"])
        return values

    def seen(self, value: int, age: int, trace: PreTrace | PostTrace) -> int:
        """What is left of a trace of spikes at an age."""
        return (value * self.kernels[trace.kernel][age]) >> 8

    def jumped(self, value: int, age: int, trace: PreTrace | PostTrace) -> int:
        """A trace of spikes after one more spike."""
        if trace.mode == "set":
            return trace.jump
        return min(self.seen(value, age, trace) + trace.jump, (1 << self.params.trace_bits) - 1)

    def traces(self, neuron: int) -> tuple[PostTrace, ...]:
        """The postsynaptic traces of a neuron."""
        return self.program.types[self.network.type[neuron]].traces
