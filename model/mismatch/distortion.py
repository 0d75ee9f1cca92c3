"""A distortion: how one particular chip differs from the one that was designed."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ganglion.model.spec.archive import Archive, Format
from ganglion.model.spec.arithmetic import lowest_terms, signed_range
from ganglion.model.spec.arrays import IntArray, read_only
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.program import Program
from ganglion.model.spec.untrusted import DAMAGE

if TYPE_CHECKING:
    from ganglion.model.spec.drawing import Picture

GAIN_BITS = 16
"""Gains are kept in units of 2^-16, so that a distortion is whole numbers, and the same everywhere."""

UNITY = 1 << GAIN_BITS

FORMAT = Format("Ganglion distortion", 2, "draw it again from its seed")

PER_SYNAPSE = ("gain", "alive", "stuck", "stuck_at")
PER_NEURON = ("threshold_offset", "bias_offset", "leak")


@explained(ProgramError)
@dataclass(frozen=True, eq=False, kw_only=True)
class Distortion:
    """What a chip makes of the constants it is told, and of its input. Draw one with `draw`, or take the ideal `none`.

    A weight w of the user becomes, in this order: the nearest multiple of `step`; at most `limit` in magnitude; w times
    its gain, rounded to nearest; 0 where the synapse is dead; `stuck_at` where it is stuck; within the chip's width.
    """

    gain: IntArray
    """Shape (synapses,): factor on each weight, in units of 2^-16."""
    alive: IntArray
    """Shape (synapses,): 0 where a synapse is dead."""
    stuck: IntArray
    """Shape (synapses,): 1 where a synapse ignores what is written."""
    stuck_at: IntArray
    """Shape (synapses,): the weight of those."""
    threshold_offset: IntArray
    """Shape (neurons,): added to each threshold."""
    bias_offset: IntArray
    """Shape (neurons,): a leak current, added to each bias."""
    leak: IntArray
    """Shape (neurons,): factor on the m of each membrane's decay (m, s), in units of 2^-16."""
    step: int = 1
    """Weights are multiples of it: 4 makes weights of 8 bits as coarse as those of 6 bits."""
    limit: int = 0
    """Greatest magnitude of a weight, before its gain; 0 is as wide as the chip's."""
    jitter: int = 0
    """Steps by which an event from the host may come early or late."""
    write_noise: int = 0
    """Each write of a weight is off by a whole number of up to this, drawn anew."""
    upsets: int = 0
    """Before each run or batch, so many bits of weights are inverted (single-event upsets); a weight stays so until it
    is written again."""
    seed: int = 0
    """Of jitter, the noise of writes and upsets."""

    def __post_init__(self) -> None:
        for name in (*PER_SYNAPSE, *PER_NEURON):
            object.__setattr__(self, name, read_only(getattr(self, name)))
        for names in (PER_SYNAPSE, PER_NEURON):
            sizes = {name: getattr(self, name).shape for name in names}
            if len(set(sizes.values())) > 1 or len(next(iter(sizes.values()))) != 1:
                raise ProgramError(f"{', '.join(names)} of a distortion must have one length, not {sizes}")
        for name, least in (("step", 1), ("limit", 0), ("jitter", 0), ("write_noise", 0), ("upsets", 0), ("seed", 0)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise ProgramError(f"{name} of a distortion must be a whole number from {least}, not {value!r}")
        if (self.gain < 0).any() or (self.leak < 0).any():
            raise ProgramError("gains and leaks of a distortion must not be negative")

    @classmethod
    def none(cls, program: Program) -> "Distortion":
        """The ideal chip, for this program."""
        return cls.draw(program, seed=0)

    @classmethod
    def draw(
        cls,
        program: Program,
        *,
        seed: int,
        gain: float = 0.0,
        threshold: float = 0.0,
        bias: float = 0.0,
        leak: float = 0.0,
        dead: float = 0.0,
        stuck: float = 0.0,
        step: int = 1,
        limit: int = 0,
        jitter: int = 0,
        write_noise: int = 0,
        upsets: int = 0,
    ) -> "Distortion":
        """A chip drawn at random; the same seed and arguments give the same chip.

        Args:
            program: the network that the chip holds.
            seed: of NumPy's PCG64.
            gain: standard deviation of the logarithm of the gain of a synapse (log-normal, of median 1).
            threshold: standard deviation of the threshold's offset, as a fraction of the threshold.
            bias: standard deviation of the leak current, as a fraction of the threshold.
            leak: standard deviation of the logarithm of the factor on the membrane's decay.
            dead: share of the synapses that are dead, 0 to 1.
            stuck: share of the synapses that are stuck at a weight drawn uniformly from the chip's range, 0 to 1.
            step, limit, jitter, write_noise, upsets: as the attributes.

        Raises:
            ProgramError: a spread that is negative or not finite, a share that is not 0 to 1.
        """
        for name, value in (("gain", gain), ("threshold", threshold), ("bias", bias), ("leak", leak)):
            if not 0 <= value <= np.finfo(np.float64).max:
                raise ProgramError(f"{name}, a standard deviation, must be 0 or more, not {value!r}")
        for name, value in (("dead", dead), ("stuck", stuck)):
            if not 0 <= value <= 1:
                raise ProgramError(f"{name}, a share of the synapses, must be 0 to 1, not {value!r}")
        rng = np.random.Generator(np.random.PCG64(seed))
        low, high = signed_range(program.params.weight_bits)
        synapses, neurons = program.synapses, program.neurons
        # Each is drawn whether it is wanted or not, so that one argument does not change what another draws.
        gains, shares = rng.standard_normal(synapses), rng.random((2, synapses))
        stuck_at, offsets = rng.integers(low, high, synapses, endpoint=True), rng.standard_normal((3, neurons))
        return cls(
            gain=np.rint(UNITY * np.exp(gain * gains)).astype(np.int64),
            alive=(shares[0] >= dead).astype(np.int64),
            stuck=(shares[1] < stuck).astype(np.int64),
            stuck_at=stuck_at,
            threshold_offset=np.rint(threshold * program.threshold * offsets[0]).astype(np.int64),
            bias_offset=np.rint(bias * program.threshold * offsets[1]).astype(np.int64),
            leak=np.rint(UNITY * np.exp(leak * offsets[2])).astype(np.int64),
            step=step,
            limit=limit,
            jitter=jitter,
            write_noise=write_noise,
            upsets=upsets,
            seed=seed,
        )

    def check(self, program: Program) -> None:
        """Whether it is one of a chip that holds this program.

        Raises:
            ProgramError: it has other sizes.
        """
        for name, count in (("synapses", program.synapses), ("neurons", program.neurons)):
            own = (self.gain if name == "synapses" else self.leak).size
            if own != count:
                raise ProgramError(f"the distortion is of a chip with {own} {name}, the program has {count}")

    def weights(self, synapses: IntArray, values: npt.ArrayLike, bits: int) -> IntArray:
        """What written weights become.

        Args:
            synapses: which, shape (synapses,).
            values: one for each.
            bits: width of a weight of the chip.
        """
        coarse = _nearest(np.asarray(values, dtype=np.int64), self.step) * self.step
        if self.limit:
            coarse = np.clip(coarse, -self.limit, self.limit)
        scaled = _nearest(coarse * self.gain[synapses], UNITY) * self.alive[synapses]
        return np.clip(np.where(self.stuck[synapses] > 0, self.stuck_at[synapses], scaled), *signed_range(bits))

    def offset(self, field: str, neurons: IntArray, values: IntArray, limits: tuple[int, int]) -> IntArray:
        """What a field becomes that is written: thresholds and biases are moved, and stay within their limits."""
        moved: Mapping[str, IntArray] = {"threshold": self.threshold_offset, "bias": self.bias_offset}
        return np.clip(values + moved[field][neurons], *limits) if field in moved else values

    def types(self, program: Program) -> tuple[tuple[NeuronType, ...], IntArray]:
        """The neuron types of the worse chip, and that of each neuron.

        A chip has few types. So the leaks of the neurons of each type are divided, by size, among as many types as fit,
        and each gets the median of its share.

        Returns:
            the types, and shape (neurons,).

        Raises:
            ProgramError: leaks are distorted, and the chip has no type to spare.
        """
        spread = [k for k in range(len(program.types)) if (self.leak[program.type == k] != UNITY).any()]
        if not spread:
            return program.types, program.type
        each = (program.params.types - len(program.types)) // len(spread) + 1
        if each < 2:
            raise ProgramError(
                f"leaks that differ from neuron to neuron need neuron types to spare: the network has "
                f"{len(program.types)}, the chip ({program.params.name}) {program.params.types}"
            )
        types, numbers = list(program.types), program.type.copy()
        for k in spread:
            members = np.flatnonzero(program.type == k)
            for place, share in enumerate(np.array_split(members[np.argsort(self.leak[members], kind="stable")], each)):
                if share.size:
                    made = _leaking(program.types[k], int(np.median(self.leak[share])), program.params.decay_bits)
                    if place:
                        numbers[share] = len(types)
                        types.append(made)
                    else:
                        types[k] = made
        return tuple(types), numbers

    def save(self, path: str | Path) -> None:
        """Write it to an .npz file.

        Raises:
            OSError: it cannot be written; an older file of the name is untouched then.
        """
        arrays = {name: getattr(self, name) for name in (*PER_SYNAPSE, *PER_NEURON)}
        header = {entry.name: getattr(self, entry.name) for entry in fields(self) if entry.name not in arrays}
        Archive(path=Path(path), format=FORMAT, header=header, arrays=arrays).save()

    @classmethod
    def load(cls, path: str | Path) -> "Distortion":
        """Read one that `save` wrote.

        Raises:
            FormatError: it is none, cut short, or damaged.
        """
        archive = Archive.load(path, FORMAT)
        arguments: dict[str, Any] = {name: archive.integers(name) for name in (*PER_SYNAPSE, *PER_NEURON)}
        plain = [entry.name for entry in fields(cls) if entry.name not in arguments]
        arguments |= {name: archive.entry(name, lambda value: value) for name in plain}
        archive.check_read()
        try:
            return cls(**arguments)
        except (ProgramError, *DAMAGE) as error:
            raise archive.damaged(error) from error

    def plot(self) -> "Picture":
        """How gains and offsets are distributed, and what share of the synapses is dead or stuck."""
        from ganglion.model.mismatch.drawing import draw

        return draw(self)

    def __repr__(self) -> str:
        return f"<Distortion of {self.gain.size} synapses and {self.leak.size} neurons, seed {self.seed}>"


def _nearest(values: IntArray, unit: int) -> IntArray:
    """values / unit, to the nearest whole number, halves away from zero."""
    return np.asarray(np.sign(values) * ((2 * np.abs(values) + unit) // (2 * unit)), dtype=np.int64)


def _leaking(neuron_type: NeuronType, factor: int, decay_bits: int) -> NeuronType:
    """The type with the m of its decay times a factor, in units of 2^-16."""
    m, s = neuron_type.decay
    full = m << (decay_bits - s)
    changed = min((full * factor + UNITY // 2) >> GAIN_BITS, 1 << decay_bits)
    return replace(neuron_type, decay=lowest_terms(changed, decay_bits))
