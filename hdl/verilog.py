"""The chip as Verilog."""

import warnings
from typing import Any

from amaranth.back import verilog
from amaranth.hdl import ClockSignal, Elaboratable, Instance, ResetSignal
from amaranth.lib import wiring

from ganglion.hdl.chip import PORTS, Chip, Cluster
from ganglion.hdl.core import Core
from ganglion.hdl.names import CHIP, CORE, cluster
from ganglion.model.spec.memories import check_buildable
from ganglion.model.spec.params import Params


def chip_verilog(params: Params, *, sources: bool = False) -> str:
    """Verilog of the chip, its top module called `chip`.

    Each cluster of a level is written once, as module `cluster_<level>`, and so is the core, as `core`, however many
    there are. Ports: clk, rst (synchronous), the streams `i` and `o` (payload of 64 bits, valid, ready), and busy. Any
    warning of Amaranth is an error here.

    Args:
        params: the chip.
        sources: with an attribute `src` that says which line of Python each signal and statement came from.

    Raises:
        ParamsError: the chip is so large that this would take hours.
    """
    check_buildable(params)
    parts: dict[str, wiring.Component] = {CORE: Core(params)}
    for level in range(1, len(params.levels) + 1):
        parts[cluster(level)] = Cluster(params, level, use_of)
    parts[CHIP] = Chip(params, use_of)
    return "\n".join(_verilog(part, name, sources) for name, part in parts.items())


def use_of(_: Params, level: int) -> wiring.Component:
    """An instance of the module of a cluster, which is written elsewhere."""
    return ModuleUse(cluster(level))


class ModuleUse(wiring.Component):
    """An instance of a module with the ports of a cluster."""

    def __init__(self, module: str) -> None:
        self.module = module
        super().__init__(PORTS)

    def elaborate(self, platform: object) -> Elaboratable:
        ports: dict[str, Any] = {"i_clk": ClockSignal(), "i_rst": ResetSignal()}
        for path, member, value in self.signature.flatten(self):
            way = "i" if member.flow is wiring.In else "o"
            ports[f"{way}_{'__'.join(str(part) for part in path)}"] = value
        return Instance(self.module, **ports)


def _verilog(part: wiring.Component, name: str, sources: bool) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        text: str = verilog.convert(part, name=name, emit_src=sources)
    return text
