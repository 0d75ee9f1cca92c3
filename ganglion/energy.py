"""What a run would cost in energy: counts of operations times an estimate of each."""

from ganglion.model.energy import (
    Account,
    Cost,
    Technology,
    account,
    account_totals,
    operation_counts,
    operation_energies,
)

__all__ = ["Account", "Cost", "Technology", "account", "account_totals", "operation_counts", "operation_energies"]
