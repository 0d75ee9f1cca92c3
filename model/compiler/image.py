"""An `Image`: everything a chip must be loaded with to be one network, and the way back to the user's names."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from ganglion.model.compiler.layout import Content, Destinations, Places, SynapsePlaces
from ganglion.model.compiler.place.neurons import populations
from ganglion.model.compiler.usage import Usage
from ganglion.model.spec import html, packet_arrays
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.packet_arrays import Words
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program
from ganglion.model.spec.tree import route_to

CORES_SHOWN = 32
"""Cores that a notebook shows, at most."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Core:
    """The memories of one core, in the order in which to load them, and how much of the core is used."""

    memories: Mapping[Memory, Content]
    usage: Usage


@explained(ProgramError)
@dataclass(frozen=True, eq=False, kw_only=True)
class Image:
    """A network placed on a chip. `ganglion.model.compiler.file` saves and loads it.

    Spikes of output k of the host are neuron `program.outputs[k]`.
    """

    params: Params
    program: Program
    """The network; its params are the chip's."""
    cores: tuple[Core, ...]
    neurons: Places
    """Core of each neuron; row of NEURONS, STATE and, plus slot * params.neurons, ACCUMULATORS."""
    inputs: Destinations
    """Route and axon of the SPIKE packets of each input of the host. An input without synapses has none in a chip of
    several cores, and an empty row in a chip of one."""
    synapses: SynapsePlaces

    @property
    def usage(self) -> tuple[Usage, ...]:
        """What is used of each core."""
        return tuple(core.usage for core in self.cores)

    def populations(self, core: int) -> dict[str, int]:
        """How many neurons of each population sit in a core; those of which none does are left out."""
        return populations(self.program, self.neurons, core)

    def name_at(self, core: int, row: int) -> str | None:
        """The user's name of the neuron in a row of a core, `population[index]` or its number; None where none is."""
        found = np.flatnonzero((self.neurons.core == core) & (self.neurons.row == row))
        return self.program.name_of(int(found[0])) if found.size else None

    def place_of(self, name: str) -> tuple[int, int]:
        """Core and row of a neuron by the user's name, `population[index]`, or by its number: the inverse of `name_at`.

        Raises:
            ProgramError: there is no such neuron; says which populations there are.
        """
        population, _, index = name.removesuffix("]").partition("[")
        first, count = self.program.names.get(population, (0, self.program.neurons if not index else 0))
        number = index or population
        if not number.isdecimal() or int(number) >= count:
            known = ", ".join(f"{known}[0 … {size - 1}]" for known, (_, size) in self.program.names.items())
            raise ProgramError(f"there is no neuron '{name}'; there are {known or f'0 … {self.program.neurons - 1}'}")
        neuron = first + int(number)
        return int(self.neurons.core[neuron]), int(self.neurons.row[neuron])

    def packets(self, core: int = 0, *, only: Collection[Memory] = tuple(Memory)) -> Words:
        """The WRITE packets that load one core, in order, or some memories of it; shape (packets,).

        `ganglion.model.compiler.loading` has fewer packets for a whole chip of several cores.
        """
        route = route_to(self.params.levels, core)
        return np.concatenate(
            [
                packet_arrays.writes(memory, content.first + np.arange(len(content.chunks)), content.chunks, route)
                for memory, content in self.cores[core].memories.items()
                if memory in only
            ]
        )

    def columns(self, memory: Memory, core: int = 0) -> dict[str, IntArray]:
        """The fields of what the image writes to a memory, each int64 of shape (rows written,)."""
        return memories(self.params)[memory].layout.unpack_rows(self.cores[core].memories[memory].chunks)

    def _repr_html_(self) -> str:
        rows = [
            (core, *(html.share(use.share) for use in usage.uses), ", ".join(self.populations(core)))
            for core, usage in enumerate(self.usage[:CORES_SHOWN])
        ]
        head = ("core", *(f"{use.resource} of {use.available:,}" for use in self.usage[0].uses), "populations")
        rest = len(self.cores) - len(rows)
        more = html.line(f"and {rest} more cores") if rest else ""
        network = f"{self.program.neurons:,} neurons, {self.program.synapses:,} synapses"
        return html.block(f"Image for {self.params.name}: {network}", html.table(rows, head), more)

    def __repr__(self) -> str:
        return f"<Image of {self.program!r} on {len(self.cores)} core(s)>"
