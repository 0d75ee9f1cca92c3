"""The chip as a target: run-time access, counters, bad packets, and what users get wrong."""

from itertools import pairwise

import numpy as np
import pytest

from ganglion.model.lockstep import lockstep
from ganglion.model.random_network import RandomNetwork, random_network
from ganglion.model.spec.errors import ChipError, EventError, FormatError, GanglionError, ProgramError
from ganglion.model.spec.events import Events
from ganglion.model.spec.limits import READABLE
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.packets import ACCESS, SPIKE, Kind
from ganglion.model.spec.params import Params
from ganglion.model.spec.reference import Reference
from ganglion.model.spec.registers import Counter, counters
from ganglion.model.spec.state import State
from ganglion.sim.driver import Driver
from ganglion.sim.native import NativeDriver
from ganglion.sim.rtl import Rtl


def assert_same(mine: State, theirs: State, note: str) -> None:
    for field, array in mine.arrays().items():
        np.testing.assert_array_equal(array, theirs.arrays()[field], err_msg=f"{note}: {field}")


@pytest.fixture(params=range(4))
def network(request: pytest.FixtureRequest, tiny: Params) -> RandomNetwork:
    return random_network(tiny, 1000 + request.param)


def test_a_run_in_parts_is_the_run(network: RandomNetwork, native: NativeDriver) -> None:
    whole = Rtl(network.image, native).run(network.events)
    rtl = Rtl(network.image, native)
    parts = []
    for begin, stop in pairwise((0, 3, 3, 11, network.events.steps)):
        start = network.events.start[begin : stop + 1]
        part = Events(network.events.axon[start[0] : start[-1]], start - start[0])
        parts.append(rtl.run(part))
        assert parts[-1].first == begin
    np.testing.assert_array_equal(np.concatenate([p.spikes for p in parts]), whole.spikes)
    for name in ("spikes", "synops", "overflows"):
        np.testing.assert_array_equal(np.concatenate([p.counters[name] for p in parts]), whole.counters[name])


def test_state_and_constants_can_be_written_between_steps(network: RandomNetwork, either: Driver) -> None:
    """Random writes of every kind on chip and reference, between short runs, leave the two equal."""
    rng = np.random.default_rng(network.seed)
    program, params = network.program, network.image.params
    rtl, reference = Rtl(network.image, either), Reference(program)
    for round_ in range(3):
        for field in READABLE:
            layout = next(
                memories(params)[m].layout
                for m in (Memory.STATE, Memory.NEURONS)
                if field in memories(params)[m].layout
            )
            bits = next(f for f in layout.fields if f.name == field)
            high = len(program.types) - 1 if field == "type" else bits.high
            neuron, value = int(rng.integers(program.neurons)), int(rng.integers(bits.low, high + 1))
            rtl.write(field, neuron, value)
            reference.write(field, neuron, value)
        for synapse in rng.integers(0, max(program.synapses, 1), 4 if program.synapses else 0).tolist():
            half = 1 << (params.weight_bits - 1)
            weight = int(rng.integers(-half, half))
            rtl.write_weights(synapse, weight)
            reference.write_weights(synapse, weight)
        np.testing.assert_array_equal(rtl.weights(), reference.weights(), err_msg=f"seed {network.seed}")
        note = f"seed {network.seed}, round {round_}"
        assert_same(rtl.state(), reference.state(), note)
        events = Events.from_steps([network.events[t] for t in range(5)])
        mine, theirs = (target.run(events, keep_states=True) for target in (rtl, reference))
        for t in range(5):
            assert_same(mine.states[t], theirs.states[t], f"{note}, step {t}")


def test_reset_keeps_weights_and_clears_state(network: RandomNetwork, native: NativeDriver) -> None:
    rtl = Rtl(network.image, native)
    weights = rtl.weights()
    np.testing.assert_array_equal(weights, network.program.weight)
    first = rtl.run(network.events, keep_states=True)
    rtl.reset()
    assert_same(rtl.state(), State.zeros(network.program.neurons, network.image.params.delay_slots), "after reset")
    again = rtl.run(network.events, keep_states=True)
    assert again.first == 0
    np.testing.assert_array_equal(first.spikes, again.spikes)
    np.testing.assert_array_equal(rtl.weights(), weights)


