"""Usage per core, as a table for a terminal."""

from rich.table import Table
from rich.text import Text

from ganglion.model.compiler.image import Image
from ganglion.model.compiler.report.traffic import traffic_of
from ganglion.model.compiler.usage import Resource, Usage, Use
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.explained import explained

FULL = 0.95
"""From this share on, a resource is marked as nearly full."""


@explained(ProgramError)
def usage_table(image: Image) -> Table:
    """A line per core: what is used of each resource, and how much of each population sits there."""
    params = image.params
    table = Table(
        title=f"{params.name}: {image.program.neurons:,} neurons on {params.cores} core(s)", title_justify="left"
    )
    table.add_column("core", justify="right")
    for use in _shown(image.usage[0]):
        table.add_column(f"{use.resource}\nof {use.available:,}", justify="right", no_wrap=True)
    table.add_column("populations")
    for core, usage in enumerate(image.usage):
        names = (
            f"{name} {_part(count, image.program.names[name][1])}" for name, count in image.populations(core).items()
        )
        table.add_row(str(core), *map(_used, _shown(usage)), Text(", ".join(names)))
    return table


@explained(ProgramError)
def summary(image: Image) -> list[str]:
    """What passes between cores, in a line or two."""
    traffic = traffic_of(image)
    cores = image.params.cores
    inner = traffic.synapses[:cores]
    away = int(inner.sum() - inner.trace())
    packets = ", ".join(
        f"{count:,} {'in their core' if not level else f'at level {level}'}"
        for level, count in enumerate(traffic.packets.tolist())
    )
    return [
        f"{away:,} of {int(inner.sum()):,} synapses between neurons join two cores",
        f"packets if every neuron fired once, by where they turn: {packets}",
    ]


def _shown(usage: Usage) -> list[Use]:
    """Every core has all neuron types, which tells nothing of a placement."""
    return [use for use in usage.uses if use.resource is not Resource.TYPES]


def _part(count: int, whole: int) -> str:
    return f"{count:,}" if count == whole else f"{count:,} of {whole:,}"


def _used(use: Use) -> Text:
    return Text(f"{use.used:,} {use.share:5.0%}", style="bold" if use.share >= FULL else "")
