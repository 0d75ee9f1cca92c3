"""What passes between the cores of an image."""

from dataclasses import dataclass

import numpy as np

from ganglion.model.compiler.image import Image
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.memories import Memory
from ganglion.model.spec.packets import Scope


@dataclass(frozen=True, eq=False)
class Traffic:
    """Synapses and events from core to core, if every neuron and every input fired once."""

    synapses: IntArray
    """Shape (cores + 1, cores): from a core, and last from the host, to a core."""
    events: IntArray
    """Shape (cores + 1, cores): deliveries, of which one packet makes several where it is multicast."""
    packets: IntArray
    """Shape (levels + 1,): packets of neurons that turn in their own core, at a router of level 1, and so on."""


@explained(ProgramError)
def traffic_of(image: Image) -> Traffic:
    """The traffic of an image."""
    program, cores = image.program, image.params.cores
    source = program.pre
    inner = source >= program.inputs
    origin = np.full(source.size, cores)
    origin[inner] = image.neurons.core[source[inner] - program.inputs]

    def table(origin: IntArray, core: IntArray) -> IntArray:
        size = (cores + 1) * cores
        return np.bincount(origin * cores + core, minlength=size).reshape(cores + 1, cores)

    pair = np.unique(source * cores + image.synapses.core)
    who, core = np.divmod(pair, cores)
    homes = np.append(image.neurons.core, cores)
    home = homes[np.where(who >= program.inputs, who - program.inputs, program.neurons)]
    return Traffic(table(origin, image.synapses.core), table(home, core), _packets(image))


def _packets(image: Image) -> IntArray:
    levels = len(image.params.levels)
    counts = np.zeros(levels + 1, dtype=np.int64)
    for core in range(image.params.cores):
        scope = image.columns(Memory.FANOUT, core)["scope"]
        counts[0] += int((scope == Scope.CORE).sum())
        for level in range(1, levels + 1):
            counts[level] += int((scope == Scope.LEVEL_1 - 1 + level).sum())
    return counts
