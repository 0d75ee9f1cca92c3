"""The cocotb test behind `ganglion.sim.cocotb_driver`: a chip that serves resets and exchanges until we hang up.

`python -m ganglion.sim.cocotb_server BUILD SCRATCH` runs the simulator built in folder BUILD.
"""

import os
import sys
from multiprocessing.connection import Listener
from typing import Any

import cocotb
import numpy as np
from cocotb.clock import Clock
from cocotb.triggers import First, RisingEdge, Timer
from cocotb.utils import get_sim_time

from ganglion.model.spec import packet_arrays
from ganglion.model.spec.errors import ChipError
from ganglion.model.spec.memories import Memory, memories, state_memories
from ganglion.model.spec.packet_arrays import Chunks, Words
from ganglion.model.spec.packets import KIND_BITS, Kind
from ganglion.model.spec.params import Params
from ganglion.model.spec.tree import route_to
from ganglion.sim.access import replies
from ganglion.sim.cocotb_driver import ADDRESS, TEST, Runner
from ganglion.sim.driver import Answer, Stalls, patience, stuck
from ganglion.sim.streams import Stream, StreamMonitor, StreamSink, StreamSource, random_stalls

PERIOD = 2
"""Of the clock, in steps of simulated time."""

KIND_MASK = (1 << KIND_BITS) - 1

OPENING = (Kind.SPIKE, Kind.END)
"""Packets that begin a step."""


@cocotb.test()
async def serve(dut: Any) -> None:
    """Does one job after the other. A job is the name of a method of `Server` and its arguments."""
    with Listener(os.environ[ADDRESS], family="AF_UNIX") as listener, listener.accept() as connection:
        server = Server(dut)
        while True:
            try:
                name, *arguments = connection.recv()
            except EOFError:
                return
            try:
                connection.send(await getattr(server, name)(*arguments))
            except ChipError as error:
                connection.send(error)


