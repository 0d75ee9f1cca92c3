"""What a target may be asked: every argument of its methods is checked here, once for all targets."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ganglion.model.spec.arithmetic import integers, signed_range, whole_number
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import ProgramError, described
from ganglion.model.spec.fields import CONSTANTS, NEURON_STATE, STATE_FIELDS, limits
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program
from ganglion.model.spec.ruled import Ruled
from ganglion.model.spec.state import MODULATORS, State

Probes = Mapping[str, npt.ArrayLike]
"""Neurons to record at the end of every step, by state field."""

READABLE = tuple(spec.name for spec in (*NEURON_STATE, *CONSTANTS) if spec.writable)
"""Fields of one neuron each that can be read."""

PROBED = tuple(spec.name for spec in STATE_FIELDS if spec.probed)
"""State fields that can be probed."""


@dataclass(frozen=True)
class Limits:
    """The sizes of a network, and the checks that follow from them.

    Every check raises a `ProgramError` that says what may be asked for and what was.
    """

    params: Params
    neurons: int
    synapses: int
    types: int
    ruled: Ruled | None = None
    """Of a network that learns: what its rules allow."""

    @classmethod
    def of(
        cls,
        program: Program,
        neurons: int | None = None,
        synapses: int | None = None,
        held: IntArray | None = None,
    ) -> "Limits":
        """Those of a program, or of a part of it that has so many neurons and synapses: these, of one that learns."""
        return cls(
            program.params,
            program.neurons if neurons is None else neurons,
            program.synapses if synapses is None else synapses,
            len(program.types),
            None if program.learning is None else Ruled.of(program, held),
        )

    @cached_property
    def fields(self) -> dict[str, tuple[int, int]]:
        """Least and greatest value of every field that may be written."""
        return limits(self.params, self.types)

    def check_readable(self, field: str) -> None:
        """Whether a field can be read; one of an option that the chip lacks reads as zeros."""
        if field not in READABLE:
            raise ProgramError(f"'{field}' cannot be read; {', '.join(READABLE)} can")

    def check_neurons(self, neurons: npt.ArrayLike) -> IntArray:
        """One neuron or several, as an array of shape (neurons,)."""
        return integers("neuron", neurons, 0, self.neurons - 1)

    def check_synapses(self, synapses: npt.ArrayLike) -> IntArray:
        """One synapse or several, as an array of shape (synapses,)."""
        if not self.synapses and np.size(synapses):
            raise ProgramError("the network has no synapses")
        return integers("synapse", synapses, 0, self.synapses - 1)

    def check_write(self, field: str, neurons: npt.ArrayLike, values: npt.ArrayLike) -> tuple[IntArray, IntArray]:
        """Neurons and the value for each, of shape (neurons,) both."""
        if field not in self.fields:
            raise ProgramError(f"'{field}' cannot be written; {', '.join(self.fields)} can")
        numbers = self.check_neurons(neurons)
        return numbers, _values(field, "neuron", numbers, values, *self.fields[field])

    def check_weights(self, synapses: npt.ArrayLike, values: npt.ArrayLike) -> tuple[IntArray, IntArray]:
        """Synapses and the weight for each, of shape (synapses,) both."""
        numbers = self.check_synapses(synapses)
        wanted = _values("weight", "synapse", numbers, values, *signed_range(self.params.weight_bits))
        if self.ruled is not None:
            self.ruled.check_weights(numbers, wanted)
        return numbers, wanted

    def check_delays(self, synapses: npt.ArrayLike, values: npt.ArrayLike) -> tuple[IntArray, IntArray]:
        """Synapses and the delay for each, of shape (synapses,) both."""
        numbers = self.check_synapses(synapses)
        return numbers, _values("delay", "synapse", numbers, values, 1, self.params.delay_slots - 1)

    def check_tags(self, synapses: npt.ArrayLike, values: npt.ArrayLike) -> tuple[IntArray, IntArray]:
        """Synapses that have rules and the tag for each, of shape (synapses,) both."""
        numbers, bits = self.check_synapses(synapses), self.params.tag_bits
        if self.ruled is None or not bits:
            raise ProgramError(f"there are no tags: {'the chip' if self.ruled else 'the network'} has none")
        self.ruled.check_has_rules(numbers)
        return numbers, _values("tag", "synapse", numbers, values, *signed_range(bits))

    def check_modulators(self, now: tuple[int, ...], changes: Mapping[str, object]) -> tuple[int, ...]:
        """All modulators, where some are to change."""
        known = [f"r{number}" for number in range(self.params.modulators if self.ruled is not None else 0)]
        values = list(now)
        for name, value in changes.items():
            if name not in known:
                raise ProgramError(f"there is no modulator {name}; there are {', '.join(known) or 'none'}")
            values[known.index(name)] = whole_number(name, value, *signed_range(self.params.modulator_bits))
        return tuple(values)

    def check_probes(self, probes: Probes) -> dict[str, IntArray]:
        """The neurons of each probe, of shape (neurons,)."""
        if not isinstance(probes, Mapping):
            raise ProgramError(f"probes are a dict, such as {{'v': [0, 1]}}, not {described(probes)}")
        for field in probes:
            if field not in PROBED:
                raise ProgramError(f"'{field}' cannot be probed; {', '.join(PROBED)} can")
        return {field: self.check_neurons(neurons) for field, neurons in probes.items()}

    def check_state(self, state: State) -> None:
        """Whether the network can have this state."""
        if not isinstance(state, State):
            raise ProgramError(f"load_state takes a State, what state() gave, not {described(state)}")
        integers("step of a state", state.step, 0, (1 << 32) - 1)
        for spec in STATE_FIELDS:
            array = getattr(state, spec.name)
            shape = (self.params.delay_slots, self.neurons) if spec.per_slot else (self.neurons,)
            if np.shape(array) != shape:
                raise ProgramError(f"{spec.name} of a state must have shape {shape}, not {np.shape(array)}")
            field = spec.field(self.params)
            low, high = (field.low, field.high) if field.width else (0, 0)
            integers(_of_neuron(spec.name, self.neurons), array, low, high)
        if state.learns != (self.ruled is not None):
            has = ("no", "a") if state.learns else ("a", "no")
            raise ProgramError(f"the network has {has[0]} learning rule, and the state is of one that has {has[1]}")
        if self.ruled is not None:
            self.ruled.check_state(state, self.params, self.neurons)
            given = {f"r{number}": value for number, value in enumerate(state.modulators) if value != 0}
            self.check_modulators((0,) * MODULATORS, given)


def _of_neuron(field: str, neurons: int) -> Callable[[int], str]:
    return lambda place: f"{field} of neuron {place % neurons}"


def _values(name: str, of: str, numbers: IntArray, values: npt.ArrayLike, low: int, high: int) -> IntArray:
    """One value for all numbers, or one for each."""
    if np.ndim(values) and np.size(values) != numbers.size:
        raise ProgramError(f"{name} takes one value, or one for each {of}, not {np.size(values)} for {numbers.size}")
    array = integers(lambda place: f"{name} of {of} {numbers[place]}" if numbers.size else name, values, low, high)
    return array if array.size == numbers.size else np.broadcast_to(array, numbers.shape)
