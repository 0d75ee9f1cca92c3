"""The energy account of a run, as a table on the terminal."""

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from ganglion.model.energy import Technology, account_totals
from ganglion.model.spec.params import Params


def print_energy(
    totals: Mapping[str, int], params: Params, technology: Technology, console: Console, *, per: tuple[str, int]
) -> None:
    """Prints what each kind of operation would cost.

    Args:
        totals: sums of the run's counters, its `steps` among them.
        params: the chip.
        technology: the energies.
        console: where to print.
        per: what to share the sum among, and how many of it there were: ("image", 540).
    """
    costs = account_totals(totals, params, technology)
    table = Table(title=f"energy, estimated from {costs.source}")
    for column in ("operation", "count", "pJ each", "nJ"):
        table.add_column(column, justify="left" if column == "operation" else "right")
    for cost in costs.costs:
        table.add_row(cost.operation, f"{cost.count:,}", f"{cost.each:.3f}", f"{cost.total / 1e3:,.1f}")
    name, count = per
    table.add_section()
    table.add_row("all", "", "", f"{costs.total / 1e3:,.1f}")
    table.add_row(f"per {name}", "", "", f"{costs.total / 1e3 / count:,.2f}")
    console.print(table)
    if costs.missing:
        console.print(f"not counted by this target, so left out: {', '.join(costs.missing)}", soft_wrap=True)
