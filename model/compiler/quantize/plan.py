"""What of a network learns: the rules of its projections, and what follows for weights, scales and neuron types.

Rules, windows of membranes, and the weights of receptor 1 are in units of the chip: no scale changes them.
"""

from dataclasses import dataclass, replace

import numpy as np

from ganglion.model.compiler.network.network import Network
from ganglion.model.compiler.network.projection import Projection
from ganglion.model.compiler.quantize.flat import Flat
from ganglion.model.spec.arithmetic import signed_range
from ganglion.model.spec.arrays import BoolArray, FloatArray, IntArray
from ganglion.model.spec.errors import NetworkError, ProgramError
from ganglion.model.spec.learning import Learning
from ganglion.model.spec.params import RECEPTOR, Params
from ganglion.model.spec.plastic import PlasticRule, Together
from ganglion.model.spec.program import Program
from ganglion.model.spec.synaptic_traces import PostTrace


@dataclass(frozen=True, eq=False, kw_only=True)
class Plan:
    """The learning of a network."""

    learning: Learning | None
    rule: IntArray
    """Of each synapse of the flat network, as the next three of shape (synapses,); 0 is none."""
    receptor: IntArray
    low: IntArray
    """Least weight, in units of the chip: of its rule, or of the chip."""
    high: IntArray
    """Greatest weight."""
    traces: tuple[tuple[PostTrace, ...], ...]
    """Of each population."""
    population: IntArray
    """Of each neuron, shape (neurons,)."""

    def part(self, which: BoolArray) -> "Plan":
        """The same of some of the synapses."""
        names = ("rule", "receptor", "low", "high")
        return replace(self, **{name: getattr(self, name)[which] for name in names})

    def room(self, flat: Flat) -> FloatArray:
        """What ruled synapses may come to, upwards and downwards, at the membranes; shape (2, neurons)."""
        ruled = (self.rule > 0) & (self.receptor == 0)
        sums = (np.where(ruled, np.maximum(values, 0), 0) for values in (self.high, -self.low))
        return np.stack([np.bincount(flat.post_neuron, weights=each, minlength=flat.neurons) for each in sums])


def plan(network: Network, flat: Flat, params: Params) -> Plan:
    """What of a network learns.

    Raises:
        NetworkError: a rule that the chip cannot hold, or rules that do not agree; names the projection.
    """
    together, numbers = Together(params), []
    least, greatest = signed_range(params.weight_bits)
    clips = []
    for projection in network.projections:
        rule, number, clip = projection.learning, 0, (least, greatest)
        if rule is not None:
            try:
                number = together.add(rule)
                rule.rule.check(params)
                clip = rule.rule.clip(params)
                _check_seen(rule, network, projection)
            except ProgramError as error:
                raise NetworkError(f"projection {projection.name}: {error}") from error
        if projection.receptor and not params.feeds & RECEPTOR:
            raise NetworkError(
                f"projection {projection.name}: the chip ({params.name}) has no receptor 1: none of y1_feeds, y2_feeds "
                "and y3_feeds has RECEPTOR"
            )
        numbers.append(number)
        clips.append(clip)
    traces = []
    for name in network.populations:
        rules = [p.learning for p in network.projections if p.target == name and p.learning is not None]
        try:
            traces.append(together.post_traces(rules))
        except ProgramError as error:
            raise NetworkError(f"population '{name}': {error}") from error
    learns = any(numbers) or any(projection.receptor for projection in network.projections)
    low, high = np.array(clips, dtype=np.int64).reshape(-1, 2)[flat.projection].T
    return Plan(
        learning=together.learning() if learns else None,
        rule=np.array(numbers, dtype=np.int64)[flat.projection],
        receptor=np.array([p.receptor for p in network.projections], dtype=np.int64)[flat.projection],
        low=low,
        high=high,
        traces=tuple(traces),
        population=np.repeat(np.arange(len(flat.names)), [count for _, count in flat.names.values()]),
    )


def _check_seen(rule: PlasticRule, network: Network, projection: Projection) -> None:
    """Whether every trace that a rule sees is told, by itself or by others that it shares it with."""
    rules = [each for each in network.projections if each.learning is not None]
    pre = max(len(each.learning.pre) for each in rules if each.learning is not None)
    post = [each.learning.post for each in rules if each.learning is not None and each.target == projection.target]
    told = {f"x{slot}" for slot in range(1, pre + 1)} | {"x0", "y0"}
    told |= {f"y{slot}" for traces in post for slot, trace in enumerate(traces, start=1) if trace is not None}
    for number, term in enumerate(rule.rule.terms, start=1):
        for factor in term.factors:
            if factor[0] in "xy" and factor not in told:
                where = "pre" if factor[0] == "x" else "post"
                raise ProgramError(
                    f"rule '{rule.name}', term {number} ({term}): no rule says what trace {factor} is; give {where}="
                )


def frozen(program: Program) -> Program:
    """The same program without learning, and without what feeds traces alone."""
    mine = np.flatnonzero(program.receptor == 0)
    return program.replace(
        learning=None,
        types=tuple(replace(each, traces=()) for each in program.types),
        **{name: getattr(program, name)[mine] for name in ("pre", "post", "weight", "delay")},
        rule=0,
        receptor=0,
    )
