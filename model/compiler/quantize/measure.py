"""The numbers of the report: what quantising did to each layer."""

import numpy as np

from ganglion.model.compiler.bounds import accumulator_bounds
from ganglion.model.compiler.network.network import Network
from ganglion.model.compiler.quantize.doubts import doubts
from ganglion.model.compiler.quantize.flat import Flat
from ganglion.model.compiler.quantize.report import LayerReport, OutputResult, QuantizationReport, SampleResult
from ganglion.model.compiler.quantize.scale import LIMITS, Scales
from ganglion.model.compiler.quantize.simulate import Run
from ganglion.model.compiler.quantize.words import synapse_words
from ganglion.model.spec.arithmetic import signed_range
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.program import Program


def measure(
    network: Network,
    flat: Flat,
    program: Program,
    found: Scales,
    floats: Run | None,
    integers: Run | None,
    told: list[str],
) -> QuantizationReport:
    """The report of a program that was made from a network with these scales, with warnings that were `told` then."""
    params = program.params
    least, greatest = signed_range(params.weight_bits)
    scaled = flat.weight * found.scale[flat.post_neuron]
    weight = np.clip(np.rint(scaled), least, greatest)
    clipped = (np.rint(scaled) > greatest) | (np.rint(scaled) < least)
    low, high = accumulator_bounds(program)
    decays = np.array([m / (1 << s) for m, s in (each.decay for each in program.types)])[program.type]
    layers, notes = [], list(network.notes)
    for name in flat.names:
        part, into = flat.part(name), flat.into(name)
        error = weight[into] - scaled[into]
        rms = float(np.sqrt(np.mean(flat.weight[into] ** 2))) if into.any() else 0.0
        lost = error / found.scale[flat.post_neuron[into]]
        spiking = flat.spiking[part]
        exact = np.where(spiking, flat.threshold[part], 0) * found.scale[part] - flat.inclusive[part]
        layers.append(
            LayerReport(
                name=name,
                neurons=int(part.stop - part.start),
                synapses=int(into.sum()),
                zeroed=int((weight[into] == 0).sum()),
                scale=(float(found.scale[part].min()), float(found.scale[part].max())),
                limit=_limit(found, part),
                clipped=int(clipped[into].sum()),
                weight_error=float(np.sqrt(np.mean(lost**2))) / rms if rms else 0.0,
                weight_error_max=float(np.abs(error).max(initial=0)),
                threshold_error=float(np.abs(np.where(spiking, program.threshold[part] - exact, 0)).max()),
                bias_error=float(np.abs(program.bias[part] - flat.bias[part] * found.scale[part]).max()),
                decay_error=float(np.abs(decays[part] - flat.decay[part]).max()),
                accumulator=(int(low[part].min()), int(high[part].max())),
                accumulator_range=signed_range(params.accumulator_bits),
                words=synapse_words(program, part),
                samples=_compare(flat, program, part, floats, integers),
            )
        )
        if not network.populations[name].spiking and floats is None:
            notes.append(f"'{name}' is a read-out: without samples nothing shows that its membranes stay in range")
    if floats is not None and floats.most > 1:
        notes.append(
            f"an axon has up to {floats.most} events in a step of the samples: scales leave room for that, and no more"
        )
    return QuantizationReport(
        network=network.name,
        params=params.name,
        layers=tuple(layers),
        output=_output(network, flat, found, floats, integers),
        notes=tuple(notes),
        warnings=(*told, *doubts(network, flat, program, layers, integers)),
    )


def _limit(found: Scales, part: slice) -> str:
    if found.grid[part].all():
        return "grid"
    numbers = found.limit[part][~found.grid[part]]
    if (numbers < 0).all():
        return "user"
    return LIMITS[int(np.bincount(numbers[numbers >= 0]).argmax())]


def _compare(
    flat: Flat, program: Program, part: slice, floats: Run | None, integers: Run | None
) -> SampleResult | None:
    if floats is None or integers is None:
        return None
    one, other = floats.spikes[:, :, part], integers.spikes[:, :, part]
    either = int((one | other).sum())
    saturated = integers.reach[0, part] > signed_range(program.params.membrane_bits)[1]
    if program.params.current_bits:
        highest = signed_range(program.params.current_bits)[1]
        saturated |= flat.current[part] & (integers.reach[1, part] >= highest)
    return SampleResult(
        spikes_float=int(one.sum()),
        spikes_integer=int(other.sum()),
        coincident=int((one & other).sum()) / either if either else 1.0,
        saturated=int(saturated.sum()),
    )


def _output(
    network: Network, flat: Flat, found: Scales, floats: Run | None, integers: Run | None
) -> OutputResult | None:
    if floats is None or integers is None:
        return None
    name = (network.outputs or list(network.populations))[-1]
    part = flat.part(name)
    if network.populations[name].spiking:
        decision = "most spikes"
        one, other = (run.spikes[:, :, part].sum(axis=1) for run in (floats, integers))
    else:
        decision = "greatest membrane at the end"
        kept = _among_readouts(flat, part)
        one = floats.membranes[:, -1, kept] + network.populations[name].rest
        other = integers.membranes[:, -1, kept] / found.scale[part] + network.populations[name].rest
    same = (floats.spikes == integers.spikes).all(axis=(1, 2))
    return OutputResult(
        population=name,
        samples=len(one),
        decision=decision,
        agree=int((one.argmax(axis=1) == other.argmax(axis=1)).sum()),
        identical=int(same.sum()),
    )


def _among_readouts(flat: Flat, part: slice) -> IntArray:
    readouts: IntArray = np.flatnonzero(~flat.spiking)
    return np.searchsorted(readouts, np.arange(part.start, part.stop))
