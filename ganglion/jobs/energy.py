"""The energy account of a run: as a table on the terminal, and as values."""

from collections.abc import Iterator
from typing import Any

from rich.table import Table

from ganglion.jobs.result import table
from ganglion.model.energy import Account


def energy_parts(account: Account, samples: int) -> Iterator[str | Table]:
    """What each kind of operation would cost, and a line on what was not counted.

    Args:
        account: of a whole run.
        samples: that ran.
    """
    rows = table("operation", "count", "pJ each", "nJ", title=f"energy, estimated from {account.source}")
    for cost in account.costs:
        rows.add_row(cost.operation, f"{cost.count:,}", f"{cost.each:.3f}", f"{cost.total / 1e3:,.1f}")
    rows.add_section()
    rows.add_row("all", "", "", f"{account.total / 1e3:,.1f}")
    rows.add_row("per sample", "", "", f"{account.total / 1e3 / samples:,.2f}")
    yield rows
    if account.missing:
        yield f"not counted by this target, so left out: {', '.join(account.missing)}"


def energy_dict(account: Account, samples: int) -> dict[str, Any]:
    """The same as plain values, in pJ."""
    return {
        "source": account.source,
        "total_pj": account.total,
        "per_sample_pj": account.total / samples,
        "operations": {
            cost.operation: {"count": cost.count, "each_pj": cost.each, "total_pj": cost.total}
            for cost in account.costs
        },
        "missing": list(account.missing),
    }
