"""Noise as a function of (seed, step, neuron), for one number or arrays of them."""

from ganglion.model.spec.noise import noise, noise_array

__all__ = ["noise", "noise_array"]
