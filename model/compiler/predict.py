"""The cycle model of `ganglion.model.spec.cycles` for a given image."""

from collections.abc import Sequence

import numpy as np

from ganglion.model.compiler.image import Image
from ganglion.model.compiler.sweeps import sweeps_of_run
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.cycles.chip import ChipModel
from ganglion.model.spec.cycles.core import CycleModel, Entries, Packet, Rows, StepCycles
from ganglion.model.spec.errors import ParamsError, ProgramError, described
from ganglion.model.spec.events import Events
from ganglion.model.spec.explained import explained
from ganglion.model.spec.memories import Memory
from ganglion.model.spec.packets import Scope
from ganglion.model.spec.trace import Trace


@explained(ProgramError)
def cycle_model(image: Image) -> CycleModel:
    """The cycle model of a chip of one core, with the rows and fan-out entries of an image.

    Raises:
        ParamsError: the image is for a chip with routers; `chip_model` knows these.
    """
    if levels := image.params.levels:
        raise ParamsError(f"this cycle model is that of one core without routers; the image is for levels {levels}")
    return CycleModel(image.params, _rows(image, 0), _entries(image, 0))


@explained(ProgramError)
def chip_model(image: Image) -> ChipModel:
    """The cycle model of a chip of any number of cores, after a reset, with the rows and fan-out entries of an
    image."""
    cores = range(image.params.cores)
    return ChipModel(image.params, [_rows(image, core) for core in cores], [_entries(image, core) for core in cores])


@explained(ProgramError)
def predict_cycles(image: Image, events: Events, trace: Trace) -> IntArray:
    """Cycles of each step of a run, shape (steps,). Arguments as for `predict_steps`."""
    return np.array([cycles.step for cycles in predict_steps(image, events, trace)], dtype=np.int64)


def predict_steps(image: Image, events: Events, trace: Trace) -> list[StepCycles]:
    """The cycles of each step of a run, and what the cores count of them.

    On several cores the run is taken to be the first after a reset of the chip: whose turn it is where streams meet
    depends on the steps before.

    Args:
        image: the network on its chip.
        events: the host's events.
        trace: of the run, with the spikes of all neurons (any target's). Where the network learns, of a run from step 0
            on, with states.

    Raises:
        ProgramError: the network learns, and the trace has no states.
    """
    for what, value, kind in (("an Image", image, Image), ("Events", events, Events), ("a Trace", trace, Trace)):
        if not isinstance(value, kind):
            raise ProgramError(f"cycles are those of an Image, Events and a Trace; {described(value)} is not {what}")
    if trace.steps > events.steps:
        raise ProgramError(f"the trace has {trace.steps} steps, and the events {events.steps}: they are of other runs")
    fired = list(trace.spikes_per_step())
    sweeps = sweeps_of_run(image, events, trace)
    return steps_of_activity(image, [events[step] for step in range(len(fired))], fired, sweeps)


def steps_of_activity(
    image: Image, events: Sequence[IntArray], fired: Sequence[IntArray], sweeps: Sequence[Sequence[int]]
) -> list[StepCycles]:
    """As `predict_steps`, of steps of which it is known what fires.

    Args:
        image: the network on its chip.
        events: of each step, the inputs that fire.
        fired: of each step, the neurons that fire.
        sweeps: of each step, the cycles of each core's sweep at its end.
    """
    axons, places = image.inputs.axon, image.neurons
    steps = zip(events, fired, sweeps, strict=False)
    if not image.params.levels:
        core = cycle_model(image)
        return [core.step(axons[here].tolist(), places.row[now].tolist(), *sweep) for here, now, sweep in steps]
    chip, start, cycles = chip_model(image), image.inputs.start, []
    packets = [Packet(Scope.NOWHERE, *to) for to in zip(axons.tolist(), image.inputs.route.tolist(), strict=True)]
    for here, now, sweep in steps:
        sent = [packet for event in here.tolist() for packet in packets[start[event] : start[event + 1]]]
        rows = [places.row[now[places.core[now] == core]].tolist() for core in range(image.params.cores)]
        cycles.append(chip.step(sent, rows, sweep))
    return cycles


def _rows(image: Image, core: int) -> Rows:
    axons = image.columns(Memory.AXONS, core)
    lengths, more = axons["length"].tolist(), axons["more"].tolist()
    rows: dict[int, list[int]] = {}
    for axon in reversed(range(len(lengths))):
        rows[axon] = [lengths[axon], *(rows[axon + 1] if more[axon] else [])]
    return rows


def _entries(image: Image, core: int) -> Entries:
    fanout = image.columns(Memory.FANOUT, core)
    packets = list(map(Packet, *(fanout[name].tolist() for name in ("scope", "axon", "route"))))
    following = fanout["next"].tolist()
    entries: dict[int, list[Packet]] = {}
    for neuron in range(image.params.neurons):
        entries[neuron] = [packets[neuron]]
        row = neuron
        while row := following[row]:
            entries[neuron].append(packets[row])
    return entries
