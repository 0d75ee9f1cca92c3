"""From a `Network` whose numbers are whole already to the `Program` that has them, with nothing scaled or rounded."""

import numpy as np

from ganglion.model.compiler.network.network import Network
from ganglion.model.compiler.quantize.flat import flatten, name_of
from ganglion.model.compiler.quantize.plan import plan
from ganglion.model.compiler.quantize.rounding import round_to_program
from ganglion.model.spec.arithmetic import signed_range
from ganglion.model.spec.arrays import FloatArray
from ganglion.model.spec.errors import NetworkError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program


@explained(NetworkError)
def exact_program(network: Network, params: Params, *, seed: int = 0) -> Program:
    """A network in the units of the chip as a program, number for number.

    Args:
        network: its weights, thresholds, biases, resets and raises are whole numbers in the fields of the chip, and its
            decays multiples of 2^-decay_bits.
        params: widths of the arithmetic.
        seed: of the program's noise.

    Raises:
        NetworkError: a number that the chip has not; the message names the population and says which. Such a network is
            for `quantize`.
    """
    flat = flatten(network)
    membranes = signed_range(params.membrane_bits)
    for field, values, (low, high), neuron in (
        ("weight", flat.weight, signed_range(params.weight_bits), flat.post_neuron),
        ("threshold", np.where(flat.spiking, flat.threshold, 0), membranes, None),
        ("bias", flat.bias, signed_range(params.bias_bits), None),
        ("v_reset", flat.v_reset, membranes, None),
        ("adaptation_raise", flat.adaptation_raise, signed_range(max(1, params.adaptation_bits)), None),
    ):
        wrong = np.flatnonzero((values != np.rint(values)) | (values < low) | (values > high))
        if wrong.size:
            at = int(wrong[0])
            raise NetworkError(
                f"population '{name_of(flat, at if neuron is None else int(neuron[at]))}' has {field} "
                f"{values[at]:g}; without quantize it must be a whole number from {low} to {high}"
            )
    for field in ("decay", "current_decay", "adaptation_decay"):
        fractions: FloatArray = getattr(flat, field)
        steps = fractions * 2.0**params.decay_bits
        wrong = np.flatnonzero(steps != np.rint(steps))
        if wrong.size:
            raise NetworkError(
                f"population '{name_of(flat, int(wrong[0]))}' has {field} {fractions[wrong[0]]:g}; without "
                f"quantize it must be a multiple of 2^-{params.decay_bits}"
            )
    return round_to_program(network, flat, plan(network, flat, params), np.ones(flat.neurons), params, seed)
