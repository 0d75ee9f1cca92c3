"""Every component elaborates, and every chip becomes Verilog, without a warning and with the ports that are stated."""

import re
from collections.abc import Callable

import pytest
from amaranth.back import rtlil
from amaranth.lib import wiring

from ganglion.hdl.access.access import Access
from ganglion.hdl.access.assembly import RowAssembly
from ganglion.hdl.chip import Chip, Cluster, HostPort
from ganglion.hdl.core import Core
from ganglion.hdl.deliver.accumulator import Accumulator
from ganglion.hdl.deliver.lookup import AxonLookup
from ganglion.hdl.deliver.synapses import SynapseLane
from ganglion.hdl.deliver.walker import RowWalker
from ganglion.hdl.lane import Lane
from ganglion.hdl.learn.clock import LearningClock
from ganglion.hdl.learn.control import VisitControl
from ganglion.hdl.learn.kernel import KernelLookup
from ganglion.hdl.learn.post import PostTraces
from ganglion.hdl.learn.pre import PreTraces
from ganglion.hdl.learn.product import Product
from ganglion.hdl.learn.rows import RowSieve
from ganglion.hdl.learn.sweep import Sweep
from ganglion.hdl.learn.table import TableLookup
from ganglion.hdl.learn.tags import TagStore
from ganglion.hdl.learn.visit import SynapseVisit
from ganglion.hdl.learning import Learning
from ganglion.hdl.lib.counters import Counters
from ganglion.hdl.lib.memory import Ram
from ganglion.hdl.lib.serdes import Deserializer, Link, Serializer
from ganglion.hdl.lib.streams import Arbiter, Buffer, Merge
from ganglion.hdl.names import CORE, child, cluster, memory_path
from ganglion.hdl.router.ascent import Ascent
from ganglion.hdl.router.fork import Fork
from ganglion.hdl.router.monitor import Monitor
from ganglion.hdl.router.router import Router
from ganglion.hdl.sequencer import Sequencer
from ganglion.hdl.update.fanout import Fanout
from ganglion.hdl.update.neuron import NeuronUpdate
from ganglion.hdl.update.neurons import NeuronLane
from ganglion.hdl.update.noise import NoiseKeys, NoiseLane
from ganglion.hdl.verilog import chip_verilog
from ganglion.model.spec.memories import Memory, memories, state_memories
from ganglion.model.spec.packets import PACKET_BITS
from ganglion.model.spec.params import ALL_PARITY, PRESETS, Params
from ganglion.model.spec.registers import RouterCounter

TINY = PRESETS["tiny"]

LEARNING = PRESETS["tiny-learning"]

PLAIN = TINY.replace(name="plain", lanes=1, current_bits=0, adaptation_bits=0, noise=False)
"""A chip without any option."""

LEAST = PLAIN.replace(name="least-learning", products=1, rules=1, terms=1)
"""A chip that learns, with nothing that a chip that learns need not have."""

LEVELS = [(2,), (4, 2), (4, 4)]

BUILT = [
    *(TINY, PRESETS["small"], PRESETS["board"]),
    *(TINY.replace(name=f"tiny-{'x'.join(map(str, levels))}", levels=levels) for levels in LEVELS),
    TINY.replace(name="tiny-narrow", levels=(1, 2), link_bits=8),
    TINY.replace(name="tiny-parity", levels=(2,), parity=sum(1 << memory for memory in memories(TINY)) & ALL_PARITY),
]
"""Chips for hardware; `wide` is for programs."""

QUICK = BUILT[0], BUILT[3]
"""One core, and two."""

OF_PARAMS = [
    Accumulator, Chip, Core, Fanout, Lane, AxonLookup, Monitor, NeuronLane, NeuronUpdate, Sequencer, SynapseLane,
    RowWalker,
]  # fmt: skip

OF_LEARNING = [
    KernelLookup, LearningClock, Learning, PostTraces, PreTraces, Product, RowSieve, Sweep, SynapseVisit, TableLookup,
    TagStore, VisitControl,
]  # fmt: skip

OF_LEVELS: dict[str, Callable[[Params, int], wiring.Component]] = {
    "Ascent": lambda params, level: Ascent(params.levels[level - 1]),
    "Fork": lambda params, level: Fork(level, params.levels[level - 1]),
    "Cluster": Cluster,
    "Router": Router,
}

