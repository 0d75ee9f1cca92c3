"""Which synapses of a network learn, and whether they may."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ganglion.model.spec.arithmetic import integers
from ganglion.model.spec.arrays import BoolArray, IntArray, rank
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.learning import Learning
from ganglion.model.spec.learning_fields import LEARNING_STATE, Of
from ganglion.model.spec.learning_memories import COPIES
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.noise_constants import NUMBER_BITS
from ganglion.model.spec.params import RECEPTOR, Params
from ganglion.model.spec.state import State

if TYPE_CHECKING:
    from ganglion.model.spec.program import Program


def copies(pre: IntArray, post_neuron: IntArray) -> IntArray:
    """The place of each synapse among those of the same two ends, from 0, shape (synapses,)."""
    return rank(pre * (int(post_neuron.max(initial=0)) + 1) + post_neuron)


def clip_ranges(learning: Learning, params: Params, rule: IntArray) -> tuple[IntArray, IntArray]:
    """The least and the greatest weight of synapses by their rules, which are from 1; shape (synapses,) both."""
    clips = np.array([each.clip(params) for each in learning.rules], dtype=np.int64)
    low, high = clips[rule - 1].T
    return low, high


@dataclass(frozen=True, eq=False)
class Ruled:
    """What the rules of a network allow its weights, and the state of what learns. Every check raises a `ProgramError`
    that says what may be asked for and what was."""

    names: tuple[str, ...]
    """Of the rules, from rule 1 on."""
    rule: IntArray
    """Of each synapse; 0 is none."""
    low: IntArray
    """Least weight of each synapse that has a rule, as the next one shape (ruled,)."""
    high: IntArray
    sources: int
    traced: IntArray
    """Sources that have a synapse with a rule, ascending; others have no traces."""

    @classmethod
    def of(cls, program: "Program", held: IntArray | None = None) -> "Ruled":
        """Those of a program that learns, or of these synapses of it."""
        assert program.learning is not None
        rule = program.rule if held is None else program.rule[held]
        names = tuple(each.name for each in program.learning.rules)
        limits = clip_ranges(program.learning, program.params, rule[rule > 0])
        traced = np.unique(program.pre[program.ruled])
        return cls(names, rule, *limits, program.inputs + program.neurons, traced)

    @cached_property
    def synapses(self) -> IntArray:
        """Numbers of the synapses that have rules."""
        return np.flatnonzero(self.rule)

    def check_has_rules(self, synapses: IntArray) -> None:
        """Whether all of these have rules."""
        wrong = np.flatnonzero(self.rule[synapses] == 0)
        if wrong.size:
            raise ProgramError(f"synapse {synapses[wrong[0]]} has no learning rule, and so no tag")

    def check_weights(self, synapses: IntArray, weights: IntArray) -> None:
        """Whether weights are inside the clip ranges of the rules of their synapses."""
        has = self.rule[synapses] > 0
        place = np.searchsorted(self.synapses, synapses[has])
        self._check_clip(place, weights[has])

    def check_state(self, state: State, params: Params, neurons: int) -> None:
        """Whether the network can have what a state says of its learning."""
        integers("steps learned of a state", state.learned, 0, (1 << 32) - 1)
        counts = {Of.SOURCE: self.sources, Of.NEURON: neurons, Of.SYNAPSE: self.synapses.size}
        for spec in LEARNING_STATE:
            array, count = getattr(state, spec.name), counts[spec.of]
            shape = (params.delay_slots, count) if spec.per_slot else (count,)
            if np.shape(array) != shape:
                raise ProgramError(f"{spec.name} of a state must have shape {shape}, not {np.shape(array)}")
            field = spec.field(params)
            low, high = (field.low, field.high) if field.width else (0, 0)
            integers(f"{spec.name} of a {spec.of.value}", array, low, high)
            if spec.of is Of.SOURCE and (idle := np.setdiff1d(np.flatnonzero(array), self.traced)).size:
                raise ProgramError(f"{spec.name} of source {idle[0]} must be 0: none of its synapses has a rule")
        self._check_clip(np.arange(self.synapses.size), state.w)

    def _check_clip(self, place: IntArray, weights: IntArray) -> None:
        low, high = self.low[place], self.high[place]
        wrong = np.flatnonzero((weights < low) | (weights > high))
        if wrong.size:
            k = wrong[0]
            synapse = self.synapses[place[k]]
            raise ProgramError(
                f"weight of synapse {synapse} must be {low[k]} to {high[k]}, to which rule "
                f"'{self.names[self.rule[synapse] - 1]}' clips it, not {weights[k]}"
            )


def check_learning(
    params: Params,
    types: Sequence[NeuronType],
    learning: Learning | None,
    *,
    pre: IntArray,
    post_neuron: IntArray,
    weight: IntArray,
    rule: IntArray,
    receptor: IntArray,
) -> None:
    """Whether a network may learn as it says.

    Args:
        params: the chip.
        types: of its neurons.
        learning: what it shares; None is a network that does not learn.
        pre: of each synapse, shape (synapses,), as all that follow; numbered inputs first.
        post_neuron: of each.
        weight: of each.
        rule: of each; 0 is none.
        receptor: of each, 0 or 1.

    Raises:
        ProgramError: it may not; says which rule, trace or synapse.
    """
    if learning is None:
        for name, values in (("rule", rule), ("receptor", receptor)):
            if values.any():
                raise ProgramError(f"{name}[{np.flatnonzero(values)[0]}] is not 0, and the program has no learning")
        if any(each.traces for each in types):
            raise ProgramError("a neuron type has traces, and the program has no learning")
        return
    learning.check(params)
    for number, each in enumerate(types):
        for slot, trace in enumerate(each.traces, start=1):
            if trace.feed == "spikes" and trace.kernel >= len(learning.kernels):
                raise ProgramError(
                    f"type {number}, trace y{slot}: there is no kernel {trace.kernel}; there are "
                    f"{len(learning.kernels)}, numbered from 0"
                )
    _check_numbers("rule", rule, len(learning.rules))
    _check_numbers("receptor", receptor, int(bool(params.feeds & RECEPTOR)))
    ruled = np.flatnonzero(rule)
    if not ruled.size:
        return
    low, high = clip_ranges(learning, params, rule[ruled])
    wrong = np.flatnonzero((weight[ruled] < low) | (weight[ruled] > high))
    if wrong.size:
        synapse, k = ruled[wrong[0]], wrong[0]
        raise ProgramError(
            f"weight[{synapse}] is {weight[synapse]}; rule '{learning.rules[rule[synapse] - 1].name}' clips to "
            f"{low[k]} to {high[k]}"
        )
    drawn = np.isin(rule, [k for k, each in enumerate(learning.rules, start=1) if each.is_stochastic])
    if drawn.any():
        _check_drawn(pre, post_neuron, drawn)


def _check_numbers(name: str, values: IntArray, most: int) -> None:
    wrong = np.flatnonzero((values < 0) | (values > most))
    if wrong.size:
        raise ProgramError(f"{name}[{wrong[0]}] is {values[wrong[0]]}; it must be 0 to {most}")


def _check_drawn(pre: IntArray, post_neuron: IntArray, drawn: BoolArray) -> None:
    """Whether all synapses that round at random have numbers of their own to draw."""
    for name, numbers in (("pre", pre), ("post", post_neuron)):
        wrong = np.flatnonzero(drawn & (numbers >= 1 << NUMBER_BITS))
        if wrong.size:
            raise ProgramError(
                f"{name}[{wrong[0]}] is number {numbers[wrong[0]]}; stochastic rounding tells {1 << NUMBER_BITS} apart"
            )
    wrong = np.flatnonzero(drawn & (copies(pre, post_neuron) >= COPIES))
    if wrong.size:
        raise ProgramError(
            f"synapse {wrong[0]} is one of more than {COPIES} from {pre[wrong[0]]} to neuron {post_neuron[wrong[0]]}; "
            "stochastic rounding tells no more apart"
        )
