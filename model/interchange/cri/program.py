"""From a connectome to a program, and to a chip that is large enough for it.

How their step becomes ours. Theirs, for every neuron and then for all synapses:

    if refractory > 0:  refractory -= 1
    elif V > threshold: spike;  V = 0 (or V - threshold);  refractory = period
    else:               V -= V >> leak
    V += weights that arrive, unless refractory > 0

Ours tests in the update what theirs leaves in V at the end of the step before, and leaks at the beginning of the next
update where theirs leaks at the end of this one. So V after their step t is what our update of step t + 1 compares:

    V = v - (v >> leak) + accumulator of slot t + 1        V = v where refractory > 0

A reset to 0 stays 0 however it leaks, so that it does not matter that ours leaks after a spike and theirs does not;
a reset by subtraction leaves what would leak, which is why only neurons that never leak may have it.
"""

import numpy as np

from ganglion.model.interchange.cri.connectome import Connectome
from ganglion.model.interchange.cri.models import NO_NOISE, ANN_neuron, IF_neuron, neuron_model
from ganglion.model.spec.arithmetic import lowest_terms
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.decay import AT_ONCE, NEVER, Decay
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.noise import noise_array
from ganglion.model.spec.noise_constants import NOISE_BITS
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program
from ganglion.model.spec.trace import State

MEMBRANE_BITS = 36

LONGEST_SHIFT = MEMBRANE_BITS - 1
"""A membrane has no more bits: shifts beyond this one take the same."""

LANES = 4


def build_program(connectome: Connectome, seed: int) -> Program:
    """The program that does what the connectome means.

    Raises:
        ProgramError: a neuron that no chip here can be; names its key and the parameter.
    """
    numbers: dict[NeuronType, int] = {}
    type_of = [
        numbers.setdefault(neuron_type(f"neuron {key!r}", model), len(numbers))
        for key, model in zip(connectome.neurons, connectome.models, strict=True)
    ]
    return Program.build(
        params=chip_for(connectome, len(numbers), any(each.noise for each in numbers)),
        types=tuple(numbers),
        threshold=[model.threshold for model in connectome.models],
        type=type_of,
        inputs=len(connectome.axons),
        pre=connectome.source,
        post=len(connectome.axons) + connectome.target,
        weight=connectome.weight,
        delay=1 + connectome.wait,
        outputs=connectome.outputs,
        seed=seed,
    )


def neuron_type(name: str, model: neuron_model) -> NeuronType:
    """The neuron type of a model.

    Args:
        name: what errors call the neuron.

    Raises:
        ProgramError: no type does exactly what the model does.
    """
    if isinstance(model, IF_neuron):
        decay = NEVER
    elif isinstance(model, ANN_neuron):
        decay = AT_ONCE
    else:
        decay = Decay(1, min(model.leak, LONGEST_SHIFT))
    if model.soft_reset and decay not in (NEVER, (1, LONGEST_SHIFT)):
        raise ProgramError(
            f"{name}: soft reset of a neuron that leaks: what is left would leak once more than on their hardware; "
            f"use IF_neuron with soft_reset, or a leak of at least {LONGEST_SHIFT}"
        )
    return NeuronType(
        decay=decay,
        reset="subtract" if model.soft_reset else "value",
        refractory=model.refractory_max,
        noise=model.shift - NO_NOISE if model.shift <= 0 else 0,
    )


def chip_for(connectome: Connectome, types: int, noise: bool) -> Params:
    """One core with room for the network. Sizes grow in powers of two, so that programs of like size share a chip."""
    neurons = _power_of_two(len(connectome.neurons), 256, 65536)
    sources = len(connectome.axons) + len(connectome.neurons)
    words = int(sparse_words(connectome.source, connectome.target, sources).sum())
    return Params(
        name="hiaer",
        neurons=neurons,
        axons=_power_of_two(sources, 512, 65536),
        lanes=LANES,
        delay_slots=2 if connectome.wait.max(initial=0) == 0 else 32,
        synapse_words=_power_of_two(words, 4096, 1 << 20),
        fanout_entries=min(2 * neurons, 65536),
        types=_power_of_two(types, 16, 256),
        weight_bits=16,
        membrane_bits=MEMBRANE_BITS,
        accumulator_bits=MEMBRANE_BITS,
        bias_bits=2 if all(model.shift <= 0 for model in connectome.models) else MEMBRANE_BITS,
        refractory_bits=3,
        decay_bits=LONGEST_SHIFT,
        noise=noise,
    )


def sparse_words(source: IntArray, target: IntArray, sources: int) -> IntArray:
    """Synapse words that a sparse row of each source takes, which the compiler may better: the entries of its fullest
    lane, shape (sources,)."""
    entries = np.bincount(source * LANES + target % LANES, minlength=sources * LANES)
    words: IntArray = entries.reshape(sources, LANES).max(axis=1)
    return words


def loud_noise(program: Program, neurons: IntArray, shifts: IntArray, step: int) -> IntArray:
    """Noise beyond the chip's 17 bits, which the host writes into biases: odd numbers of 17 bits, shifted left.

    Args:
        neurons: those whose model has a shift above 0.
        shifts: of each.
        step: the step whose update adds it.
    """
    noise: IntArray = (noise_array(program.seed, step, neurons, NOISE_BITS) | 1) << shifts
    return noise


def membranes(program: Program, state: State, step: int, bias: IntArray) -> IntArray:
    """What the update of `step`, which comes next, will compare with the thresholds, shape (neurons,).

    Args:
        state: of the target, between two steps.
        bias: shape (neurons,), of that update.
    """
    decays = np.array([lowest_terms(*each.decay) for each in program.types], dtype=np.int64)[program.type]
    bits = np.array([each.noise for each in program.types], dtype=np.int64)[program.type]
    arriving = state.accumulators[step % program.params.delay_slots]
    noise = noise_array(program.seed, step, np.arange(program.neurons), bits) if program.params.noise else 0
    high = (1 << (MEMBRANE_BITS - 1)) - 1
    exact = state.v - ((state.v * decays[:, 0]) >> decays[:, 1]) + arriving + bias + noise
    values: IntArray = np.where(state.refractory > 0, state.v, np.clip(exact, -high - 1, high))
    return values


def _power_of_two(count: int, least: int, most: int) -> int:
    return min(max(least, 1 << max(0, count - 1).bit_length()), most)
