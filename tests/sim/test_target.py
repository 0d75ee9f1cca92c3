"""A chip as a target answers as the golden reference does, on one core and on several, also to mistakes."""

from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np
import pytest

from ganglion.model.compiler import compile_program
from ganglion.model.random_network import RandomNetwork, random_network
from ganglion.model.spec.errors import ChipError, GanglionError
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.packets import SPIKE, Kind, Scope, end
from ganglion.model.spec.params import Params
from ganglion.model.spec.reference import Reference
from ganglion.model.spec.registers import Counter
from ganglion.sim.driver import Answer, Stalls
from ganglion.sim.native import NativeDriver
from ganglion.sim.rtl import Rtl
from ganglion.sim.target import COUNTERS, ChipTarget
from tests.model.spec.target_calls import Caller, answer


def test_rtl_and_reference_answer_alike(tiny: Params, native: NativeDriver) -> None:
    complaints = 0
    for seed in range(25):
        network = random_network(tiny, seed)
        rtl, reference = Rtl(network.image, native), Reference(network.program)
        for call in Caller(network.program, seed).calls(20):
            wanted = answer(reference, call)
            assert answer(rtl, call) == wanted, f"seed {seed}: {call}"
            complaints += isinstance(wanted, str)
    assert complaints > 50


class Counted:
    """A driver that counts exchanges and packets."""

    def __init__(self, driver: NativeDriver) -> None:
        self.driver = driver
        self.name, self.params, self.chip = driver.name, driver.params, driver.chip
        self.reset, self.close = driver.reset, driver.close
        self.exchanges = self.packets = 0

    def exchange(self, words, **named):  # type: ignore[no-untyped-def]
        self.exchanges += 1
        self.packets += len(words)
        return self.driver.exchange(words, **named)


@pytest.fixture
def counted(native: NativeDriver) -> Iterator[Counted]:
    yield Counted(native)


def test_a_vector_costs_few_exchanges(tiny: Params, counted: Counted) -> None:
    """However many neurons or synapses: one exchange reads; to write takes one more, and one that asks for mistakes."""
    network = random_network(tiny, 2)
    rtl = Rtl(network.image, counted)
    program = network.program
    for call, exchanges in (
        (lambda: rtl.read("v"), 1),
        (lambda: rtl.write("v", np.arange(program.neurons), 3), 3),
        (lambda: rtl.weights(), 1),
        (lambda: rtl.write_weights(np.arange(program.synapses), 1), 3),
        (lambda: rtl.state(), 1),
        (lambda: rtl.run_batch([network.events] * 2), 1 + 2 * (3 + 2)),
    ):
        before = counted.exchanges
        call()
        assert counted.exchanges - before <= exchanges, call
    assert (rtl.read("v") == 3).all() and (rtl.weights() == 1).all()


def test_each_row_of_synapses_is_read_and_written_once(tiny: Params, counted: Counted) -> None:
    def rows(network: RandomNetwork) -> int:
        return np.unique(network.image.synapses.row).size

    drawn = (random_network(tiny, seed) for seed in range(50))
    network = next(one for one in drawn if 3 < rows(one) < one.program.synapses)
    rtl, specs = Rtl(network.image, counted), memories(tiny)
    before = counted.packets
    rtl.write_weights(np.arange(network.program.synapses), 2)
    asked_for_mistakes = specs[Memory.COUNTERS].layout.chunks
    assert counted.packets - before == 2 * rows(network) * specs[Memory.SYNAPSES].layout.chunks + asked_for_mistakes


def test_delays_cost_the_rows_that_they_change(tiny: Params, counted: Counted) -> None:
    """With the weights that have been written into them; nothing is loaded anew."""
    network = random_network(tiny, 2)
    rtl, reference = Rtl(network.image, counted), Reference(network.program)
    loading = counted.packets
    delay = network.program.delay[:2] % (tiny.delay_slots - 1) + 1
    for target in (rtl, reference):
        target.write_weights(np.arange(network.program.synapses), 1)
        target.run(network.events.part(0, 3))
    reference.write_delays([0, 1], delay)
    before = counted.packets
    rtl.write_delays([0, 1], delay)
    assert 0 < counted.packets - before < loading / 4
    rest = network.events.part(3, network.events.steps)
    got, wanted = (target.run(rest, keep_states=True) for target in (rtl, reference))
    assert got.differences(wanted, network.program.outputs) == []
    assert (rtl.weights() == 1).all() and np.array_equal(rtl.program.delay[:2], delay)


