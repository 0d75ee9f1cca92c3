"""How much of a core a network takes."""

from dataclasses import dataclass

from ganglion.model.spec.errors import CapacityError


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

    def check(self, chip: str) -> None:
        """Whether the network fits.

        Args:
            chip: name of the chip's parameters, for the message.

        Raises:
            CapacityError: it does not; a table of every resource that is short, needed and available.
        """
        if self.short:
            raise CapacityError(f"the network does not fit a core of the chip ({chip}):\n{table(self.short)}")


def table(resources: tuple[Resource, ...]) -> str:
    """One line per resource: name, needed, available."""
    lines = [f"{'':16}{'needed':>10}{'available':>12}"]
    lines += [f"{r.name:16}{r.used:>10}{r.available:>12}" for r in resources]
    return "\n".join(lines)
