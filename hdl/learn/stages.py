"""The cycles of a visit: when each part of it is done, counted from the synapse word leaving the walker.

    0 word, 2 entry of each lane, 5 its neuron, 9 factors, 13 terms, 14 sum, 15 rounded, 16 clipped, 17 written

Every word goes the same way, so what all lanes need of it is made once, in the core, and told in the cycle in which it
is needed.
"""

from ganglion.hdl.deliver.synapses import SynapseLane
from ganglion.hdl.learn.post import PostTraces
from ganglion.hdl.learn.product import Product
from ganglion.hdl.lib.memory import Ram

ENTRY = SynapseLane.LATENCY
"""A lane has its entry of the word."""

CONSTANTS = ENTRY + 1 + Ram.LATENCY
"""It has the constants of the neuron, whose number goes to the generator of random numbers."""

STATE = CONSTANTS + Ram.LATENCY
"""It has the type and the state of the neuron."""

FACTORS = STATE + PostTraces.VIEW_LATENCY
"""It has the factors, and is told the terms."""

SUM = FACTORS + Product.LATENCY
"""It has the terms, and adds them up."""

ROUND = SUM + 1
"""It has the sums, and adds the old values and what they are rounded by."""

CLIP = ROUND + 1
"""It clips the results."""

MERGE = CLIP + 1
"""It puts the new weight and tag into their rows."""

WRITE = MERGE + 1
"""It writes the rows, where they are whole."""

FORGET = 1 + Ram.LATENCY + 1
"""Counted from a group being told to forget: its row of STATE is there, and written."""