def test_probes_cost_a_read_for_each_neuron(tiny: Params, counted: Counted) -> None:
    """Two fields of a neuron are one row."""
    network = random_network(tiny, 4)
    rtl = Rtl(network.image, counted, stalls=Stalls(0.3, 0.3, 1))
    packets = []
    for probes in ({}, {"v": [0]}, {"v": [0], "u": [0, 0], "refractory": [0]}):
        rtl.reset()
        before = counted.packets
        trace = rtl.run(network.events, probes=probes)
        packets.append(counted.packets - before)
    chunks = memories(tiny)[Memory.STATE].layout.chunks
    assert packets[1] - packets[0] == packets[2] - packets[0] == network.events.steps * chunks
    reference = Reference(network.program).run(network.events, probes=probes)
    for field, values in reference.probes.items():
        np.testing.assert_array_equal(trace.probes[field], values, err_msg=field)


def test_counters_are_totals_of_what_the_trace_tells(tiny: Params, native: NativeDriver) -> None:
    network = random_network(tiny, 6)
    rtl = Rtl(network.image, native, counters=(*COUNTERS, Counter.WORDS))
    traces = [rtl.run(network.events) for _ in range(2)]
    for name in ("cycles", "words", "spikes", "synops", "overflows"):
        assert rtl.counters()[name] == sum(trace.total(name) for trace in traces), name
    rtl.reset()
    assert not any(rtl.counters().values())


def test_a_state_goes_on_on_another_placement(tiny: Params, native: NativeDriver) -> None:
    network = random_network(tiny, 8)
    reference = Reference(network.program)
    reference.run(network.events)
    for seed in range(3):
        image = compile_program(
            network.program, placement="random", rng=np.random.default_rng(seed), allow_overflow=True
        )
        rtl = Rtl(image, native)
        rtl.load_state(reference.state())
        assert rtl.t == reference.t
        got, wanted = rtl.run(network.events), Reference(network.program)
        wanted.load_state(reference.state())
        expected = wanted.run(network.events)
        outputs = np.isin(expected.spikes[:, 1], network.program.outputs)
        np.testing.assert_array_equal(got.spikes, expected.spikes[outputs])


def test_stalls_that_cannot_be_are_refused() -> None:
    with pytest.raises(GanglionError, match=r"stalls.sink is a probability below 1, not 1"):
        Stalls(sink=1)


def test_a_spike_has_the_neuron_of_its_whole_number() -> None:
    """Of 70,000 outputs, in an order of their own; a number too high is none of them."""
    outputs = np.random.default_rng(0).permutation(70_000)
    target = object.__new__(ChipTarget)
    target._program = SimpleNamespace(outputs=outputs)  # type: ignore[assignment]
    numbers = [3, 65_535, 65_536, 69_999]
    words = [SPIKE.pack(kind=Kind.SPIKE, scope=Scope.HOST, axon=n & 0xFFFF, route=n >> 16) for n in numbers]
    spikes = target._spikes(Answer(np.array([end(), *words, end()], dtype=np.uint64)), first=10)
    assert spikes.tolist() == [[11, neuron] for neuron in sorted(outputs[numbers])]
    beyond = SPIKE.pack(kind=Kind.SPIKE, scope=Scope.HOST, axon=70_000 & 0xFFFF, route=70_000 >> 16)
    with pytest.raises(ChipError, match="a spike that is none of its outputs: SPIKE route=1 axon=4464 scope=2"):
        target._spikes(Answer(np.array([beyond], dtype=np.uint64)), first=0)
