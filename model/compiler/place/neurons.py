"""Where neurons sit, where that was said or is left to chance."""


import numpy as np
import numpy.typing as npt

from ganglion.model.compiler.layout import Places
from ganglion.model.spec.errors import PlacementError
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program


def given_places(program: Program, params: Params, placement: Places | npt.ArrayLike) -> Places:
    """The places that were asked for, checked.

    Args:
        program: the network, for names.
        params: the chip.
        placement: `Places`; or integers of shape (neurons, 2), core and row of each neuron; or, for a chip of one core,
            of shape (neurons,), the row of each neuron.

    Raises:
        PlacementError: another shape, a core or row that the chip does not have, or a row twice.
    """
    neurons = program.neurons
    if isinstance(placement, Places):
        placement = np.stack((placement.core, placement.row), axis=1)
    table = np.asarray(placement)
    shapes = [(neurons, 2), (neurons,)] if params.cores == 1 else [(neurons, 2)]
    if table.dtype.kind not in "iu" or table.shape not in shapes:
        wanted = " or ".join(map(str, shapes))
        raise PlacementError(
            f"placement must be {'core and row' if len(shapes) == 1 else 'row, or core and row,'} of each neuron, "
            f"integers of shape {wanted}, not {table.dtype} of {table.shape}"
        )
    table = table.astype(np.int64)
    places = Places(table[:, 0], table[:, 1]) if table.ndim == 2 else Places(np.zeros_like(table), table)
    for name, values, count, owner in (
        ("core", places.core, params.cores, "the chip has cores"),
        ("row", places.row, params.neurons, "a core has rows"),
    ):
        wrong = np.flatnonzero((values < 0) | (values >= count))
        if wrong.size:
            raise PlacementError(
                f"placement puts neuron {program.name_of(int(wrong[0]))} in {name} {values[wrong[0]]}; "
                f"{owner} 0 to {count - 1}"
            )
    slot, counts = np.unique(places.core * params.neurons + places.row, return_counts=True)
    if (counts > 1).any():
        core, row = divmod(int(slot[counts > 1][0]), params.neurons)
        twice = [program.name_of(int(n)) for n in np.flatnonzero((places.core == core) & (places.row == row))]
        raise PlacementError(f"placement puts {len(twice)} neurons in core {core}, row {row}: {', '.join(twice)}")
    return places


def random_places(neurons: int, params: Params, rng: np.random.Generator) -> Places:
    """Any cores and rows: of all cores, or of some that have room for the neurons.

    There must be no more neurons than the chip has room for.
    """
    least = max(1, -(-neurons // params.neurons))
    used = params.cores if rng.random() < 0.5 else int(rng.integers(least, params.cores + 1))
    cores = rng.permutation(params.cores)[:used]
    slot = rng.permutation(used * params.neurons)[:neurons]
    return Places(cores[slot // params.neurons].astype(np.int64), (slot % params.neurons).astype(np.int64))


def populations(program: Program, neurons: Places, core: int) -> dict[str, int]:
    """How many neurons of each named population sit in a core; those of which none does are left out."""
    here = neurons.core == core
    counts = {name: int(here[first : first + count].sum()) for name, (first, count) in program.names.items()}
    return {name: count for name, count in counts.items() if count}
