"""`network.simpleSim`: their software simulator, as far as programs reach into it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import ProgramError

if TYPE_CHECKING:
    from ganglion.model.interchange.cri.network import CRI_network


class Membranes(np.ndarray[tuple[int, ...], np.dtype[np.int64]]):
    """Membranes of all neurons, which can be set to zero. A call gives them too: programs have it both ways."""

    sim: "SimpleSim"

    def __call__(self) -> "Membranes":
        return self

    def __setitem__(self, place: Any, values: Any) -> None:
        if np.any(values) or np.size(self[place]) != self.size:
            raise ProgramError("membranePotentials can be set to 0, all at once; other values cannot be written")
        self.sim.initialize_sim_vars(self.size)
        super().__setitem__(place, 0)


class SimpleSim:
    """The network by numbers: axons and neurons in the order of their dictionaries.

    Args:
        network: what runs.
    """

    def __init__(self, network: "CRI_network") -> None:
        self._network = network
        self.stepNum = 0
        """Steps since the network was made or cleared."""
        self.firedNeurons: list[int] = []
        """Numbers of the outputs that fired in the last `step_run`."""
        self.numNeurons = network.program.neurons

    @property
    def membranePotentials(self) -> "Membranes":
        """As `CRI_network.read_membrane`, of all neurons. Set to zero, all at once, they are those of the network."""
        found = self._network.potentials().view(Membranes)
        found.sim = self
        return found

    def get_membranePotentials(self) -> IntArray:
        return self.membranePotentials

    def clear(self) -> None:
        """As `CRI_network.clear`."""
        self._network.clear()

    def initialize_sim_vars(self, numNeurons: int) -> None:
        """All membranes back to zero; steps are counted on. `numNeurons` is taken, without effect."""
        steps = self.stepNum
        self._network.clear()
        self.stepNum = steps

    def step_run(self, inputs: Iterable[int]) -> tuple[IntArray, list[int]]:
        """Run one step.

        Args:
            inputs: numbers of the axons that fire.

        Returns:
            the membranes of all neurons, and the numbers of the outputs that fired.
        """
        every = self._network.connectome
        fired = self._network.step([every.get_axon_by_idx(number).get_user_key() for number in inputs])
        self.firedNeurons = [every.get_neuron_by_key(key).get_coreTypeIdx() for key in fired]
        return self.membranePotentials, self.firedNeurons

    step = step_run

    def read_synapse(self, preIndex: int, postIndex: int, axonFlag: bool = False) -> int:
        """As `CRI_network.read_synapse`, by numbers; `axonFlag` says that the first is an axon."""
        return self._network.read_synapse(*self._pair(preIndex, postIndex, axonFlag))

    def write_synapse(self, preIndex: int, postIndex: int, weight: int, axonFlag: bool = False) -> None:
        """As `CRI_network.write_synapse`, by numbers; `axonFlag` says that the first is an axon."""
        self._network.write_synapse(*self._pair(preIndex, postIndex, axonFlag), weight)

    def set_perturbMag(self, perturbMag: Any) -> None:
        """As `CRI_network.set_perturbMag`."""
        self._network.set_perturbMag(perturbMag)

    def _pair(self, pre: int, post: int, axon: bool) -> tuple[Any, Any]:
        every = self._network.connectome
        source = every.get_axon_by_idx(pre) if axon else every.get_neuron_by_idx(pre)
        return source.get_user_key(), every.get_neuron_by_idx(post).get_user_key()
