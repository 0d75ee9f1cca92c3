"""How much memory a network needs, told before it is taken."""

import os
from pathlib import Path

from ganglion.model.spec.errors import CapacityError

SOURCE_BYTES = 32
"""Of one row of the table of rows."""

STATE_BYTES = {2: 30, 8: 98}
"""Of one neuron by size of its state: as stored in the network, as copied to be written to, and what changes."""


def available() -> int:
    """Bytes that may be taken before this machine swaps."""
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def refuse_too_large(what: str, needed: int) -> None:
    """Whether `needed` bytes are there.

    Raises:
        CapacityError: they are not; says what is wanted, what is needed and what there is.
    """
    there = available()
    if needed > there:
        raise CapacityError(
            f"{what} needs {needed / 1e9:.1f} GB of memory and {there / 1e9:.1f} GB are free. Use fewer synapses, "
            "open a saved network (its synapses then stay on disk), or divide it over processes with MPI"
        )
