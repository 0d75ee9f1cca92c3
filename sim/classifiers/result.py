"""What a run of a classifier found."""

from dataclasses import dataclass

from ganglion.model.networks.classifier import Classifier
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.program import Program


@dataclass(frozen=True, eq=False, kw_only=True)
class TargetResult:
    """What one target did with the samples."""

    name: str
    guess: IntArray
    """The class it told for each sample, shape (samples,)."""
    counters: dict[str, IntArray]
    """Sums over the steps of each sample, shape (samples,): `spikes`, `synops`, and `cycles` where there is a clock."""
    seconds: float
    """Time it ran for, reading of all state at the end of each step included where targets were compared."""


@dataclass(frozen=True, eq=False, kw_only=True)
class ClassifierResult:
    """What a run found. All targets agreed on every bit, or there is no result."""

    classifier: Classifier
    program: Program
    label: IntArray
    """Shape (samples,)."""
    steps: IntArray
    """Steps of each sample, shape (samples,)."""
    available: int
    """Samples of the whole test set."""
    targets: tuple[TargetResult, ...]
    clock_mhz: float
    states: bool
    """Whether all state was compared, not spikes and counters alone."""

    @property
    def guess(self) -> IntArray:
        """The class told for each sample, by all targets, shape (samples,)."""
        return self.targets[0].guess

    @property
    def right(self) -> int:
        """Samples told right."""
        return int((self.guess == self.label).sum())

    @property
    def accuracy(self) -> float:
        """Share of the samples told right."""
        return self.right / self.label.size

    def totals(self) -> dict[str, int]:
        """Sums of all counters over all samples, and the `steps`; of the target that counts most."""
        most = max(self.targets, key=lambda target: len(target.counters)).counters
        return {name: int(values.sum()) for name, values in most.items()} | {"steps": int(self.steps.sum())}
