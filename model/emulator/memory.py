"""How much memory a network needs, told before it is taken."""

from ganglion.model.spec.errors import CapacityError
from ganglion.model.spec.machine import free_memory

SOURCE_BYTES = 32
"""Of one row of the table of rows."""

STATE_BYTES = {2: 30, 8: 98}
"""Of one neuron by size of its state: as stored in the network, as copied to be written to, and what changes."""


def refuse_too_large(what: str, needed: int) -> None:
    """Whether `needed` bytes are there.

    Raises:
        CapacityError: they are not; says what is wanted, what is needed and what there is.
    """
    there = free_memory()
    if needed > there:
        raise CapacityError(
            f"{what} needs {needed / 1e9:.1f} GB of memory and {there / 1e9:.1f} GB are free. Use fewer synapses, "
            "open a saved network (its synapses then stay on disk), or divide it over processes with MPI"
        )
