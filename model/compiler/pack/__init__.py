"""From the synapses of a core to the words of its memories, and back."""
