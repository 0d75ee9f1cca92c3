"""Metropolis-Hastings over integer weights (Metropolis et al. 1953, Hastings 1970), with simulated annealing.

The chip is a black box with a loss. A proposal moves a few weights by a little; it is taken where the loss falls, and
with probability exp(-rise / temperature) where it rises. Nothing else is known of the chip, so any mismatch of it is
trained around (after the Metropolis-Hastings training of imperfect neuromorphic hardware, arXiv 2402.06284).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.archive import Archive, Format
from ganglion.model.spec.arithmetic import signed_range
from ganglion.model.spec.arrays import Array, FloatArray, IntArray
from ganglion.model.spec.errors import GanglionError, ProgramError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.target import Target
from ganglion.model.spec.untrusted import DAMAGE

FORMAT = Format("Ganglion chain", 1, "start the chain again")


@explained(ProgramError)
@dataclass(frozen=True, kw_only=True)
class Proposal:
    """How a chain moves.

    Raises:
        GanglionError: a value that makes no proposal.
    """

    synapses: int = 4
    """Weights that a proposal moves, drawn uniformly, with replacement."""
    size: float = 12.0
    """Standard deviation of the move of a weight, in units of the chip; at least one unit."""
    start: float = 0.02
    """Temperature at the beginning, in units of the loss."""
    end: float = 0.0005
    """Temperature at the end; it falls geometrically."""

    def __post_init__(self) -> None:
        if self.synapses < 1:
            raise GanglionError(f"a proposal moves at least 1 synapse, not {self.synapses}")
        if not (self.size > 0 and np.isfinite(self.size)):
            raise GanglionError(f"the size of a move must be more than 0, not {self.size}")
        if not 0 < self.end <= self.start < np.inf:
            raise GanglionError(f"temperatures must fall and stay above 0, not go from {self.start} to {self.end}")

    def temperature(self, done: float) -> float:
        """After a share of all steps, 0 … 1."""
        return float(self.start * (self.end / self.start) ** done)


@explained(ProgramError)
@dataclass(eq=False, kw_only=True)
class Chain:
    """One chain: where it is, and the best it has seen. It can be saved, and goes on to the same bits."""

    weights: IntArray
    """Shape (synapses,)."""
    loss: float
    best: IntArray
    """Weights of the least loss so far."""
    best_loss: float
    step: int = 0
    accepted: int = 0
    curve: list[float] = field(default_factory=list)
    """Loss after each step."""
    rng: np.random.Generator = field(default_factory=lambda: np.random.Generator(np.random.PCG64(0)))

    def save(self, path: str | Path) -> None:
        """Write it to an .npz file.

        Raises:
            OSError: it cannot be written; an older file of the name is untouched then.
        """
        Archive(path=Path(path), format=FORMAT, header={}, arrays=self.arrays()).save()

    @classmethod
    def load(cls, path: str | Path) -> "Chain":
        """Read one that `save` wrote.

        Raises:
            FormatError: it is none, cut short, or damaged.
        """
        archive = Archive.load(path, FORMAT)
        try:
            return cls.of(archive.arrays)
        except DAMAGE as error:
            raise archive.damaged(error) from error

    def arrays(self) -> dict[str, Array]:
        """All of it, by name: for `of`."""
        inner = self.rng.bit_generator.state
        words = [inner["state"][name] >> shift & _WORD for name in ("state", "inc") for shift in (0, 64)]
        return {
            "weights": self.weights,
            "best": self.best,
            "losses": np.array([self.loss, self.best_loss]),
            "counts": np.array([self.step, self.accepted]),
            "curve": np.array(self.curve, dtype=np.float64),
            "rng": np.array([*words, inner["has_uint32"], inner["uinteger"]], dtype=np.uint64),
        }

    @classmethod
    def of(cls, arrays: Mapping[str, Array]) -> "Chain":
        """What `arrays` told.

        Raises:
            KeyError, ValueError: it is not whole.
        """
        weights, best = (np.asarray(arrays[name]) for name in ("weights", "best"))
        alike = best.dtype.kind == weights.dtype.kind and best.shape == weights.shape
        if weights.dtype.kind not in "iu" or weights.ndim != 1 or not alike:
            raise ValueError("'weights' and 'best' must be whole numbers, as many in one as in the other")
        loss, best_loss = map(float, arrays["losses"])
        step, accepted = map(int, arrays["counts"])
        low, high, first, second, has, kept = map(int, arrays["rng"])
        bits = np.random.PCG64()
        bits.state = {
            "bit_generator": "PCG64",
            "state": {"state": low | high << 64, "inc": first | second << 64},
            "has_uint32": has,
            "uinteger": kept,
        }
        return cls(
            weights=weights.astype(np.int64),
            best=best.astype(np.int64),
            loss=loss,
            best_loss=best_loss,
            step=step,
            accepted=accepted,
            curve=[float(value) for value in arrays["curve"]],
            rng=np.random.Generator(bits),
        )


_WORD = (1 << 64) - 1


@explained(ProgramError)
class Metropolis:
    """Metropolis-Hastings on a target.

    Args:
        target: what is trained; it has the best weights of the last chain when `run` returns.
        loss: of the target as it is: `CountLoss`, or any function.
        proposal: how chains move.
        synapses: which weights may change; None is all.
        limit: greatest magnitude of a weight; None is the chip's.

    Raises:
        ProgramError: a synapse that is not there.
        GanglionError: a limit that no weight has.
    """

    def __init__(
        self,
        target: Target,
        loss: Callable[[Target], float],
        proposal: Proposal | None = None,
        *,
        synapses: npt.ArrayLike | None = None,
        limit: int | None = None,
    ) -> None:
        self.target, self.loss, self.proposal = target, loss, proposal or Proposal()
        every = np.arange(target.program.synapses) if synapses is None else np.asarray(synapses)
        target.weights(every)
        self.synapses = every.astype(np.int64)
        low, high = signed_range(target.program.params.weight_bits)
        if limit is not None and not 1 <= limit <= high:
            raise GanglionError(f"the limit of a weight must be 1 to {high}, not {limit}")
        self._range = (low, high) if limit is None else (-limit, limit)

    def begin(self, seed: int, weights: npt.ArrayLike | None = None) -> Chain:
        """A chain.

        Args:
            seed: of its proposals.
            weights: where it begins, shape (synapses,); None is what the target has.

        Raises:
            ProgramError: weights that the target cannot have.
        """
        first = self.target.weights(self.synapses) if weights is None else np.asarray(weights)
        self.target.write_weights(self.synapses, first)
        loss = self.loss(self.target)
        rng = np.random.Generator(np.random.PCG64(seed))
        started = np.array(first, dtype=np.int64)
        return Chain(weights=started, loss=loss, best=started.copy(), best_loss=loss, rng=rng)

    def run(self, chain: Chain, steps: int, *, until: int | None = None, progress: Progress = SILENT) -> Chain:
        """Go on with a chain.

        A run that is interrupted has left the chain whole, at the step it had reached.

        Args:
            chain: what to go on with; it is changed, and returned.
            steps: of the whole schedule, those that the chain has done included.
            until: stop here; None is the end.
            progress: told of steps.
        """
        self.target.write_weights(self.synapses, chain.weights)
        last = steps if until is None else min(until, steps)
        with progress.task("sampling", max(0, last - chain.step)) as task:
            while chain.step < last:
                self._move(chain, self.proposal.temperature(chain.step / max(1, steps)))
                task.advance()
        self.target.write_weights(self.synapses, chain.best)
        return chain

    def _move(self, chain: Chain, temperature: float) -> None:
        rng, count = chain.rng, min(self.proposal.synapses, self.synapses.size)
        place = np.unique(rng.integers(0, self.synapses.size, count))
        moves = rng.standard_normal(place.size) * self.proposal.size
        before = chain.weights[place]
        after = _reflected(before + _whole(moves), *self._range)
        chance = rng.random()
        self.target.write_weights(self.synapses[place], after)
        loss = self.loss(self.target)
        if loss <= chain.loss or chance < np.exp((chain.loss - loss) / temperature):
            chain.weights[place] = after
            chain.loss = loss
            chain.accepted += 1
            if loss < chain.best_loss:
                chain.best, chain.best_loss = chain.weights.copy(), loss
        else:
            self.target.write_weights(self.synapses[place], before)
        chain.step += 1
        chain.curve.append(chain.loss)


def _whole(moves: FloatArray) -> IntArray:
    """To whole numbers, away from zero: a move moves."""
    return np.asarray(np.sign(moves) * np.ceil(np.abs(moves)), dtype=np.int64)


def _reflected(values: IntArray, low: int, high: int) -> IntArray:
    """Values that left the range, reflected at its ends: so a move and its reverse are equally likely."""
    period = 2 * (high - low + 1)
    place = (values - low) % period
    return low + np.minimum(place, period - 1 - place)
