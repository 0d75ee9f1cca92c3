"""Learning on the chip: rules by name and from text, the traces that they see, and what a program is told of them."""

from ganglion.model.spec.learning import Learning, LearningRule, Term
from ganglion.model.spec.named_rules import delta, feast, homeostatic, reward_stdp, sdsp, stdp, three_factor
from ganglion.model.spec.plastic import PlasticRule, Spikes, Together
from ganglion.model.spec.rule_text import parse_rule
from ganglion.model.spec.synaptic_traces import Kernel, PostTrace, PreTrace

__all__ = [
    "Kernel",
    "Learning",
    "LearningRule",
    "PlasticRule",
    "PostTrace",
    "PreTrace",
    "Spikes",
    "Term",
    "Together",
    "delta",
    "feast",
    "homeostatic",
    "parse_rule",
    "reward_stdp",
    "sdsp",
    "stdp",
    "three_factor",
]
