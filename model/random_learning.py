"""Random learning: traces, kernels and rules that reach every corner of what a chip can learn with."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ganglion.model.spec.arithmetic import signed_range
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.learning import DEPENDENCIES, ROUNDINGS, SIGNS, Learning, LearningRule, Term
from ganglion.model.spec.learning_memories import BOUNDS, COPIES, MOST_FACTORS, SCALE_BITS, SHIFTS, SLOTS, Feed
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import Params
from ganglion.model.spec.ruled import clip_ranges, copies
from ganglion.model.spec.synaptic_traces import MODES, Kernel, PostTrace, PreTrace
from ganglion.model.spec.target import Target

EPOCHS = (1, 1, 2, 3, 5, 8)
"""Epochs, in steps: short enough for several of them in a short run."""


@dataclass(frozen=True)
class Meddling:
    """What the host does to a network that learns, between two steps."""

    modulators: Mapping[str, int] = field(default_factory=dict)
    learning: bool = True

    def apply(self, target: Target) -> None:
        """Does it."""
        target.learning = self.learning
        target.modulate(**self.modulators)


def random_learning(
    params: Params, types: tuple[NeuronType, ...], rng: np.random.Generator
) -> tuple[Learning, tuple[NeuronType, ...]]:
    """Learning for a network of these types, and the types with traces."""
    kernels = tuple(_kernel(params, rng) for _ in range(rng.integers(1, params.kernels + 1) if params.kernels else 0))
    pre = tuple(PreTrace(**_spikes(params, rng, len(kernels))) for _ in range(params.pre_traces))
    rules = tuple(_rule(params, rng, f"rule {k}") for k in range(rng.integers(1, params.rules + 1)))
    learning = Learning(epoch=int(rng.choice(EPOCHS)), pre=pre, kernels=kernels, rules=rules)
    return learning, tuple(replace(each, traces=_post_traces(params, rng, len(kernels))) for each in types)


def random_rules(
    learning: Learning,
    params: Params,
    rng: np.random.Generator,
    source: IntArray,
    target: IntArray,
    weight: IntArray,
) -> tuple[IntArray, IntArray, IntArray]:
    """Rule, receptor and weight of each synapse: a rule mostly goes with a source, as do most receptors."""
    rules, size = len(learning.rules), source.size
    of_source = rng.integers(0, rules + 1, int(source.max(initial=-1)) + 1)
    rule = np.where(rng.random(size) < 0.15, rng.integers(0, rules + 1, size), of_source[source])
    drawn = np.array([False, *(each.is_stochastic for each in learning.rules)])
    rule = np.where(drawn[rule] & (copies(source, target) >= COPIES), 0, rule)
    second = (rng.random(of_source.size) < 0.25)[source] ^ (rng.random(size) < 0.05)
    receptor = np.where(second & bool(params.feeds & Feed.RECEPTOR.bit), 1, 0)
    low, high = clip_ranges(learning, params, np.maximum(rule, 1))
    return rule, receptor, np.where(rule > 0, np.clip(weight, low, high), weight)


def random_meddling(params: Params, steps: int, rng: np.random.Generator) -> dict[int, Meddling]:
    """What the host does before some of the steps: modulators change, and learning stops for a while."""
    bounds = signed_range(params.modulator_bits) if params.modulators else (0, 0)

    def modulators() -> dict[str, int]:
        return {f"r{k}": _one_of(rng, *bounds, 1, int(rng.integers(*bounds))) for k in range(params.modulators)}

    found = {0: Meddling(modulators())}
    if rng.random() < 0.3:
        stops, goes_on = sorted(rng.choice(steps, 2, replace=False).tolist())
        found |= {stops: Meddling(modulators(), learning=False), goes_on: Meddling(modulators())}
    return found


def _kernel(params: Params, rng: np.random.Generator) -> Kernel:
    ages = params.trace_ages
    falling = np.sort(rng.integers(0, 257, ages - 1))[::-1]
    values = falling if rng.random() < 0.7 else rng.integers(0, 257, ages - 1)
    values[0] = 256 if rng.random() < 0.5 else values[0]
    return Kernel((*(int(value) for value in values), 0))


def _one_of(rng: np.random.Generator, *values: int) -> int:
    return values[rng.integers(len(values))]


def _spikes(params: Params, rng: np.random.Generator, kernels: int) -> dict[str, Any]:
    """How a trace of spikes is fed."""
    most = (1 << params.trace_bits) - 1
    jump = _one_of(rng, 1, most, int(rng.integers(0, most + 1)))
    return {"kernel": int(rng.integers(kernels)), "jump": jump, "mode": str(rng.choice(MODES))}


def _post_traces(params: Params, rng: np.random.Generator, kernels: int) -> tuple[PostTrace, ...]:
    traces: list[PostTrace] = []
    for slot in SLOTS:
        feeds = [feed for feed in Feed if feed.bit & params.y_feeds[slot - 1]]
        if Feed.TRACE in feeds and traces[0].feed == "none":
            feeds.remove(Feed.TRACE)
        feed = rng.choice([*feeds, *feeds, Feed.NONE]) if feeds else Feed.NONE
        name = Feed(feed).name.lower()
        if feed == Feed.SPIKES:
            traces.append(PostTrace(**_spikes(params, rng, kernels)))
        elif feed == Feed.RECEPTOR:
            s = int(rng.integers(0, params.decay_bits + 1))
            traces.append(PostTrace(feed=name, decay=(int(rng.integers(0, (1 << s) + 1)), s)))
        elif feed in (Feed.MEMBRANE, Feed.TRACE):
            low, high = signed_range(params.membrane_bits if feed == Feed.MEMBRANE else params.trace_bits + 1)
            bounds = np.unique(rng.integers(low // 4, high // 4 + 1, rng.integers(1, BOUNDS + 1)))
            values = rng.integers(*signed_range(params.trace_bits + 1), bounds.size + 1)
            traces.append(PostTrace(feed=name, bounds=tuple(bounds.tolist()), values=tuple(values.tolist())))
        else:
            traces.append(PostTrace(feed="none"))
    return tuple(traces)


def _rule(params: Params, rng: np.random.Generator, name: str) -> LearningRule:
    has = ["x0", "y0", "w", *(f"x{k + 1}" for k in range(params.pre_traces))]
    has += [f"r{k}" for k in range(params.modulators)]
    has += [f"y{slot}" for slot in SLOTS if params.y_feeds[slot - 1]] + (["e"] if params.tag_bits else [])
    terms = tuple(_term(params, rng, has) for _ in range(rng.integers(1, params.terms + 1)))
    sign = str(rng.choice(SIGNS))
    least, greatest = signed_range(params.weight_bits)
    low, high = sorted(rng.integers(least, greatest + 1, 2).tolist())
    if rng.random() < 0.5 or (sign == "excitatory" and high < 0) or (sign == "inhibitory" and low > 0):
        low = high = None
    rounding = str(rng.choice(ROUNDINGS)) if params.stochastic else ROUNDINGS[0]
    return LearningRule(name=name, terms=terms, low=low, high=high, rounding=rounding, sign=sign)


def _term(params: Params, rng: np.random.Generator, has: list[str]) -> Term:
    """A term; most are small enough to change a weight by a little."""
    count = rng.integers(0, MOST_FACTORS + 1)
    least, greatest = signed_range(SCALE_BITS)
    small = rng.random() < 0.8
    return Term(
        destination="tag" if params.tag_bits and rng.random() < 0.4 else "weight",
        dependency=str(rng.choice(DEPENDENCIES)),
        scale=int(rng.integers(-8, 9)) if small else _one_of(rng, least, greatest, int(rng.integers(least, greatest))),
        exponent=int(-rng.integers(0, 4) - 3 * count if small else rng.integers(SHIFTS[0], SHIFTS[1] + 1)),
        factors=tuple(str(factor) for factor in rng.choice(has, count)),
    )
