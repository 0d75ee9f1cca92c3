"""How much of a core a network takes."""

from collections.abc import Sequence
from dataclasses import dataclass

from ganglion.model.compiler.pack.rows import Rows
from ganglion.model.compiler.place.fanout import FanoutTable
from ganglion.model.spec.errors import CapacityError
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


def check_chip(program: Program) -> None:
    """Whether a chip of several cores has room for the neurons at all; of one core, `check_cores` says all at once.

    Raises:
        CapacityError: it has not.
    """
    params = program.params
    total = Resource("neurons", program.neurons, params.cores * params.neurons)
    if params.cores > 1 and total.used > total.available:
        raise CapacityError(
            f"the network does not fit the chip ({params.name}, {params.cores} cores):\n{table((total,))}"
        )


def check_cores(usages: Sequence[Usage], params: Params) -> None:
    """Whether the network fits every core.

    Raises:
        CapacityError: it does not; for every core that is short, a table of the resources, needed and available.
    """
    short = [(core, usage.short) for core, usage in enumerate(usages) if usage.short]
    if not short:
        return
    if params.cores == 1:
        raise CapacityError(f"the network does not fit a core of the chip ({params.name}):\n{table(short[0][1])}")
    tables = "".join(f"\ncore {core}:\n{table(resources)}" for core, resources in short)
    raise CapacityError(f"the network, as placed, does not fit the chip ({params.name}, {params.cores} cores){tables}")


def table(resources: tuple[Resource, ...]) -> str:
    """One line per resource: name, needed, available."""
    lines = [f"{'':16}{'needed':>10}{'available':>12}"]
    lines += [f"{r.name:16}{r.used:>10}{r.available:>12}" for r in resources]
    return "\n".join(lines)
