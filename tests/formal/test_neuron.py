"""The update pipeline of a neuron against its definition, docs/reference/neurons.md."""

import pytest
from amaranth.hdl import Mux, Value

from ganglion.hdl.update.neuron import NeuronUpdate
from ganglion.model.spec.params import Params
from tests.formal.prove import prove
from tests.formal.spec import Spec

PLAIN = Params(
    neurons=2, types=2, weight_bits=4, membrane_bits=4, accumulator_bits=4, bias_bits=3, refractory_bits=2, decay_bits=2
)


@pytest.mark.parametrize("option", ["plain", "current", "adaptation"])
def test_the_pipeline_is_the_definition(option: str) -> None:
    """For a neuron in any state, of any type, with any constants and any input, and with any neurons before and behind
    it in the pipeline: the spike, and every bit of the next state, are those of the definition; `overflow` tells an
    input beyond its W bits.

    The definition is written out in exact numbers of ample width, with decays as divisions by 2^decay_bits that round
    down, and comparisons in place of bits. A factor is at most 2^decay_bits; a type without current has a current that
    never decays, as images have it; there is no noise.
    """
    params = PLAIN.replace(**({} if option == "plain" else {f"{option}_bits": 4}))
    spec = Spec(f"neuron_{option}")
    unit = spec.add(NeuronUpdate(params))
    state, constants, type_ = unit.state, unit.constants, unit.type

    def decayed(value: Value, factor: Value) -> Value:
        spec.assume(factor <= 1 << params.decay_bits)
        return value - (value * factor) // (1 << params.decay_bits)

    def nearest(value: Value, bits: int) -> Value:
        low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
        return Mux(value < low, low, Mux(value > high, high, value))

    half, modulus = 1 << (params.accumulator_bits - 1), 1 << params.accumulator_bits
    i = (unit.input + half) % modulus - half
    waits = state.refractory != 0
    u, limit = i, constants.threshold
    wanted = {}
    if option == "current":
        u = Mux(type_.current, nearest(decayed(state.u, type_.decay_u) + i, params.current_bits), i)
        spec.assume(type_.current | (type_.decay_u == 0))
        wanted["u"] = Mux(type_.current & ~waits, u, state.u)
    if option == "adaptation":
        a = decayed(state.a, type_.decay_a)
        limit = limit + a
    v = nearest(decayed(state.v, type_.decay_v) + u + constants.bias, params.membrane_bits)
    spikes = ~waits & (v > limit)
    lowered = nearest(v - constants.threshold, params.membrane_bits)
    wanted["v"] = Mux(waits, state.v, Mux(spikes, Mux(type_.subtract, lowered, type_.v_reset), v))
    wanted["refractory"] = Mux(waits, state.refractory - 1, Mux(spikes, type_.refractory, 0))
    if option == "adaptation":
        raised = nearest(a + type_.raise_a, params.adaptation_bits)
        wanted["a"] = Mux(waits, state.a, Mux(spikes, raised, a))

    def then(value: Value) -> Value:
        return spec.before(value, unit.LATENCY)

    valid = then(unit.valid)
    spec.claim("overflow tells an input beyond its bits", unit.overflow == (unit.valid & (i != unit.input)))
    spec.claim("done follows valid", unit.done == valid)
    spec.claim("it spikes where the definition does", unit.spike == (valid & then(spikes)))
    for field, value in wanted.items():
        spec.claim(f"the next {field} is the definition's", ~valid | (unit.next_state[field] == then(value)))
    prove(spec, depth=unit.LATENCY + 1)
