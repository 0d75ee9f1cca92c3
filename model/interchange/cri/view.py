"""`network.connectome`: axons, neurons and synapses as objects, as far as programs look at them."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ganglion.model.spec.errors import ProgramError

if TYPE_CHECKING:
    from ganglion.model.interchange.cri.network import CRI_network


@dataclass(frozen=True, eq=False)
class SynapseView:
    """One synapse; its weight is what it is now."""

    _network: "CRI_network"
    _number: int
    """In the program."""
    _pre: "NeuronView"
    _post: "NeuronView"

    def get_presynapticNeuron(self) -> "NeuronView":
        return self._pre

    def get_postsynapticNeuron(self) -> "NeuronView":
        return self._post

    def get_weight(self) -> int:
        return int(self._network._weight[self._number])

    def get_index(self) -> int:
        return self._number

    def is_delayed(self) -> bool:
        return bool(self._network.program.delay[self._number] > 1)

    def __repr__(self) -> str:
        return f"({self._post.get_user_key()}, {self.get_weight()})"


@dataclass(frozen=True, eq=False)
class NeuronView:
    """An axon or a neuron. It equals its key, and can stand for it."""

    _network: "CRI_network"
    _key: Hashable
    _number: int
    """Among the axons, or among the neurons."""
    _axon: bool

    def __eq__(self, other: object) -> bool:
        return self._key == (other._key if isinstance(other, NeuronView) else other)

    def __hash__(self) -> int:
        return hash(self._key)

    def get_user_key(self) -> Hashable:
        return self._key

    def get_neuron_type(self) -> str:
        """ "axon" or "neuron"."""
        return "axon" if self._axon else "neuron"

    def get_coreTypeIdx(self) -> int:
        """Its number among the axons, or among the neurons."""
        return self._number

    def get_globalIdx(self) -> int:
        """Its number, axons first."""
        return self._number if self._axon else self._network.program.inputs + self._number

    get_coreIdx = get_globalIdx

    get_hbmIdx = get_coreTypeIdx

    def get_core(self) -> int:
        """The core that the program named for it, 0 where it named none: on Ganglion placement is invisible."""
        return 0 if self._axon else named_core(self._network.userConnections[self._key])

    def get_output(self) -> bool:
        """Whether its spikes are reported."""
        return not self._axon and self._network._reported[self._number]

    def get_neuronModel(self) -> Any:
        """The model that the program gave it; an axon has none."""
        return None if self._axon else self._network._connectome.models[self._number]

    def get_synapses(self) -> list[SynapseView]:
        """Those that it sends to."""
        program, every = self._network.program, self._network.connectome
        first, last = program.indptr[self.get_globalIdx() : self.get_globalIdx() + 2].tolist()
        posts = program.post_neuron[first:last].tolist()
        return [
            SynapseView(self._network, first + k, self, every.get_neuron_by_idx(post)) for k, post in enumerate(posts)
        ]

    def get_synapse(self, postsynapticKey: Hashable) -> SynapseView:
        """The synapse to a neuron; the first where there are several.

        Raises:
            ProgramError: there is none.
        """
        number = self._network._synapse(self._key, postsynapticKey)
        return SynapseView(self._network, number, self, self._network.connectome.get_neuron_by_key(postsynapticKey))


class Views(dict[Hashable, NeuronView]):
    """Axons or neurons by key. Who goes through them meets the objects, which equal their keys: some versions of their
    connectome give a dictionary, others a list."""

    def __iter__(self) -> Iterator[Hashable]:
        return iter(self.values())


class ConnectomeView:
    """All axons and neurons of a network."""

    def __init__(self, network: "CRI_network") -> None:
        self._network = network

    @cached_property
    def connectomeDict(self) -> dict[Hashable, NeuronView]:
        """Axons, then neurons, by key."""
        return {**self._axons, **self._neurons}

    @cached_property
    def _axons(self) -> dict[Hashable, NeuronView]:
        axons = self._network._connectome.axons
        return {key: NeuronView(self._network, key, number, True) for key, number in axons.items()}

    @cached_property
    def _neurons(self) -> dict[Hashable, NeuronView]:
        numbers = self._network._connectome.numbers
        return {key: NeuronView(self._network, key, number, False) for key, number in numbers.items()}

    def get_axons(self) -> Views:
        return Views(self._axons)

    def get_neurons(self) -> Views:
        return Views(self._neurons)

    def get_neuron_by_key(self, neuronKey: Hashable) -> NeuronView:
        """An axon or a neuron.

        Raises:
            ProgramError: there is neither of that key.
        """
        if neuronKey not in self.connectomeDict:
            raise ProgramError(f"there is no axon or neuron {neuronKey!r}")
        return self.connectomeDict[neuronKey]

    def get_neuron_by_idx(self, idx: int) -> NeuronView:
        """A neuron by its number among the neurons.

        Raises:
            ProgramError: there is none.
        """
        return _by_number(self._in_order[1], idx, "neuron")

    def get_axon_by_idx(self, idx: int) -> NeuronView:
        """An axon by its number.

        Raises:
            ProgramError: there is none.
        """
        return _by_number(self._in_order[0], idx, "axon")

    def get_outputs_idx(self) -> list[int]:
        """Numbers of the neurons whose spikes are reported, ascending."""
        numbers: list[int] = self._network._connectome.outputs.tolist()
        return numbers

    def get_models(self) -> list[Any]:
        """The different models, in order."""
        return sorted({id(model): model for model in self._network._connectome.models}.values())

    @cached_property
    def _in_order(self) -> tuple[list[NeuronView], list[NeuronView]]:
        return list(self._axons.values()), list(self._neurons.values())


def named_core(connection: Any) -> int:
    """The core in the third place of an entry of `connections`; 0 where there is none."""
    return int(connection[2]) if isinstance(connection, tuple) and len(connection) > 2 else 0


def _by_number(views: list[NeuronView], number: int, what: str) -> NeuronView:
    if not 0 <= number < len(views):
        raise ProgramError(f"there is no {what} {number}; there are {len(views)}")
    return views[number]
