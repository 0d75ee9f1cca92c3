"""A `Program`: what a network means, in integers, with no word about cores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ganglion.model.spec import html, program_file
from ganglion.model.spec.archive import Archive
from ganglion.model.spec.arithmetic import signed_range, whole_number
from ganglion.model.spec.arrays import IntArray, read_only
from ganglion.model.spec.errors import ProgramError, described
from ganglion.model.spec.explained import explained
from ganglion.model.spec.learning import Learning
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.noise_constants import NUMBER_BITS
from ganglion.model.spec.params import Params
from ganglion.model.spec.ruled import check_learning, copies
from ganglion.model.spec.untrusted import DAMAGE

MOST_NEURONS = (1 << 31) - 1
"""Neurons are numbered in 32 bits by those who place and run a program."""

ARRAYS = ("threshold", "bias", "type", "indptr", "post_neuron", "weight", "delay", "outputs")
"""Names of the arrays of every program."""

LEARNED = ("rule", "receptor")
"""Names of those that a program with learning has besides."""


@explained(ProgramError)
@dataclass(frozen=True, kw_only=True, eq=False)
class Program:
    """A flat integer network.

    The ends of synapses, `pre` and `post`, are numbered the same way: inputs first, then neurons. The synapses are
    stored by their presynaptic end (compressed sparse rows). Use `Program.build`, which sorts and checks; the arrays
    are the checked result and read-only.
    """

    params: Params
    """Widths of the arithmetic (and of the chip it is meant for)."""
    types: tuple[NeuronType, ...]
    threshold: IntArray
    """Shape (neurons,)."""
    bias: IntArray
    """Shape (neurons,)."""
    type: IntArray
    """Shape (neurons,), index into `types`."""
    inputs: int
    """Axons that the host drives."""
    indptr: IntArray
    """Shape (inputs + neurons + 1,): the synapses whose `pre` is k are indptr[k] … indptr[k+1]-1."""
    post_neuron: IntArray
    """Shape (synapses,): number of the neuron each synapse ends in; `post` less `inputs`."""
    weight: IntArray
    """Shape (synapses,)."""
    delay: IntArray
    """Shape (synapses,), steps, 1 … D-1."""
    outputs: IntArray
    """Neurons whose spikes the host sees, ascending."""
    seed: int = 0
    """Seed of the noise."""
    names: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """The user's population names: first neuron and count of each."""
    learning: Learning | None = None
    """What of learning the network shares; None is a network that does not learn."""
    rule: IntArray
    """Shape (synapses,): rule k of a synapse is `learning.rules[k - 1]`; 0 is none."""
    receptor: IntArray
    """Shape (synapses,): 0 charges the membrane, 1 feeds a trace alone."""

    def __post_init__(self) -> None:
        for name in (*ARRAYS, *LEARNED):
            object.__setattr__(self, name, read_only(getattr(self, name)))

    @classmethod
    def build(
        cls,
        *,
        params: Params,
        types: tuple[NeuronType, ...],
        neurons: int | None = None,
        threshold: npt.ArrayLike = 0,
        bias: npt.ArrayLike = 0,
        type: npt.ArrayLike = 0,
        inputs: int,
        pre: npt.ArrayLike,
        post: npt.ArrayLike,
        weight: npt.ArrayLike,
        delay: npt.ArrayLike = 1,
        outputs: npt.ArrayLike | None = None,
        seed: int = 0,
        names: Mapping[str, tuple[int, int]] | None = None,
        learning: Learning | None = None,
        rule: npt.ArrayLike = 0,
        receptor: npt.ArrayLike = 0,
    ) -> "Program":
        """A checked program from a list of synapses in any order.

        Args:
            params: widths of the arithmetic.
            types: neuron types.
            neurons: how many neurons there are; None where `threshold` has one value for each.
            threshold: shape (neurons,) or one value.
            bias: shape (neurons,) or one value.
            type: shape (neurons,) or one index into `types`.
            inputs: number of axons the host drives.
            pre: shape (synapses,), where each synapse comes from: k < inputs is input k, otherwise neuron k - inputs.
            post: shape (synapses,), where each synapse ends, numbered the same way: inputs + n is neuron n.
            weight: shape (synapses,).
            delay: shape (synapses,) or one value, steps.
            outputs: neurons reported to the host; None is all of them.
            seed: seed of the noise, 32 bits.
            names: population names, (first neuron, count) each.
            learning: traces, kernels, rules and the epoch; None is a network that does not learn.
            rule: shape (synapses,) or one value: number of the rule, from 1; 0 is none.
            receptor: shape (synapses,) or one value: 0 charges the membrane, 1 feeds traces.

        Raises:
            ProgramError: an index, weight, delay, threshold, bias, type, rule or receptor out of range, or
                learning that the chip cannot hold; the message says which one.
        """
        _check_kinds(params, types, names)
        inputs, seed = whole_number("inputs", inputs, 0, MOST_NEURONS), whole_number("seed", seed, 0, (1 << 32) - 1)
        count = _neuron_count(neurons, threshold)
        thresholds, biases = _column("threshold", threshold, count), _column("bias", bias, count)
        types_of = _column("type", type, count)
        pres, posts = _integers("pre", pre).ravel(), _integers("post", post).ravel()
        synapses = pres.size
        weights = _column("weight", weight, synapses)
        delays = _column("delay", delay, synapses)
        rules, receptors = _shared("rule", rule, synapses), _shared("receptor", receptor, synapses)
        if posts.size != synapses:
            raise ProgramError(f"pre names {synapses} synapses, post {posts.size}")
        reported = np.arange(count) if outputs is None else np.unique(_integers("outputs", outputs))
        if not types:
            raise ProgramError("types must name at least one neuron type")
        for name, values, (low, high) in (
            ("threshold", thresholds, signed_range(params.membrane_bits)),
            ("bias", biases, signed_range(params.bias_bits)),
            ("type", types_of, (0, len(types) - 1)),
            ("pre", pres, (0, inputs + count - 1)),
            ("post", posts, (0, inputs + count - 1)),
            ("weight", weights, signed_range(params.weight_bits)),
            ("delay", delays, (1, params.delay_slots - 1)),
            ("outputs", reported, (0, count - 1)),
        ):
            _check_range(name, values, low, high)
        ends = np.flatnonzero(posts < inputs)
        if ends.size:
            raise ProgramError(
                f"post[{ends[0]}] is {posts[ends[0]]}, an input; synapses end in neurons, which are numbered behind "
                f"the inputs: {inputs} to {inputs + count - 1} (neuron n is {inputs} + n)"
            )
        if params.noise and count > 1 << NUMBER_BITS and any(t.noise for t in types):
            raise ProgramError(f"noise tells {1 << NUMBER_BITS} neurons apart, the network has {count}")
        for neuron_type in types:
            neuron_type.check(params)
        for name, (first, size) in (names or {}).items():
            if first < 0 or size < 0 or first + size > count:
                raise ProgramError(f"population '{name}' is neurons {first} to {first + size - 1} of {count}")
        check_learning(
            params,
            types,
            learning,
            pre=pres,
            post_neuron=posts - inputs,
            weight=weights,
            rule=rules,
            receptor=receptors,
        )
        order = np.argsort(pres, kind="stable")
        fan_out = np.bincount(pres, minlength=inputs + count)
        return cls(
            params=params,
            types=tuple(types),
            threshold=thresholds,
            bias=biases,
            type=types_of,
            inputs=inputs,
            indptr=np.concatenate(([0], np.cumsum(fan_out))).astype(np.int64),
            post_neuron=posts[order] - inputs,
            weight=weights[order],
            delay=delays[order],
            outputs=reported,
            seed=seed,
            names=dict(names or {}),
            learning=learning,
            rule=rules if learning is None else rules[order],
            receptor=receptors if learning is None else receptors[order],
        )

    def replace(self, **changes: Any) -> "Program":
        """A checked copy with other values for some of the arguments of `build`.

        The synapses are those of `pre`, `post`, `weight` and `delay`, in stored order. To have more or fewer neurons,
        give `neurons` and each of `threshold`, `bias`, `type`, `outputs` and `names` that cannot stay as it is.

        Raises:
            ProgramError: as `build`, or there is no such argument.
        """
        known = list(signature(Program.build).parameters)
        if unknown := [name for name in changes if name not in known]:
            raise ProgramError(f"a program has no {unknown[0]}; it has {', '.join(known)}")
        own = {name: getattr(self, name) for name in known if self.learning is not None or name not in LEARNED}
        return Program.build(**{**own, **changes})

    def save(self, path: str | Path) -> None:
        """Write the program to an .npz file.

        Raises:
            OSError: it cannot be written; an older file of the name is untouched then.
        """
        Archive(path=Path(path), format=program_file.FORMAT, header=self.header(), arrays=self.arrays()).save()

    @classmethod
    def load(cls, path: str | Path) -> "Program":
        """Read a program that `save` wrote. The file may be anything: all of it is checked.

        Raises:
            FormatError: it is no program, cut short, of another version, or damaged; names what is wrong.
        """
        archive = Archive.load(path, program_file.FORMAT)
        program = cls.restored(archive)
        archive.check_read()
        return program

    def header(self) -> dict[str, Any]:
        """What the header of an archive says of it: all but the arrays."""
        return program_file.header(self.params, self.types, self.inputs, self.seed, self.names, self.learning)

    def arrays(self) -> dict[str, IntArray]:
        """What an archive has of it besides: its arrays, by name."""
        return {name: getattr(self, name) for name in (ARRAYS if self.learning is None else (*ARRAYS, *LEARNED))}

    @classmethod
    def restored(cls, archive: Archive, prefix: str = "") -> "Program":
        """The program of an archive that has the entries of `header`, and each of `arrays` with a prefix to its name.

        Raises:
            FormatError: an entry or array is missing or is not what it should be.
        """
        arguments = program_file.arguments(archive, prefix, ARRAYS, LEARNED)
        try:
            return cls.build(**arguments)
        except (ProgramError, *DAMAGE) as error:
            raise archive.damaged(error) from error

    @property
    def neurons(self) -> int:
        """Number of neurons."""
        return self.threshold.size

    @property
    def synapses(self) -> int:
        """Number of synapses."""
        return self.post_neuron.size

    @property
    def pre(self) -> IntArray:
        """Where each synapse comes from, shape (synapses,), in stored order: inputs first, then neurons."""
        return np.repeat(np.arange(self.indptr.size - 1), np.diff(self.indptr))

    @property
    def post(self) -> IntArray:
        """Where each synapse ends, numbered as `pre`, shape (synapses,)."""
        return self.inputs + self.post_neuron

    @property
    def ruled(self) -> IntArray:
        """The synapses that have a learning rule, ascending."""
        return np.zeros(0, dtype=np.int64) if self.learning is None else np.flatnonzero(self.rule)

    @property
    def copy(self) -> IntArray:
        """The place of each synapse among those of the same two ends, shape (synapses,), in stored order."""
        return copies(self.pre, self.post_neuron)

    def name_of(self, neuron: int) -> str:
        """The user's name of a neuron, `population[index]`, or its number where it has none."""
        for name, (first, count) in self.names.items():
            if first <= neuron < first + count:
                return f"{name}[{neuron - first}]"
        return str(neuron)

    def _repr_html_(self) -> str:
        sizes = f"{self.inputs:,} inputs, {self.neurons:,} neurons, {self.synapses:,} synapses"
        of_type = np.bincount(self.type, minlength=len(self.types)).tolist()
        places = ((name, f"{first} … {first + count - 1}") for name, (first, count) in self.names.items())
        return html.block(
            f"Program for {self.params.name}: {sizes}",
            html.table(places, ("population", "neurons")) if self.names else "",
            html.table(zip(self.types, of_type, strict=True), ("type", "neurons")),
        )

    def __repr__(self) -> str:
        return (
            f"<Program {self.inputs} inputs, {self.neurons} neurons, {self.synapses} synapses, "
            f"params {self.params.name}>"
        )


