"""Training that needs no gradients, of any target: Metropolis-Hastings and CMA-ES over integer weights; metrics."""

from ganglion.model.training.early_stop import EarlyStop, Stopped
from ganglion.model.training.evolution import Evolved, evolve
from ganglion.model.training.metrics import measure
from ganglion.model.training.metropolis import Chain, Metropolis, Proposal
from ganglion.model.training.objective import CountLoss

__all__ = [
    "Chain",
    "CountLoss",
    "EarlyStop",
    "Evolved",
    "Metropolis",
    "Proposal",
    "Stopped",
    "evolve",
    "measure",
]
