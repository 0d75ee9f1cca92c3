"""Placements that are tried where none was asked for."""

from collections.abc import Iterator

import numpy as np

from ganglion.model.compiler.place.neurons import Places
from ganglion.model.spec.program import Program


def automatic_places(program: Program) -> Iterator[Places]:
    """Neurons in the order of their numbers, over as few cores as have rows for them; then over more cores.

    On a chip of one core neuron n is in row n, even beyond the rows there are.
    """
    params, number = program.params, np.arange(program.neurons)
    if params.cores == 1:
        yield Places(np.zeros_like(number), number)
        return
    for cores in range(-(-program.neurons // params.neurons), params.cores + 1):
        core = number * cores // program.neurons
        yield Places(core, number - np.searchsorted(core, core))
