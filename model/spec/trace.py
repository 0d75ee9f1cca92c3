"""What a run leaves behind."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ganglion.model.spec import html, trace_file, trace_hash
from ganglion.model.spec.archive import Archive
from ganglion.model.spec.arrays import BoolArray, FloatArray, IntArray
from ganglion.model.spec.difference import Difference, first_of, first_spike, in_order
from ganglion.model.spec.errors import MismatchError, ProgramError, described
from ganglion.model.spec.explained import explained
from ganglion.model.spec.fields import STATE_FIELDS
from ganglion.model.spec.learning_fields import LEARNING_STATE, LearningField
from ganglion.model.spec.named import unknown
from ganglion.model.spec.state import State

if TYPE_CHECKING:
    from ganglion.model.spec.drawing import Picture

MEMBRANES = 8
"""Membranes that a plot shows, at most."""

COUNTED = ("spikes", "synops", "overflows")
"""Counters that every target has."""

LEARN_COUNTED = ("visits", "changes", "saturations")
"""Counters that every target has besides, of a network that learns."""


@explained(ProgramError)
@dataclass(frozen=True, eq=False, kw_only=True)
class Trace:
    """What one run of a target produced.

    Traces are equal (`==`) where what any two targets must agree on is: first step, neurons, spikes, and the counters
    of `COUNTED` and, of networks that learn, of `LEARN_COUNTED`, as far as both have them. Which target ran, what else
    it counted, and which states and probes the run was asked to keep do not matter; `differences` compares those too.
    A chip tells the spikes of outputs alone, so its traces equal those of others where every neuron is an output.
    """

    ran_on: str
    """Name of the target that ran it: reference, emulator, array, rtl, board."""
    first: int
    """Number of the first step."""
    neurons: int
    """Neurons of the network."""
    spikes: IntArray
    """Shape (spikes, 2): step and neuron, ascending."""
    counters: dict[str, IntArray]
    """Per step, shape (steps,): those of `COUNTED`, and what else a target counts."""
    states: list[State] = field(default_factory=list)
    """The state at the end of each step, where the run was asked to keep it."""
    probes: dict[str, IntArray] = field(default_factory=dict)
    """State fields of the neurons that the run was asked to record, shape (steps, neurons) each."""

    @property
    def steps(self) -> int:
        """Number of steps."""
        return len(self.counters["synops"])

    def spikes_per_step(self) -> Iterator[IntArray]:
        """The neurons that fired, step by step."""
        bounds = np.searchsorted(self.spikes[:, 0], np.arange(self.first, self.first + self.steps + 1))
        for begin, stop in pairwise(bounds):
            yield self.spikes[begin:stop, 1]

    def raster(self, neurons: npt.ArrayLike | None = None) -> BoolArray:
        """Whether each neuron fired in each step.

        Args:
            neurons: which; None is all.

        Returns:
            bool of shape (steps, neurons).

        Raises:
            ProgramError: a number that is none of a neuron.
        """
        chosen = None if neurons is None else self.numbers(neurons)
        whole = np.zeros((self.steps, self.neurons), dtype=bool)
        whole[self.spikes[:, 0] - self.first, self.spikes[:, 1]] = True
        return whole if chosen is None else whole[:, chosen]

    def counts(self, neurons: npt.ArrayLike | None = None) -> IntArray:
        """How often each of `neurons` fired, shape (len(neurons),); None is all.

        Raises:
            ProgramError: as `raster`.
        """
        counts: IntArray = np.bincount(self.spikes[:, 1], minlength=self.neurons)
        return counts if neurons is None else counts[self.numbers(neurons)]

    def first_spikes(self, neurons: npt.ArrayLike | None = None) -> FloatArray:
        """When each neuron fired first, in steps from the first of the run, shape (neurons,); infinity is never.

        Args:
            neurons: which; None is all.

        Raises:
            ProgramError: as `raster`.
        """
        first = np.full(self.neurons, np.inf)
        step, neuron = self.spikes[::-1].T
        first[neuron] = step - self.first
        return first if neurons is None else first[self.numbers(neurons)]

    def total(self, counter: str) -> int:
        """Sum of a counter over the run.

        Raises:
            ProgramError: the run did not count that.
        """
        if counter not in self.counters:
            raise ProgramError(unknown("counter", counter, self.counters))
        return int(self.counters[counter].sum())

    def differences(self, other: "Trace", neurons: npt.ArrayLike | None = None) -> list[Difference]:
        """The first difference of each field from another run of the same network, the earliest first.

        Compared are spikes, and the counters of `COUNTED` and `LEARN_COUNTED`, states and probes that both traces have.

        Args:
            other: what is right.
            neurons: whose spikes to compare; None is all. The outputs, where one of the two is the trace of a chip.

        Returns:
            empty where the traces agree.

        Raises:
            MismatchError: the traces are of other steps, neurons or probes, and cannot be compared.
        """
        if (self.first, self.steps, self.neurons) != (other.first, other.steps, other.neurons):
            raise MismatchError(
                f"traces to compare must be of the same steps and neurons, not {self._extent()} and {other._extent()}"
            )
        mine, theirs = (trace.spikes for trace in (self, other))
        if neurons is not None:
            mine, theirs = (spikes[np.isin(spikes[:, 1], neurons)] for spikes in (mine, theirs))
        found = [first_spike(mine, theirs)]
        if self.states and other.states:
            for spec in (*STATE_FIELDS, *(LEARNING_STATE if self.states[0].learns else ())):
                got, wanted = ((getattr(state, spec.name) for state in trace.states) for trace in (self, other))
                of = spec.of.value if isinstance(spec, LearningField) else "neuron"
                found.append(first_of(spec.name, self.first, got, wanted, of=of))
            for name in ("learned", "modulators"):
                got, wanted = ((np.array(getattr(s, name)) for s in trace.states) for trace in (self, other))
                found.append(first_of(name, self.first, got, wanted, of="place"))
        for name in sorted(self.probes.keys() & other.probes.keys()):
            if self.probes[name].shape != other.probes[name].shape:
                raise MismatchError(f"traces to compare must have probed '{name}' of as many neurons each")
            found.append(first_of(f"probe of {name}", self.first, self.probes[name], other.probes[name]))
        for name in self._compared(other):
            found.append(first_of(f"counter {name}", self.first, self.counters[name], other.counters[name]))
        return in_order(found)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Trace):
            return NotImplemented
        return (self.first, self.neurons) == (other.first, other.neurons) and all(
            np.array_equal(*pair)
            for pair in (
                (self.spikes, other.spikes),
                *((self.counters[name], other.counters[name]) for name in self._compared(other)),
            )
        )

    def _compared(self, other: "Trace") -> list[str]:
        """The counters that both must agree on: a chip counts for a trace what it is asked for."""
        return [name for name in (*COUNTED, *LEARN_COUNTED) if name in self.counters and name in other.counters]

    def hashes(self) -> list[str]:
        """The hash of each step: SHA-256 over the hash before it, its spikes and all state at its end.

        The playground shows the same for what runs in a browser.

        Returns:
            64 hexadecimal digits each.

        Raises:
            ProgramError: the run did not keep its states.
        """
        if len(self.states) != self.steps:
            raise ProgramError("a hash is of spikes and states: run with keep_states=True")
        return [each.hex() for each in trace_hash.hashes(self.first, self.spikes_per_step(), self.states)]

    def hash(self) -> str:
        """The hash of the last step, which is that of the whole run; see `hashes`.

        Raises:
            ProgramError: as `hashes`.
        """
        return [trace_hash.START.hex(), *self.hashes()][-1]

    def save(self, path: str | Path) -> None:
        """Write the trace to an .npz file.

        Raises:
            OSError: it cannot be written; an older file of the name is untouched then.
        """
        header = {"ran_on": self.ran_on, "first": self.first, "neurons": self.neurons}
        arrays = trace_file.arrays(self.spikes, self.counters, self.probes, self.states)
        Archive(path=Path(path), format=trace_file.FORMAT, header=header, arrays=arrays).save()

    @classmethod
    def load(cls, path: str | Path) -> "Trace":
        """Read a trace that `save` wrote. The file may be anything: all of it is checked.

        Raises:
            FormatError: it is no trace, cut short, of another version, or damaged; names what is wrong.
        """
        archive = Archive.load(path, trace_file.FORMAT)
        trace = cls(**trace_file.arguments(archive, COUNTED))
        archive.check_read()
        return trace

    def plot(self, neurons: npt.ArrayLike | None = None) -> "Picture":
        """A figure of Matplotlib: a raster of spikes, membranes where the run kept any, and spikes per step.

        Args:
            neurons: whose spikes, and of the first few of which the membranes; None is all.
        """
        from ganglion.model.spec.drawing import draw_run

        which = np.arange(self.neurons) if neurons is None else np.atleast_1d(self.numbers(neurons))
        membranes: dict[str, IntArray] = {}
        if self.states:
            shown = which[:MEMBRANES].tolist()
            membranes = {f"neuron {n}": np.array([state.v[n] for state in self.states]) for n in shown}
        elif "v" in self.probes:
            membranes = {f"probe {k}": values for k, values in enumerate(self.probes["v"].T[:MEMBRANES])}
        spikes = self.spikes[np.isin(self.spikes[:, 1], which)]
        return draw_run(f"{self.ran_on}: {self._extent()}", self.first, self.steps, spikes, membranes)

    def numbers(self, neurons: npt.ArrayLike) -> IntArray:
        """Numbers of neurons, checked.

        Raises:
            ProgramError: one is none of a neuron.
        """
        numbers = np.asarray(neurons)
        if numbers.size and numbers.dtype.kind not in "iu":
            raise ProgramError(f"neurons are whole numbers, not {described(neurons)}")
        wrong = numbers[(numbers < 0) | (numbers >= self.neurons)]
        if wrong.size:
            raise ProgramError(f"there is no neuron {wrong.flat[0]}; the network has neurons 0 to {self.neurons - 1}")
        return numbers.astype(np.int64)

    def _extent(self) -> str:
        return f"{self.steps} steps from {self.first}, {self.neurons} neurons"

    def __repr__(self) -> str:
        return f"<Trace of {self.ran_on}, {self._extent()}, {len(self.spikes)} spikes>"

    def _repr_html_(self) -> str:
        title = f"Trace of {self.ran_on}: {self._extent()}, {len(self.spikes):,} spikes"
        at = self.spikes - np.array([self.first, 0])
        totals = ((name, f"{int(values.sum()):,}") for name, values in self.counters.items())
        return html.block(title, html.raster(at, self.steps, self.neurons), html.table(totals, ("counter", "total")))


def bare_trace(ran_on: str, first: int, neurons: int, spikes: IntArray, counters: dict[str, IntArray]) -> Trace:
    """As `Trace(…)` without states and probes, in a third of the time, which for `Trace(…)` is that of ten steps of a
    small network."""
    trace = object.__new__(Trace)
    vars(trace).update(
        ran_on=ran_on, first=first, neurons=neurons, spikes=spikes, counters=counters, states=[], probes={}
    )
    return trace
