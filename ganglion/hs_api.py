"""For HiAER-Spike programs: import from here in place of `hs_api`. docs/reference/hiaer.md says what is met."""

from functools import partial

from ganglion.model.interchange.cri import ANN_neuron, CRI_network, IF_neuron, LIF_neuron, neuron_model
from ganglion.model.spec.memories import Counter
from ganglion.sim.rtl import Rtl
from ganglion.sim.target import COUNTERS

COUNTED = (*COUNTERS, Counter.WORDS)
"""Counters that an `Rtl` needs for what "CRI" returns."""

RTL = partial(Rtl, counters=COUNTED)
"""A `backend` for `CRI_network`: the chip on Verilator."""

__all__ = ["COUNTED", "RTL", "ANN_neuron", "CRI_network", "IF_neuron", "LIF_neuron", "neuron_model"]
