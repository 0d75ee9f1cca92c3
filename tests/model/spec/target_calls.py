"""Random calls of a target, good ones and mistakes, for tests that every target answers them alike."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ganglion.model.spec.errors import GanglionError
from ganglion.model.spec.events import Events
from ganglion.model.spec.limits import PROBED, READABLE, Limits
from ganglion.model.spec.program import Program
from ganglion.model.spec.state import State
from ganglion.model.spec.target import Target
from ganglion.model.spec.trace import COUNTED, LEARN_COUNTED, Trace

Call = tuple[str, tuple[Any, ...], dict[str, Any]]
"""Name of a method, and its arguments."""

COMPARED = (*COUNTED, *LEARN_COUNTED)
"""Counters that all targets must agree on."""

MISTAKES = 0.15
"""Share of arguments that are wrong."""

STRANGE: tuple[Any, ...] = (
    None, True, -1, 1 << 70, 0.5, float("nan"), "v", "", b"v", [], {}, (), [[]], [None], {"v": None}, {"v": "w"},
    {0: [0]}, [0, [1]], range(2), object(), 1j, np.array([]), np.array([0.0, 1.0]), np.array([True, False]),
    np.array([0, 1], "u1"), np.array([1 << 63], "u8"), np.array(0), np.zeros((1, 1), int), np.array(["0"]),
    np.array([np.nan]), np.array([None]), np.array([0], ">i4"), np.datetime64(0, "s"),
    np.ma.masked_array([0], [True]), Events.from_steps([[0]]),
)  # fmt: skip
"""What is an argument of some call, and of most calls none."""

ARGUMENTS = {
    "run": 1, "step": 1, "run_batch": 1, "read": 2, "write": 3, "weights": 1, "write_weights": 2, "write_delays": 2,
    "load_state": 1,
}  # fmt: skip
"""Methods, and how many arguments they take."""

RIGHT: dict[str, tuple[Any, ...]] = {
    "read": ("v", 0), "write": ("v", 0, 0), "write_weights": (0, 0), "write_delays": (0, 1), "write_tags": (0, 0),
}  # fmt: skip
"""Arguments of some of them that most networks can take."""


class Caller:
    """Draws calls for the targets of a program."""

    def __init__(self, program: Program, seed: int) -> None:
        self.program = program
        self.limits = Limits.of(program)
        self._rng = np.random.default_rng(seed)

    def calls(self, count: int) -> Iterator[Call]:
        """So many calls; the last one tells all state."""
        kinds = self._kinds()
        for _ in range(count):
            yield kinds[self._rng.integers(len(kinds))]()
            yield ("counters", (), {})
        yield ("state", (), {})

    def _kinds(self) -> list[Callable[[], Call]]:
        return [
            self._run, self._run, self._batch, self._read, self._write, self._write, self._weights,
            self._write_weights, self._write_delays, self._load_state, self._reset, self._step, self._strange,
        ]  # fmt: skip

    def _strange(self) -> Call:
        """Anything, as the arguments of a method; of one argument most often, when the others are right."""
        name = str(self._rng.choice(list(self._arguments())))
        right = RIGHT.get(name)
        drawn = [STRANGE[k] for k in self._rng.integers(0, len(STRANGE), self._arguments()[name])]
        if right is not None and self._rng.random() < 0.7:
            at = self._rng.integers(len(right))
            drawn = [*right[:at], drawn[at], *right[at + 1 :]]
        named = {}
        if name in ("run", "run_batch") and self._rng.random() < 0.7:
            drawn = [Events.from_steps([[]]) if name == "run" else []]
            named = {"probes": STRANGE[self._rng.integers(len(STRANGE))]}
        return name, tuple(drawn), named

    def _arguments(self) -> dict[str, int]:
        return ARGUMENTS

    def _step(self) -> Call:
        return "step", (self._numbers(0, self.program.inputs - 1),), {}

    def _slips(self) -> bool:
        return bool(self._rng.random() < MISTAKES)

    def _numbers(self, low: int, high: int) -> Any:
        """One number of a range, or several, seldom with one that is not."""
        size = self._rng.integers(0, 5)
        numbers: Any = self._rng.integers(low, max(low, high) + 1, size)
        if self._slips():
            wrong: list[Any] = [low - 1, high + 1, 10**30, 0.5, "one", None, [low, [high]], True, np.array([0.0])]
            return wrong[self._rng.integers(len(wrong))]
        if self._slips() and size:
            numbers[-1] = high + 1
        if self._rng.random() < 0.3 and size:
            return int(numbers[0])
        return [numbers, numbers.tolist(), numbers.astype(np.int32)][self._rng.integers(3)]

    def _like(self, numbers: Any, low: int, high: int) -> Any:
        """As many numbers of a range as there are of others, or one; seldom another count, or one out of range."""
        size = np.size(np.asarray(numbers, dtype=object))
        values: Any = self._rng.integers(low, high + 1, size + int(self._slips()))
        if self._slips() and values.size:
            values[0] = low - 1
        return values if self._rng.random() < 0.8 else self._numbers(low, high)

    def _field(self, known: tuple[str, ...]) -> str:
        names = (*known, "number", "w", "accumulators") if self._slips() else known
        return str(self._rng.choice(names))

    def _events(self) -> Events:
        inputs, steps = self.program.inputs, int(self._rng.integers(0, 6))
        lists = [self._rng.integers(0, inputs, self._rng.integers(0, 4)) if inputs else [] for _ in range(steps)]
        events = Events.from_steps(lists)
        if self._slips() and events.axon.size:
            events.axon[-1] = (inputs, -1)[self._rng.integers(2)]
        if self._slips() and steps:
            return Events(events.axon, events.start[::-1])
        return events

    def _run(self) -> Call:
        return "run", (self._events(),), {"keep_states": bool(self._rng.integers(2)), "probes": self._probes()}

    def _probes(self) -> Any:
        return {self._field(PROBED): self._numbers(0, self.program.neurons - 1) for _ in range(3)}

    def _batch(self) -> Call:
        return "run_batch", ([self._events() for _ in range(3)],), {"probes": self._probes() if self._slips() else None}

    def _read(self) -> Call:
        neurons = None if self._rng.random() < 0.3 else self._numbers(0, self.program.neurons - 1)
        return "read", (self._field(READABLE), neurons), {}

    def _write(self) -> Call:
        field = self._field(READABLE)
        neurons = self._numbers(0, self.program.neurons - 1)
        return "write", (field, neurons, self._like(neurons, *self.limits.fields.get(field, (0, 1)))), {}

    def _weights(self) -> Call:
        return "weights", (None if self._rng.random() < 0.5 else self._numbers(0, self.program.synapses - 1),), {}

    def _write_weights(self) -> Call:
        synapses, half = self._numbers(0, self.program.synapses - 1), 1 << (self.program.params.weight_bits - 1)
        return "write_weights", (synapses, self._like(synapses, -half, half - 1)), {}

    def _write_delays(self) -> Call:
        synapses = self._numbers(0, self.program.synapses - 1)
        return "write_delays", (synapses, self._like(synapses, 1, self.program.params.delay_slots - 1)), {}

    def _load_state(self) -> Call:
        params, slots = self.program.params, self.program.params.delay_slots
        state = State.zeros(self.program.neurons, slots)
        step = int(self._rng.choice([0, 1, slots, 1000, -1 if self._slips() else 7]))
        for name, array in state.arrays().items():
            low, high = self.limits.fields.get(name, (0, 0))
            if name == "accumulators":
                low, high = (-(2 << params.accumulator_bits), (2 << params.accumulator_bits) - 1)
            array[:] = self._rng.integers(low, high + 1, array.shape) if self._rng.random() < 0.7 else 0
            if self._rng.random() < MISTAKES / 4:
                array.flat[-1] = high + 1
        if self._rng.random() < MISTAKES / 4:
            state = State({**state.arrays(), "v": state.v[:-1]})
        return "load_state", (State(state.arrays(), step=step),), {}

    def _reset(self) -> Call:
        return "reset", (), {}


def answer(target: Target, call: Call) -> Any:
    """What a target answers, in plain values; or its complaint."""
    method, arguments, named = call
    try:
        answered = getattr(target, method)(*arguments, **named)
        if method == "step":
            return [neuron for neuron in answered if neuron in target.program.outputs]
        return plain(answered, target.program)
    except GanglionError as error:
        return f"{type(error).__name__}: {error}"


def plain(value: Any, program: Program) -> Any:
    """What every target must answer alike, as plain values: of spikes, those of outputs."""
    if isinstance(value, Trace):
        spikes = value.spikes[np.isin(value.spikes[:, 1], program.outputs)]
        counters = {name: value.counters[name].tolist() for name in COMPARED if name in value.counters}
        states = [plain(state, program) for state in value.states]
        return value.first, spikes.tolist(), counters, states, {k: v.tolist() for k, v in value.probes.items()}
    if isinstance(value, State):
        arrays = {name: array.tolist() for name, array in value.arrays().items()}
        return value.step, value.learned, value.modulators, arrays
    if isinstance(value, dict):
        return {name: value[name] for name in COMPARED if name in value}
    if isinstance(value, np.ndarray):
        return value.dtype, value.tolist()
    return [plain(entry, program) for entry in value] if isinstance(value, list) else value
