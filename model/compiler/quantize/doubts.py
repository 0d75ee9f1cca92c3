"""What makes it likely that a network in integers is not what its user means: the warnings of a report."""

import numpy as np

from ganglion.model.compiler.network.network import Network
from ganglion.model.compiler.quantize.flat import Flat
from ganglion.model.compiler.quantize.report import LayerReport
from ganglion.model.compiler.quantize.simulate import Run
from ganglion.model.spec.program import Program

LOST = 0.5
"""A layer that loses this fraction of its weights has another unit than its thresholds."""

FEW_UNITS = 16
"""A leaking membrane whose threshold is fewer units than this is rounded by several percent of it in each step."""


def doubts(
    network: Network, flat: Flat, program: Program, layers: list[LayerReport], integers: Run | None
) -> list[str]:
    """One line for each doubt, which names the layer.

    Args:
        network: the network.
        flat: the same, laid out.
        program: it in integers.
        layers: what was reported of its layers.
        integers: run of the program on samples.
    """
    found = list(network.warnings)
    for layer in layers:
        found += _numbers(flat, program, layer)
        found += _behaviour(network, layer)
    if integers is None:
        return found
    for name in flat.names:
        if wrapped := int(integers.overflows[flat.part(name)].sum()):
            found.append(
                f"'{name}': accumulators wrapped {wrapped:,} times on the samples, so its sums are wrong there"
            )
    return found


def _numbers(flat: Flat, program: Program, layer: LayerReport) -> list[str]:
    """Doubts about weights and thresholds."""
    found = []
    if layer.synapses and layer.zeroed >= LOST * layer.synapses:
        found.append(
            f"'{layer.name}': {layer.zeroed:,} of its {layer.synapses:,} weights became 0; its scale of "
            f"{layer.scale[0]:.3g} is held by {layer.limit}. Are its thresholds and the "
            "convention right?"
        )
    part = flat.part(layer.name)
    leaking = flat.spiking[part] & (flat.decay[part] > 0) & (flat.decay[part] < 1)
    units = np.abs(program.threshold[part])[leaking]
    if units.size and units.min() < FEW_UNITS:
        few = int((units < FEW_UNITS).sum())
        found.append(
            f"'{layer.name}': the threshold is {int(units.min())} units at {few:,} of {layer.neurons:,} neurons, too "
            "few for its leak, which is rounded to whole units. Narrower weights, a chip of more weight_bits, or a "
            "granularity of neuron leave more"
        )
    return found


def _behaviour(network: Network, layer: LayerReport) -> list[str]:
    """Doubts about what a layer does on the samples."""
    result, found = layer.samples, []
    if result is None:
        return []
    if network.populations[layer.name].spiking and not result.spikes_integer:
        ours = "in floats either" if not result.spikes_float else f"but {result.spikes_float:,} times in floats"
        found.append(
            f"'{layer.name}' never fires on the samples, {ours}. Are the samples, dt and the convention "
            "those that it was trained with?"
        )
    if result.saturated:
        found.append(
            f"'{layer.name}': {result.saturated} neurons left the range of their membrane or current on the samples "
            "and were held at its end; a smaller scale for it keeps them in"
        )
    return found
