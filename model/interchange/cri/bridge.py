"""What programs ask of `hs_bridge`: the functions of its `FPGA_Execution.fpga_controller`, which name no network.

On their machine a core has one network, the last that was loaded. So has a core here, as far as these functions go.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from ganglion.model.spec.errors import ProgramError

if TYPE_CHECKING:
    from ganglion.model.interchange.cri.network import CRI_network

on_core: "WeakValueDictionary[Any, CRI_network]" = WeakValueDictionary()
"""The last network with target "CRI" that was made for each coreID, or that has neurons on that core."""


def clear(numNeurons: int, simDump: bool = False, coreID: int = 0) -> None:
    """All membranes of the network on a core back to zero, as `CRI_network.clear`.

    Args:
        numNeurons: taken, without effect: all of them are cleared.
        simDump: taken, without effect.
        coreID: which core.

    Raises:
        ProgramError: no network is there.
    """
    _network(coreID).clear()


def readSelect(neurons: Iterable[int], coreID: int = 0) -> list[tuple[int, int, int, int]]:
    """Membranes of the network on a core.

    Args:
        neurons: their numbers, in the order of `connections`.
        coreID: which core.

    Returns:
        (row, column, number, membrane) of each; row and column are those of their memory, 16 neurons a row.

    Raises:
        ProgramError: no network is there, or no such neuron.
    """
    network, numbers = _network(coreID), list(neurons)
    values = network.potentials().tolist()
    if wrong := [number for number in numbers if not 0 <= number < len(values)]:
        raise ProgramError(f"readSelect: there is no neuron {wrong[0]}; the network has {len(values)}")
    return [(number // 16, number % 16, number, values[number]) for number in numbers]


def write_route_table_entry(*values: Any, **named: Any) -> None:
    """Taken, without effect: on Ganglion the compiler writes routes."""


def _network(coreID: int) -> "CRI_network":
    if coreID not in on_core:
        cores = ", ".join(sorted(map(str, on_core))) or "none"
        raise ProgramError(f"there is no network with target 'CRI' on core {coreID}; cores that have one: {cores}")
    return on_core[coreID]
