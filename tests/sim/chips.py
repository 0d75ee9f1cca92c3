"""The chips that tests of the simulation share: few, since to build one takes longer than most runs on it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from ganglion.model.spec.params import PRESETS, Params, levels_for
from ganglion.sim.native import NativeDriver

TINY = PRESETS["tiny"]

VARIANTS = {
    "one lane": TINY.replace(name="tiny-1-lane", lanes=1),
    "four lanes": TINY.replace(name="tiny-4-lanes", lanes=4),
    "eight lanes, no options": TINY.replace(
        name="tiny-plain", lanes=8, neurons=16, fanout_entries=40, current_bits=0, adaptation_bits=0, noise=False,
        delay_slots=2, weight_bits=8,
    ),
}  # fmt: skip
"""Cores of other sizes, on which random networks reach every cover point too."""

MORE_VARIANTS = {
    **VARIANTS,
    "eight lanes": TINY.replace(name="tiny-8-lanes", lanes=8, neurons=16, fanout_entries=40),
    "no options": TINY.replace(
        name="tiny-plain-2", current_bits=0, adaptation_bits=0, noise=False, delay_slots=2, weight_bits=8
    ),
}
"""Those of the soak."""

CORE = PRESETS["small"].replace(
    name="options",
    neurons=32,
    axons=96,
    synapse_words=160,
    fanout_entries=256,
    current_bits=16,
    adaptation_bits=12,
    noise=True,
)
"""A core with all options, large enough for a network that is worth dividing."""

SIZES = {
    1: {"neurons": 256, "axons": 512, "synapse_words": 16384, "fanout_entries": 512},
    2: {"neurons": 128, "axons": 512, "synapse_words": 8192, "fanout_entries": 384},
    3: {"neurons": 64, "axons": 384, "synapse_words": 4096, "fanout_entries": 192},
    4: {"neurons": 64, "axons": 384, "synapse_words": 4096, "fanout_entries": 192},
    16: {"neurons": 32, "axons": 256, "synapse_words": 2048, "fanout_entries": 128},
}
"""Of each core, by the number of cores: room for a network of CORE and for the digits, wherever they are placed."""


def chip_of(cores: int) -> Params:
    """A chip of so many cores, with all options, for networks of CORE and for the digits."""
    return CORE.replace(name=f"options-x{cores}", levels=levels_for(cores), **SIZES[cores])


LEARNING = PRESETS["tiny-learning"]

LEARNING_VARIANTS = {
    "four lanes": LEARNING.replace(
        name="learning-4-lanes", lanes=4, neurons=16, fanout_entries=40, products=4, weight_bits=8, noise=False,
        y1_feeds=1, y2_feeds=12, y3_feeds=2, modulators=4,
    ),
    "one lane, little": LEARNING.replace(
        name="learning-little", lanes=1, products=1, pre_traces=1, y1_feeds=1, y2_feeds=0, y3_feeds=0, tag_bits=0,
        modulators=0, modulator_bits=0, stochastic=False, current_bits=0, adaptation_bits=0,
    ),
}  # fmt: skip
"""Cores that learn with more or less."""

LEARNING_CORES = {
    cores: LEARNING.replace(
        name=f"learning-x{cores}", levels=levels_for(cores), axons=64, synapse_words=96, fanout_entries=64
    )
    for cores in (2, 4, 16)
}
"""Chips of several cores, each with room for a network of LEARNING."""

NARROW = TINY.replace(name="narrow-x6", levels=(3, 2), link_bits=8)
"""Six cores below routers of three and two children, with links of eight wires."""


@contextmanager
def simulation(params: Params) -> Iterator[NativeDriver]:
    """A chip for runs that are short next to its build. (Two presets are built for others too, who have them fast.)"""
    with closing(NativeDriver(params, quick=params not in (TINY, PRESETS["small"]))) as driver:
        yield driver
