"""From a `Network` in floats to a `Program` in integers, with a report of what that does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from ganglion.model.compiler.network.network import Network
from ganglion.model.compiler.quantize.flat import Flat, flatten, name_of
from ganglion.model.compiler.quantize.measure import measure
from ganglion.model.compiler.quantize.report import QuantizationReport
from ganglion.model.compiler.quantize.scale import TOLERANCE, Scales, scales
from ganglion.model.compiler.quantize.simulate import Run, simulate
from ganglion.model.compiler.quantize.types import neuron_types
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.arrays import BoolArray, FloatArray, IntArray
from ganglion.model.spec.errors import NetworkError, ProgramError
from ganglion.model.spec.events import Events
from ganglion.model.spec.params import PRESETS, Params
from ganglion.model.spec.program import Program
from ganglion.model.spec.trace import Trace

Granularity = Literal["layer", "channel", "neuron"]
Rounding = Literal["nearest", "calibrated"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Quantized:
    """A network in integers, and what became of it."""

    network: Network
    program: Program
    scale: Mapping[str, FloatArray]
    """Units of the chip per unit of the user, per neuron of each population."""
    report: QuantizationReport

    def membranes(self, population: str, values: npt.ArrayLike) -> FloatArray:
        """Membranes of a population in the user's units, from those of the chip.

        Args:
            population: its name.
            values: integers of shape (…, size), such as a trace's probe of `v`.

        Raises:
            NetworkError: there is no such population.
        """
        if population not in self.scale:
            raise NetworkError(f"there is no population '{population}'; there are {', '.join(self.scale)}")
        result: FloatArray = np.asarray(values) / self.scale[population] + self.network.populations[population].rest
        return result

    def neurons(self, population: str) -> IntArray:
        """Numbers of a population's neurons in the program, for probes and counts.

        Raises:
            NetworkError: there is no such population.
        """
        if population not in self.program.names:
            raise NetworkError(f"there is no population '{population}'; there are {', '.join(self.program.names)}")
        first, count = self.program.names[population]
        return np.arange(first, first + count)

    def raster(self, trace: Trace, population: str) -> BoolArray:
        """Spikes of a population, row by row as in the network that an import was made from.

        The first `Network.lag` steps, in which the spikes of the first layers are still on their way, are left out.
        The RTL reports outputs alone; of other populations its rasters are empty.

        Args:
            trace: of a run from step 0.
            population: its name.

        Returns:
            shape (steps - lag, size).

        Raises:
            NetworkError: there is no such population.
        """
        numbers = self.neurons(population)
        raster = np.zeros((trace.steps, self.program.neurons), dtype=bool)
        raster[trace.spikes[:, 0] - trace.first, trace.spikes[:, 1]] = True
        return raster[self.network.lag.get(population, 0) :, numbers]

    def __repr__(self) -> str:
        return f"<Quantized '{self.network.name}': {self.program!r}>"


def quantize(
    network: Network,
    params: Params = PRESETS["board"],
    *,
    granularity: Granularity = "channel",
    rounding: Rounding = "nearest",
    samples: npt.ArrayLike | Sequence[Events] | None = None,
    scale: Mapping[str, npt.ArrayLike] | None = None,
    allow_overflow: bool = False,
    seed: int = 0,
    progress: Progress = SILENT,
) -> Quantized:
    """Turn a network into integers of the chip's widths.

    Args:
        network: the network.
        params: widths of the arithmetic, and of the chip the report counts words for.
        granularity: what shares a scale: a "layer", an output "channel" (the first axis of a population with several;
            a neuron where there is one axis), or nothing but each "neuron" itself. Read-outs, and populations with a
            v_reset or an adaptation, always share one scale.
        rounding: "nearest", or "calibrated": clip where that lowers the error on `samples`, and correct biases by the
            mean error of the input on them (bias correction after Nagel et al. 2019, "Data-Free Quantization Through
            Weight Equalization and Bias Correction").
        samples: events to run floats and integers on, for the report and the calibration: counts of shape (samples,
            steps, inputs), or one `Events` per sample.
        scale: scales that you fix yourself, by population: one value, or one per neuron.
        allow_overflow: do not lower scales to keep the worst-case sum of every accumulator in range.
        seed: of the program's noise.
        progress: told of the samples that are run.

    Raises:
        NetworkError: something that the chip cannot represent; the message names the population or projection.
        EventError: bad samples.
    """
    for name, value, known in (("granularity", granularity, Granularity), ("rounding", rounding, Rounding)):
        if value not in get_args(known):
            raise NetworkError(f"{name} must be one of {', '.join(get_args(known))}, not {value!r}")
    if rounding == "calibrated" and samples is None:
        raise NetworkError('rounding "calibrated" needs samples: counts of shape (samples, steps, inputs)')
    flat = flatten(network)
    _check_delays(network, params)
    readouts = np.flatnonzero(~flat.spiking)
    run = None if samples is None else simulate(flat, samples, membranes=readouts, progress=progress)
    group = _groups(network, granularity)
    found = scales(flat, group, params, run, clip=rounding == "calibrated", bounded=not allow_overflow)
    found = _fixed(flat, found, scale or {})
    program = _program(network, flat, found, params, seed, run if rounding == "calibrated" else None)
    integers = None if samples is None else simulate(program, samples, membranes=readouts, progress=progress)
    return Quantized(
        network=network,
        program=program,
        scale={name: found.scale[flat.part(name)] for name in flat.names},
        report=measure(network, flat, program, found, run, integers),
    )


def _check_delays(network: Network, params: Params) -> None:
    for projection in network.projections:
        longest = int(projection.delay.max(initial=1))
        if longest >= params.delay_slots:
            raise NetworkError(
                f"projection {projection.name} has a delay of {longest} steps; the chip ({params.name}) takes 1 to "
                f"{params.delay_slots - 1}: use longer steps, or params.replace(delay_slots=…)"
            )


def _groups(network: Network, granularity: Granularity) -> IntArray:
    parts, first = [], 0
    for population in network.populations.values():
        resets = population.reset == "value" and population.v_reset.any()
        if granularity == "layer" or not population.spiking or resets or population.adaptation_raise.any():
            numbers = np.zeros(population.size, dtype=np.int64)
        elif granularity == "channel":
            numbers = population.channel
        else:
            numbers = np.arange(population.size)
        parts.append(first + numbers)
        first += int(numbers.max()) + 1
    return np.concatenate(parts)


def _fixed(flat: Flat, found: Scales, scale: Mapping[str, npt.ArrayLike]) -> Scales:
    """The scales with those that the user fixed."""
    values, grid, limit = found.scale.copy(), found.grid.copy(), found.limit.copy()
    for name, wanted in scale.items():
        if name not in flat.names:
            raise NetworkError(f"scale: there is no population '{name}'; there are {', '.join(flat.names)}")
        array = np.asarray(wanted, dtype=np.float64)
        size = flat.names[name][1]
        if array.shape not in ((), (size,)) or not (np.isfinite(array) & (array > 0)).all():
            raise NetworkError(f"scale of '{name}' must be positive, one value or {size}, not {wanted!r}")
        part = flat.part(name)
        values[part], grid[part], limit[part] = array, False, -1
    return Scales(values, limit, grid)


def _program(network: Network, flat: Flat, found: Scales, params: Params, seed: int, run: Run | None) -> Program:
    half_w, half_v = 1 << (params.weight_bits - 1), 1 << (params.membrane_bits - 1)
    of = found.scale[flat.post_neuron]
    weight = np.clip(np.rint(flat.weight * of), -half_w, half_w - 1).astype(np.int64)
    bias = flat.bias * found.scale
    if run is not None:
        lost = (flat.weight * of - weight) * run.mean[flat.pre]
        drive = np.bincount(flat.post_neuron, weights=lost, minlength=flat.neurons)
        # A current that decays by d passes 1 / d of a constant input on; one that never decays cannot be corrected.
        bias = bias + np.divide(drive, flat.current_decay, out=np.zeros_like(drive), where=flat.current_decay > 0)
        # A leak rounds down, which leaves half a unit more than it should in the membrane, on average.
        bias = bias - np.where((flat.decay > 0) & (flat.decay < 1), 0.5, 0)
    threshold, extra = _thresholds(flat, found, half_v)
    v_reset = np.rint(flat.v_reset * found.scale).astype(np.int64)
    raised = np.rint(flat.adaptation_raise * found.scale).astype(np.int64)
    types = neuron_types(flat, v_reset, raised, params)
    kept = np.flatnonzero(weight)
    columns: dict[str, Any] = {
        "pre": np.concatenate((flat.pre[kept], flat.inputs + extra)),
        "post": flat.inputs + np.concatenate((flat.post_neuron[kept], extra)),
        "weight": np.concatenate((weight[kept], np.full(extra.size, -1))),
        "delay": np.concatenate((flat.delay[kept], np.ones(extra.size, dtype=np.int64))),
    }
    outputs = network.outputs or list(network.populations)
    try:
        return Program.build(
            params=params,
            types=types.table,
            threshold=threshold,
            bias=np.rint(bias).astype(np.int64),
            type=types.of,
            inputs=flat.inputs,
            outputs=np.concatenate([np.arange(*flat.part(name).indices(flat.neurons)[:2]) for name in outputs]),
            seed=seed,
            names=flat.names,
            **columns,
        )
    except ProgramError as error:
        raise NetworkError(f"network '{network.name}' with these scales is no program: {error}") from error


def _thresholds(flat: Flat, found: Scales, half: int) -> tuple[IntArray, IntArray]:
    """Integer thresholds, and the neurons that need a synapse of -1 onto themselves.

    A whole v is greater than x where it is greater than floor(x), and at least x where it is greater than
    ceil(x) - 1. Where the threshold is subtracted too, it is rounded to the nearest, so that what is subtracted is
    right; an inclusive one is then 1 less than what must be subtracted, and the rest follows in the next step.
    """
    exact = np.where(flat.spiking, flat.threshold, 0) * found.scale
    near = np.rint(exact)
    level = np.where(np.abs(exact - near) < TOLERANCE * np.maximum(1, np.abs(near)), near, exact)
    whole = np.where(flat.subtract, near, np.where(flat.inclusive, np.ceil(level), np.floor(level)))
    whole = whole - flat.inclusive
    extra = np.flatnonzero(flat.inclusive & flat.subtract)
    if (wrong := extra[flat.current[extra] | (flat.refractory[extra] > 0)]).size:
        raise NetworkError(
            f"population '{name_of(flat, wrong[0])}': an inclusive threshold with reset by subtraction cannot be "
            "represented with a synaptic current or a refractory period; make the threshold strict, or reset to a value"
        )
    threshold = np.where(flat.spiking, np.clip(whole, -half, half - 1), half - 1).astype(np.int64)
    return threshold, extra
