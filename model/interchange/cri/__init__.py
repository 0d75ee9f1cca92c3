"""HiAER-Spike programs: `CRI_network` and the neuron models, under the names that those programs use."""

from ganglion.model.interchange.cri.models import ANN_neuron, IF_neuron, LIF_neuron, neuron_model
from ganglion.model.interchange.cri.network import CRI_network

__all__ = ["ANN_neuron", "CRI_network", "IF_neuron", "LIF_neuron", "neuron_model"]
