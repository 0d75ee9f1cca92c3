"""What random networks that learn must have reached: named points, beside those of `ganglion.sim.coverage`."""

from collections.abc import Iterator

import numpy as np

from ganglion.model.random_network import RandomNetwork
from ganglion.model.spec.arithmetic import signed_range
from ganglion.model.spec.learning import DEPENDENCIES, ROUNDINGS, SIGNS, Learning
from ganglion.model.spec.learning_memories import SLOTS, Feed
from ganglion.model.spec.memories import Memory
from ganglion.model.spec.params import Params
from ganglion.model.spec.synaptic_traces import MODES
from ganglion.model.spec.trace import Trace

ROWS = ("sparse", "dense")


def learning_points(params: Params) -> list[str]:
    """The names of all points that a chip of these parameters has; none where it does not learn."""
    if not params.products:
        return []
    has = ["x0", "y0", "w", *(f"x{k + 1}" for k in range(params.pre_traces))]
    has += [f"y{slot}" for slot in SLOTS if params.y_feeds[slot - 1]] + ["e"] * bool(params.tag_bits)
    names = [f"factor {name}" for name in (*has, *(f"r{k}" for k in range(params.modulators)))]
    names += [f"a term that counts {dependency}" for dependency in DEPENDENCIES]
    names += [f"rounding {rounding}" for rounding in ROUNDINGS[: 1 + params.stochastic]] + [f"sign {s}" for s in SIGNS]
    for slot in SLOTS:
        names += [_fed(slot, feed) for feed in Feed if feed.bit & params.y_feeds[slot - 1]]
    names += [f"x{k + 1}, spikes {mode}" for k in range(params.pre_traces) for mode in MODES]
    names += ["epoch of a step", "epoch of several steps", "learning stopped", "no learning"]
    names += ["as many terms as products", "more terms than products"]
    names += [f"rule in a {row} row, lane {lane} of {params.lanes}" for row in ROWS for lane in range(params.lanes)]
    names += ["rows with a rule and without on one axon", "silent row", "weight changed", "sum out of range"]
    names += ["tag changed", "tag at a bound", "silent row with tags"] if params.tag_bits else []
    names += ["twins rounded apart"] if params.stochastic else []
    return names + (["rule at receptor 1"] if params.feeds & Feed.RECEPTOR.bit else [])


def of_learning(network: RandomNetwork, trace: Trace) -> Iterator[str]:
    """What the learning of one run reached."""
    program, params = network.program, network.image.params
    learning, ruled = program.learning, program.ruled
    if not params.products:
        return
    if learning is None:
        yield "no learning"
        return
    if any(not meddling.learning for meddling in network.meddling.values()):
        yield "learning stopped"
    visits, clocks = trace.counters["visits"], np.array([state.learned for state in trace.states])
    if not visits.any() or not ruled.size:
        return
    yield from _of_rules(learning, set(program.rule[ruled].tolist()), params)
    yield "epoch of a step" if learning.epoch == 1 else "epoch of several steps"
    for neuron_type in program.types:
        feeds = [Feed[each.feed.upper()] for each in neuron_type.traces]
        yield from (_fed(slot, feed) for slot, feed in enumerate(feeds, 1) if feed is not Feed.NONE)
    yield from (f"x{k + 1}, spikes {each.mode}" for k, each in enumerate(learning.pre))
    yield from _of_rows(network)
    swept = clocks[clocks % learning.epoch == 0].size > 0
    if swept and (visits[clocks % learning.epoch == 0] < ruled.size).any():
        yield "silent row"
    if trace.counters["changes"].any():
        yield "weight changed"
    if trace.counters["saturations"].any():
        yield "sum out of range"
    tags = np.stack([state.e for state in trace.states])
    if tags.any():
        yield "tag changed"
        low, high = signed_range(params.tag_bits)
        if ((tags == low) | (tags == high)).any():
            yield "tag at a bound"
        if not np.stack([state.x0[program.pre[ruled[tags.any(axis=0)]]] for state in trace.states]).all():
            yield "silent row with tags"


def _fed(slot: int, feed: Feed) -> str:
    return f"y{slot} fed by {feed.name.lower()}"


def _of_rules(learning: Learning, used: set[int], params: Params) -> Iterator[str]:
    for rule in (learning.rules[k - 1] for k in used):
        yield f"rounding {rule.rounding}"
        yield f"sign {rule.sign}"
        yield ("more terms than products" if len(rule.terms) > params.products else "as many terms as products")
        for term in rule.terms:
            yield f"a term that counts {term.dependency}"
            yield from (f"factor {factor}" for factor in term.factors)


def _of_rows(network: RandomNetwork) -> Iterator[str]:
    program, image, params = network.program, network.image, network.image.params
    ruled, axons = program.ruled, image.columns(Memory.AXONS)
    dense = axons["dense"][image.synapses.axon[ruled]]
    lanes = image.synapses.row[ruled] % params.lanes
    for row, lane in set(zip(dense.tolist(), lanes.tolist(), strict=True)):
        yield f"rule in a {ROWS[row]} row, lane {lane} of {params.lanes}"
    follows = np.flatnonzero(axons["more"])
    if ((axons["rule"][follows] > 0) != (axons["rule"][follows + 1] > 0)).any():
        yield "rows with a rule and without on one axon"
    if program.receptor[ruled].any():
        yield "rule at receptor 1"
    if "copy" in axons and axons["copy"].any():
        yield "twins rounded apart"
