"""Chips that several tests use."""

from ganglion.model.spec.params import Params

BYTES = Params(
    name="bytes",
    neurons=8,
    delay_slots=4,
    membrane_bits=8,
    accumulator_bits=8,
    bias_bits=8,
    current_bits=8,
    adaptation_bits=6,
    refractory_bits=3,
    noise=True,
)
"""Membranes, currents and accumulators hold -128 to 127, adaptations -32 to 31; D = 4. So sums wrap and membranes
saturate all the time."""
