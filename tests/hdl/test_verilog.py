"""Every component elaborates, and every chip becomes Verilog, without a warning and with the ports that are stated."""

import re
from collections.abc import Callable

import pytest
from amaranth.back import rtlil
from amaranth.lib import wiring

from ganglion.hdl.access import Access
from ganglion.hdl.accumulator import Accumulator
from ganglion.hdl.chip import Chip, HostPort
from ganglion.hdl.core import Core
from ganglion.hdl.counters import Counters
from ganglion.hdl.fanout import Fanout
from ganglion.hdl.lane import Lane
from ganglion.hdl.lookup import AxonLookup
from ganglion.hdl.memory import Ram
from ganglion.hdl.neuron import NeuronUpdate
from ganglion.hdl.noise import NoiseKeys, NoiseLane
from ganglion.hdl.sequencer import Sequencer
from ganglion.hdl.streams import Merge
from ganglion.hdl.verilog import chip_verilog, memory_module
from ganglion.hdl.walker import RowWalker
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.packets import PACKET_BITS
from ganglion.model.spec.params import PRESETS, Params

TINY = PRESETS["tiny"]

PLAIN = TINY.replace(name="plain", lanes=1, current_bits=0, adaptation_bits=0, noise=False)
"""A chip without any option."""

BUILT = [TINY, PRESETS["small"], PRESETS["board"]]
"""Chips for hardware; `wide` is for programs."""

OF_PARAMS = [
    Access, Accumulator, Chip, Core, Counters, Fanout, Lane, AxonLookup, NeuronUpdate, Sequencer, RowWalker,
]  # fmt: skip

PORTS = {
    "clk": 1, "rst": 1, "busy": 1,
    "i__payload": PACKET_BITS, "i__valid": 1, "i__ready": 1,
    "o__payload": PACKET_BITS, "o__valid": 1, "o__ready": 1,
}  # fmt: skip


@pytest.mark.parametrize("params", [TINY, PLAIN], ids=lambda params: params.name)
@pytest.mark.parametrize("component", OF_PARAMS, ids=lambda component: component.__name__)
def test_components_elaborate(component: Callable[[Params], wiring.Component], params: Params) -> None:
    assert rtlil.convert(component(params))


@pytest.mark.parametrize(
    "component",
    [HostPort, NoiseKeys, NoiseLane, lambda: Merge(8), lambda: Ram(memories(TINY)[Memory.STATE].layout, 8)],
    ids=["HostPort", "NoiseKeys", "NoiseLane", "Merge", "Ram"],
)
def test_components_without_params_elaborate(component: Callable[[], wiring.Component]) -> None:
    assert rtlil.convert(component())


@pytest.mark.parametrize("params", BUILT, ids=lambda params: params.name)
def test_chips_become_verilog(params: Params) -> None:
    verilog = chip_verilog(params)
    top = re.search(r"^module chip\((.*?)\);(.*?)^endmodule", verilog, re.DOTALL | re.MULTILINE)
    assert top
    declared = re.findall(r"^  (?:input|output) (?:\[(\d+):0\] )?(\w+);", top[2], re.MULTILINE)
    assert {name: int(high or 0) + 1 for high, name in declared} == PORTS
    assert set(top[1].split(", ")) == set(PORTS)
    for memory in (Memory.STATE, Memory.ACCUMULATORS):
        for lane in range(params.lanes):
            path = re.escape(memory_module(memory, lane))  # Yosys numbers a module that shares its name with a signal
            assert re.search(rf"^module \\{path}(\$\d+)? ?\(", verilog, re.MULTILINE)
