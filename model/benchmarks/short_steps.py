"""What placing for short steps gives: cycles of shipped networks by the cycle model, beside the usual placement's."""

from dataclasses import dataclass

from ganglion.model.compiler.compile import compile_program
from ganglion.model.compiler.place.activity import activity_of
from ganglion.model.compiler.placing import cycles_of
from ganglion.model.networks import shipped
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.params import PRESETS

CHIP = "ulx3s"
"""Preset of the chip."""

NETWORKS = ("digits", "mnist", "speech")


@dataclass(frozen=True, kw_only=True)
class ShortSteps:
    """Cycles of a step of one network, in which a tenth of all sources fires."""

    network: str
    memory: float
    """Placed for few cores and words."""
    latency: float
    """Placed for few cycles."""

    @property
    def ratio(self) -> float:
        """Of the second to the first."""
        return self.latency / self.memory


def measure_short_steps(progress: Progress = SILENT) -> tuple[ShortSteps, ...]:
    """The cycles of each of `NETWORKS`.

    Args:
        progress: told of placing and packing.
    """
    found = []
    for name in NETWORKS:
        program = shipped.load(name).program(PRESETS[CHIP])
        activity = activity_of(program, [])
        memory = cycles_of(compile_program(program, progress=progress), activity)
        latency = cycles_of(compile_program(program, aim="latency", progress=progress), activity)
        found.append(ShortSteps(network=name, memory=memory, latency=latency))
    return tuple(found)
