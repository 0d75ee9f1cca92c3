"""Soft errors: bits inverted on purpose, on any target between two steps, or in any array of a simulated chip."""

from ganglion.model.upsets import Upset, run_with_upsets, stored_fields, upset
from ganglion.sim.access import Fault
from ganglion.sim.native import Flip
from ganglion.sim.upsets import Outcome, Upsets, campaign

__all__ = [
    "Fault",
    "Flip",
    "Outcome",
    "Upset",
    "Upsets",
    "campaign",
    "run_with_upsets",
    "stored_fields",
    "upset",
]
