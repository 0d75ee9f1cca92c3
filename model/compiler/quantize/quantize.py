"""From a `Network` in floats to a `Program` in integers, with a report of what that does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from ganglion.model.compiler.latency import steps_behind
from ganglion.model.compiler.network.network import Network
from ganglion.model.compiler.quantize.flat import Flat, flatten
from ganglion.model.compiler.quantize.measure import measure
from ganglion.model.compiler.quantize.plan import frozen, plan
from ganglion.model.compiler.quantize.report import QuantizationReport
from ganglion.model.compiler.quantize.rounding import round_to_program
from ganglion.model.compiler.quantize.scale import Scales, scales
from ganglion.model.compiler.quantize.simulate import as_events, simulate
from ganglion.model.compiler.readout import Answers, Readout, answers
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.arrays import BoolArray, FloatArray, IntArray
from ganglion.model.spec.errors import NetworkError, ProgramError, described
from ganglion.model.spec.events import Events
from ganglion.model.spec.explained import explained
from ganglion.model.spec.params import PRESETS, Params
from ganglion.model.spec.program import Program
from ganglion.model.spec.target import Target
from ganglion.model.spec.trace import Trace

Granularity = Literal["layer", "channel", "neuron"]
Rounding = Literal["nearest", "calibrated"]


@explained(NetworkError)
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
        units, size = np.asarray(values), self.network.populations[population].size
        if units.dtype.kind not in "iuf" or units.shape[-1:] != (size,):
            raise NetworkError(f"membranes of '{population}' are numbers of shape (…, {size}), not {described(values)}")
        result: FloatArray = units / self.scale[population] + self.network.populations[population].rest
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
        return trace.raster(numbers)[self.network.lag.get(population, 0) :]

    @cached_property
    def readout(self) -> Readout:
        """How the network answers: by its last output, which lags behind the network that an import was made from."""
        name = (self.network.outputs or list(self.network.populations))[-1]
        population, neurons = self.network.populations[name], self.neurons(name)
        lag = self.network.lag.get(name, 0)
        return Readout(
            neurons=neurons,
            lag=lag,
            behind=lag or steps_behind(self.program, neurons),
            spiking=population.spiking,
            scale=self.scale[name],
            rest=population.rest,
        )

    def run(self, target: Target, samples: npt.ArrayLike | Events | Sequence[Events]) -> Answers:
        """Run samples on a target, each from step 0 and for as long as its last spikes take to reach the outputs, and
        decide them: by the most spikes of the last output, or by the greatest membrane of a read-out at the end.

        Args:
            target: of this program: `Emulator(quantized.program)`, say. It is reset.
            samples: counts of shape (steps, inputs), a single sample, or (samples, steps, inputs); or `Events`.

        Raises:
            ProgramError: no target, or one of another network.
            EventError: bad samples; nothing was run.
        """
        if not isinstance(target, Target):
            raise ProgramError(f"run takes a target, such as Emulator(quantized.program), not {described(target)}")
        ours, theirs = self.program, target.program
        if (ours.inputs, ours.neurons, ours.synapses) != (theirs.inputs, theirs.neurons, theirs.synapses):
            raise ProgramError(f"the target runs another network, {theirs!r}; this one is {ours!r}")
        return answers(target, self.readout, as_events(samples, ours.inputs))

    def accuracy(
        self, target: Target, samples: npt.ArrayLike | Events | Sequence[Events], labels: npt.ArrayLike
    ) -> float:
        """Share of the samples that a target tells right, 0 … 1.

        Args:
            target: as `run`.
            samples: as `run`.
            labels: the class of each sample, shape (samples,).

        Raises:
            ProgramError: as `run`.
            EventError: as `run`, or labels that are not one whole number for each sample.
        """
        return self.run(target, samples).accuracy(labels)

    def _repr_html_(self) -> str:
        return self.report._repr_html_()

    def __repr__(self) -> str:
        return f"<Quantized '{self.network.name}': {self.program!r}>"


@explained(NetworkError)
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

    Where projections learn, bounds are over all weights that their rules allow. Rules, windows of membranes, and
    weights of receptor 1 are in units of the chip; `scale` says how many are one unit of a population. Samples run
    without learning.

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
    if not isinstance(network, Network):
        raise NetworkError(f"quantize takes a Network, not {described(network)}; import_nir makes one of a NIR file")
    if not isinstance(params, Params):
        raise NetworkError(f"params are those of a chip, such as PRESETS['small'], not {described(params)}")
    for name, value, known in (("granularity", granularity, Granularity), ("rounding", rounding, Rounding)):
        if value not in get_args(known):
            raise NetworkError(f"{name} must be one of {', '.join(get_args(known))}, not {value!r}")
    if rounding == "calibrated" and samples is None:
        raise NetworkError('rounding "calibrated" needs samples: counts of shape (samples, steps, inputs)')
    whole = flatten(network)
    learns = plan(network, whole, params)
    flat, charges = whole.synapses_of(learns.receptor == 0), learns.part(learns.receptor == 0)
    readouts = np.flatnonzero(~flat.spiking)
    run = None if samples is None else simulate(flat, samples, membranes=readouts, progress=progress)
    group = _groups(network, granularity)
    found = scales(flat, group, params, run, charges, clip=rounding == "calibrated", bounded=not allow_overflow)
    found = _fixed(flat, found, scale or {})
    calibration = run if rounding == "calibrated" else None
    told: list[str] = []
    program = round_to_program(network, whole, learns, found.scale, params, seed, calibration, told)
    runs = program if learns.learning is None else frozen(program)
    integers = None if samples is None else simulate(runs, samples, membranes=readouts, progress=progress)
    return Quantized(
        network=network,
        program=program,
        scale={name: found.scale[flat.part(name)] for name in flat.names},
        report=measure(network, flat, program, found, run, integers, told),
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
    if not isinstance(scale, Mapping):
        raise NetworkError(f"scale is a dict of populations, such as {{'hidden': 64}}, not {described(scale)}")
    for name, wanted in scale.items():
        if name not in flat.names:
            raise NetworkError(f"scale: there is no population '{name}'; there are {', '.join(flat.names)}")
        size = flat.names[name][1]
        try:
            array = np.asarray(wanted, dtype=np.float64)
        except (TypeError, ValueError):
            array = np.array(np.nan)
        if array.shape not in ((), (size,)) or not (np.isfinite(array) & (array > 0)).all():
            raise NetworkError(f"scale of '{name}' must be positive, one value or {size}, not {wanted!r}")
        part = flat.part(name)
        values[part], grid[part], limit[part] = array, False, -1
    return Scales(values, limit, grid)
