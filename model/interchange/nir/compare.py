"""By how much a run differs from what the framework did."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rich.table import Table

from ganglion.model.compiler.quantize import Quantized
from ganglion.model.spec.errors import EventError, NetworkError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.trace import Trace


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One population, compared in every step of every neuron."""

    population: str
    theirs: int
    """Spikes of the framework."""
    ours: int
    """Spikes of the run."""
    differing: int
    """Steps of neurons in which the numbers of spikes differ."""
    of: int
    """Steps of neurons."""
    first: tuple[int, int] | None
    """Step and neuron of the first difference; None where there is none."""


@explained(NetworkError)
def compare_spikes(quantized: Quantized, trace: Trace, theirs: Mapping[str, npt.ArrayLike]) -> list[Difference]:
    """Compare spikes step by step, each population shifted by its lag.

    Args:
        quantized: what was run.
        trace: of the run, from step 0, at least as long as the framework's and the largest lag together.
        theirs: by population, spikes per step and neuron, shape (steps, …).

    Raises:
        EventError: another shape, values that are no counts, or a run that is too short.
        NetworkError: no such population.
    """
    result = []
    for population, values in theirs.items():
        told = np.asarray(values)
        told = told.reshape(len(told), -1) if told.ndim else told.reshape(1, 1)
        if told.dtype.kind not in "biuf":
            raise EventError(f"'{population}': spikes are whole numbers, not {told.dtype}")
        odd = np.flatnonzero(~np.isfinite(told) | (told != np.rint(told)))
        if odd.size:
            raise EventError(
                f"'{population}': spikes are whole numbers, not {told.ravel()[odd[0]]}; what is compared is how often "
                "each neuron fired in a step, without a factor (snnTorch's graded spikes), and no membranes"
            )
        wanted = told.astype(np.int64)
        got = quantized.raster(trace, population)
        if got.shape[1] != wanted.shape[1] or got.shape[0] < wanted.shape[0]:
            raise EventError(
                f"'{population}': the run has {got.shape[0]} steps of {got.shape[1]} neurons to compare, "
                f"{wanted.shape[0]} of {wanted.shape[1]} are wanted"
            )
        got = got[: wanted.shape[0]]
        wrong = np.argwhere(got != wanted)
        result.append(
            Difference(
                population=population,
                theirs=int(wanted.sum()),
                ours=int(got.sum()),
                differing=len(wrong),
                of=wanted.size,
                first=(int(wrong[0, 0]), int(wrong[0, 1])) if len(wrong) else None,
            )
        )
    return result


@explained(NetworkError)
def difference_table(differences: list[Difference]) -> Table:
    """The differences for the terminal."""
    table = Table(title="against the framework", title_justify="left")
    for head in ("population", "spikes, framework", "spikes, Ganglion", "differing", "of", "first at step, neuron"):
        table.add_column(head, justify="left" if head == "population" else "right")
    for difference in differences:
        first = "none" if difference.first is None else f"{difference.first[0]}, {difference.first[1]}"
        numbers = (difference.theirs, difference.ours, difference.differing, difference.of)
        table.add_row(difference.population, *(f"{number:,}" for number in numbers), first)
    return table
