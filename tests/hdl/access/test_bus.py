"""A memory between its owner and the access bus."""

from typing import Any

import pytest
from amaranth.hdl import Module, Signal, Value
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from ganglion.hdl.access.bus import access_bus, pick, serve, serve_writes
from ganglion.hdl.lib.memory import Ram
from ganglion.model.spec.formats import CHUNK_BITS
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.params import PRESETS
from tests.hdl.simulate import Simulation, evaluate

PARAMS = PRESETS["tiny"]
SPECS = memories(PARAMS)


class Owner(wiring.Component):
    """Reads a memory in every cycle, and writes it where the chip does; serves the bus."""

    bus: "data.View[data.StructLayout]"
    selected: Value
    row: Value
    write: Value
    read_data: Value

    def __init__(self, memory: Memory) -> None:
        self.spec = SPECS[memory]
        super().__init__(
            {
                "bus": In(access_bus(PARAMS)),
                "selected": In(1),
                "row": In(range(self.spec.depth)),
                "write": In(1),
                "read_data": Out(self.spec.layout.width),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.ram = ram = Ram(self.spec.layout, self.spec.depth)
        m.d.comb += [ram.read.eq(~self.write), ram.read_row.eq(self.row), self.read_data.eq(ram.read_data)]
        if self.spec.changes:
            m.d.comb += [ram.write.eq(self.write), ram.write_row.eq(self.row), ram.write_data.eq(1)]
            serve_writes(m, self.bus, self.spec, ram, selected=self.selected)
        else:
            serve(m, self.bus, self.spec, ram)
        return m


def read(dut: Owner, requests: list[dict[str, int]]) -> list[int]:
    """What the memory shows behind the last of these cycles, row by row, read by its owner."""
    simulation, shown = Simulation(dut), list[int]()

    async def process(ctx: Any) -> None:
        for request in requests:
            ctx.set(dut.bus.row, request.get("bus_row", 0))
            ctx.set(dut.bus.data, request.get("data", 0))
            ctx.set(dut.bus.write[dut.spec.memory], "data" in request)
            ctx.set(dut.bus.write[Memory.REGISTERS], "other" in request)
            ctx.set(dut.selected, request.get("selected", 1))
            ctx.set(dut.row, request.get("row", dut.spec.depth - 1))
            ctx.set(dut.write, "row" in request)
            await ctx.tick()
        for port in (dut.bus.write[dut.spec.memory], dut.write):
            ctx.set(port, 0)
        for row in range(dut.spec.depth):
            ctx.set(dut.row, row)
            await ctx.tick()
            shown.append(ctx.get(dut.read_data))

    simulation.drive(process)
    simulation.run()
    return shown


@pytest.mark.parametrize("memory", [Memory.AXONS, Memory.STATE])
def test_the_bus_writes_what_it_means(memory: Memory) -> None:
    rows = read(Owner(memory), [{"bus_row": 2, "data": 77}, {"bus_row": 1, "data": 5}, {"bus_row": 2, "other": 1}])
    assert rows[:3] == [0, 5, 77]


def test_a_part_that_is_not_selected_is_not_written() -> None:
    assert not any(read(Owner(Memory.STATE), [{"bus_row": 2, "data": 77, "selected": 0}]))


def test_the_owner_writes_what_the_chip_changes() -> None:
    assert read(Owner(Memory.STATE), [{"row": 3}, {"row": 0, "bus_row": 2, "data": 9}]) == [0, 0, 9, 1]


def test_the_bus_reads_before_the_owner() -> None:
    dut, shown = Owner(Memory.AXONS), list[int]()
    simulation = Simulation(dut)

    async def process(ctx: Any) -> None:
        ctx.set(dut.row, 3)
        for busy in (1, 0):  # the owner does not read while the memory is filled
            ctx.set(dut.write, busy)
            ctx.set(dut.bus.write[Memory.AXONS], busy)
            for row in range(4 * busy):
                ctx.set(dut.bus.row, row)
                ctx.set(dut.bus.data, row + 1)
                await ctx.tick()
        for bus_row, reading in ((1, 1), (1, 0), (2, 1)):
            ctx.set(dut.bus.reading, reading)
            ctx.set(dut.bus.row, bus_row)
            await ctx.tick()
            shown.append(ctx.get(dut.read_data))

    simulation.drive(process)
    simulation.run()
    assert shown == [2, 4, 3]


def test_one_chunk_of_one_memory_is_picked() -> None:
    bus = Signal(access_bus(PARAMS))
    rows = {memory: Signal(SPECS[memory].layout.width, name=memory.name) for memory in (Memory.TYPES, Memory.FANOUT)}
    values = {memory: (1 << SPECS[memory].layout.width) // 3 * (1 + memory % 2) for memory in rows}
    places = [(memory, chunk) for memory in rows for chunk in range(SPECS[memory].layout.chunks)]
    inputs = [*rows.values(), *(bus.pick[memory.name][chunk] for memory, chunk in places)]
    cases = [[*values.values(), *(place == other for other in places)] for place in [*places, None]]
    picked = [values[memory] >> chunk * CHUNK_BITS & 0xFFFF for memory, chunk in places]
    assert evaluate(inputs, [pick(bus, rows)], cases) == [[chunk] for chunk in [*picked, 0]]
