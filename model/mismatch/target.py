"""A target that is a worse chip: what it is told is distorted on its way to another target."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from ganglion.model.mismatch.distortion import Distortion
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.events import Events
from ganglion.model.spec.explained import explained
from ganglion.model.spec.limits import Limits
from ganglion.model.spec.program import Program
from ganglion.model.spec.state import State
from ganglion.model.spec.target import Target
from ganglion.model.spec.trace import Trace
from ganglion.model.upsets import WEIGHT, upset


@explained(ProgramError)
class Mismatch(Target):
    """A target with a `Distortion`: wrong in the same way wherever it runs, so a result can be repeated anywhere.

    What it is told is what its user reads again: weights, thresholds and biases come back as they were written, as they
    do from a chip whose digital part is right and whose analogue part is not. State is that of the worse chip.

    Args:
        program: as it was meant.
        distortion: of a chip that holds it.
        make: makes the target underneath from the program as the chip has it: `Emulator`, `Reference`, `Rtl` …

    Raises:
        ProgramError: the distortion is of another network, or needs neuron types that the chip has not.
    """

    name = "chip with mismatch"
    learns_not = "what it is told as weights is distorted once, and would not be told what they become"

    def __init__(self, program: Program, distortion: Distortion, make: Callable[[Program], Target]) -> None:
        distortion.check(program)
        super().__init__(program)
        self.distortion = distortion
        self._bounds = Limits.of(program).fields
        self._told = program.weight.copy()
        self._constants = {name: getattr(program, name).copy() for name in ("threshold", "bias", "type")}
        self._writes = self._runs = self._struck = 0
        types, self._type = distortion.types(program)
        self._divided = self._type is not program.type
        everyone = np.arange(program.neurons)
        self.inner = make(
            program.replace(
                weight=self._distorted(np.arange(program.synapses), program.weight),
                types=types,
                type=self._type,
                **{
                    name: distortion.offset(name, everyone, getattr(program, name), self._bounds[name])
                    for name in ("threshold", "bias")
                },
            )
        )
        self.name = f"{self.inner.name} with mismatch"

    @property
    def t(self) -> int:
        return self.inner.t

    def place_of(self, neuron: int) -> str:
        return self.inner.place_of(neuron)

    def close(self) -> None:
        self.inner.close()

    def _distorted(self, synapses: IntArray, values: IntArray) -> IntArray:
        """The weights that a write of these values leaves."""
        noise = self.distortion.write_noise
        if noise:
            self._writes += 1
            values = values + _draws(self.distortion.seed, 1, self._writes, synapses, noise)
        return self.distortion.weights(synapses, values, self._program.params.weight_bits)

    def _jittered(self, events: Events) -> Events:
        """The events as they reach the chip, each up to `jitter` steps early or late, and none outside the run."""
        self._runs += 1
        jitter = self.distortion.jitter
        if not jitter or not events.axon.size:
            return events
        step = np.repeat(np.arange(events.steps), np.diff(events.start))
        event = np.arange(step.size)
        moved = np.clip(step + _draws(self.distortion.seed, 2, self._runs, event, jitter), 0, events.steps - 1)
        order = np.argsort(moved, kind="stable")
        count = np.bincount(moved, minlength=events.steps)
        return Events(events.axon[order], np.concatenate(([0], np.cumsum(count))))

    def _strike(self) -> None:
        """Invert bits of weights, as many as the distortion says."""
        distortion, program = self.distortion, self._program
        if not distortion.upsets or not program.synapses:
            return
        self._struck += 1
        numbers = np.arange(2 * distortion.upsets)
        place = _draws(distortion.seed, 3, self._struck, numbers, 1 << 40) + (1 << 40)
        synapses, bits = place[::2] % program.synapses, place[1::2] % program.params.weight_bits
        for synapse, bit in zip(synapses.tolist(), bits.tolist(), strict=True):
            upset(self.inner, WEIGHT, synapse, bit)

    def _run(self, events: Events, keep_states: bool, probes: Mapping[str, IntArray]) -> Trace:
        self._strike()
        return self._own(self.inner.run(self._jittered(events), keep_states=keep_states, probes=probes))

    def _run_batch(self, samples: Sequence[Events], probes: Mapping[str, IntArray]) -> list[Trace]:
        self._strike()
        traces = self.inner.run_batch([self._jittered(events) for events in samples], probes=probes)
        return [self._own(trace) for trace in traces]

    def _own(self, trace: Trace) -> Trace:
        return replace(trace, ran_on=self.name)

    def _reset(self) -> None:
        self.inner.reset()

    def _read(self, field: str, neurons: IntArray | None) -> IntArray:
        if field not in self._constants:
            return self.inner.read(field, neurons)
        values = self._constants[field]
        return np.array(values if neurons is None else values[neurons])

    def _write(self, field: str, neurons: IntArray, values: IntArray) -> None:
        if field == "type" and self._divided:
            raise ProgramError("the leaks of this chip differ from neuron to neuron, so their types cannot be written")
        limits = self._bounds.get(field, (0, 0))
        self.inner.write(field, neurons, self.distortion.offset(field, neurons, values, limits))
        if field in self._constants:
            self._constants[field][neurons] = values

    def _weights(self, synapses: IntArray | None) -> IntArray:
        return self._told.copy() if synapses is None else self._told[synapses]

    def _write_weights(self, synapses: IntArray, values: IntArray) -> None:
        self.inner.write_weights(synapses, self._distorted(synapses, values))
        self._told[synapses] = values

    def _write_delays(self, program: Program) -> None:
        self.inner.write_delays(np.arange(program.synapses), program.delay)

    def state(self) -> State:
        return self.inner.state()

    def _load_state(self, state: State) -> None:
        self.inner.load_state(state)


def _draws(seed: int, use: int, count: int, numbers: IntArray, most: int) -> IntArray:
    """Whole numbers from -most to most, a function of all that is given: SplitMix64's finaliser (Steele et al. 2014).

    Args:
        seed: of the distortion.
        use: what the numbers are for: different uses are independent.
        count: how often it has been used.
        numbers: shape (n,), each gets a draw.
        most: the greatest magnitude.
    """
    word = np.uint64
    with np.errstate(over="ignore"):
        state = word(seed % (1 << 64)) * word(0x9E3779B97F4A7C15) + word(use) * word(0xD1B54A32D192ED03)
        mixed = _finalised(_finalised(state + word(count)) + numbers.astype(np.uint64))
    return (mixed % word(2 * most + 1)).astype(np.int64) - most


def _finalised(words: np.uint64 | np.ndarray) -> np.ndarray:
    mixed = np.asarray(words, dtype=np.uint64)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
