"""The chip as Verilog."""

import warnings
from typing import Any

from amaranth.back import verilog
from amaranth.hdl import ClockSignal, Elaboratable, Instance, ResetSignal
from amaranth.lib import wiring

from ganglion.hdl.chip import Chip
from ganglion.hdl.core import Core
from ganglion.hdl.router import Router
from ganglion.model.spec.memories import Memory
from ganglion.model.spec.params import Params


def chip_verilog(params: Params) -> str:
    """Verilog of the chip, its top module called `chip`.

    Cores, and the routers of a level, are all the same: each is written once, as modules `core` and `router_<level>`,
    however many there are. Ports: clk, rst (synchronous), the streams `i` and `o` (payload of 64 bits, valid, ready),
    and busy. Any warning of Amaranth is an error here.
    """
    shared = {"core": Core(params)}
    shared |= {f"router_{level}": Router(params, level) for level in range(1, len(params.levels) + 1)}
    chip = Chip(params, core=lambda _: Shared(shared["core"], "core"), router=lambda _, k: Shared(shared[f"router_{k}"], f"router_{k}"))
    return "\n".join(_verilog(part, name) for name, part in {**shared, "chip": chip}.items())


class Shared(wiring.Component):
    """A use of a module that is written once, elsewhere.

    Args:
        part: what the module is made of; it gives the ports.
        name: of the module.
    """

    def __init__(self, part: wiring.Component, name: str) -> None:
        self.name = name
        super().__init__(part.signature)

    def elaborate(self, platform: object) -> Elaboratable:
        ports: dict[str, Any] = {"i_clk": ClockSignal(), "i_rst": ResetSignal()}
        for path, member, value in self.signature.flatten(self):
            way = "i" if member.flow is wiring.In else "o"
            ports[f"{way}_{'__'.join(str(part) for part in path)}"] = value
        return Instance(self.name, **ports)


def memory_module(memory: Memory, lane: int) -> str:
    """Path, below a core, of the module whose array `array` holds a lane's share of STATE or ACCUMULATORS."""
    return {
        Memory.STATE: f"core.lane_{lane}.state",
        Memory.ACCUMULATORS: f"core.lane_{lane}.accumulators.ram",
    }[memory]


def _verilog(part: wiring.Component, name: str) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        text: str = verilog.convert(part, name=name, emit_src=False)
    return text
