"""From a connectome to a program, and to a chip that is large enough for it.

How their step becomes ours. Theirs, for every neuron and then for all synapses:

    if refractory > 0:  refractory -= 1
    elif V > threshold: spike;  V = 0 (or V - threshold);  refractory = period
    else:               V = V - (V >> leak) + noise
    V += weights that arrive, unless refractory > 0

Ours tests in the update what theirs leaves in V at the end of the step before, and leaks at the beginning of the next
update where theirs leaks at the end of this one. So V after their step t is what our update of step t + 1 compares:

    V = v - (v >> leak) + accumulator of slot t + 1 + bias        V = v where refractory > 0

The bias is the noise of their step t, which the host writes (`noise.py`). A reset to 0 stays 0 however it leaks, so
that it does not matter that ours leaks after a spike and theirs does not; a reset by subtraction leaves what would
leak, which is why only neurons that never leak may have it.
"""

import numpy as np

from ganglion.model.interchange.cri.connectome import Connectome
from ganglion.model.interchange.cri.neuron import NO_LEAK, Kind, Neuron
from ganglion.model.spec.arithmetic import lowest_terms, signed_range
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.decay import AT_ONCE, NEVER, Decay
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.packets import ROW_BITS
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program
from ganglion.model.spec.state import State

MEMBRANE_BITS = 36

LANES = 4


def build_program(connectome: Connectome, params: Params | None = None) -> Program:
    """The program that does what the connectome means.

    Args:
        connectome: the network.
        params: the chip; None makes one core that is large enough.

    Raises:
        ProgramError: a neuron that the chip cannot be; names its key, or its number, and the parameter.
    """
    numbers: dict[NeuronType, int] = {}
    type_of = [
        numbers.setdefault(neuron_type(f"neuron {key!r}", neuron), len(numbers))
        for key, neuron in zip(connectome.numbers, connectome.neurons, strict=True)
    ]
    noisy = [number for number, neuron in enumerate(connectome.neurons) if neuron.noisy]
    return Program.build(
        params=params or chip_for(connectome, len(numbers)),
        types=tuple(numbers),
        threshold=[neuron.threshold for neuron in connectome.neurons],
        type=type_of,
        inputs=len(connectome.axons),
        pre=connectome.source,
        post=len(connectome.axons) + connectome.target,
        weight=connectome.weight,
        delay=1 + connectome.wait,
        # The host that draws the noise has to know who spiked.
        outputs=np.union1d(connectome.outputs, noisy).astype(np.int64),
    )


def neuron_type(name: str, neuron: Neuron) -> NeuronType:
    """The neuron type of a neuron.

    Args:
        name: what errors call it.
        neuron: its parameters.

    Raises:
        ProgramError: no type does exactly what it does.
    """
    if neuron.kind is Kind.ANN:
        decay = AT_ONCE
    elif neuron.kind is Kind.IF or neuron.leak >= NO_LEAK:
        decay = NEVER
    else:
        decay = Decay(1, neuron.leak)
    if neuron.soft_reset and decay != NEVER:
        raise ProgramError(
            f"{name}: soft reset of a neuron that leaks: what is left would leak once more than on their hardware; "
            f"use IF_neuron with soft_reset, or a leak of at least {NO_LEAK}"
        )
    return NeuronType(decay=decay, reset="subtract" if neuron.soft_reset else "value", refractory=neuron.refractory_max)


def chip_for(connectome: Connectome, types: int) -> Params:
    """One core with room for the network, if a packet can address as much. Sizes grow in powers of two, so that
    programs of like size share a chip."""
    slots = 2 if connectome.wait.max(initial=0) == 0 else 32
    rows = 1 << ROW_BITS
    neurons = _power_of_two(len(connectome.neurons), 256, min(65536, rows // slots))
    sources = len(connectome.axons) + len(connectome.neurons)
    words = int(sparse_words(connectome.source, connectome.target, sources).sum())
    return Params(
        name="hiaer",
        neurons=neurons,
        axons=_power_of_two(sources, 512, 65536),
        lanes=LANES,
        delay_slots=slots,
        synapse_words=_power_of_two(words, 4096, rows // LANES),
        fanout_entries=min(2 * neurons, 65536),
        types=_power_of_two(types, 16, 256),
        weight_bits=16,
        membrane_bits=MEMBRANE_BITS,
        accumulator_bits=MEMBRANE_BITS,
        bias_bits=MEMBRANE_BITS if any(neuron.noisy for neuron in connectome.neurons) else 2,
        refractory_bits=3,
        decay_bits=NO_LEAK - 1,
    )


def sparse_words(source: IntArray, target: IntArray, sources: int) -> IntArray:
    """Synapse words that a sparse row of each source takes, which the compiler may better: the entries of its fullest
    lane, shape (sources,)."""
    entries = np.bincount(source * LANES + target % LANES, minlength=sources * LANES)
    words: IntArray = entries.reshape(sources, LANES).max(axis=1)
    return words


def membranes(program: Program, state: State, step: int, bias: IntArray) -> IntArray:
    """What the update of `step`, which comes next, will compare with the thresholds, shape (neurons,).

    Args:
        program: the network.
        state: of the target, between two steps.
        step: number of the step that comes next.
        bias: shape (neurons,), of that update.
    """
    decays = np.array([lowest_terms(*each.decay) for each in program.types], dtype=np.int64)[program.type]
    arriving = state.accumulators[step % program.params.delay_slots]
    low, high = signed_range(program.params.membrane_bits)
    exact = state.v - ((state.v * decays[:, 0]) >> decays[:, 1]) + arriving + bias
    values: IntArray = np.where(state.refractory > 0, state.v, np.clip(exact, low, high))
    return values


def _power_of_two(count: int, least: int, most: int) -> int:
    return min(max(least, 1 << max(0, count - 1).bit_length()), most)
