"""The sizes of a chip: one frozen dataclass, checked when it is made, and the named presets."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from itertools import product
from math import prod
from typing import Any

from ganglion.model.spec.errors import ParamsError

NUMBER_BITS = 20
"""Bits of a neuron's number in the network, as far as the noise sees it."""

NOISE_BITS = 17
"""Bits of a noise draw before the type's amplitude narrows it."""

GUARD_BITS = 2
"""Bits an accumulator has above its W, so that a sum beyond W bits is seen in whatever order it was added."""

KEY_CYCLES = 17
"""Cycles at the start of an update in which the noise gets its keys."""

RADIX = 4
"""Children of a router, at most."""

LEVELS = 4
"""Levels of routers, at most."""


def _is_power_of_two(value: int) -> bool:
    return value > 0 and value & (value - 1) == 0


@dataclass(frozen=True, kw_only=True)
class Params:
    """Sizes of one core and of its arithmetic. Every width and depth of the chip follows from these.

    Raises:
        ParamsError: a value out of range; the message names field, value and range.
    """

    name: str = "custom"
    """What messages call this set."""

    neurons: int = 256
    """Neurons of a core; neuron n sits in lane n mod lanes."""

    axons: int = 256
    """Rows of the axon table of a core: input lines, and continuation rows of long ones."""

    lanes: int = 1
    """Neurons updated, and synapses added, per cycle: 1, 2, 4 or 8."""

    delay_slots: int = 2
    """Slots D of the accumulator ring, a power of two; synaptic delays are 1 … D-1 steps."""

    synapse_words: int = 4096
    """Words of synapse memory; a word holds one sparse entry, or a few dense weights, per lane."""

    entry_bits: int = 0
    """Least bits of an entry of synapse memory; 0 makes it as narrow as a sparse entry is."""

    fanout_entries: int = 512
    """Rows of the fan-out table; row n is the first entry of neuron n."""

    types: int = 4
    """Rows of the table of neuron types."""

    weight_bits: int = 8
    """Signed weight: 4, 8 or 16 bits."""

    membrane_bits: int = 16
    """Signed membrane v and threshold."""

    accumulator_bits: int = 16
    """Signed accumulators, which add modulo 2^W."""

    bias_bits: int = 12
    """Signed bias."""

    current_bits: int = 0
    """Signed synaptic current u; 0 builds a chip without currents."""

    adaptation_bits: int = 0
    """Signed adaptive part of the threshold; 0 builds a chip without adaptive thresholds."""

    refractory_bits: int = 4
    """Refractory counter: periods of 0 … 2^bits - 1 steps."""

    decay_bits: int = 15
    """Largest shift s of a decay (m, s)."""

    noise: bool = False
    """Whether the chip has the noise generator."""

    levels: tuple[int, ...] = ()
    """Children of each router, level by level from the cores up: () is one core and no router, (4, 4) is 16 cores."""

    link_bits: int = 64
    """Wires of a link between two routers, each way: 8, 16, 32 or 64; a packet takes 64 / link_bits + 1 cycles."""

    def __post_init__(self) -> None:
        ranges = {
            "neurons": (2, 65536),
            "axons": (1, 65536),
            "delay_slots": (2, 64),
            "synapse_words": (2, 1 << 20),
            "entry_bits": (0, 64),
            "fanout_entries": (self.neurons, 65536),
            "types": (2, 256),
            "membrane_bits": (4, 36),
            "accumulator_bits": (4, 36),
            "bias_bits": (2, 36),
            "current_bits": (0, 36),
            "adaptation_bits": (0, 36),
            "refractory_bits": (1, 16),
            "decay_bits": (1, 35),
        }
        for field, (low, high) in ranges.items():
            value = getattr(self, field)
            if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
                raise ParamsError(f"{field} must be a whole number from {low} to {high}, not {value!r}")
        if self.lanes not in (1, 2, 4, 8):
            raise ParamsError(f"lanes must be 1, 2, 4 or 8, not {self.lanes!r}")
        if self.weight_bits not in (4, 8, 16):
            raise ParamsError(f"weight_bits must be 4, 8 or 16, not {self.weight_bits!r}")
        for field in ("neurons", "delay_slots"):
            if not _is_power_of_two(getattr(self, field)):
                raise ParamsError(f"{field} must be a power of two, not {getattr(self, field)}")
        if self.groups < 2:
            raise ParamsError(f"neurons must be at least 2 * lanes = {2 * self.lanes}, not {self.neurons}")
        if self.weight_bits > self.accumulator_bits:
            raise ParamsError(
                f"accumulator_bits must be at least weight_bits = {self.weight_bits}, not {self.accumulator_bits}"
            )
        if self.link_bits not in (8, 16, 32, 64):
            raise ParamsError(f"link_bits must be 8, 16, 32 or 64, not {self.link_bits!r}")
        levels = self.levels
        if not isinstance(levels, tuple) or len(levels) > LEVELS or not set(levels) <= set(range(1, RADIX + 1)):
            raise ParamsError(f"levels must be a tuple of up to {LEVELS} numbers from 1 to {RADIX}, not {levels!r}")
        for field in ("current_bits", "adaptation_bits"):
            if getattr(self, field) in (1, 2, 3):
                raise ParamsError(f"{field} must be 0 (off) or at least 4, not {getattr(self, field)}")

    @property
    def cores(self) -> int:
        """Cores of the chip."""
        return prod(self.levels)

    @property
    def groups(self) -> int:
        """Neurons per lane: the cycles of one update."""
        return self.neurons // self.lanes

    @property
    def beats(self) -> int:
        """Dense weights per lane in one synapse word."""
        sparse = self.weight_bits + bits_for(self.groups) + bits_for(self.delay_slots)
        return max(sparse, self.entry_bits) // self.weight_bits

    def replace(self, **changes: Any) -> "Params":
        """A copy with some fields changed, called custom unless a name is given."""
        return replace(self, **{"name": "custom", **changes})

    def to_dict(self) -> dict[str, Any]:
        """All fields, as plain values (what an image file stores)."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Params":
        """The inverse of `to_dict`.

        Raises:
            ParamsError: a field is unknown, missing or out of range.
        """
        known = {f.name for f in fields(cls)}
        if set(values) != known:
            odd = ", ".join(sorted(set(values) ^ known))
            raise ParamsError(f"these parameters are of another version of Ganglion: fields that differ: {odd}")
        return cls(**{**values, "levels": tuple(values["levels"])})

    def to_numbers(self) -> tuple[int, ...]:
        """All fields but the name as numbers of 32 bits, in the order of the fields: what a chip tells of itself.

        `levels` is a hexadecimal digit per level, the lowest level last.
        """
        values = {**self.to_dict(), "levels": sum(size << 4 * k for k, size in enumerate(self.levels))}
        del values["name"]
        return tuple(int(value) for value in values.values())

    @classmethod
    def from_numbers(cls, numbers: Sequence[int], name: str = "custom") -> "Params":
        """The inverse of `to_numbers`.

        Raises:
            ParamsError: not as many numbers as there are fields, or one out of range.
        """
        names = [f.name for f in fields(cls) if f.name != "name"]
        if len(numbers) != len(names):
            raise ParamsError(f"a chip is told by {len(names)} numbers, not {len(numbers)}")
        values: dict[str, Any] = dict(zip(names, (int(number) for number in numbers), strict=True))
        values["noise"] = bool(values["noise"])
        values["levels"] = tuple(int(digit) for digit in reversed(f"{values['levels']:x}") if values["levels"])
        return cls(name=name, **values)

    def differences(self, other: "Params") -> list[str]:
        """Where `other` differs, as 'field: mine, theirs' lines; the name does not count."""
        return [
            f"{field}: {mine}, {theirs}"
            for (field, mine), theirs in zip(self.to_dict().items(), other.to_dict().values(), strict=True)
            if mine != theirs and field != "name"
        ]


def levels_for(cores: int) -> tuple[int, ...]:
    """The levels of a chip of so many cores, large routers lowest: 8 cores are (4, 2).

    Raises:
        ParamsError: not a product of up to four numbers from 1 to 4; names the nearest count that is.
    """
    sizes, rest = [], cores
    for size in (4, 3, 2):
        while rest > 1 and rest % size == 0:
            sizes.append(size)
            rest //= size
    if cores < 1 or rest > 1 or len(sizes) > LEVELS:
        counts = sorted({prod(c) for n in range(LEVELS + 1) for c in product((1, 2, 3, 4), repeat=n)})
        near = min(counts, key=lambda count: abs(count - cores))
        raise ParamsError(f"no tree of routers has {cores} cores; {near} is the nearest count that one has")
    return tuple(sizes)


def bits_for(count: int) -> int:
    """Bits that number `count` things from 0: 1 for one or two of them, 8 for 256."""
    return max(1, (count - 1).bit_length())


PRESETS: dict[str, Params] = {
    p.name: p
    for p in (
        Params(
            name="tiny",
            neurons=8,
            axons=24,
            lanes=2,
            delay_slots=4,
            synapse_words=48,
            fanout_entries=24,
            weight_bits=4,
            membrane_bits=8,
            accumulator_bits=8,
            bias_bits=6,
            current_bits=8,
            adaptation_bits=6,
            refractory_bits=2,
            decay_bits=4,
            noise=True,
        ),
        Params(name="small", synapse_words=16384, fanout_entries=1024),
        Params(
            name="board",
            axons=1024,
            lanes=4,
            delay_slots=16,
            synapse_words=8192,
            fanout_entries=1024,
            current_bits=16,
            noise=True,
            types=8,
        ),
        Params(
            name="icebreaker",
            axons=1024,
            synapse_words=32768,
            entry_bits=32,
        ),
        Params(
            name="ulx3s",
            levels=(4,),
            axons=1024,
            lanes=4,
            delay_slots=16,
            synapse_words=4096,
            entry_bits=32,
            fanout_entries=1024,
            current_bits=16,
            noise=True,
            types=8,
        ),
        Params(
            name="wide",
            neurons=65536,
            axons=65536,
            lanes=4,
            delay_slots=16,
            synapse_words=1 << 20,
            fanout_entries=65536,
            weight_bits=16,
            membrane_bits=36,
            accumulator_bits=36,
            bias_bits=36,
            refractory_bits=8,
            decay_bits=16,
            types=256,
            current_bits=36,
            adaptation_bits=36,
            noise=True,
        ),
    )
}
"""Named sizes: `tiny` reaches every corner in seconds, `small` is the first real core, `board` is the core of the FPGA
boards, `wide` is for programs that need large numbers."""
