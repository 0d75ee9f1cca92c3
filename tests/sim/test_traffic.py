"""What the routers count: where spikes went, that none was lost, and that one packet serves a whole subtree."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ganglion.model.compiler import Image, compile_program
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.events import Events
from ganglion.model.spec.memories import Memory
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.packets import ACCESS, SPIKE, Kind, Scope
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program
from ganglion.model.spec.registers import Counter, RouterCounter
from ganglion.model.spec.tree import cores_of, places_in, route_to
from ganglion.sim.driver import Stalls
from ganglion.sim.native import NativeDriver
from ganglion.sim.rtl import Rtl
from ganglion.sim.traffic import measure
from tests.sim.chips import chip_of, simulation

SIXTEEN = chip_of(16)

CYCLES = 10**6
"""Of the stress."""

STEPS = 200
"""Steps between two looks at the clock."""

PORTS = 4


@pytest.fixture(scope="module")
def chip() -> Iterator[NativeDriver]:
    with simulation(SIXTEEN) as driver:
        yield driver


def always_firing(params: Params, rng: np.random.Generator) -> Program:
    """Every neuron fires in every step, and sends to one neuron of each of a few cores."""
    neurons = params.neurons * params.cores
    core = np.arange(neurons) // params.neurons
    source, target = [0], [int(rng.integers(neurons))]
    for neuron in range(neurons):
        for other in (core[neuron], (core[neuron] + (1, 6)[neuron % 2]) % params.cores):
            source.append(1 + neuron)
            target.append(other * params.neurons + int(rng.integers(params.neurons)))
    return Program.build(
        params=params,
        types=(NeuronType.binary(),),
        threshold=np.full(neurons, -120),
        inputs=1,
        pre=source,
        post=1 + np.array(target),
        weight=np.ones(len(source), dtype=np.int64),
        outputs=[0, 77],
    )


def in_order(program: Program) -> Image:
    """A network that fills a chip, its neurons core by core."""
    placement = np.stack(np.divmod(np.arange(program.neurons), program.params.neurons), axis=1)
    return compile_program(program, placement=placement, allow_overflow=True)


def growth(rtl: Rtl, before: dict[tuple[int, int], IntArray]) -> dict[tuple[int, int], IntArray]:
    """What the routers have counted since."""
    return {router: now - before[router] for router, now in rtl.traffic().items()}


def core_counters(rtl: Rtl, counter: Counter) -> IntArray:
    cores = range(rtl.params.cores)
    return np.array([rtl.access.numbers(Memory.COUNTERS, [counter], core)[0] for core in cores])


def arrivals(image: Image) -> tuple[IntArray, IntArray, IntArray]:
    """Per core, if every neuron fires once: spikes sent out of it, that come in to it, and that it keeps."""
    levels, cores = image.params.levels, image.params.cores
    sent, come, kept = (np.zeros(cores, dtype=np.int64) for _ in range(3))
    for core in range(cores):
        table = image.columns(Memory.FANOUT, core)
        for row in image.neurons.row[image.neurons.core == core]:
            entry = int(row)
            while True:
                scope, route = int(table["scope"][entry]), int(table["route"][entry])
                if scope == Scope.CORE:
                    kept[core] += 1
                elif scope != Scope.NOWHERE:
                    sent[core] += 1
                if scope >= Scope.LEVEL_1:
                    level = scope - Scope.LEVEL_1 + 1
                    above = route_to(levels, core) >> 4 * level << 4 * level
                    come[cores_of(levels, route & (1 << 4 * level) - 1 | above)] += 1
                entry = int(table["next"][entry])
                if not entry:
                    break
    return sent, come, kept


def test_nothing_is_lost_while_every_neuron_fires_for_a_million_cycles(chip: NativeDriver) -> None:
    program = always_firing(SIXTEEN, np.random.default_rng(4))
    image = in_order(program)
    rtl = Rtl(image, chip, stalls=Stalls(source=0.3, sink=0.5, seed=7), counters=())
    routers = rtl.traffic()
    cores = {counter: core_counters(rtl, counter) for counter in (Counter.SPIKES, Counter.PACKETS, Counter.EVENTS)}
    cycles = steps = 0
    events = Events.from_steps([[0]] * STEPS)
    while cycles < CYCLES:
        trace = rtl.run(events)
        cycles, steps = cycles + trace.total("cycles"), steps + STEPS
        assert len(trace.spikes) == STEPS * program.outputs.size, "every spike of an output came to the host"
    counted = growth(rtl, routers)
    sent, come, kept = arrivals(image)
    packets = core_counters(rtl, Counter.PACKETS) - cores[Counter.PACKETS]
    taken = core_counters(rtl, Counter.EVENTS) - cores[Counter.EVENTS]
    assert (core_counters(rtl, Counter.SPIKES) - cores[Counter.SPIKES] == steps * SIXTEEN.neurons).all()
    from_host = np.array([core == program_core(image) for core in range(16)]) * 1
    assert np.array_equal(packets, steps * sent)
    assert np.array_equal(taken, steps * (come + kept + from_host))
    for core in range(16):
        child, router = places_in(SIXTEEN.levels, core)
        assert counted[1, router][RouterCounter.FROM_CHILD_0 + child] == packets[core]
        assert counted[1, router][RouterCounter.TO_CHILD_0 + child] == steps * (come + from_host)[core]
    root = counted[2, 0]
    for router in range(4):
        low = counted[1, router]
        assert low[:PORTS].sum() == low[RouterCounter.TO_PARENT] + low[RouterCounter.TURNED]
        assert low[RouterCounter.TO_PARENT] == root[RouterCounter.FROM_CHILD_0 + router]
        assert low[RouterCounter.FROM_PARENT] == root[RouterCounter.TO_CHILD_0 + router]
    assert root[RouterCounter.TO_PARENT] == steps * program.outputs.size
    assert root[RouterCounter.FROM_PARENT] == steps
    assert not any(counters[RouterCounter.BAD_PACKETS] for counters in counted.values())


def program_core(image: Image) -> int:
    """The core that hears input 0."""
    (core,) = cores_of(image.params.levels, int(image.inputs.route[0]))
    return core


def test_multicast_to_a_subtree_is_one_packet_above_it(chip: NativeDriver) -> None:
    """A neuron of core 0 sends to all four cores of the second subtree: one packet up, one across, one down, and four
    copies only at the end."""
    program = Program.build(
        params=SIXTEEN,
        types=(NeuronType.binary(),),
        threshold=[0, *[7] * 4],
        bias=0,
        inputs=1,
        pre=[0, 1, 1, 1, 1],
        post=[1, 2, 3, 4, 5],
        weight=[1, 5, 5, 5, 5],
        outputs=[],
    )
    image = compile_program(program, placement=np.array([[0, 0], [4, 0], [5, 1], [6, 2], [7, 3]]))
    rtl = Rtl(image, chip)
    before = rtl.traffic()
    rtl.run(Events.from_steps([[0], []]))
    counted = growth(rtl, before)
    wanted = {router: dict[str, int]() for router in counted}
    wanted[1, 0] = {"FROM_PARENT": 1, "TO_CHILD_0": 1, "FROM_CHILD_0": 1, "TO_PARENT": 1}  # the host's event, the spike
    wanted[2, 0] = {"FROM_PARENT": 1, "TO_CHILD_0": 1, "FROM_CHILD_0": 1, "TURNED": 1, "TO_CHILD_1": 1}
    wanted[1, 1] = {"FROM_PARENT": 1, "TO_CHILD_0": 1, "TO_CHILD_1": 1, "TO_CHILD_2": 1, "TO_CHILD_3": 1}
    named = {
        router: {RouterCounter(k).name: int(n) for k, n in enumerate(counts) if n} for router, counts in counted.items()
    }
    assert named == wanted
    assert rtl.state().accumulators[:, 1:].sum() == 20


def test_packets_that_reach_nobody_are_counted(chip: NativeDriver) -> None:
    program = Program.build(
        params=SIXTEEN, types=(NeuronType.binary(),), threshold=[0], inputs=1, pre=[0], post=[1], weight=[1]
    )
    rtl = Rtl(compile_program(program), chip)
    before = rtl.traffic()
    strange = [
        SPIKE.pack(kind=Kind.SPIKE, axon=0),  # no child of the root
        SPIKE.pack(kind=Kind.SPIKE, axon=0, route=0x10),  # a child of the root, but none of its
        ACCESS.pack(kind=Kind.READ, memory=Memory.STATE, row=0),  # a router has counters alone
        ACCESS.pack(kind=Kind.READ, memory=Memory.COUNTERS, row=len(RouterCounter)),
        ACCESS.pack(kind=Kind.WRITE, memory=Memory.COUNTERS, row=0, route=0x20),
        7,  # no kind has the number
    ]
    answer = chip.exchange(np.array(strange, dtype=np.uint64))
    assert answer.words.size == 0
    bad = {router: int(counts[RouterCounter.BAD_PACKETS]) for router, counts in growth(rtl, before).items()}
    assert bad == {(2, 0): 4, (1, 0): 1, (1, 1): 1, (1, 2): 0, (1, 3): 0}


def test_the_load_of_every_link_is_measured_and_drawn(chip: NativeDriver, tmp_path: Path) -> None:
    program = always_firing(SIXTEEN, np.random.default_rng(4))
    image = in_order(program)
    traffic = measure(Rtl(image, chip), Events.from_steps([[0]] * 5))
    sent, come, _ = arrivals(image)
    come[program_core(image)] += 1
    assert [(link.up, link.down) for link in traffic.links[:16]] == [
        (5 * s, 5 * c) for s, c in zip(sent, come, strict=True)
    ]
    assert [link.level for link in traffic.links] == [0] * 16 + [1] * 4
    assert traffic.cycles > 0
    traffic.draw(tmp_path / "traffic.svg")
    assert (tmp_path / "traffic.svg").read_text().startswith("<?xml")
