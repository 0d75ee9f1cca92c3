"""How much of a core a network takes."""

from dataclasses import dataclass

from ganglion.model.compiler.pack.rows import Rows
from ganglion.model.compiler.route.fanout import FanoutTable
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program


@dataclass(frozen=True)
class Resource:
    """One thing a core has a limited number of."""

    name: str
    used: int
    available: int


@dataclass(frozen=True)
class Usage:
    """What a network needs of each resource of a core, and what the core has."""

    resources: tuple[Resource, ...]

    @property
    def short(self) -> tuple[Resource, ...]:
        """The resources of which the network needs more than there are."""
        return tuple(r for r in self.resources if r.used > r.available)

    @property
    def shortages(self) -> set[str]:
        """Their names."""
        return {r.name for r in self.short}

    def __str__(self) -> str:
        return table(self.resources)


def core_usage(program: Program, neurons: int, rows: Rows, fanout: FanoutTable, params: Params) -> Usage:
    """What is used of one core: its neurons, its rows, its fan-out table."""
    entries = max(int(fanout.row.max(initial=0)) + 1, params.neurons)
    return Usage(
        (
            Resource("neurons", neurons, params.neurons),
            Resource("neuron types", len(program.types), params.types),
            Resource("axon rows", rows.count, params.axons),
            Resource("synapse words", rows.total_words, params.synapse_words),
            Resource("fan-out entries", entries, params.fanout_entries),
        )
    )


def table(resources: tuple[Resource, ...]) -> str:
    """One line per resource: name, needed, available."""
    lines = [f"{'':16}{'needed':>10}{'available':>12}"]
    lines += [f"{r.name:16}{r.used:>10}{r.available:>12}" for r in resources]
    return "\n".join(lines)
