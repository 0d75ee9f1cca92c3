"""The update of one neuron per cycle: leak, integrate, compare, reset, as docs/developer/architecture.md has it."""

from functools import partial

from amaranth.hdl import Module, Mux, Signal, Value, signed
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.lib.arith import saturate, wrap
from ganglion.hdl.lib.layouts import struct
from ganglion.hdl.lib.pipeline import follow as along
from ganglion.hdl.update.noise import narrow
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.noise_constants import NOISE_BITS
from ganglion.model.spec.params import Params


class NeuronUpdate(wiring.Component):
    """A pipeline that takes the rows of a neuron and its input, and gives its next state: one neuron per cycle.

    Args:
        params: sizes of the core.
    """

    LATENCY = 5
    """Cycles from `valid` to `done`."""

    valid: Value
    """A neuron enters."""
    state: "data.View[data.StructLayout]"
    """Its row of STATE."""
    constants: "data.View[data.StructLayout]"
    """Its row of NEURONS."""
    type: "data.View[data.StructLayout]"
    """The row of TYPES of its type."""
    input: Value
    """The sum of its accumulator."""
    draw: Value
    """Its noise, two cycles after `valid`."""
    done: Value
    """A neuron leaves."""
    next_state: "data.View[data.StructLayout]"
    """Its row of STATE from now on."""
    spike: Value
    """It fired."""
    overflow: Value
    """Together with `valid`: the sum had left its W bits."""

    def __init__(self, params: Params) -> None:
        self.params = params
        specs = memories(params)
        super().__init__(
            {
                "valid": In(1),
                "state": In(struct(specs[Memory.STATE].layout)),
                "constants": In(struct(specs[Memory.NEURONS].layout)),
                "type": In(struct(specs[Memory.TYPES].layout)),
                "input": In(signed(specs[Memory.ACCUMULATORS].layout.width)),
                "draw": In(NOISE_BITS),
                "done": Out(1),
                "next_state": Out(struct(specs[Memory.STATE].layout)),
                "spike": Out(1),
                "overflow": Out(1),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        p = self.params

        def register(value: Value, name: str) -> Signal:
            """The value one cycle later. Only `valid` needs a reset: without it nobody looks at the others."""
            later = Signal(value.shape(), name=name, reset_less=True)
            m.d.sync += later.eq(value)
            return later

        follow = partial(along, m)

        def leak(value: Value, factor: Value) -> Value:
            """What decay takes from a variable: floor(value * factor / 2^decay_bits)."""
            return (value * factor) >> p.decay_bits

        valid = follow(self.valid, "valid", 0, 5, reset_less=False)
        v, type_ = follow(self.state.v, "v", 0, 2), follow(self.type, "type", 0, 5)
        threshold = follow(self.constants.threshold, "threshold", 0, 4)
        refractory = follow(self.state.refractory, "refractory", 0, 5)

        # Cycle 0, look up. A refractory neuron keeps its state because all that would change it is made zero.
        active = follow(self.state.refractory == 0, "active", 0, 5)
        i = wrap(self.input, p.accumulator_bits)
        m.d.comb += self.overflow.eq(self.valid & (i != self.input))
        i = follow(register(Mux(active[0], i, 0), "i_1"), "i", 1, 2)
        factor_v = register(Mux(active[0], self.type.decay_v, 0), "factor_v")
        bias = follow(register(Mux(active[0], self.constants.bias, 0), "bias_1"), "bias", 1, 2)

        # Cycle 1, multiply.
        leak_v = register(leak(v[1], factor_v), "leak_v")

        # Cycle 2, leak: what is left of v, and what drives it.
        rest = register(v[2] - leak_v, "rest_3")
        noise = Mux(active[2], narrow(self.draw, type_[2].noise), 0) if p.noise else 0
        push = register(bias[2] + noise, "push_3")
        drive = i[2]
        if p.current_bits:
            u = follow(self.state.u, "u", 0, 2)
            factor_u = register(Mux(active[0], self.type.decay_u, 0), "factor_u")
            leak_u = register(leak(u[1], factor_u), "leak_u")
            charged = register(active[1] & type_[1].current, "charged")
            next_u = saturate(u[2] - leak_u + Mux(charged, i[2], 0), p.current_bits)
            drive = Mux(charged, next_u, i[2])
            m.d.comb += self.next_state.u.eq(follow(next_u, "next_u", 2, 5)[5])
        drive = register(drive, "drive_3")

        # Cycle 3, add up; cycle 4, compare.
        limit = threshold[3]
        if p.adaptation_bits:
            a = follow(self.state.a, "a", 0, 2)
            factor_a = register(Mux(active[0], self.type.decay_a, 0), "factor_a")
            leak_a = register(leak(a[1], factor_a), "leak_a")
            rested = follow(register(wrap(a[2] - leak_a, p.adaptation_bits), "rested_3"), "rested", 3, 5)
            raised = register(saturate(rested[4] + type_[4].raise_a, p.adaptation_bits), "raised_5")
            limit = limit + rested[3]
        limit = register(limit, "limit_4")
        next_v = follow(register(saturate(rest + push + drive, p.membrane_bits), "next_v_4"), "next_v", 4, 5)
        fires = register((next_v[4] > limit) & active[4], "fires")
        below = register(saturate(next_v[4] - threshold[4], p.membrane_bits), "below")

        # Cycle 5, reset.
        reset = Mux(type_[5].subtract, below, type_[5].v_reset)
        m.d.comb += [
            self.done.eq(valid[5]),
            self.spike.eq(valid[5] & fires),
            self.next_state.v.eq(Mux(fires, reset, next_v[5])),
            self.next_state.refractory.eq(Mux(active[5], Mux(fires, type_[5].refractory, 0), refractory[5] - 1)),
        ]
        if p.adaptation_bits:
            m.d.comb += self.next_state.a.eq(Mux(fires, raised, rested[5]))
        return m
