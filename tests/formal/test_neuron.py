"""The update pipeline of a neuron against its definition, docs/reference/neurons.md."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from amaranth.hdl import Module, Mux, Signal, Value, signed, unsigned
from amaranth.lib import wiring

from ganglion.hdl.update.neuron import NeuronUpdate
from ganglion.model.spec.noise_constants import NOISE_BITS
from ganglion.model.spec.params import PRESETS, Params
from tests.formal.prove import prove
from tests.formal.spec import Claim, Spec, registers

PLAIN = Params(
    neurons=2, types=2, weight_bits=4, membrane_bits=4, accumulator_bits=4, bias_bits=3, refractory_bits=2, decay_bits=2
)

OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "current": {"current_bits": 4},
    "adaptation": {"adaptation_bits": 4},
    "noise": {"noise": True},
}

FULL = PRESETS["board"].replace(adaptation_bits=16)
"""The widths of the boards, with all options."""

DRAWN = 2
"""Cycles from `valid` to the noise of the neuron."""


@dataclass
class Product:
    """A product of the pipeline, which solvers cannot take apart at full width: copies of the registers around it."""

    value: Value
    factor: Value
    leak: Value


WIDE = 40
"""Bits in which a copy of any register has room."""


class Stages:
    """The pipeline stage by stage: copies of its registers. Its products are cut out of it, claimed to be those of the
    right numbers, shifted, which round down (`test_a_shift_rounds_down`); and each sum is claimed in the cycle in which
    it is there, so that the next one has it for granted."""

    def __init__(self, params: Params) -> None:
        self.bits = params.decay_bits
        variables = {"v": params.membrane_bits, "u": params.current_bits, "a": params.adaptation_bits}
        self.of: dict[str, Product] = {}
        for name, width in variables.items():
            if width:
                value = Signal(signed(width), name=f"{name}_copy")
                factor = Signal(self.bits + 1, name=f"factor_{name}_copy")
                leak = Signal(((value * factor) >> self.bits).shape(), name=f"leak_{name}_copy")
                self.of[name] = Product(value, factor, leak)
        sums = ("rest_3", "push_3", "drive_3", "limit_4", "next_v_4", *(["rested_3"] if params.adaptation_bits else []))
        self.sums = {name: Signal(signed(WIDE), name=f"{name}_copy") for name in sums}

    def look(self, m: Module, component: wiring.Component) -> list[Claim]:
        """Copies the registers on the way."""
        if isinstance(component, NeuronUpdate):
            own = registers(m)
            for name, copy in self.of.items():
                m.d.comb += copy.value.eq(own[f"{name}_1"])
                m.d.comb += [copy.factor.eq(own[f"factor_{name}"]), copy.leak.eq(own[f"leak_{name}"])]
            m.d.comb += [copy.eq(own[name]) for name, copy in self.sums.items()]
        return []

    def claim_sums(self, spec: Spec, wanted: Mapping[str, Value]) -> None:
        """That these are what the definition says, given as it is two cycles after `valid`."""
        for name, value in wanted.items():
            then = spec.before(value, int(name[-1]) - DRAWN)
            spec.claim(f"register {name} is the definition's", self.sums[name] == then, seen=then > 1)

    def claim_products(self, spec: Spec, unit: NeuronUpdate) -> None:
        """That they are what they are to be."""
        active = unit.state.refractory == 0
        for name, of in self.of.items():
            own, decay = unit.state[name], Mux(active, unit.type[f"decay_{name}"], 0)
            spec.claim(f"the {name} that leaks is the neuron's", of.value == spec.before(own), seen=of.value == -1)
            spec.claim(f"so is the factor of {name}", of.factor == spec.before(decay), seen=of.factor == 1)
            product = spec.before((of.value * of.factor) >> self.bits)
            spec.claim(f"what leaks of {name} is the product, shifted", of.leak == product, seen=of.leak == -1)


def nearest(value: Value, bits: int) -> Value:
    """In the range of signed numbers of so many bits."""
    low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    return Mux(value < low, low, Mux(value > high, high, value))


def low_bits(spec: Spec, draw: Value, mask: Value) -> Value:
    """The low n bits of a draw in two's complement, where the mask of the type is 2^n - 1, as it has to be."""
    noise, known = Signal(signed(NOISE_BITS)), mask == 0
    for n in range(1, len(mask) + 1):
        here = mask == (1 << n) - 1
        known |= here
        with spec.m.If(here):
            spec.m.d.comb += noise.eq(draw[:n].as_signed())
    spec.assume(known)
    return noise