def test_what_does_not_fit_is_not_written(network: RandomNetwork, native: NativeDriver) -> None:
    rtl = Rtl(network.image, native)
    with pytest.raises(ProgramError, match="v of neuron 0 must be -128 to 127, not 1000"):
        rtl.write("v", 0, 1000)
    with pytest.raises(ProgramError, match="'number' cannot be written; v, u, a, refractory, threshold, bias, type"):
        rtl.write("number", 0, 1)
    with pytest.raises(ProgramError, match="weight of synapse 0 must be -8 to 7, not 8"):
        rtl.write_weights(0, 8)


def test_all_counters_can_be_in_the_trace(network: RandomNetwork, native: NativeDriver) -> None:
    trace = Rtl(network.image, native, counters=counters(network.image.params)).run(network.events)
    assert (trace.counters["steps"] == 1).all()
    assert trace.total("bad_packets") == 0
    host = np.diff(network.events.start)
    assert (trace.counters["events"] >= host).all()
    assert (trace.counters["update_cycles"] < trace.counters["cycles"]).all()


def test_a_counter_that_the_chip_has_not_is_refused(network: RandomNetwork, native: NativeDriver) -> None:
    with pytest.raises(ProgramError, match=r"the chip \(tiny\), which does not learn, has no counter visits"):
        Rtl(network.image, native, counters=tuple(Counter))


BAD = {
    "kind 0": 0,
    "unknown kind": 15,
    "a reply": ACCESS.pack(kind=Kind.REPLY, memory=Memory.STATE),
    "no such axon": SPIKE.pack(kind=Kind.SPIKE, axon=60000),
    "the axon after the last": None,
    "no such memory": ACCESS.pack(kind=Kind.WRITE, memory=Memory.RULES, data=1),
    "no such row": ACCESS.pack(kind=Kind.WRITE, memory=Memory.TYPES, row=4, data=1),
    "no such chunk": ACCESS.pack(kind=Kind.WRITE, memory=Memory.STATE, chunk=9, data=1),
    "read of no memory": ACCESS.pack(kind=Kind.READ, memory=15),
    "read of no row": ACCESS.pack(kind=Kind.READ, memory=Memory.FANOUT, row=1 << 19),
    "read of no chunk": ACCESS.pack(kind=Kind.READ, memory=Memory.SYNAPSES, chunk=15),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_packet_is_counted_and_the_chip_keeps_running(tiny: Params, either: Driver, name: str) -> None:
    bad = BAD[name]
    word = np.array([SPIKE.pack(kind=Kind.SPIKE, axon=tiny.axons) if bad is None else bad], dtype=np.uint64)
    network = random_network(tiny, 1)
    rtl = Rtl(network.image, either)
    before = rtl.chip_counter(Counter.BAD_PACKETS)
    assert either.exchange(np.repeat(word, 3)).words.size == 0
    assert rtl.chip_counter(Counter.BAD_PACKETS) == before + 3
    with pytest.raises(ChipError, match=r"dropped 3 packet\(s\) as bad \(counter BAD_PACKETS\)"):
        rtl.run(network.events)
    lockstep(network.program, network.events, Rtl(network.image, either), Reference(network.program))


def test_an_image_for_other_parameters_is_refused(tiny: Params, native: NativeDriver) -> None:
    other = random_network(tiny.replace(axons=30, name="bigger"), 0)
    with pytest.raises(FormatError, match=r"for another chip \(bigger, not tiny\); field: image, chip: axons: 30, 24"):
        Rtl(other.image, native)


def test_an_event_for_no_axon_is_refused_before_anything_runs(network: RandomNetwork, native: NativeDriver) -> None:
    rtl = Rtl(network.image, native)
    bad_packets = rtl.chip_counter(Counter.BAD_PACKETS)
    with pytest.raises(EventError, match="event 1, in step 2, is for axon 99; the network has axons 0 to"):
        rtl.run(Events.from_steps([[0], [], [99]]))
    assert rtl.t == 0
    assert rtl.chip_counter(Counter.BAD_PACKETS) == bad_packets


def test_a_strange_driver_is_refused(network: RandomNetwork) -> None:
    with pytest.raises(GanglionError, match='driver must be "native" or "cocotb", not \'modelsim\''):
        Rtl(network.image, "modelsim")  # type: ignore[arg-type]
