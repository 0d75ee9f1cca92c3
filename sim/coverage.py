"""What random networks must have reached: named points, each with the number of networks that reached it."""

from collections.abc import Iterator
from itertools import product

import numpy as np

from ganglion.model.compiler.usage import Resource
from ganglion.model.random_network import ENCODINGS, RandomNetwork
from ganglion.model.spec.arithmetic import signed_range
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.decay import AT_ONCE, NEVER
from ganglion.model.spec.errors import ParamsError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.fields import NEURON_STATE
from ganglion.model.spec.formats import Field
from ganglion.model.spec.memories import Memory
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import Params
from ganglion.model.spec.trace import Trace
from ganglion.sim.driver import Stalls
from ganglion.sim.learning_coverage import learning_points, of_learning

RESETS = ("value", "subtract")
ROWS = ("sparse", "dense")

STALLS = ("no stalls", "stalls in", "stalls out", "stalls both ways")
"""By whether the stream in stalls, and twice that for the stream out."""


def options(params: Params) -> list[str]:
    """Options of a neuron type that the chip has."""
    names = ["never leaks", "forgets at once", "shift leak", "multiplicative leak", "refractory"]
    return names + [
        name
        for name, bits in (
            ("current", params.current_bits),
            ("adaptive threshold", params.adaptation_bits),
            ("noise", params.noise),
        )
        if bits
    ]


def delays(params: Params) -> list[str]:
    """Classes of synaptic delays; their order is that of `_delay_class`."""
    return ["delay 1", "longest delay", "delay between"][: min(3, params.delay_slots - 1)]


@explained(ParamsError)
def points(params: Params) -> list[str]:
    """The names of all points that a chip of these parameters has."""
    crossed = product(options(params), RESETS, delays(params), ROWS)
    lanes = product(range(params.lanes), delays(params), ROWS)
    names = [f"{option}, reset by {reset}, {delay}, {row} row" for option, reset, delay, row in crossed]
    names += [f"lane {lane} of {params.lanes}, {delay}, {row} row" for lane, delay, row in lanes]
    names += [f"{option}, {stalled}" for option, stalled in product(options(params), STALLS)]
    for what in ("threshold", "bias", "weight"):
        names += [f"{what} {value}" for value in ("lowest", "negative", "zero", "positive", "highest")]
    names += ["empty row", "rows of both encodings on one axon", "all synapse words used", "synapse to itself"]
    names += ["twin synapses, same delay", "silent step", "axon many times in a step"]
    names += ["all neurons reported", "some neurons reported", "neurons placed in another order"]
    names += [f"encoding {encoding}" for encoding in ENCODINGS]
    names += ["membrane at its highest", "membrane at its lowest", "input while refractory", "accumulator overflow"]
    names += [f"{option} at a bound" for option in _optional(params)]
    return [*names, *STALLS, *learning_points(params)]


@explained(ParamsError)
class Coverage:
    """Counts of the points of one set of parameters."""

    def __init__(self, params: Params) -> None:
        self.params = params
        self.counts = dict.fromkeys(points(params), 0)
        self.networks = 0

    def add(self, network: RandomNetwork, stalls: Stalls, trace: Trace) -> None:
        """Counts what one run reached.

        Args:
            network: what ran.
            stalls: of the streams.
            trace: the run, with its states.
        """
        self.networks += trace.first == 0
        reached = {*_of_synapses(network, stalls, trace), *_of_network(network), *_of_run(network, stalls, trace)}
        for point in reached | set(of_learning(network, trace)):
            self.counts[point] += 1

    def missing(self) -> list[str]:
        """Points that nothing reached."""
        return [point for point, count in self.counts.items() if not count]


def _has(neuron_type: NeuronType) -> set[str]:
    shift = neuron_type.decay[0] == 1 and neuron_type.decay[1] > 0
    known: dict[tuple[int, int], str] = {NEVER: "never leaks", AT_ONCE: "forgets at once"}
    leak = known.get(neuron_type.decay)
    names = {leak or ("shift leak" if shift else "multiplicative leak")}
    names |= {"refractory"} if neuron_type.refractory else set()
    names |= {"current"} if neuron_type.current_decay is not None else set()
    names |= {"adaptive threshold"} if neuron_type.adaptation_raise else set()
    return names | ({"noise"} if neuron_type.noise else set())


def _delay_class(delay: IntArray, params: Params) -> IntArray:
    last = params.delay_slots - 1
    return np.where(delay == 1, 0, np.where(delay == last, 1, 2))


def _stalled(stalls: Stalls) -> str:
    return STALLS[(stalls.source > 0) + 2 * (stalls.sink > 0)]


