"""CMA-ES over integer weights (Hansen 2016), by the library `cma`: the other training that needs no gradients.

Weights are drawn around a mean, with a standard deviation for each (the diagonal variant, as there are thousands of
them: Ros and Hansen 2008), rounded to what the chip holds, and the target's loss ranks them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from math import nan

import numpy as np
import numpy.typing as npt

from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.arithmetic import signed_range
from ganglion.model.spec.arrays import FloatArray, IntArray
from ganglion.model.spec.errors import GanglionError, ToolError
from ganglion.model.spec.target import Target


@dataclass(frozen=True, eq=False, kw_only=True)
class Evolved:
    """What came of it."""

    weights: IntArray
    """The best there were, shape (synapses,); the target has them."""
    loss: float
    """Of those."""
    curve: tuple[float, ...]
    """The least loss so far, after each generation."""
    evaluations: int
    """How often the target was asked."""


def evolve(
    target: Target,
    loss: Callable[[Target], float],
    *,
    generations: int,
    seed: int,
    spread: float = 12.0,
    synapses: npt.ArrayLike | None = None,
    progress: Progress = SILENT,
) -> Evolved:
    """Lower a target's loss by CMA-ES, from the weights that it has.

    Args:
        target: what is trained.
        loss: of the target as it is, such as `CountLoss`.
        generations: how many; each asks the target some 4 + 3 ln(synapses) times.
        seed: of all draws.
        spread: standard deviation of the first draws, in units of the chip.
        synapses: which weights may change; None is all.
        progress: told of generations.

    Raises:
        GanglionError: no generation, or a spread that is none.
        ProgramError: a synapse that is not there.
        ToolError: the library is missing.
    """
    if generations < 1 or not 0 < spread < np.inf:
        raise GanglionError(f"it takes at least 1 generation and a spread above 0, not {generations} and {spread}")
    if find_spec("cma") is None:
        raise ToolError("this needs the library cma: pip install 'ganglion-chip[train]'")
    import cma

    every = np.arange(target.program.synapses) if synapses is None else np.asarray(synapses)
    best = target.weights(every)
    low, high = signed_range(target.program.params.weight_bits)
    rng = np.random.Generator(np.random.PCG64(seed))
    search = cma.CMAEvolutionStrategy(
        best.astype(np.float64),
        spread,
        {
            "CMA_diagonal": True,
            "randn": lambda *shape: rng.standard_normal(shape),
            "seed": nan,
            "verbose": -9,
            "maxiter": generations,
        },
    )

    def whole(point: FloatArray) -> IntArray:
        return np.clip(np.rint(point), low, high).astype(np.int64)

    least, curve, asked = loss(target), list[float](), 1
    with progress.task("evolving", generations) as task:
        for _ in range(generations):
            points = search.ask()
            found = []
            for point in points:
                target.write_weights(every, whole(point))
                found.append(loss(target))
                if found[-1] < least:
                    best, least = whole(point), found[-1]
            search.tell(points, found)
            asked += len(points)
            curve.append(least)
            task.advance()
    target.write_weights(every, best)
    return Evolved(weights=best, loss=least, curve=tuple(curve), evaluations=asked)
