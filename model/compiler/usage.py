"""What a core has a limited number of, and how much of it a network takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ganglion.model.compiler.layout import FanoutTable, Rows
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program


class Resource(StrEnum):
    """One thing a core has a limited number of, by the name that tables and messages have for it."""

    NEURONS = "neurons"
    TYPES = "neuron types"
    AXONS = "axon rows"
    WORDS = "synapse words"
    ENTRIES = "fan-out entries"

    def available(self, params: Params) -> int:
        """How much of it a core has."""
        return {
            Resource.NEURONS: params.neurons,
            Resource.TYPES: params.types,
            Resource.AXONS: params.axons,
            Resource.WORDS: params.synapse_words,
            Resource.ENTRIES: params.fanout_entries,
        }[self]


@dataclass(frozen=True)
class Use:
    """How much of a resource a network needs, and how much there is."""

    resource: Resource
    used: int
    available: int

    @property
    def share(self) -> float:
        """The part of it that is used."""
        return self.used / self.available


@explained(ProgramError)
@dataclass(frozen=True)
class Usage:
    """What a network needs of each resource of a core, and what the core has."""

    uses: tuple[Use, ...]

    @classmethod
    def of_core(cls, used: Mapping[Resource, int], params: Params) -> "Usage":
        """From what is used of a core."""
        return cls(tuple(Use(resource, used[resource], resource.available(params)) for resource in Resource))

    @property
    def short(self) -> tuple[Use, ...]:
        """The resources of which the network needs more than there are."""
        return tuple(use for use in self.uses if use.used > use.available)

    def __getitem__(self, resource: Resource) -> Use:
        """The use of one resource."""
        return next(use for use in self.uses if use.resource is resource)

    def __str__(self) -> str:
        return table(self.uses)


def core_usage(program: Program, neurons: int, rows: Rows, fanout: FanoutTable, params: Params) -> Usage:
    """What is used of one core: its neurons, its rows, its fan-out table."""
    return Usage.of_core(
        {
            Resource.NEURONS: neurons,
            Resource.TYPES: len(program.types),
            Resource.AXONS: rows.count,
            Resource.WORDS: rows.total_words,
            Resource.ENTRIES: max(int(fanout.row.max(initial=0)) + 1, params.neurons),
        },
        params,
    )


def table(uses: tuple[Use, ...]) -> str:
    """One line per resource: name, needed, available."""
    lines = [f"{'':16}{'needed':>10}{'available':>12}"]
    lines += [f"{use.resource:16}{use.used:>10}{use.available:>12}" for use in uses]
    return "\n".join(lines)
