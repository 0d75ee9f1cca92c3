"""What comes back from a portal is the run on one's own machine, bit for bit, for each target."""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ganglion.fpga.boards import BOARDS
from ganglion.fpga.host.board import Board
from ganglion.fpga.virtual.build import build_virtual, virtual_board
from ganglion.fpga.virtual.emulator import VirtualBoard
from ganglion.hs_api import CRI_network, IF_neuron, LIF_neuron
from ganglion.jobs.targets import ACCOUNTED
from ganglion.model.compiler import compile_program
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.random_network import RandomNetwork, random_network
from ganglion.model.spec.errors import PortalError
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.reference import Reference
from ganglion.model.spec.trace import Trace
from ganglion.portal import RemoteJob, hiaer_json
from ganglion.sim.rtl import Rtl
from ganglion.web.portal.examples import EXAMPLES
from tests.web.portal.running import Running

PROBES = {"v": [0, 2], "refractory": [1]}


def same(got: Trace, wanted: Trace) -> None:
    """Whether two traces are the same in every array, and were made by the same target."""
    assert not got.differences(wanted) and got == wanted and got.ran_on == wanted.ran_on
    assert list(got.counters) == list(wanted.counters) and list(got.probes) == list(wanted.probes)
    for mine, theirs in ((got.counters, wanted.counters), (got.probes, wanted.probes)):
        assert all(np.array_equal(mine[name], theirs[name]) for name in mine)
    assert len(got.states) == len(wanted.states)


@pytest.fixture(scope="module")
def network() -> RandomNetwork:
    return random_network(PRESETS["tiny"], 5)


@pytest.fixture(scope="module")
def device() -> Iterator[str]:
    with VirtualBoard(build_virtual(virtual_board(BOARDS["icebreaker"]))) as board:
        yield board.device


def test_on_the_reference_and_the_emulator(portal: Running, network: RandomNetwork, tmp_path: Path) -> None:
    with portal.client("ada") as client, portal.worker("two", ["reference", "emulator"]):
        stepped = client.submit(network.program, network.events, target="reference", states=True, probes=PROBES)
        fast = client.submit(*EXAMPLES["digits"].make(), target="emulator")
        axons = {"x": [("a", 9), ("b", -2)]}
        connections = {"a": ([("b", 3)], LIF_neuron(3, -17, 2, 1)), "b": ([], IF_neuron(2))}
        steps = tmp_path / "steps.json"
        steps.write_text(json.dumps({"steps": [["x"], ["x"], [], [], ["x"]]}))
        theirs = client.submit(hiaer_json(axons, connections, ["a", "b"]), steps, target="reference", steps=9)
        local = Reference(network.program).run(network.events, keep_states=True, probes=PROBES)
        same(client.wait(stepped, 120).trace(), local)
        program, events = EXAMPLES["digits"].make()
        same(client.wait(fast, 300).trace(), Emulator(program).run(events))
        spikes = client.wait(theirs, 60).trace().spikes
        own = CRI_network(axons, connections, ["a", "b"])
        wanted = [(t, "ab".index(key)) for t in range(9) for key in own.step(["x"] if t in (0, 1, 4) else [])]
        assert spikes.tolist() == [list(spike) for spike in wanted] and wanted
        with pytest.raises(PortalError, match="drawn by the host"):
            client.submit(hiaer_json({}, {"a": ([], LIF_neuron(3, 2))}, ["a"]), steps)


@pytest.mark.sim
def test_on_the_rtl_of_an_image(portal: Running, network: RandomNetwork) -> None:
    image = compile_program(network.program)
    with portal.client("ada") as client, portal.worker("rtl", ["rtl"]):
        job = client.submit(image, network.events, target="rtl", states=True, probes=PROBES)
        got = client.wait(job, 400).trace()
    with Rtl(image, counters=ACCOUNTED) as rtl:
        same(got, rtl.run(network.events, keep_states=True, probes=PROBES))


@pytest.mark.sim
def test_on_a_board(portal: Running, device: str) -> None:
    network = random_network(PRESETS["icebreaker"], 1)
    with portal.client("ada") as client, portal.worker("bench", ["board"], device):
        job = client.submit(network.program, network.events, target="board", probes=PROBES)
        got = client.wait(job, 400).trace()
    with closing(Board(network.program, device)) as board:
        same(got, board.run(network.events, probes=PROBES))


def test_a_job_that_takes_too_much_or_is_unwanted_is_ended(portal: Running, network: RandomNetwork) -> None:
    with portal.client("ada") as client:

        def started(steps: int, **request: Any) -> RemoteJob:
            """A job that runs for long."""
            job = client.submit(network.program, network.events, target="reference", steps=steps, **request)
            while client.job(job.id).state == "queued":
                time.sleep(0.1)
            return job

        with portal.worker("limits", ["reference"]):
            slow = started(1_000_000, seconds=0.7)
            assert "took longer than the 0.7 s" in client.wait(slow, 60).error
            large = started(20_000, states=True, memory=8 << 20)
            assert "needs more than the 8 MB of memory that it may take" in client.wait(large, 200).error
            unwanted = started(1_000_000)
            client.cancel(unwanted.id)
            assert client.wait(unwanted, 60).state == "cancelled"
            left = started(1_000_000)
        given_back = portal.store.jobs.get(left.id)
        assert (given_back.state, given_back.attempts, given_back.worker) == ("queued", 0, None)
        client.cancel(left.id)
