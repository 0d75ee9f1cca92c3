"""What learning costs in energy, beside the least that physics asks for.

Two bounds stand beside the estimate of `ganglion.energy`:

- Landauer's: to forget a bit takes k T ln 2 at least (R. Landauer, "Irreversibility and heat generation in the
  computing process", IBM Journal 5, 1961). A weight that changes forgets as many bits as it has.
- Learning in memory: Z. Chen, J. Leugering, G. Cauwenberghs, S. Chakrabartty, "Energy-efficiency limits on training AI
  systems using learning-in-memory", arXiv 2402.14878, project 10^8 to 10^9 J for a system of 10^15 parameters. Their
  figure is taken per parameter here; the run's own precision and speed, on which theirs depends, do not enter.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ganglion.model.energy import Technology, operation_energies
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.program import Program
from ganglion.model.spec.trace import Trace

BOLTZMANN = 1.380649e-23
"""J/K, exactly, as the kelvin is defined."""

TEMPERATURE = 300.0
"""K, at which Landauer's bound is told."""

PROJECTED_PARAMETERS = 1e15
"""Parameters of the system that the projection is for."""

PROJECTED = (1e8, 1e9)
"""J to train it by learning in memory: from, to."""

PICO = 1e-12


@explained(ProgramError)
def landauer_bound(bits: float, temperature: float = TEMPERATURE) -> float:
    """J to forget so many bits, at least."""
    return bits * BOLTZMANN * temperature * math.log(2)


@explained(ProgramError)
def learning_in_memory_bound(parameters: float) -> tuple[float, float]:
    """J to train so many parameters by learning in memory, from and to, by the projection per parameter."""
    low, high = (energy / PROJECTED_PARAMETERS * parameters for energy in PROJECTED)
    return low, high


@explained(ProgramError)
@dataclass(frozen=True)
class LearningEnergy:
    """The account of a run's learning."""

    parameters: int
    """Synapses with a rule."""
    visits: int
    """Weights that were read and written."""
    changes: int
    """Weights that were another after it."""
    estimate: float
    """J of the visits: weights and tags read and written, rules, arithmetic."""
    landauer: float
    """J, at least, for the bits of the weights that changed."""
    in_memory: tuple[float, float]
    """J, by the projection of learning in memory."""
    source: str
    """Where the energies of the estimate are from."""

    @classmethod
    def of(cls, trace: Trace, program: Program, technology: Technology | None = None) -> "LearningEnergy":
        """That of a run of a network that learns, on any target.

        Args:
            trace: the run.
            program: the network.
            technology: the energies; None is the built-in table.
        """
        counters = {name: trace.total(name) for name in ("visits", "changes")}
        return cls.of_totals(counters, program, technology)

    @classmethod
    def of_totals(
        cls, counters: Mapping[str, int], program: Program, technology: Technology | None = None
    ) -> "LearningEnergy":
        """As `of`, from the totals of a run's counters, `visits` and `changes` among them."""
        params, technology = program.params, technology or Technology()
        each = operation_energies(params, technology)
        names = ("synapse visit", "SYNAPSES read", "SYNAPSES write", "TAGS read", "TAGS write", "RULES read")
        return cls(
            parameters=program.ruled.size,
            visits=counters["visits"],
            changes=counters["changes"],
            estimate=counters["visits"] * sum(each.get(name, 0.0) for name in names) * PICO,
            landauer=landauer_bound(counters["changes"] * params.weight_bits),
            in_memory=learning_in_memory_bound(program.ruled.size),
            source=technology.source,
        )

    def lines(self) -> Iterator[str]:
        """It in words."""
        low, high = self.in_memory
        yield (
            f"{self.parameters:,} weights that learn: {self.visits:,} read and written, {self.changes:,} changed; "
            f"{self.estimate:.3g} J, estimated from {self.source}"
        )
        yield f"at least, for the bits that changed (Landauer, {TEMPERATURE:g} K): {self.landauer:.3g} J"
        yield f"learning in memory, as projected per parameter (arXiv 2402.14878): {low:.3g} to {high:.3g} J"
