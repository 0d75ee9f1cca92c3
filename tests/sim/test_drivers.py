"""Both benches are the same machine, and both hold the chip to its protocol."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from ganglion.model.random_network import random_network
from ganglion.model.spec import packet_arrays
from ganglion.model.spec.errors import ChipError
from ganglion.model.spec.memories import Where, memories
from ganglion.model.spec.packets import ACCESS, Kind, end
from ganglion.model.spec.params import Params
from ganglion.sim.build import Chip
from ganglion.sim.cocotb_driver import CocotbDriver
from ganglion.sim.driver import Driver, Stalls
from ganglion.sim.native import NativeDriver
from ganglion.sim.rtl import Rtl
from ganglion.sim.verify import verify

DRIVERS = [pytest.param(NativeDriver, id="native"), pytest.param(CocotbDriver, id="cocotb")]


@pytest.mark.parametrize("seed", range(5))
def test_both_benches_give_the_same_trace(tiny: Params, native: NativeDriver, cocotb: CocotbDriver, seed: int) -> None:
    """Spikes, counters, cycles, and all state: from the hierarchy in one bench, through packets in the other."""
    network = random_network(tiny, seed)
    one, other = (Rtl(network.image, bench).run(network.events, keep_states=True) for bench in (native, cocotb))
    np.testing.assert_array_equal(one.spikes, other.spikes)
    for name, counts in one.counters.items():
        np.testing.assert_array_equal(counts, other.counters[name], err_msg=name)
    for mine, theirs in zip(one.states, other.states, strict=True):
        for field, array in mine.arrays().items():
            np.testing.assert_array_equal(array, theirs.arrays()[field], err_msg=field)


@pytest.mark.parametrize("ahead", [False, True])
def test_both_benches_count_the_same_cycles(
    tiny: Params, native: NativeDriver, cocotb: CocotbDriver, ahead: bool
) -> None:
    network = random_network(tiny, 3)
    steps = [network.events[t] for t in range(10)]
    script = np.concatenate([np.append(packet_arrays.spikes(axons), np.uint64(Kind.END)) for axons in steps])
    answers = []
    for bench in (native, cocotb):
        Rtl(network.image, bench)
        answers.append(bench.exchange(script, ahead=ahead))
    one, other = answers
    for name in ("words", "cycles", "step_cycles", "total"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


def test_a_host_may_stream_ahead(tiny: Params, native: NativeDriver) -> None:
    """The chip holds back what belongs to the next step: the same spikes in the same steps."""
    for seed in range(50):
        network = random_network(tiny, seed)
        steps = range(network.events.steps)
        axons = network.image.inputs.axon
        script = np.concatenate(
            [np.append(packet_arrays.spikes(axons[network.events[t]]), np.uint64(Kind.END)) for t in steps]
        )
        words = []
        for ahead, stalls in ((False, Stalls()), (True, Stalls()), (True, Stalls(0.3, 0.6, seed))):
            Rtl(network.image, native, stalls=stalls)
            words.append(native.exchange(script, ahead=ahead).words)
        np.testing.assert_array_equal(words[0], words[1], err_msg=f"seed {seed}")
        np.testing.assert_array_equal(words[0], words[2], err_msg=f"seed {seed}")


def test_cocotb_in_lockstep_with_stalls(tiny: Params, cocotb: CocotbDriver) -> None:
    assert verify(tiny, seed=100, networks=8, driver=cocotb).networks == 8


@pytest.mark.parametrize("stalls", [Stalls(), Stalls(0.5, 0.5, 7)], ids=str)
def test_every_row_of_every_memory_keeps_what_is_written(tiny: Params, either: Driver, stalls: Stalls) -> None:
    rng = np.random.default_rng(0)
    either.reset(stalls)
    written = {}
    network = {memory: spec for memory, spec in memories(tiny).items() if spec.where is not Where.CONTROL}
    for memory, spec in network.items():
        fields = {f.name: rng.integers(f.low, f.high + 1, spec.rows) for f in spec.layout.fields}
        written[memory] = spec.layout.pack_rows(spec.rows, fields)
        either.exchange(packet_arrays.writes(memory, np.arange(spec.rows), written[memory]))
    for memory, chunks in written.items():
        reads = packet_arrays.reads(memory, np.arange(chunks.shape[0]), chunks.shape[1])
        answer = either.exchange(reads, replies=reads.size)
        got = packet_arrays.unpack(ACCESS, "data", answer.words).reshape(chunks.shape)
        np.testing.assert_array_equal(got, chunks, err_msg=memory.name)


@pytest.fixture(params=DRIVERS)
def rogue_driver(request: pytest.FixtureRequest, rogue: Chip) -> Iterator[Driver]:
    """Each driver with a chip that breaks its protocol, upon which a simulation of cocotb ends."""
    with closing(request.param(rogue)) as driver:
        yield driver


@pytest.mark.parametrize(
    ("word", "complaint"),
    [
        (8, "withdrew|and then nothing"),
        (9, "changed or withdrew|and then 0x"),
        (10, "stuck: it took 1 of 40 packets"),
        (11, "assert|Assert"),
    ],
    ids=["withdraws", "changes", "freezes", "asserts"],
)
def test_a_chip_that_breaks_its_protocol_is_caught(rogue_driver: Driver, word: int, complaint: str) -> None:
    rogue_driver.reset(Stalls(sink=0.8, seed=1))
    with pytest.raises(ChipError, match=complaint):
        rogue_driver.exchange(np.full(40, word, dtype=np.uint64))


def test_a_reply_that_never_comes_is_no_endless_wait(rogue_driver: Driver) -> None:
    with pytest.raises(ChipError, match="gave 0 SPIKE, 0 END, 0 REPLY, and is still busy or owes an answer"):
        rogue_driver.exchange(np.array([12], dtype=np.uint64), replies=1)


def test_a_chip_that_sends_without_end_is_caught(rogue: Chip, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ganglion.sim.native.SLICE", 100)
    with closing(NativeDriver(rogue)) as driver, pytest.raises(ChipError, match=r"sent \d+ packets and goes on; for"):
        driver.exchange(np.array([13], dtype=np.uint64))


def test_a_waveform_is_written(tmp_path: Path, tiny: Params) -> None:
    bench = NativeDriver(tiny, traced=True)
    bench.record(tmp_path / "wave.vcd")
    bench.exchange(np.array([end()], dtype=np.uint64))
    bench.close()
    assert "i__payload" in (tmp_path / "wave.vcd").read_text()