def neuron_and_its_definition(name: str, params: Params, stages: Stages | None = None) -> tuple[Spec, NeuronUpdate]:
    """The pipeline, with the claims that it does what the definition says.

    The definition is written out in exact numbers of ample width, and comparisons in place of bits; decays are
    divisions by 2^decay_bits that round down, or, where there are stages, the pipeline's own products. A factor is at
    most 2^decay_bits; a type without current has a current that never decays, as images have it.
    """
    spec = Spec(name, inside=stages.look if stages else None)
    unit = spec.add(NeuronUpdate(params))
    if stages:
        stages.claim_products(spec, unit)

    def here(value: Any) -> Any:
        """As it is in the cycle of the noise."""
        return spec.before(value, DRAWN)

    state, constants = unit.state, unit.constants
    refractory, threshold = here(state.refractory), here(constants.threshold)
    type_ = {field: here(unit.type[field]) for field in unit.type.shape().members}
    half, modulus = 1 << (params.accumulator_bits - 1), 1 << params.accumulator_bits
    i = (unit.input + half) % modulus - half
    beyond = unit.valid & (i != unit.input)
    spec.claim("overflow tells an input beyond its bits", unit.overflow == beyond, seen=beyond)
    waits = refractory != 0
    i = Mux(waits, 0, here(i))

    def decayed(variable: str) -> Value:
        value, factor = here(state[variable]), type_[f"decay_{variable}"]
        spec.assume(factor <= 1 << params.decay_bits)
        if stages:
            return value - stages.of[variable].leak
        return value - (value * factor) // (1 << params.decay_bits)

    u, limit = i, threshold
    wanted = {}
    if params.current_bits:
        charged = nearest(decayed("u") + i, params.current_bits)
        u = Mux(type_["current"] & ~waits, charged, i)
        spec.assume(type_["current"] | (type_["decay_u"] == 0))
        wanted["u"] = Mux(type_["current"] & ~waits, u, here(state.u))
    if params.adaptation_bits:
        a = decayed("a")
        limit = limit + a
    noise = low_bits(spec, unit.draw, type_["noise"]) if params.noise else 0
    rest, push = decayed("v"), Mux(waits, 0, here(constants.bias) + noise)
    v = nearest(rest + push + u, params.membrane_bits)
    if stages:
        sums = {"rest_3": rest, "push_3": push, "drive_3": u, "limit_4": limit, "next_v_4": v}
        stages.claim_sums(spec, sums | ({"rested_3": a} if params.adaptation_bits else {}))
    spikes = ~waits & (v > limit)
    lowered = nearest(v - threshold, params.membrane_bits)
    wanted["v"] = Mux(waits, here(state.v), Mux(spikes, Mux(type_["subtract"], lowered, type_["v_reset"]), v))
    wanted["refractory"] = Mux(waits, refractory - 1, Mux(spikes, type_["refractory"], 0))
    if params.adaptation_bits:
        raised = nearest(a + type_["raise_a"], params.adaptation_bits)
        wanted["a"] = Mux(waits, here(state.a), Mux(spikes, raised, a))

    def then(value: Value) -> Value:
        return spec.before(value, unit.LATENCY - DRAWN)

    valid = then(here(unit.valid))
    spec.claim("done follows valid", unit.done == valid, seen=valid)
    fires = valid & then(spikes)
    spec.claim("it spikes where the definition does", unit.spike == fires, seen=fires)
    for field, value in wanted.items():
        same = unit.next_state[field] == then(value)
        spec.claim(f"the next {field} is the definition's", ~valid | same, seen=valid & (then(value) != 0))
    return spec, unit


@pytest.mark.parametrize(
    "option", [pytest.param(option, marks=[pytest.mark.slow] * (option == "noise")) for option in OPTIONS]
)
def test_the_pipeline_is_the_definition(option: str) -> None:
    """For a neuron in any state, of any type, with any constants, any input and any noise, and with any neurons before
    and behind it in the pipeline: the spike, and every bit of the next state, are those of the definition; `overflow`
    tells an input beyond its W bits. Of short words, with decays as divisions by 2^decay_bits that round down."""
    params = PLAIN.replace(**OPTIONS[option])
    spec, unit = neuron_and_its_definition(f"neuron_{option}", params)
    prove(spec, depth=unit.LATENCY + 1, reach=unit.LATENCY + 2)


@pytest.mark.slow
def test_the_pipeline_is_the_definition_at_full_width() -> None:
    """The same, in the widths of the boards and with all options at once, stage by stage. The products are cut out:
    they are claimed to be those of the neuron's own numbers, and the rest is proved of whatever they come to."""
    spec, unit = neuron_and_its_definition("neuron_full", FULL, Stages(FULL))
    prove(spec, depth=unit.LATENCY + 1, reach=unit.LATENCY + 2)


def test_a_shift_rounds_down() -> None:
    """In the widths of the boards, for any value and any factor up to 2^decay_bits: the product shifted by decay_bits
    is the quotient that leaves a rest of 0 or more, and less than 2^decay_bits."""
    spec, bits = Spec("leak_full"), FULL.decay_bits
    value, factor = spec.free(signed(FULL.membrane_bits), "value"), spec.free(unsigned(bits + 1), "factor")
    product, quotient = Signal(signed(FULL.membrane_bits + bits + 2)), Signal(signed(FULL.membrane_bits + 2))
    spec.m.d.comb += [product.eq(value * factor), quotient.eq((value * factor) >> bits)]
    rest = product - (quotient << bits)
    spec.claim("the rest is that of a division", (rest >= 0) & (rest < (1 << bits)), seen=(rest == 1) & (quotient < -1))
    prove(spec, mode="bmc", depth=1)