WITHOUT_PARAMS: dict[str, Callable[[], wiring.Component]] = {
    "Access": lambda: Access(TINY, Core.READ_LATENCY),
    "Arbiter": lambda: Arbiter(8, 3),
    "Buffer": lambda: Buffer(8),
    "Counters": lambda: Counters(memories(TINY)[Memory.COUNTERS].layout, dict.fromkeys(RouterCounter, 1)),
    "HostPort": HostPort,
    "Link": lambda: Link(16),
    "Merge": lambda: Merge(8),
    "Serializer": lambda: Serializer(16),
    "NoiseKeys": NoiseKeys,
    "NoiseLane": NoiseLane,
    "RowAssembly": lambda: RowAssembly(3),
    "Ram": lambda: Ram(memories(TINY)[Memory.STATE].layout, 8),
    "Deserializer": lambda: Deserializer(16),
}

PORTS = {
    "clk": 1, "rst": 1, "busy": 1,
    "i__payload": PACKET_BITS, "i__valid": 1, "i__ready": 1,
    "o__payload": PACKET_BITS, "o__valid": 1, "o__ready": 1,
}  # fmt: skip


@pytest.mark.parametrize("params", [TINY, PLAIN], ids=lambda params: params.name)
@pytest.mark.parametrize("component", OF_PARAMS, ids=lambda component: component.__name__)
def test_components_elaborate(component: Callable[[Params], wiring.Component], params: Params) -> None:
    assert rtlil.convert(component(params))


@pytest.mark.parametrize("params", [LEARNING, LEAST], ids=lambda params: params.name)
def test_a_core_that_learns_elaborates(params: Params) -> None:
    """With it all that it is made of."""
    assert rtlil.convert(Core(params))


@pytest.mark.parametrize(
    ("component", "levels"),
    [(component, levels) for component in OF_LEVELS for levels in LEVELS[: 1 if component == "Cluster" else 2]],
    ids=str,
)
def test_components_of_levels_elaborate(component: str, levels: tuple[int, ...]) -> None:
    """Around cores without options: what is around them does not depend on what is in them. Clusters of clusters are in
    the chips below."""
    params = PLAIN.replace(levels=levels)
    for level in range(1, len(levels) + 1):
        assert rtlil.convert(OF_LEVELS[component](params, level))


def test_a_tree_with_narrow_links_elaborates_in_one_piece() -> None:
    assert rtlil.convert(Chip(PLAIN.replace(levels=(2, 1), link_bits=16)))


@pytest.mark.parametrize("component", WITHOUT_PARAMS)
def test_components_without_params_elaborate(component: str) -> None:
    assert rtlil.convert(WITHOUT_PARAMS[component]())


@pytest.mark.parametrize(
    "params", [pytest.param(p, marks=[pytest.mark.long] * (p not in QUICK), id=p.name) for p in BUILT]
)
def test_chips_become_verilog(params: Params) -> None:
    verilog = chip_verilog(params)
    top = re.search(r"^module chip\((.*?)\);(.*?)^endmodule", verilog, re.DOTALL | re.MULTILINE)
    assert top
    declared = re.findall(r"^  (?:input|output) (?:\[(\d+):0\] )?(\w+);", top[2], re.MULTILINE)
    assert {name: int(high or 0) + 1 for high, name in declared} == PORTS
    assert set(top[1].split(", ")) == set(PORTS)
    modules = re.findall(r"^module (\\?[^ (]+) ?\(", verilog, re.MULTILINE)
    assert len(set(modules)) == len(modules)
    written = {name for name in modules if re.fullmatch(r"core|cluster_\d|chip", name)}
    assert written == {"core", "chip", *(f"cluster_{k + 1}" for k in range(len(params.levels)))}
    # Verilator takes a signal of a block that is called as the block is for a mistake.
    assert not re.findall(rf"^  (?:wire|reg) (?:\[\d+:0\] )?({'|'.join(written)})\b", verilog, re.MULTILINE)
    for level, children in enumerate(params.levels):
        uses = re.findall(rf"^  {cluster(level)} \\?(child_\d) ", verilog, re.MULTILINE)
        assert uses == [child(k) for k in range(children)]
    for memory, spec in state_memories(params).items():
        for part in range(spec.parts):
            path = re.escape(".".join((CORE, *memory_path(memory, part))))
            # Yosys numbers a module that shares its name with a signal.
            assert re.search(rf"^module \\{path}(\$\d+)? ?\(", verilog, re.MULTILINE)
