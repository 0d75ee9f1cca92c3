"""Named sizes of chips."""

from ganglion.model.spec.errors import ParamsError
from ganglion.model.spec.named import Named
from ganglion.model.spec.params.chip import Params
from ganglion.model.spec.params.learning import MEMBRANE, RECEPTOR, SPIKES, TRACE

TINY = Params(
    name="tiny",
    neurons=8,
    axons=24,
    lanes=2,
    delay_slots=4,
    synapse_words=48,
    fanout_entries=24,
    weight_bits=4,
    membrane_bits=8,
    accumulator_bits=8,
    bias_bits=6,
    current_bits=8,
    adaptation_bits=6,
    refractory_bits=2,
    decay_bits=4,
    noise=True,
)

ULX3S = Params(
    name="ulx3s",
    levels=(4,),
    axons=1024,
    lanes=4,
    delay_slots=16,
    synapse_words=4096,
    entry_bits=32,
    fanout_entries=1024,
    current_bits=16,
    noise=True,
    types=8,
)

_ALL = (
    TINY,
    Params(name="small", synapse_words=16384, fanout_entries=1024),
    Params(
        name="board",
        axons=1024,
        lanes=4,
        delay_slots=16,
        synapse_words=8192,
        fanout_entries=1024,
        current_bits=16,
        noise=True,
        types=8,
    ),
    Params(
        name="icebreaker",
        axons=1024,
        synapse_words=32768,
        entry_bits=32,
    ),
    ULX3S,
    Params(
        name="wide",
        neurons=16384,
        axons=65536,
        lanes=4,
        delay_slots=16,
        synapse_words=1 << 18,
        fanout_entries=65536,
        weight_bits=16,
        membrane_bits=36,
        accumulator_bits=36,
        bias_bits=36,
        refractory_bits=8,
        decay_bits=16,
        types=256,
        current_bits=36,
        adaptation_bits=36,
        noise=True,
    ),
    ULX3S.replace(
        name="ulx3s-learning",
        levels=(2,),
        lanes=2,
        synapse_words=8192,
        products=2,
        rules=4,
        terms=4,
        pre_traces=1,
        y1_feeds=SPIKES | RECEPTOR,
        y2_feeds=SPIKES | MEMBRANE,
        trace_bits=8,
        trace_ages=64,
        kernels=2,
        tag_bits=8,
        modulators=2,
        modulator_bits=8,
        stochastic=True,
    ),
    TINY.replace(
        name="tiny-learning",
        products=2,
        rules=6,
        terms=6,
        pre_traces=2,
        y1_feeds=SPIKES | RECEPTOR | MEMBRANE,
        y2_feeds=SPIKES | RECEPTOR | MEMBRANE | TRACE,
        y3_feeds=SPIKES | RECEPTOR | MEMBRANE | TRACE,
        trace_bits=5,
        trace_ages=8,
        kernels=4,
        tag_bits=5,
        modulators=2,
        modulator_bits=4,
        stochastic=True,
    ),
)

PRESETS: Named[Params] = Named("preset", ParamsError, {params.name: params for params in _ALL})
"""Named sizes: `tiny` reaches every corner in seconds, `small` is the first real core, `board` is the core of the FPGA
boards, `wide` is the arithmetic of programs that need large numbers, in a core as large as packets can address: with 64
delay slots too. `tiny-learning` is `tiny` with all that learning has, and `ulx3s-learning` a ULX3S that learns."""
