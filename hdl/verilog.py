"""The chip as Verilog."""

import warnings

from amaranth.back import verilog

from ganglion.hdl.chip import Chip
from ganglion.model.spec.memories import Memory
from ganglion.model.spec.params import Params


def chip_verilog(params: Params) -> str:
    """Verilog of the chip, its top module called `chip`.

    Ports: clk, rst (synchronous), the streams `i` and `o` (payload of 64 bits, valid, ready), and busy. Any warning of
    Amaranth is an error here.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        text: str = verilog.convert(Chip(params), name="chip", emit_src=False)
    return text


def memory_module(memory: Memory, lane: int) -> str:
    """Path of the module whose array `array` holds a lane's share of STATE or ACCUMULATORS."""
    return {
        Memory.STATE: f"chip.core.lane_{lane}.state",
        Memory.ACCUMULATORS: f"chip.core.lane_{lane}.accumulators.ram",
    }[memory]
