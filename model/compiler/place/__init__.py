"""Which core and row each neuron gets."""
