"""What the main job found."""

from dataclasses import dataclass

from ganglion.model.networks.classifier import Classifier, Samples
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.program import Program


@dataclass(frozen=True, eq=False, kw_only=True)
class TargetResult:
    """What one target did with the images."""

    name: str
    guess: IntArray
    """The class it told for each image, shape (images,)."""
    counters: dict[str, IntArray]
    """Shape (images, steps): `spikes`, `synops`, and, where the target has a clock, `cycles`."""
    seconds: float
    """Time it ran for, reading of all state at the end of each step included."""


@dataclass(frozen=True, eq=False, kw_only=True)
class DigitsResult:
    """What the main job found. All targets agreed on every bit, or there is no result."""

    network: Classifier
    program: Program
    images: Samples
    targets: tuple[TargetResult, ...]
    clock_mhz: float
    states: bool
    """Whether all state was compared, not spikes and counters alone."""
    seconds: float
    """Time of all runs and comparisons."""
    command: str
    """What was typed to get this."""

    @property
    def guess(self) -> IntArray:
        """The class told for each image, by all targets, shape (images,)."""
        return self.targets[0].guess

    @property
    def right(self) -> int:
        """Images told right."""
        return int((self.guess == self.images.label).sum())

    @property
    def synops(self) -> IntArray:
        """SynOps, shape (images, steps)."""
        return self.targets[0].counters["synops"]

    @property
    def spikes(self) -> IntArray:
        """Spikes of all neurons, shape (images, steps)."""
        return self.targets[0].counters["spikes"]

    def totals(self) -> dict[str, int]:
        """Sums of all counters over all images, and the `steps`; of the target that counts most."""
        most = max(self.targets, key=lambda target: len(target.counters)).counters
        return {name: int(values.sum()) for name, values in most.items()} | {"steps": self.synops.size}

    @property
    def cycles(self) -> IntArray | None:
        """Clock cycles, shape (images, steps); None where no target has a clock."""
        return next((target.counters["cycles"] for target in self.targets if "cycles" in target.counters), None)
