"""The iCEBreaker's top level, pins and all, behind a pseudo-terminal: driven by the code that drives the real one."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ganglion.fpga.boards import BOARDS
from ganglion.fpga.host.board import Board
from ganglion.fpga.host.driver import BoardDriver
from ganglion.fpga.virtual.build import build_virtual, virtual_board
from ganglion.fpga.virtual.emulator import VirtualBoard
from ganglion.hs_api import ANN_neuron, CRI_network, IF_neuron, LIF_neuron, OnBoard
from ganglion.jobs.boards import ask_board
from ganglion.jobs.run import run
from ganglion.jobs.selftest import selftest
from ganglion.model.compiler import compile_program
from ganglion.model.compiler.predict import predict_cycles
from ganglion.model.networks import digits, shipped
from ganglion.model.random_network import random_network
from ganglion.model.spec.errors import BoardError, FormatError
from ganglion.model.spec.packet_arrays import Words
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.reference import Reference
from ganglion.sim.driver import Answer, Stalls
from tests.model.spec.target_calls import Caller, answer

pytestmark = pytest.mark.sim

ICEBREAKER = PRESETS["icebreaker"]


@pytest.fixture(scope="module")
def program() -> Path:
    return build_virtual(virtual_board(BOARDS["icebreaker"]))


@pytest.fixture
def device(program: Path) -> Iterator[str]:
    with VirtualBoard(program) as board:
        yield board.device


@pytest.fixture
def noisy(program: Path) -> Iterator[str]:
    with VirtualBoard(program, noise=0.0005, seed=9) as board:
        yield board.device


def test_the_self_test_passes_on_a_bad_line(noisy: str) -> None:
    tested = selftest(noisy, networks=1, samples=1)
    assert (tested.board, tested.networks, tested.samples, tested.right) == ("icebreaker", 1, 1, 1)
    assert tested.damaged > 0
    (line,) = tested.shown()
    assert "1 random networks and 1 digits (1 right), all state of every step equal" in str(line)


def test_the_board_and_the_reference_answer_alike(device: str) -> None:
    network = random_network(ICEBREAKER, 1)
    with Board(network.image, device) as board:
        reference = Reference(network.program)
        for call in Caller(network.program, seed=4).calls(10):
            wanted = answer(reference, call)
            assert answer(board, call) == wanted, call


def test_samples_are_sent_while_the_chip_works_on_others(device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one exchange, and one for bad packets; each sample from rest. What is probed comes along."""
    shown = digits.load()
    program = shown.program(ICEBREAKER)
    samples = [shown.encode(image) for image in shown.test_set(None).inputs[:4]]
    probes = {"v": program.outputs[:2]}
    with Board(program, device, counters=()) as board:
        exchange, exchanges = board.driver.exchange, list[int]()

        def counted(words: Words, **options: int) -> Answer:
            exchanges.append(words.size)
            return exchange(words, **options)

        monkeypatch.setattr(board.driver, "exchange", counted)
        traces = board.run_batch(samples, probes=probes)
        assert len(exchanges) == 2
    for trace, events in zip(traces, samples, strict=True):
        wanted = Reference(program).run(events, probes=probes)
        outputs = wanted.spikes[np.isin(wanted.spikes[:, 1], program.outputs)]
        assert np.array_equal(trace.spikes, outputs) and np.array_equal(trace.probes["v"], wanted.probes["v"])
        assert not trace.counters


def test_the_board_tells_what_it_is(device: str) -> None:
    bench = BoardDriver(device)
    assert bench.params == ICEBREAKER
    assert (bench.port.greeting.name, bench.port.greeting.clock) == ("icebreaker", BOARDS["icebreaker"].clock)
    bench.close()


def test_a_hiaer_program_runs_on_a_board(device: str) -> None:
    """Made for the board's own chip; counted, read and written there."""
    axons = {"x": [("a", 9), ("b", -2)], "y": [("c", 5), ("c", 5)]}
    models = LIF_neuron(3, -17, 2, 1), ANN_neuron(-1), IF_neuron(2, soft_reset=True)
    connections = {"a": ([("b", 3), ("c", 2)], models[0]), "b": ([("a", 1)], models[1]), "c": ([], models[2])}
    on_board = CRI_network(axons, connections, ["a", "b", "c"], "CRI", backend=OnBoard(device))
    emulated = CRI_network(axons, connections, ["a", "b", "c"])
    assert on_board.program.params == ICEBREAKER
    for number, inputs in enumerate((["x"], ["x", "y"], [], ["y"], [], [])):
        if number == 3:
            for network in (on_board, emulated):
                network.write_synapse("a", "c", -7)
        fired, cycles, accesses = on_board.step(inputs)
        assert fired == emulated.step(inputs) and cycles > 0 and accesses >= len(inputs)
        assert on_board.read_membrane("abc") == list(zip("abc", emulated.read_membrane("abc"), strict=True))
    on_board.machine.close()


def test_an_image_of_another_chip_is_refused(device: str) -> None:
    image = compile_program(digits.load().program(ICEBREAKER.replace(fanout_entries=300)))
    with pytest.raises(FormatError, match="fanout_entries: 300, 512"):
        Board(image, device)


def test_shipped_networks_run_on_a_board_next_to_other_targets(device: str) -> None:
    targets = ("reference", "board")
    result = run("digits", targets=targets, samples=1, device=device, states=False)
    assert (result.program.params, result.clock_mhz) == (ICEBREAKER, 21.0)
    assert tuple(target.name for target in result.targets) == targets
    for counter in ("spikes", "synops"):
        judged, board = (target.counters[counter] for target in result.targets)
        assert np.array_equal(judged, board) and board.any()
    assert result.timed is result.targets[1]
    assert "spikes and counters were equal after each of 10 steps" in list(result.shown())


def test_a_board_says_what_it_is(device: str) -> None:
    asked = ask_board(device)
    assert (asked.name, asked.clock_mhz, asked.params) == ("icebreaker", 21.0, ICEBREAKER)
    assert "icebreaker, link version" in str(next(asked.shown()))


def test_a_device_that_is_not_there_is_refused() -> None:
    with pytest.raises(BoardError, match="/dev/no-such-board"):
        run("digits", targets=["board"], device="/dev/no-such-board")


def test_streams_of_a_board_cannot_be_stalled(device: str) -> None:
    bench = BoardDriver(device)
    with pytest.raises(BoardError, match="cannot be stalled"):
        bench.reset(Stalls(source=0.5))
    bench.close()


@pytest.mark.parametrize("name", ["digits", pytest.param("mnist", marks=pytest.mark.slow)])
def test_a_sample_takes_the_cycles_of_the_model(name: str, device: str) -> None:
    """The chip works as long as the cycle model says, but for what it waits: a board's events come one by one."""
    shown = shipped.load(name)
    network = shown.program(ICEBREAKER, report_all=True)
    images = shown.test_set(None)
    events = shown.encode(images.inputs[0])
    wanted = Reference(network).run(events)
    board = Board(network, device)
    trace = board.run(events)
    assert trace.ran_on == "board"
    assert np.array_equal(trace.spikes, wanted.spikes) and wanted.spikes.shape[0] > 50
    for name in ("spikes", "synops", "overflows"):
        assert np.array_equal(trace.counters[name], wanted.counters[name])
    assert shown.decode(trace) == images.label[0]
    assert np.array_equal(board.weights(), network.weight)
    model = predict_cycles(board.image, events, wanted)
    assert np.all(np.abs(trace.counters["cycles"] / model - 1) < 0.1), (trace.counters["cycles"], model)
    board.close()
