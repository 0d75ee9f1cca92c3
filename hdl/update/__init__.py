"""Update: from sums to the next state of each neuron, to spikes, and to the packets that carry these on."""
