"""The noise of HiAER-Spike: added to a membrane when it leaks, in a step in which it neither spikes nor waits.

Ganglion's chip adds its own noise in every update, in front of the threshold, and could not leave out the one behind a
spike. So the host draws the noise and writes it into the biases of the next update, which is exact on every target.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ganglion.model.interchange.cri.neuron import Neuron
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.noise import noise_array
from ganglion.model.spec.noise_constants import NOISE_BITS


class Noise:
    """The noise of all LIF neurons that have some, step by step.

    Args:
        neurons: of the network.
        seed: chooses the numbers.
    """

    def __init__(self, neurons: Sequence[Neuron], seed: int) -> None:
        self.neurons = np.array([n for n, neuron in enumerate(neurons) if neuron.noisy], dtype=np.int64)
        """Numbers of those that have noise, ascending."""
        self.bias = np.zeros(self.neurons.size, dtype=np.int64)
        """Of the next update of each."""
        self._seed, self._steps = seed, 0
        self._shift = np.array([neurons[n].shift for n in self.neurons], dtype=np.int64)
        self._period = np.array([neurons[n].refractory_max for n in self.neurons], dtype=np.int64)
        self._waits = np.zeros(self.neurons.size, dtype=np.int64)

    def after_step(self, fired: npt.ArrayLike) -> None:
        """Draw what the next update adds.

        Args:
            fired: the neurons that fired in the step that has just been run.
        """
        spiked = np.isin(self.neurons, np.asarray(fired, dtype=np.int64))
        quiet = spiked | (self._waits > 0)
        self._waits = np.where(spiked, self._period, np.maximum(self._waits - 1, 0))
        self.bias = np.where(quiet, 0, draws(self._seed, self._steps, self.neurons, self._shift))
        self._steps += 1

    def clear(self) -> None:
        """Membranes are zero again. The numbers go on, as on their hardware, and do not begin anew."""
        self.bias = np.zeros_like(self.bias)
        self._waits = np.zeros_like(self._waits)


def draws(seed: int, step: int, neurons: IntArray, shift: IntArray) -> IntArray:
    """The noise of neurons in a step: an odd magnitude of 16 bits and a sign; the magnitude shifted, to the right where
    the shift is negative."""
    odd = noise_array(seed, step, neurons, NOISE_BITS) | 1
    magnitude = np.abs(odd) << np.maximum(shift, 0) >> np.maximum(-shift, 0)
    signed: IntArray = np.sign(odd) * magnitude
    return signed
