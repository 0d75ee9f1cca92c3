"""RTL as a function: runs a component in Amaranth's simulator, with streams driven and watched.

A test wraps its component as `rtl_f(inputs, stalls) -> outputs` and compares that with `ref_f(inputs)`. Where a test
fails, conftest.py runs it again with `WAVEFORM` set.
"""

import random
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from amaranth.hdl import Module, Signal, Value
from amaranth.lib import wiring
from amaranth.sim import Simulator

from ganglion.model.spec.memories import Memory

Process = Callable[[Any], Awaitable[None]]

WAVEFORM: Path | None = None
"""Where simulations leave their waveform; a later one replaces that of an earlier one. None is nowhere."""

QUIET = 64
"""Cycles without a transfer after which a component has nothing more to say."""


@dataclass(frozen=True)
class Stalls:
    """Seed and chances of pauses; each stream of a simulation gets a sequence of its own."""

    seed: int
    source: float = 0.0
    sink: float = 0.0

    def sequence(self, chance: float, stream: str) -> Iterator[bool]:
        """Cycle by cycle, whether to pause."""
        rng = random.Random(f"{self.seed} {stream}")
        while True:
            yield rng.random() < chance


def stalls_of(seed: int) -> Stalls:
    """The stalls of a seed: of none, one or both sides; seed 0 has none."""
    rng = random.Random(f"stalls {seed}")
    return Stalls(seed, *(rng.choice((0, rng.uniform(0.1, 0.8))) * bool(seed) for _ in range(2)))


class Simulation:
    """One run of one component.

    Args:
        dut: the component.
        limit: cycles after which the run has failed.
    """

    def __init__(self, dut: wiring.Component, limit: int = 20_000) -> None:
        self.dut = dut
        self.limit = limit
        self.cycle = 0
        self._last = 0  # cycle of the last transfer
        self._ready = True
        self._drivers: list[Process] = []
        self._watchers: list[Process] = []

    def load(self, bus: Any, memory: Memory, rows: Mapping[int, int]) -> None:
        """Writes rows of a memory through the access bus; the testbenches added later begin behind that."""
        self._ready = False

        async def process(ctx: Any) -> None:
            await write(ctx, bus, memory, rows)
            self._ready = True

        self._drivers.append(process)

    def drive(self, process: Process) -> None:
        """Adds a testbench; the run does not end before it does."""

        async def behind_loading(ctx: Any) -> None:
            while not self._ready:
                await ctx.tick()
            await process(ctx)

        self._drivers.append(behind_loading)

    def watch(self, process: Process) -> None:
        """Adds a testbench that goes on as long as the run does."""
        self._watchers.append(process)

    def source(self, port: Any, items: Iterable[int], pauses: Iterator[bool]) -> None:
        """Offers items on a stream. While there is none, the payload is the complement of the last one."""
        payload = Value.cast(port.payload)

        async def process(ctx: Any) -> None:
            for item in items:
                while next(pauses):
                    await ctx.tick()
                ctx.set(payload, item)
                ctx.set(port.valid, 1)
                await until(ctx, port.ready)
                self._last = self.cycle
                ctx.set(payload, ~item & ((1 << len(payload)) - 1))
                ctx.set(port.valid, 0)

        self.drive(process)

    def sink(self, port: Any, pauses: Iterator[bool]) -> list[int]:
        """Takes what a stream gives, into the list returned, and holds the stream to its law: `valid` does not depend
        on `ready`, and what is offered stays until it is taken."""
        payload, taken = Value.cast(port.payload), list[int]()

        async def process(ctx: Any) -> None:
            held = None
            while True:
                valids = []
                for ready in (0, 1):
                    ctx.set(port.ready, ready)
                    valids.append(ctx.get(port.valid))
                assert valids[0] == valids[1], f"cycle {self.cycle}: valid depends on ready"
                ready = not next(pauses)
                ctx.set(port.ready, ready)
                _, _, valid, item = await ctx.tick().sample(port.valid, payload)
                offered = item if valid else None
                assert held in (None, offered), f"cycle {self.cycle}: offered {held:#x}, then {offered}, untaken"
                held = None if ready else offered
                if valid and ready:
                    taken.append(item)
                    self._last = self.cycle

        self.watch(process)
        return taken

    def record(self, when: Any, *what: Any) -> list[tuple[int, ...]]:
        """The cycle, and the values of `what`, in each cycle in which `when` is 1."""
        rows, values = list[tuple[int, ...]](), [Value.cast(value) for value in what]

        async def process(ctx: Any) -> None:
            while True:
                _, _, hit, *row = await ctx.tick().sample(when, *values)
                if hit:
                    rows.append((self.cycle, *row))

        self.watch(process)
        return rows

    def run(self) -> None:
        """Runs until the drivers have ended and the streams have been quiet for a while."""
        simulator = Simulator(self.dut)
        simulator.add_clock(1e-6)
        going = len(self._drivers)

        async def clock(ctx: Any) -> None:
            while True:
                await ctx.tick()
                self.cycle += 1
                assert self.cycle < self.limit, f"still going after {self.limit} cycles"

        def ending(process: Process) -> Process:
            async def whole(ctx: Any) -> None:
                nonlocal going
                await process(ctx)
                going -= 1
                self._last = self.cycle

            return whole

        async def finish(ctx: Any) -> None:
            while going or self.cycle - self._last < QUIET:
                await ctx.tick()

        for process in [clock, *self._watchers]:
            simulator.add_testbench(process, background=True)
        for process in [*map(ending, self._drivers), finish]:
            simulator.add_testbench(process)
        with simulator.write_vcd(str(WAVEFORM)) if WAVEFORM else nullcontext():
            simulator.run()


async def write(ctx: Any, bus: Any, memory: Memory, rows: Mapping[int, int]) -> None:
    """Writes rows of a memory through the access bus."""
    ctx.set(bus.write[memory], 1)
    for row, word in rows.items():
        ctx.set(bus.row, row)
        ctx.set(bus.data, word)
        await ctx.tick()
    ctx.set(bus.write[memory], 0)


async def until(ctx: Any, condition: Value) -> None:
    """Waits for the end of a cycle in which the condition holds. Amaranth's own cannot be left when a test fails."""
    while not (await ctx.tick().sample(condition))[-1]:
        pass


def evaluate(inputs: Sequence[Value], outputs: Sequence[Value], cases: Iterable[Sequence[int]]) -> list[list[int]]:
    """What logic without state gives for each case: one list of outputs per list of inputs."""
    m, results = Module(), list[list[int]]()
    signals = [Signal.like(output) for output in outputs]
    m.d.comb += [signal.eq(output) for signal, output in zip(signals, outputs, strict=True)]

    async def process(ctx: Any) -> None:
        for case in cases:
            for signal, value in zip(inputs, case, strict=True):
                ctx.set(signal, value)
            results.append([ctx.get(signal) for signal in signals])

    simulator = Simulator(m)
    simulator.add_testbench(process)
    simulator.run()
    return results
