"""Placing and packing: the placements that are tried until one fits, and the image of that one."""

from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from ganglion.model.compiler.assemble import assemble
from ganglion.model.compiler.capacity import check_chip
from ganglion.model.compiler.image import Image
from ganglion.model.compiler.layout import Places
from ganglion.model.compiler.pack.encode import Encoding, check_encoding
from ganglion.model.compiler.place.activity import Activity, activity_of
from ganglion.model.compiler.place.automatic import automatic_places
from ganglion.model.compiler.place.fast import fast_places
from ganglion.model.compiler.place.neurons import given_places, random_places
from ganglion.model.compiler.predict import steps_of_activity
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.errors import CapacityError, PlacementError, ProgramError
from ganglion.model.spec.events import Events
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program

VISIBLE = ("delay_slots", "membrane_bits", "accumulator_bits", "current_bits", "adaptation_bits")
"""Parameters that show in a trace: a program means something else where they differ."""

Placement = Literal["random"] | Places | npt.ArrayLike | None
"""Where neurons are to sit; see `compile_program`."""

Aim = Literal["memory", "latency"]
"""What a placement is to have little of; see `compile_program`."""

CANDIDATES = 3
"""Placements of fewest estimated cycles of which the cycle model tells the best."""

MODELLED = 24
"""Steps that it is asked about."""

RANDOM_TRIES = 8
"""Random placements that are tried before the last one's refusal stands."""


def place_program(
    program: Program,
    encoding: Encoding = "auto",
    placement: Placement = None,
    rng: np.random.Generator | None = None,
    progress: Progress = SILENT,
) -> Image:
    """Place a program on the chip of its own parameters, and pack that chip's memories.

    Raises:
        CapacityError: the network does not fit; says all that is short.
        PlacementError: a bad `placement` or `encoding`, or "random" without `rng`.
    """
    check_encoding(encoding, rng)
    refusal: CapacityError | None = None
    for neurons in _places(program, placement, rng, progress):
        try:
            return assemble(program, neurons, encoding, rng, progress)
        except CapacityError as error:
            refusal = error
    assert refusal is not None, "there is always a placement to try"
    raise refusal


def place_fast(
    program: Program, encoding: Encoding = "auto", samples: Sequence[Events] = (), progress: Progress = SILENT
) -> Image:
    """As `place_program`, so that steps take few cycles by the cycle model: never more than its placement takes.

    Args:
        program: the network.
        encoding: as for `compile_program`; "auto" is "fast".
        samples: what it will run.
        progress: told of placing and packing.

    Raises:
        CapacityError: as `place_program`.
        EventError: a sample is not one of this network.
    """
    check_chip(program)
    for sample in samples:
        sample.check(program.inputs)
    activity = activity_of(program, samples)
    quick: Encoding = "fast" if encoding == "auto" else encoding
    images: list[Image] = []
    for places in fast_places(program, activity, progress):
        try:
            images.append(assemble(program, places, quick, progress=progress))
        except CapacityError:
            continue
        if len(images) == CANDIDATES:
            break
    try:
        images.append(place_program(program, encoding, progress=progress))
    except CapacityError:
        if not images:
            raise
    with progress.task("predicting cycles", len(images)) as task:
        cycles = []
        for image in images:
            cycles.append(cycles_of(image, activity))
            task.advance()
    return images[cycles.index(min(cycles))]


def cycles_of(image: Image, activity: Activity) -> float:
    """Cycles of a step, mean of the first of a run, but for sweeps: they take as long wherever neurons sit, nearly."""
    steps = range(min(MODELLED, len(activity.events)))
    events, fired = ([each[step] for step in steps] for each in (activity.events, activity.fired))
    taken = steps_of_activity(image, events, fired, [[0] * image.params.cores for _ in steps])
    return sum(step.step for step in taken) / max(1, len(steps))


def for_chip(program: Program, params: Params) -> Program:
    """The same program with the chip's params.

    Raises:
        ProgramError: the chip's arithmetic is another one, or a value of the program does not fit its fields.
    """
    changed = [name for name in VISIBLE if getattr(params, name) != getattr(program.params, name)]
    if changed:
        raise ProgramError(
            "the program was made for another arithmetic than the chip's; field: program, chip: "
            + "; ".join(f"{name}: {getattr(program.params, name)}, {getattr(params, name)}" for name in changed)
        )
    return program.replace(params=params)


def _places(
    program: Program,
    placement: Placement,
    rng: np.random.Generator | None,
    progress: Progress,
) -> Iterable[Places]:
    """The placements to try, one after the other until one fits."""
    if placement is not None and not isinstance(placement, str):
        return [given_places(program, program.params, placement)]
    if placement is not None and placement != "random":
        raise PlacementError(f'placement must be None, "random", or where each neuron sits, not {placement!r}')
    if placement == "random" and rng is None:
        raise PlacementError('placement "random" needs rng, such as numpy.random.default_rng(seed)')
    check_chip(program)
    if rng is None or placement is None:
        return automatic_places(program, progress)
    return (random_places(program.neurons, program.params, rng) for _ in range(RANDOM_TRIES))
