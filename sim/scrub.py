"""Memory scrubbing: every row of a chip with parity is read, and what is wrong is loaded again."""

import numpy as np

from ganglion.model.compiler import Image
from ganglion.model.spec.errors import FaultError
from ganglion.model.spec.memories import Memory, MemorySpec, protects
from ganglion.model.spec.registers import Register
from ganglion.sim.access import Access, Fault


def scrub(access: Access, image: Image) -> list[Fault]:
    """Scrubs all cores of a chip, between two steps.

    Args:
        access: to the chip.
        image: what was loaded.

    Returns:
        the rows that were loaded again.

    Raises:
        FaultError: a row of state is wrong, which nobody knows the right value of.
    """
    mended = []
    for memory, spec in access.specs.items():
        if not protects(access.params, memory):
            continue
        for core in range(access.params.cores):
            access.driver.exchange(access.writing_register(Register.FAULT, 0))
            rows = _loaded_rows(spec, image, core)
            access.read(memory, rows, core)
            while faults := [fault for fault in access.faults() if fault.core == core]:
                _mend(access, image, faults[0])
                mended.append(faults[0])
                access.driver.exchange(access.writing_register(Register.FAULT, 0))
                access.read(memory, rows, core)
    return mended


def _loaded_rows(spec: MemorySpec, image: Image, core: int) -> range:
    """The rows that hold anything: those of SYNAPSES that were never written need not be right."""
    content = image.cores[core].memories.get(spec.memory)
    return range(len(content.chunks)) if spec.memory is Memory.SYNAPSES and content else range(spec.rows)


def _mend(access: Access, image: Image, fault: Fault) -> None:
    """Loads a row again."""
    content = image.cores[fault.core].memories.get(fault.memory)
    spec = access.specs[fault.memory]
    if content is None or spec.changes or not content.first <= fault.row < content.first + len(content.chunks):
        raise FaultError(f"{fault}, which nobody knows the right value of: load the network again (load)")
    access.write(fault.memory, np.array([fault.row]), content.chunks[[fault.row - content.first]], fault.core)
