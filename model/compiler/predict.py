"""The cycle model of `ganglion.model.spec.cycles` for a given image."""

import numpy as np

from ganglion.model.compiler.image import Image
from ganglion.model.spec.cycles import CycleModel
from ganglion.model.spec.errors import ParamsError
from ganglion.model.spec.events import Events
from ganglion.model.spec.memories import Memory
from ganglion.model.spec.program import IntArray
from ganglion.model.spec.trace import Trace


def cycle_model(image: Image) -> CycleModel:
    """The cycle model of a chip of one core, with the rows and fan-out entries of an image.

    Raises:
        ParamsError: the image is for a chip with routers.
    """
    if levels := image.params.levels:
        raise ParamsError(f"the cycle model is that of one core without routers; the image is for levels {levels}")
    axons, fanout = image.columns(Memory.AXONS), image.columns(Memory.FANOUT)
    lengths, more = axons["length"].tolist(), axons["more"].tolist()
    rows: dict[int, list[int]] = {}
    for axon in reversed(range(len(lengths))):
        rows[axon] = [lengths[axon], *(rows[axon + 1] if more[axon] else [])]
    entries: dict[int, list[tuple[int, int]]] = {}
    table = list(zip(fanout["scope"].tolist(), fanout["axon"].tolist(), fanout["next"].tolist(), strict=True))
    for neuron in range(image.params.neurons):
        scope, axon, following = table[neuron]
        entries[neuron] = [(scope, axon)]
        while following:
            scope, axon, following = table[following]
            entries[neuron].append((scope, axon))
    return CycleModel(image.params, rows, entries)


def predict_cycles(image: Image, events: Events, trace: Trace) -> IntArray:
    """Cycles of each step of a run on one core, shape (steps,).

    Args:
        image: the network on its core.
        events: the host's events.
        trace: of the run, with the spikes of all neurons (any target's).

    Raises:
        ParamsError: the image is for a chip with routers.
    """
    model = cycle_model(image)
    axons = image.inputs.axon
    return np.array(
        [
            model.step(axons[events[step]].tolist(), image.neurons.row[fired].tolist()).step
            for step, fired in enumerate(trace.spikes_per_step())
        ],
        dtype=np.int64,
    )