def _of_synapses(network: RandomNetwork, stalls: Stalls, trace: Trace) -> Iterator[str]:
    """What synapses whose source fired reached: every option of the target with every kind of synapse and of stalls."""
    program, image, params = network.program, network.image, network.image.params
    fired = np.zeros(program.inputs + program.neurons, dtype=bool)
    fired[network.events.axon] = True
    fired[program.inputs + trace.spikes[:, 1]] = True
    walked = np.flatnonzero(np.repeat(fired, np.diff(program.indptr)))
    dense = image.columns(Memory.AXONS)["dense"][image.synapses.axon[walked]]
    way = _delay_class(program.delay[walked], params) * len(ROWS) + dense
    type_of = program.type[program.post_neuron[walked]]
    ways = [f"{delay}, {row} row" for delay, row in product(delays(params), ROWS)]
    for k, way_name in enumerate(ways):
        here = way == k
        for used in np.unique(type_of[here]):
            neuron_type = program.types[used]
            for option in _has(neuron_type) & set(options(params)):
                yield f"{option}, reset by {neuron_type.reset}, {way_name}"
                yield f"{option}, {_stalled(stalls)}"
        lane = image.neurons.row[program.post_neuron[walked[here]]] % params.lanes
        for used in np.unique(lane):
            yield f"lane {used} of {params.lanes}, {way_name}"


def _of_network(network: RandomNetwork) -> Iterator[str]:
    program, image, params = network.program, network.image, network.image.params
    for what, values, bits in (
        ("threshold", program.threshold, params.membrane_bits),
        ("bias", program.bias, params.bias_bits),
        ("weight", program.weight, params.weight_bits),
    ):
        yield from (f"{what} {name}" for name in _values(values, bits))
    source = program.pre
    axons = image.columns(Memory.AXONS)
    yield from _if(bool((axons["length"][image.inputs.axon] == 0).any()), "empty row")
    follows = np.flatnonzero(axons["more"])
    yield from _if(
        bool((axons["dense"][follows] != axons["dense"][follows + 1]).any()), "rows of both encodings on one axon"
    )
    words = image.usage[0][Resource.WORDS].used
    yield from _if(words == params.synapse_words, "all synapse words used")
    yield from _if(bool((source == program.post_neuron + program.inputs).any()), "synapse to itself")
    triples = np.stack((source, program.post_neuron, program.delay))
    yield from _if(np.unique(triples, axis=1).shape[1] < source.size, "twin synapses, same delay")
    reported = program.outputs.size == program.neurons
    yield "all neurons reported" if reported else "some neurons reported"
    yield from _if(bool((np.diff(image.neurons.row) != 1).any()), "neurons placed in another order")
    yield f"encoding {network.encoding}"


def _of_run(network: RandomNetwork, stalls: Stalls, trace: Trace) -> Iterator[str]:
    params, events = network.image.params, network.events
    yield from _if(bool((np.diff(events.start) == 0).any()), "silent step")
    bursts = (np.unique(events[t], return_counts=True)[1].max(initial=0) for t in range(events.steps))
    yield from _if(max(bursts) >= 8, "axon many times in a step")
    lowest, highest = signed_range(params.membrane_bits)
    v, refractory = (np.stack([getattr(state, name) for state in trace.states]) for name in ("v", "refractory"))
    yield from _if(bool((v == highest).any()), "membrane at its highest")
    yield from _if(bool((v == lowest).any()), "membrane at its lowest")
    # The slot that the next step reads, where the neuron still is refractory.
    slots = (trace.first + 1 + np.arange(trace.steps)) % params.delay_slots
    waiting = np.stack([s.accumulators[slot] for s, slot in zip(trace.states, slots, strict=True)])
    yield from _if(bool(((refractory > 0) & (waiting != 0)).any()), "input while refractory")
    yield from _if(bool(trace.counters["overflows"].any()), "accumulator overflow")
    for option, field in _optional(params).items():
        values = np.stack([getattr(state, field.name) for state in trace.states])
        yield from _if(bool(((values == field.low) | (values == field.high)).any()), f"{option} at a bound")
    yield _stalled(stalls)


def _optional(params: Params) -> dict[str, Field]:
    """The state fields of options that the chip has, by the name of the option."""
    fields = {spec.option.name: spec.field(params) for spec in NEURON_STATE if spec.option}
    return {option: field for option, field in fields.items() if field.width}


def _values(values: IntArray, bits: int) -> Iterator[str]:
    lowest, highest = signed_range(bits)
    for name, hit in (
        ("lowest", values == lowest),
        ("negative", values < 0),
        ("zero", values == 0),
        ("positive", values > 0),
        ("highest", values == highest),
    ):
        yield from _if(bool(hit.any()), name)


def _if(condition: bool, point: str) -> Iterator[str]:
    if condition:
        yield point
