"""Which core and row each neuron gets, and how spikes find the cores that need them."""
