"""What is seen of a trace: its value at the last spike, weighted by the age of that spike."""

from amaranth.hdl import Module, Signal, Value, unsigned
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.access.bus import access_bus, serve
from ganglion.hdl.lib.faults import fault_port, tell_first
from ganglion.hdl.lib.memory import Ram
from ganglion.model.spec.learning_memories import KERNEL_ONE
from ganglion.model.spec.memories import Memory, memories, protects
from ganglion.model.spec.params import Params, bits_for


class KernelLookup(wiring.Component):
    """A table of kernels and a multiplier: floor(value * K[age] / 256), one trace per cycle.

    Nothing moves while `advance` is 0. The table may be accessed while nothing is looked up.

    Args:
        params: sizes of the core.
    """

    LATENCY = Ram.LATENCY + 1
    """Cycles from a trace to what is seen of it, those without `advance` not counted."""

    advance: Value
    """Go on."""
    kernel: Value
    """Which of the kernels."""
    age: Value
    """Steps since the spike."""
    value: Value
    """The trace, as it was at the spike."""
    seen: Value
    """What is left of it."""
    bus: "data.View[data.StructLayout]"
    """The access bus."""
    fault: "data.View[data.StructLayout]"
    """On a chip with parity: of `fault_report`."""
    row: Value
    """The row of KERNELS that the bus reads, a cycle later."""

    def __init__(self, params: Params) -> None:
        self.params = params
        self.spec = memories(params)[Memory.KERNELS]
        super().__init__(
            {
                "advance": In(1),
                "kernel": In(unsigned(bits_for(params.kernels))),
                "age": In(unsigned(bits_for(params.trace_ages))),
                "value": In(unsigned(params.trace_bits)),
                "seen": Out(unsigned(params.trace_bits)),
                "bus": In(access_bus(params)),
                **fault_port(params),
                "row": Out(self.spec.layout.width),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.kernels = kernels = Ram(
            self.spec.layout, self.spec.depth, parity=protects(self.params, Memory.KERNELS)
        )
        value, seen = (Signal.like(self.value, name=name, reset_less=True) for name in ("looked_up", "weighted"))
        m.d.comb += [
            # Nobody wants what is read while the host writes.
            kernels.read.eq(self.advance & ~self.bus.write[Memory.KERNELS]),
            kernels.read_row.eq(self.kernel * self.params.trace_ages + self.age),
            self.row.eq(kernels.read_data),
            self.seen.eq(seen),
        ]
        with m.If(self.advance):
            m.d.sync += [value.eq(self.value), seen.eq(value * kernels.read_data.value // KERNEL_ONE)]
        serve(m, self.bus, self.spec, kernels)
        if self.params.parity:
            tell_first(m, self.fault, [(Memory.KERNELS, kernels, 0)])
        return m
