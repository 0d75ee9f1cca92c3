"""The sizes of what learns: rules, traces, tags and modulators."""

from dataclasses import dataclass, fields

from ganglion.model.spec.errors import ParamsError
from ganglion.model.spec.params.part import Part

SPIKES, RECEPTOR, MEMBRANE, TRACE = 1, 2, 4, 8
"""What may feed a postsynaptic trace, as bits of the parameters `y1_feeds` to `y3_feeds`."""


@dataclass(frozen=True, kw_only=True)
class LearningParams(Part):
    """Plasticity: rules that change weights and tags behind the last delivery of an epoch. Off by default."""

    products: int = 0
    """Products that a lane computes per cycle, of the terms of a learning rule; 0 builds a chip without learning."""

    rules: int = 0
    """Learning rules of a network, at most."""

    terms: int = 0
    """Terms of a learning rule, at most."""

    pre_traces: int = 0
    """Presynaptic traces: 0, 1 (x1) or 2 (x1, x2)."""

    y1_feeds: int = 0
    """What may feed the postsynaptic trace y1: 1 own spikes + 2 receptor 1 + 4 membrane; 0 is no such trace."""

    y2_feeds: int = 0
    """What may feed y2: as for y1, + 8 the trace y1."""

    y3_feeds: int = 0
    """What may feed y3: as for y2."""

    trace_bits: int = 0
    """Bits of a trace; postsynaptic ones have a sign besides."""

    trace_ages: int = 0
    """Ages G of a spike that a kernel tells apart, in steps, a power of two; the trace has ended at the last."""

    kernels: int = 0
    """Kernels of traces: tables of what is left of a spike at each age."""

    tag_bits: int = 0
    """Signed tag of a synapse, its eligibility; 0 builds a chip without tags."""

    modulators: int = 0
    """Modulators r0 …, which the host writes between steps: 0 to 4."""

    modulator_bits: int = 0
    """Signed modulator."""

    stochastic: bool = False
    """Whether rules can round at random, as a function of seed, epoch, source and target."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._whole(products=(0, 16))
        learns = self.products > 0
        self._needed(learns, rules=(1, 255), terms=(1, 64))
        self._optional(learns, pre_traces=2, y1_feeds=7, y2_feeds=15, y3_feeds=15, modulators=4)
        for name in ("y2_feeds", "y3_feeds"):
            if getattr(self, name) & TRACE and not self.y1_feeds:
                raise ParamsError(f"{name} {getattr(self, name)}: there is no trace y1 that could feed it")
        ages = bool(self.pre_traces or self.has_ages)
        self._needed(bool(self.pre_traces or self.feeds), trace_bits=(2, 12))
        self._needed(ages, trace_ages=(2, 256), kernels=(1, 64))
        if ages:
            self._power_of_two("trace_ages")
        if self.tag_bits != 0:
            self._needed(learns, tag_bits=(2, 16))
        self._needed(self.modulators > 0, modulator_bits=(2, 16))
        if self.stochastic not in (False, learns):
            raise ParamsError(f"stochastic must be {'True or ' if learns else ''}False, not {self.stochastic!r}")
        object.__setattr__(self, "stochastic", bool(self.stochastic))

    @property
    def y_feeds(self) -> tuple[int, int, int]:
        """What may feed y1, y2 and y3."""
        return self.y1_feeds, self.y2_feeds, self.y3_feeds

    @property
    def feeds(self) -> int:
        """What may feed some postsynaptic trace."""
        return self.y1_feeds | self.y2_feeds | self.y3_feeds

    @property
    def has_ages(self) -> bool:
        """Whether neurons remember the age of their last spike."""
        return bool(self.feeds & SPIKES)

    def _needed(self, there: bool, **ranges: tuple[int, int]) -> None:
        """Fields are of these ranges where what they size is there, and 0 where it is not."""
        self._whole(**{name: limits if there else (0, 0) for name, limits in ranges.items()})

    def _optional(self, there: bool, **most: int) -> None:
        """Fields are from 0 to these where what they size is there, and 0 where it is not."""
        self._whole(**{name: (0, high if there else 0) for name, high in most.items()})


LEARNING = tuple(field.name for field in fields(LearningParams) if field.name != "name")
"""The fields of the part."""
