"""From a `Program` to an `Image`: checks, a placement that fits, and the memories of every core."""

from collections.abc import Sequence
from typing import get_args

import numpy as np

from ganglion.model.compiler.bounds import check_accumulators
from ganglion.model.compiler.fit import way_out
from ganglion.model.compiler.image import Image
from ganglion.model.compiler.pack.encode import Encoding
from ganglion.model.compiler.placing import Aim, Placement, for_chip, place_fast, place_program
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.errors import CapacityError, PlacementError, ProgramError, described
from ganglion.model.spec.events import Events
from ganglion.model.spec.explained import explained
from ganglion.model.spec.memories import Memory
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program


@explained(ProgramError)
def compile_program(
    program: Program,
    params: Params | None = None,
    *,
    aim: Aim = "memory",
    samples: Sequence[Events] = (),
    encoding: Encoding = "auto",
    placement: Placement = None,
    allow_overflow: bool = False,
    rng: np.random.Generator | None = None,
    progress: Progress = SILENT,
) -> Image:
    """Place a network on a chip and pack its memories.

    Args:
        program: the network.
        params: the chip; None is the program's own.
        aim: "memory" takes few cores, and few words of their memories; "latency" few cycles by the cycle model, on as
            many cores as help.
        samples: runs that "latency" is to be short of, each from rest; where there are none, a tenth of all inputs and
            neurons is taken to fire in each step.
        encoding: "auto" takes for each axon the rows of fewest words, or of fewest cycles where the aim is latency;
            "fast" takes those of fewest cycles; "sparse" and "dense" take one kind of row; "random" takes any split
            into rows that fits, for tests. See `ganglion.model.compiler.pack.encode`.
        placement: where the neurons sit. None is by the aim: for memory few cores and few events between them, and row
            n for neuron n where one core will do; "random" takes any cores and rows, for tests; `Places`, or integers
            of shape (neurons, 2), say core and row of each neuron; for a chip of one core, shape (neurons,) says the
            row.
        allow_overflow: compile even where an accumulator could overflow; sums then wrap and are counted.
        rng: the chance of "random".
        progress: told of placing and packing.

    Raises:
        ProgramError: no program, another arithmetic than the chip's, or a value that does not fit its fields.
        AccumulatorBoundError: an accumulator could overflow, and that is not allowed.
        CapacityError: the network does not fit; says all that is short, and the smallest chips that hold it.
        PlacementError: a bad `placement`, `encoding` or `aim`, "random" without `rng`, samples for another aim than
            latency, or "dense" for synapses with a learning rule that do not fill the lanes of dense rows.
        EventError: a sample has events for inputs that are not there.
    """
    if not isinstance(program, Program):
        raise ProgramError(
            f"compile_program takes a Program, such as quantize(network).program, not {described(program)}"
        )
    if params is not None and not isinstance(params, Params):
        raise ProgramError(f"params are those of a chip, such as PRESETS['small'], not {described(params)}")
    if aim not in get_args(Aim):
        raise PlacementError(f"aim must be one of {', '.join(get_args(Aim))}, not {aim!r}")
    if len(samples) and aim != "latency":
        raise PlacementError(f'samples say what is to be fast, and aim is {aim!r}; use aim="latency"')
    if params is not None:
        program = for_chip(program, params)
    if not allow_overflow:
        check_accumulators(program, program.params.accumulator_bits)
    try:
        if aim == "latency" and placement is None and encoding != "random":
            image = place_fast(program, encoding, samples, progress)
        else:
            fast = aim == "latency" and encoding == "auto"
            image = place_program(program, "fast" if fast else encoding, placement, rng, progress)
        if encoding == "dense":
            _check_dense(image)
        return image
    except CapacityError as error:
        if placement is not None:
            raise
        raise way_out(program, error) from None


def _check_dense(image: Image) -> None:
    """Whether all synapses that learn lie in dense rows, as was asked for."""
    program = image.program
    for core in range(image.params.cores):
        here = program.ruled[image.synapses.core[program.ruled] == core]
        dense = image.columns(Memory.AXONS, core)["dense"][image.synapses.axon[here]]
        for synapse in here[dense == 0][:1].tolist():
            assert program.learning is not None
            rule = program.learning.rules[program.rule[synapse] - 1]
            end = program.name_of(int(program.post_neuron[synapse]))
            raise PlacementError(
                f"encoding \"dense\" cannot hold rule '{rule.name}' of synapse {synapse}, from {program.pre[synapse]} "
                f"to neuron {end}: a dense row that learns has a synapse in each of the {image.params.lanes} lanes of "
                'its groups; use "auto" or "sparse"'
            )
