"""Inputs and populations of a network: made, checked and found by name."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ganglion.model.compiler.network.population import (
    RESETS,
    Input,
    Population,
    fraction,
    parse_shape,
    per_neuron,
    steps,
)
from ganglion.model.spec.errors import NetworkError

Layer = str | Input | Population


class Layers:
    """The inputs and populations of a network; `Network` adds projections."""

    def __init__(self, name: str = "network") -> None:
        self.name = name
        self.inputs: dict[str, Input] = {}
        self.populations: dict[str, Population] = {}

    def input(self, name: str, shape: int | Sequence[int]) -> Input:
        """Axons that the host drives.

        Raises:
            NetworkError: the name is taken, or the shape is none.
        """
        made = Input(name=self._new_name(name), shape=parse_shape(f"input '{name}'", shape))
        self.inputs[name] = made
        return made

    def population(
        self,
        name: str,
        shape: int | Sequence[int],
        *,
        threshold: npt.ArrayLike = 1.0,
        decay: npt.ArrayLike = 0.0,
        bias: npt.ArrayLike = 0.0,
        reset: str = "value",
        v_reset: npt.ArrayLike = 0.0,
        refractory: npt.ArrayLike = 0,
        current_decay: npt.ArrayLike | None = None,
        adaptation_decay: npt.ArrayLike = 0.0,
        adaptation_raise: npt.ArrayLike = 0.0,
        inclusive: bool = False,
        rest: npt.ArrayLike = 0.0,
    ) -> Population:
        """Spiking neurons. Each parameter is one value, or an array of the population's shape or size.

        Args:
            name: what messages, reports and traces call it.
            shape: number of neurons, or the shape of their array.
            threshold: the neuron spikes where v is greater.
            decay: fraction of v lost in a step, 0 (IF) to 1 (binary neurons); frameworks call 1 - decay beta.
            bias: added to v in every step.
            reset: "value" sets v_reset after a spike, "subtract" takes the threshold from v.
            v_reset: membrane after a spike, where reset is "value".
            refractory: steps after a spike in which the neuron ignores its input.
            current_decay: fraction of the synaptic current lost in a step; None is no current.
            adaptation_decay: fraction of the adaptive part of the threshold lost in a step.
            adaptation_raise: added to the adaptive part of the threshold at each spike.
            inclusive: a membrane that equals the threshold spikes too.
            rest: what the membrane 0 stands for, in the units of the network that this one was made from.

        Raises:
            NetworkError: the name is taken, or an argument has the wrong shape or value; the message names both.
        """
        where = f"population '{name}'"
        size = parse_shape(where, shape)
        if reset not in RESETS:
            raise NetworkError(f'{where}: reset must be "value" or "subtract", not {reset!r}')
        made = Population(
            name=self._new_name(name),
            shape=size,
            spiking=True,
            threshold=per_neuron(f"{where}: threshold", threshold, size),
            bias=per_neuron(f"{where}: bias", bias, size),
            decay=fraction(f"{where}: decay", decay, size),
            reset=reset,
            v_reset=per_neuron(f"{where}: v_reset", v_reset, size),
            refractory=steps(f"{where}: refractory", refractory, size),
            current_decay=None if current_decay is None else fraction(f"{where}: current_decay", current_decay, size),
            adaptation_decay=fraction(f"{where}: adaptation_decay", adaptation_decay, size),
            adaptation_raise=per_neuron(f"{where}: adaptation_raise", adaptation_raise, size),
            inclusive=bool(inclusive),
            rest=per_neuron(f"{where}: rest", rest, size),
        )
        if reset == "value" and (wrong := np.flatnonzero(made.v_reset > made.threshold)).size:
            raise NetworkError(
                f"{where}: v_reset must not be above the threshold, or the neuron fires for ever; neuron {wrong[0]} "
                f"has v_reset {made.v_reset[wrong[0]]:g}, threshold {made.threshold[wrong[0]]:g}"
            )
        self.populations[name] = made
        return made

    def readout(
        self,
        name: str,
        shape: int | Sequence[int],
        *,
        decay: npt.ArrayLike = 0.0,
        bias: npt.ArrayLike = 0.0,
        current_decay: npt.ArrayLike | None = None,
        rest: npt.ArrayLike = 0.0,
    ) -> Population:
        """Neurons that never fire, whose membranes are the output: leaky integrators, or integrators without a decay.

        On the chip their threshold is the greatest membrane there is, which v cannot exceed.

        Raises:
            NetworkError: as `population`.
        """
        where = f"read-out '{name}'"
        size = parse_shape(where, shape)
        zeros = np.zeros(int(np.prod(size)))
        made = Population(
            name=self._new_name(name),
            shape=size,
            spiking=False,
            threshold=np.full_like(zeros, np.inf),
            bias=per_neuron(f"{where}: bias", bias, size),
            decay=fraction(f"{where}: decay", decay, size),
            reset="value",
            v_reset=zeros,
            refractory=zeros.astype(np.int64),
            current_decay=None if current_decay is None else fraction(f"{where}: current_decay", current_decay, size),
            adaptation_decay=zeros,
            adaptation_raise=zeros,
            rest=per_neuron(f"{where}: rest", rest, size),
        )
        self.populations[name] = made
        return made

    @property
    def neurons(self) -> int:
        """Number of neurons."""
        return sum(population.size for population in self.populations.values())

    def layer(self, name: str) -> Input | Population:
        """The input or population of a name.

        Raises:
            NetworkError: there is none.
        """
        found = self.inputs.get(name) or self.populations.get(name)
        if found is None:
            there = ", ".join([*self.inputs, *self.populations]) or "nothing yet"
            raise NetworkError(f"the network has no input or population '{name}'; it has {there}")
        return found

    def _new_name(self, name: str) -> str:
        if not isinstance(name, str) or not name:
            raise NetworkError(f"a name must be a text of at least one letter, not {name!r}")
        if name in self.inputs or name in self.populations:
            raise NetworkError(f"the network has an input or population '{name}' already")
        return name

    def ends(self, source: Layer, target: Layer) -> tuple[Input | Population, Population]:
        """Source and target of a projection.

        Raises:
            NetworkError: no such layers of this network, or a target that is an input.
        """
        first = self.layer(source if isinstance(source, str) else source.name)
        if not isinstance(source, str) and source is not first:
            raise NetworkError(f"'{source.name}' is of another network")
        return first, self.target(target)

    def target(self, target: Layer) -> Population:
        """The population that a projection leads to, or that is an output.

        Raises:
            NetworkError: no such population of this network.
        """
        found = self.layer(target if isinstance(target, str) else target.name)
        if not isinstance(found, Population):
            raise NetworkError(f"'{found.name}' is an input: only populations receive synapses and are outputs")
        if not isinstance(target, str) and target is not found:
            raise NetworkError(f"'{target.name}' is of another network")
        return found
