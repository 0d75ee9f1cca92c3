"""The inputs and populations of a network, found by name."""

from dataclasses import dataclass, field

from ganglion.model.compiler.network.population import Input, Population
from ganglion.model.spec.errors import NetworkError, described

Layer = str | Input | Population
"""An input or population, or its name."""


@dataclass(eq=False)
class Layers:
    """The directory of a network. No two layers have the same name."""

    inputs: dict[str, Input] = field(default_factory=dict)
    populations: dict[str, Population] = field(default_factory=dict)

    def new_name(self, name: str) -> str:
        """The name, if a layer may still be called so.

        Raises:
            NetworkError: it is taken, or no name.
        """
        if not isinstance(name, str) or not name:
            raise NetworkError(f"a name must be a text of at least one letter, not {name!r}")
        if name in self.inputs or name in self.populations:
            raise NetworkError(f"the network has an input or population '{name}' already")
        return name

    def source(self, layer: Layer) -> Input | Population:
        """The layer that a projection comes from.

        Raises:
            NetworkError: no such input or population of this network.
        """
        if not isinstance(layer, str | Input | Population):
            raise NetworkError(f"a layer is an input, a population, or the name of one, not {described(layer)}")
        name = layer if isinstance(layer, str) else layer.name
        found = self.inputs.get(name) or self.populations.get(name)
        if found is None:
            there = ", ".join([*self.inputs, *self.populations]) or "nothing yet"
            raise NetworkError(f"the network has no input or population '{name}'; it has {there}")
        if not isinstance(layer, str) and layer is not found:
            raise NetworkError(f"'{name}' is of another network")
        return found

    def target(self, layer: Layer) -> Population:
        """The population that a projection leads to, or that is an output.

        Raises:
            NetworkError: no such population of this network.
        """
        found = self.source(layer)
        if not isinstance(found, Population):
            raise NetworkError(f"'{found.name}' is an input: only populations receive synapses and are outputs")
        return found
