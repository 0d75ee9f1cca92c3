"""Training that needs no gradients, of any target: Metropolis-Hastings over integer weights."""

from ganglion.model.training.metropolis import Chain, Metropolis, Proposal
from ganglion.model.training.objective import CountLoss

__all__ = ["Chain", "CountLoss", "Metropolis", "Proposal"]
