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
from ganglion.model.learning_energy import LearningEnergy, landauer_bound, learning_in_memory_bound

__all__ = [
    "Account",
    "Cost",
    "LearningEnergy",
    "Technology",
    "account",
    "account_totals",
    "landauer_bound",
    "learning_in_memory_bound",
    "operation_counts",
    "operation_energies",
]
