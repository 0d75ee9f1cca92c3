"""The smallest chip that a network fits: of so many cores of its own sizes, of larger cores, or a preset."""

from bisect import bisect, bisect_left
from collections.abc import Iterator
from itertools import product
from math import prod

from ganglion.model.compiler.capacity import check_chip
from ganglion.model.compiler.image import Image
from ganglion.model.compiler.placing import for_chip, place_program
from ganglion.model.compiler.usage import Resource
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.errors import CapacityError, GanglionError, ProgramError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.params import PRESETS, Params
from ganglion.model.spec.params.tree import LEVELS, RADIX, levels_for
from ganglion.model.spec.program import Program

COUNTS = sorted({prod(levels) for levels in product(range(1, RADIX + 1), repeat=LEVELS)})
"""Numbers of cores that a tree of routers has."""

QUICK = 100_000
"""Synapses up to which it is quick to see whether a chip holds a network."""

FEW = 16
"""Cores up to which a message looks for a chip."""

SIZES = {
    "neurons": Resource.NEURONS,
    "axons": Resource.AXONS,
    "synapse_words": Resource.WORDS,
    "fanout_entries": Resource.ENTRIES,
    "types": Resource.TYPES,
}
"""Parameters of a core, and what each is the number of."""


@explained(ProgramError)
def fewest_cores(program: Program, *, most: int = COUNTS[-1], progress: Progress = SILENT) -> Image:
    """The network on the chip of fewest cores that holds it, each of the program's own sizes.

    Args:
        program: the network; how many cores its own parameters have does not count.
        most: cores that the chip may have.
        progress: told of placing and packing.

    Raises:
        CapacityError: no chip of up to `most` cores holds it; says what is short on the largest.
    """
    below, cores, found = 0, 1, _on_cores(program, 1, progress)
    while isinstance(found, CapacityError):
        below, cores = cores, 2 * cores
        if cores > most:
            raise found
        found = _on_cores(program, cores, progress)
    for fewer in COUNTS[bisect(COUNTS, below) : bisect_left(COUNTS, cores)]:
        if isinstance(smaller := _on_cores(program, fewer, progress), Image):
            return smaller
    return found


def _on_cores(program: Program, cores: int, progress: Progress) -> Image | CapacityError:
    """The network on so many cores of its sizes, or why not."""
    try:
        one = program.replace(params=program.params.replace(name=program.params.name, levels=levels_for(cores)))
        check_chip(one)
        return place_program(one, progress=progress)
    except CapacityError as error:
        return error


def larger_core(program: Program) -> dict[str, int] | None:
    """The sizes that a single core must have instead of its own, for the network to fit; None where none is so large.

    Each is the least power of two that will do.
    """
    own = program.params.replace(name=program.params.name, levels=())
    sizes = {name: getattr(own, name) for name in SIZES}
    # Synapse words depend on the other sizes, so that they are known once those are large enough.
    for _ in range(len(SIZES)):
        try:
            place_program(program.replace(params=own.replace(**sizes)))
        except CapacityError as error:
            grown = {name: _power(error.needed.get(resource, 0)) for name, resource in SIZES.items()}
        else:
            return {name: size for name, size in sizes.items() if size != getattr(own, name)}
        sizes = {name: max(size, grown[name]) for name, size in sizes.items()}
        try:
            own.replace(**sizes)
        except GanglionError:
            return None
    return None


def way_out(program: Program, error: CapacityError) -> CapacityError:
    """The same refusal, with the smallest chips that hold the network, as far as they are quickly found."""
    if program.synapses > QUICK:
        return CapacityError(
            error.args[0],
            needed=error.needed,
            python="ganglion.compiler.fewest_cores looks for the smallest chip that holds it",
            command="--cores auto looks for the smallest chip that holds it",
        )
    found = list(_chips(program))
    python, command = (
        f"there is room in: {'; '.join(words[k] for words in found)}" if found else "" for k in (0, 1)
    )
    return CapacityError(error.args[0], needed=error.needed, python=python, command=command)


def _chips(program: Program) -> Iterator[tuple[str, str]]:
    """Chips that hold it, each in Python and on the command line."""
    try:
        cores = fewest_cores(program, most=FEW).params.cores
        yield f"{cores} such cores (levels=levels_for({cores}))", f"{cores} such cores (--cores {cores})"
    except CapacityError:
        pass
    if sizes := larger_core(program):
        python = ", ".join(f"{name}={size}" for name, size in sizes.items())
        command = " ".join(f"--set {name}={size}" for name, size in sizes.items())
        yield f"one core with {python}", f"one core with {command}"
    for params in PRESETS.values():
        if _holds(params, program):
            yield f"the preset {params.name!r}", f"--preset {params.name}"
            return


def _holds(params: Params, program: Program) -> bool:
    try:
        place_program(for_chip(program, params))
    except GanglionError:
        return False
    return True


def _power(count: int) -> int:
    """The least power of two that is not less."""
    return 1 << max(0, count - 1).bit_length()
