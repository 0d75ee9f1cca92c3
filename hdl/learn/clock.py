"""The clock of learning, and what else of it is in registers: steps and epochs, pre traces, modulators."""

from amaranth.hdl import Module, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.access.bus import access_bus
from ganglion.hdl.learn.pre import pre_names
from ganglion.hdl.learn.product import modulators
from ganglion.hdl.lib.layouts import struct
from ganglion.model.spec.learning_memories import pre_trace_layout
from ganglion.model.spec.memories import Memory
from ganglion.model.spec.params import Params, bits_for
from ganglion.model.spec.registers import REGISTER_BITS, Register, registers


class LearningClock(wiring.Component):
    """A counter of the steps in which the chip learned, and of the epochs that they make.

    A step counts when it ends, and one that closes an epoch when the sweep behind it is over: until then `now` and
    `epoch` are those of the step.

    Args:
        params: sizes of the core.
    """

    step_ends: Value
    """A step ends in this cycle."""
    swept: Value
    """A sweep ends in this cycle."""
    clear: Value
    """A write to CLEAR is on the bus."""
    learning: Value
    """The chip learns."""
    closes: Value
    """The step closes an epoch."""
    now: Value
    """Steps learned, the present one counted."""
    epoch: Value
    """Number of the epoch."""
    pre_traces: "data.View[data.StructLayout]"
    """How each presynaptic trace is fed, by name, if there are any: of `pre_trace_layout`."""
    modulators: "data.View[data.ArrayLayout]"
    """The modulators."""
    bus: "data.View[data.StructLayout]"
    """The access bus."""
    register: Value
    """The row of REGISTERS that the bus reads; 0 where it is not one of these."""

    def __init__(self, params: Params) -> None:
        self.params = params
        trace, names = struct(pre_trace_layout(params)), pre_names(params)
        super().__init__(
            {
                "step_ends": In(1),
                "swept": In(1),
                "clear": In(1),
                "learning": Out(1),
                "closes": Out(1),
                "now": Out(REGISTER_BITS),
                "epoch": Out(REGISTER_BITS),
                **({"pre_traces": Out(data.StructLayout(dict.fromkeys(names, trace)))} if names else {}),
                "modulators": Out(modulators(params)),
                "bus": In(access_bus(params)),
                "register": Out(REGISTER_BITS),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        p = self.params
        learned, phase, steps, epoch = (
            Signal(REGISTER_BITS, name=name) for name in ("learned", "phase", "steps", "epoch_number")
        )
        learning = Signal(name="learns")
        m.d.comb += [
            self.learning.eq(learning),
            self.epoch.eq(epoch),
            self.closes.eq(learning & (phase == steps - 1)),
        ]
        m.d.sync += self.now.eq(learned + 1)
        with m.If(learning & ((self.step_ends & ~self.closes) | self.swept)):
            m.d.sync += [learned.eq(learned + 1), phase.eq(phase + 1)]
        with m.If(self.swept):
            m.d.sync += [phase.eq(0), epoch.eq(epoch + 1)]

        kept: dict[Register, Value] = {
            Register.EPOCH_STEPS: steps,
            Register.LEARNING: learning,
            Register.LEARNED: learned,
            Register.PHASE: phase,
            Register.EPOCH: epoch,
        }
        for name, first, parts in (
            ("pre_trace", Register.PRE_TRACE_1, [self.pre_traces[key] for key in pre_names(p)]),
            ("modulator", Register.MODULATOR_0, [self.modulators[k] for k in range(p.modulators)]),
        ):
            for k, part in enumerate(parts):
                kept[Register(first + k)] = value = Signal.like(Value.cast(part), name=f"{name}_{k}")
                m.d.comb += part.eq(value)
        row = self.bus.row[: bits_for(len(registers(p)))]
        with m.Switch(row):
            for register, value in kept.items():
                with m.Case(register):
                    m.d.comb += self.register.eq(value)
                    with m.If(self.bus.write[Memory.REGISTERS]):
                        m.d.sync += value.eq(self.bus.data)
        with m.If(self.clear):
            m.d.sync += [value.eq(0) for register, value in kept.items() if register >= Register.LEARNED]
        return m
