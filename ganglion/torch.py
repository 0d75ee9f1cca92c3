"""PyTorch modules over a chip: the forward pass runs on a target, the backward pass is the float twin's.

It needs PyTorch: pip install 'ganglion-chip[train]'.
"""

from ganglion.model.interchange.torch.chip import Chip
from ganglion.model.interchange.torch.crossing import time_loss
from ganglion.model.interchange.torch.first_spikes import FirstSpikes
from ganglion.model.interchange.torch.losses import first_spike_loss, first_spike_times, membrane_loss, rate_loss
from ganglion.model.interchange.torch.relu import fold_batch_norms, relu_graph

__all__ = [
    "Chip",
    "FirstSpikes",
    "first_spike_loss",
    "first_spike_times",
    "fold_batch_norms",
    "membrane_loss",
    "rate_loss",
    "relu_graph",
    "time_loss",
]