class Server:
    """The chip with its streams."""

    def __init__(self, dut: Any) -> None:
        self.dut = dut
        self.edge = RisingEdge(dut.clk)
        self.outputs: list[tuple[int, int]] = []
        self.ends = self.replies = 0
        self.source = StreamSource(Stream.of(dut, "i"))
        self.sink = StreamSink(Stream.of(dut, "o"))
        # The monitor is started first, so that at each edge it runs before whoever waits for what it notes.
        cocotb.start_soon(StreamMonitor(Stream.of(dut, "o"), self.receive).run())
        cocotb.start_soon(self.sink.run())
        Clock(dut.clk, PERIOD, unit="step").start()

    async def params(self, params: Params) -> None:
        """Of the chip that is simulated."""
        self.specs = memories(params)
        self.chip = params

    async def reset(self, stalls: Stalls) -> None:
        """See `ganglion.sim.driver.Driver`."""
        self.stalls = stalls
        self.source.stalls = random_stalls(stalls.source, f"{stalls.seed} source")
        self.sink.stalls = random_stalls(stalls.sink, f"{stalls.seed} sink")
        self.rested = False
        self.dut.i__valid.value = 0
        self.dut.rst.value = 1
        await self.edge
        await self.edge
        self.dut.rst.value = 0

    async def exchange(self, words: Words, replies: int, states: bool, ahead: bool) -> Answer:
        """See `ganglion.sim.driver.Driver`.

        Raises:
            ChipError: the chip is stuck.
        """
        job = cocotb.start_soon(self.do_exchange(words, replies, states, ahead))
        watch = cocotb.start_soon(self.watch())
        await First(job, watch)
        watch.cancel()
        if job.done():
            answer: Answer = job.result()
            return answer
        job.cancel()
        given = np.array([payload for payload, _ in self.outputs], dtype=np.uint64)
        raise ChipError(f"the chip ({self.chip.name}) {stuck(self.source.taken, words, given)}")

    async def watch(self) -> None:
        """Returns when no packet has gone in or out for too long."""
        before = (-1, -1)
        while before != (now := (self.source.taken, len(self.outputs))):
            before = now
            await Timer(PERIOD * patience(self.chip, self.stalls), "step")

    async def do_exchange(self, words: Words, replies: int, states: bool, ahead: bool) -> Answer:
        """The exchange itself."""
        start = self.cycle() + 1
        self.outputs, self.steps, self.ahead, self.open = [], [], ahead, False
        self.source.taken = self.ends = self.replies = ends = 0
        snapshots: dict[Memory, list[Chunks]] = {memory: [] for memory in state_memories(self.chip)}
        for part in np.split(words, np.flatnonzero(packet_arrays.kinds(words) == Kind.END) + 1):
            kinds = packet_arrays.kinds(part)
            opens = int(np.argmax(np.append(np.isin(kinds, OPENING), True)))
            await self.send(part[:opens])
            if opens < part.size and not ahead:
                # A step is timed from rest: its first packet waits for what reads and writes before it set going.
                await self.rest(ends)
            await self.send(part[opens:])
            if kinds.size and kinds[-1] == Kind.END and not ahead:
                ends += 1
                await self.rest(ends)
                self.steps.append(self.cycle() - self.begin)
                self.open = False
                for memory in snapshots if states else ():
                    snapshots[memory].append(await self.read(memory))
        await self.rest(int((packet_arrays.kinds(words) == Kind.END).sum()), replies)
        return Answer(
            words=np.array([payload for payload, _ in self.outputs], dtype=np.uint64),
            cycles=np.array([cycle - start for _, cycle in self.outputs], dtype=np.int64),
            step_cycles=np.array(self.steps, dtype=np.int64),
            total=self.cycle() + 1 - start,
            states={memory: np.stack(rows) for memory, rows in snapshots.items() if rows},
        )

    async def send(self, words: Words) -> None:
        """Offers packets until all are taken."""
        self.rested = self.rested and not words.size
        await self.source.send(words.tolist(), self.offered)

    async def rest(self, ends: int, replies: int = 0) -> None:
        """Until the chip is at rest and has sent as many ENDs and replies."""
        while not self.rested or self.replies < replies:
            await self.edge
            self.rested = not self.dut.busy.value and self.ends >= ends

    async def read(self, memory: Memory) -> Chunks:
        """All rows of a memory of all cores, by READ packets; what the host asked for is not disturbed."""
        spec, cores = self.specs[memory], self.chip.cores
        outputs, answered = self.outputs, self.replies
        self.outputs = []
        routes = [route_to(self.chip.levels, core) for core in range(cores)]
        rows, chunks = np.arange(spec.rows), spec.layout.chunks
        reads = np.concatenate([packet_arrays.reads(memory, rows, chunks, route) for route in routes])
        await self.send(reads)
        await self.rest(0, answered + reads.size)
        got = np.array([payload for payload, _ in self.outputs], dtype=np.uint64)
        self.outputs, self.replies = outputs, answered
        return replies(got, reads).reshape(cores, spec.rows, chunks)

    def offered(self, payload: int) -> None:
        """Notes a packet that is offered from the next cycle on."""
        if not self.open and payload & KIND_MASK in OPENING:
            self.open = True
            self.begin = self.cycle() + 1

    def receive(self, payload: int) -> None:
        """Notes a packet that the chip gave in the cycle that ends now."""
        self.outputs.append((payload, self.cycle()))
        kind = payload & KIND_MASK
        self.replies += kind == Kind.REPLY
        self.ends += kind == Kind.END
        if kind == Kind.END and self.ahead:
            self.steps.append(self.cycle() - self.begin)
            self.begin = self.cycle()

    def cycle(self) -> int:
        """Number of the cycle that ends now."""
        return get_sim_time("step") // PERIOD


def main() -> None:
    """Runs the simulator; returns when it ends."""
    build, scratch = sys.argv[1:]
    Runner().test(
        test_module=TEST,
        hdl_toplevel="chip",
        hdl_toplevel_lang="verilog",
        build_dir=build,
        test_dir=scratch,
        results_xml=f"{scratch}/results.xml",
    )


if __name__ == "__main__":
    main()