def _check_kinds(params: object, types: object, names: object) -> None:
    """Whether arguments that are no arrays are of the kinds that they must be."""
    if not isinstance(params, Params):
        raise ProgramError(f"params are those of a chip, such as PRESETS['small'], not {described(params)}")
    if not isinstance(types, Sequence) or not all(isinstance(each, NeuronType) for each in types):
        raise ProgramError(f"types are a tuple of NeuronType, such as (NeuronType.leaky(3),), not {described(types)}")
    if names is not None and not (
        isinstance(names, Mapping)
        and all(isinstance(where, Sequence) and len(where) == 2 for where in names.values())
    ):
        raise ProgramError(f"names are a dict of (first neuron, count), not {described(names)}")


def _integers(name: str, values: npt.ArrayLike) -> IntArray:
    array = np.asarray(values)
    if array.size and array.dtype.kind not in "iu":
        raise ProgramError(f"{name} must be integers, not {array.dtype} (quantise the network first)")
    return array.astype(np.int64)


def _neuron_count(neurons: int | None, threshold: npt.ArrayLike) -> int:
    shape = np.shape(threshold)
    if neurons is None:
        if len(shape) != 1 or not shape[0]:
            raise ProgramError(
                f"threshold must have shape (neurons,) with at least one, not {shape}; "
                f"one value for all needs neurons=, how many there are"
            )
        return int(shape[0])
    return whole_number("neurons", neurons, 1, MOST_NEURONS)


def _column(name: str, values: npt.ArrayLike, count: int) -> IntArray:
    array = _integers(name, values)
    if array.ndim and array.shape != (count,):
        raise ProgramError(f"{name} must be one value or have shape ({count},), not {array.shape}")
    return np.broadcast_to(array, (count,)).copy()


def _shared(name: str, values: npt.ArrayLike, count: int) -> IntArray:
    """As `_column`, in which one value for all takes no memory."""
    array = _integers(name, values)
    return _column(name, values, count) if array.ndim else np.broadcast_to(array, (count,))


def _check_range(name: str, values: IntArray, low: int, high: int) -> None:
    wrong = np.flatnonzero((values < low) | (values > high))
    if wrong.size:
        raise ProgramError(f"{name}[{wrong[0]}] is {values[wrong[0]]}; it must be {low} to {high}")
