"""Random calls of targets that learn, beside those of all targets."""

from collections.abc import Callable

import numpy as np

from ganglion.model.spec.learning_fields import LEARNING_STATE, Of
from ganglion.model.spec.state import State
from ganglion.model.spec.target import Target
from tests.model.spec.target_calls import Call, Caller


class LearningCaller(Caller):
    """Draws calls for targets of a program that learns, of which one tells how far they all are."""

    def __init__(self, target: Target, seed: int) -> None:
        super().__init__(target.program, seed)
        self.target = target

    def _kinds(self) -> list[Callable[[], Call]]:
        return [
            *super()._kinds(), self._run, self._run, self._switch, self._modulate, self._tags, self._write_tags,
            self._write_tags, self._rewire,
        ]  # fmt: skip

    def _arguments(self) -> dict[str, int]:
        return {**super()._arguments(), "tags": 1, "write_tags": 2, "rewire": 1}

    def _switch(self) -> Call:
        value = self._rng.choice(np.array([None, 2, "no", 0.5, [True]], dtype=object)) if self._slips() else None
        return "__setattr__", ("learning", bool(self._rng.random() < 0.8) if value is None else value), {}

    def _modulate(self) -> Call:
        half = 1 << (self.program.params.modulator_bits - 1)
        names = self._rng.choice(["r0", "r1", "r2"] if self._slips() else ["r0", "r1"], self._rng.integers(0, 3))
        return "modulate", (), {str(n): int(self._rng.integers(-half, half + int(self._slips()))) for n in names}

    def _tags(self) -> Call:
        return "tags", (None if self._rng.random() < 0.5 else self._numbers(0, self.program.synapses - 1),), {}

    def _write_tags(self) -> Call:
        ruled, half = self.target.program.ruled, 1 << (self.program.params.tag_bits - 1)
        synapses = self._numbers(0, self.program.synapses - 1)
        if ruled.size and not self._slips():
            synapses = self._rng.choice(ruled, self._rng.integers(0, 4))
        return "write_tags", (synapses, self._like(synapses, -half, half - 1)), {}

    def _rewire(self) -> Call:
        program = self.target.program
        chosen = self._rng.permutation(program.synapses)[: self._rng.integers(0, 4)]
        last = program.inputs + self.limits.neurons - 1
        ends = {"pre": (0, last), "post": (program.inputs, last)}
        changed = [name for name in ends if self._rng.random() < 0.6]
        return "rewire", (chosen,), {name: self._like(chosen, *ends[name]) for name in changed}

    def _load_state(self) -> Call:
        """The state that the targets are in, with a field of learning that is another."""
        state, program = self.target.state().copy(), self.target.program
        spec = LEARNING_STATE[self._rng.integers(len(LEARNING_STATE))]
        array, field = getattr(state, spec.name), spec.field(program.params)
        values = self._rng.integers(field.low, field.high + 1, array.shape)
        if spec.name == "w" and program.learning is not None:
            rules = program.rule[program.ruled] - 1
            low, high = np.array([rule.clip(program.params) for rule in program.learning.rules])[rules].reshape(-1, 2).T
            values = np.clip(values, low, high)
        if spec.name == "xg":
            values = values % program.params.trace_ages
        if spec.of is Of.SOURCE and not self._slips():
            values[np.setdiff1d(np.arange(values.size), program.pre[program.ruled])] = 0
        if self._slips() and values.size:
            values.flat[-1] = field.high + 1
        arrays = {**state.arrays(), spec.name: values}
        learned = int(self._rng.choice([0, state.learned, 1000]))
        return "load_state", (State(arrays, step=state.step, learned=learned, modulators=state.modulators),), {}
