"""How fast the chip works, and how fast it is simulated."""

import time
from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass

import numpy as np

from ganglion.model.compiler import compile_program
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.arithmetic import signed_range
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.events import Events
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.packets import end
from ganglion.model.spec.params import PRESETS, Params, levels_for
from ganglion.model.spec.program import Program
from ganglion.model.spec.registers import Counter
from ganglion.sim.native import NativeDriver
from ganglion.sim.rtl import Rtl
from ganglion.sim.sweep_benchmark import CORE as LEARNING_CORE
from ganglion.sim.sweep_benchmark import RULES, SweepRate, sweep_rate

SEED = 2026
STEPS = 20
REPEATS = 5

INPUTS = 784
ACTIVITY = 0.1

SECONDS = 1.0
"""How long the simulation is timed, each time."""

CORE = PRESETS["board"].replace(name="board core, 200k synapses", axons=INPUTS, synapse_words=25600)
"""The core of the boards, with synapses enough for 784 x 256 of them."""

CORES = (1, 4, 16, 64)
"""Sizes of the chips whose simulation is timed."""

COUNTERS = (Counter.WORDS, Counter.DELIVER_CYCLES, Counter.SYNOPS, Counter.SPIKES, Counter.OVERFLOWS)


@dataclass(frozen=True)
class Delivery:
    """What a workload did in the deliver phase."""

    words: int
    cycles: int
    synops: int

    @property
    def words_per_cycle(self) -> float:
        """Synapse words walked per cycle in which any event was waiting or walked."""
        return self.words / self.cycles

    @property
    def synops_per_cycle(self) -> float:
        """SynOps per such cycle."""
        return self.synops / self.cycles


def dense(params: Params, seed: int = SEED) -> Program:
    """784 inputs, each to all neurons, random weights other than 0; neurons that never spike."""
    rng = np.random.default_rng(seed)
    source, target = np.divmod(np.arange(INPUTS * params.neurons), params.neurons)
    weight = rng.integers(1, 4, source.size) * rng.choice([-1, 1], source.size)
    return _silent(params, source, target, weight, np.ones(source.size, dtype=np.int64))


def sparse(params: Params, seed: int = SEED) -> Program:
    """784 inputs, each to 32 … 100 random neurons, at random delays; neurons that never spike."""
    rng = np.random.default_rng(seed)
    targets = [rng.choice(params.neurons, rng.integers(32, 101), replace=False) for _ in range(INPUTS)]
    source = np.repeat(np.arange(INPUTS), [t.size for t in targets])
    weight = rng.integers(1, 4, source.size) * rng.choice([-1, 1], source.size)
    return _silent(params, source, np.concatenate(targets), weight, rng.integers(1, params.delay_slots, source.size))


def _silent(params: Params, source: IntArray, target: IntArray, weight: IntArray, delay: IntArray) -> Program:
    return Program.build(
        params=params,
        types=(NeuronType.leaky(4),),
        neurons=params.neurons,
        threshold=signed_range(params.membrane_bits)[1],
        inputs=INPUTS,
        pre=source,
        post=INPUTS + target,
        weight=weight,
        delay=delay,
        seed=SEED,
    )


def poisson(inputs: int, steps: int, activity: float, seed: int = SEED) -> Events:
    """Each input fires in each step with the probability `activity`."""
    return Events.from_raster(np.random.default_rng(seed).random((steps, inputs)) < activity)


def delivery(program: Program, encoding: str, driver: NativeDriver) -> Delivery:
    """Runs a program on the RTL, and counts."""
    image = compile_program(program, encoding=encoding)  # type: ignore[arg-type]
    rtl = Rtl(image, driver, counters=COUNTERS)
    trace = rtl.run(poisson(INPUTS, STEPS, ACTIVITY))
    return Delivery(trace.total("words"), trace.total("deliver_cycles"), trace.total("synops"))


def simulated_rate(driver: NativeDriver) -> float:
    """Simulated cycles per second of the native loop, the median of some runs, with the chip at work all the time."""
    rng, params = np.random.default_rng(SEED), driver.params
    inputs = min(64, params.axons)
    source, target = np.divmod(np.arange(inputs * params.neurons), params.neurons)
    weight = rng.integers(-3, 4, source.size)
    program = Program.build(
        params=params,
        types=(NeuronType.leaky(4),),
        neurons=params.neurons,
        threshold=40,
        inputs=inputs,
        pre=source,
        post=inputs + target,
        weight=weight,
    )
    rtl = Rtl(compile_program(program), driver, counters=())
    events = poisson(inputs, 20, ACTIVITY)
    rates = []
    for _ in range(REPEATS):
        begin, cycles = time.perf_counter(), 0
        while time.perf_counter() - begin < SECONDS:
            cycles += rtl.run(events).total("cycles")
        rates.append(cycles / (time.perf_counter() - begin))
    return float(np.median(rates))


def many_cores(cores: int) -> Params:
    """A chip of so many cores of the preset small."""
    return PRESETS["small"].replace(name=f"small x {cores}", levels=levels_for(cores))


def stepping_rates(drivers: Mapping[int, NativeDriver]) -> dict[int, float]:
    """Simulated cycles per second of the processor while chips do step after step, in turn: of each the median of some
    runs."""
    steps = np.full(STEPS, end(), dtype=np.uint64)
    rates: dict[int, list[float]] = {cores: [] for cores in drivers}
    for _ in range(REPEATS):
        for cores, driver in drivers.items():
            begin, cycles = time.process_time(), 0
            while time.process_time() - begin < SECONDS:
                total = driver.exchange(steps).total
                assert total is not None, "a simulation tells its cycles"
                cycles += total
            rates[cores].append(cycles / (time.process_time() - begin))
    return {cores: float(np.median(found)) for cores, found in rates.items()}


@dataclass(frozen=True, kw_only=True)
class RtlRates:
    """How fast the chip works, and how fast it is simulated."""

    deliveries: dict[str, Delivery]
    """What the core of the boards did, by workload."""
    idle: int
    """Cycles of a step without a spike, on that core."""
    sweeps: dict[str, SweepRate]
    """What sweeps of a core that learns did, by rule."""
    simulated: dict[str, float]
    """Cycles per second of the native loop with the chip at work, by preset."""
    stepping: dict[int, float]
    """Cycles per second of the processor while chips of so many cores do step after step without an event."""

    def share(self, cores: int) -> float:
        """How many of these cores' cycles are simulated in the time of one by itself: 1 is no loss."""
        return self.stepping[cores] * cores / self.stepping[1]


def measure_rtl(progress: Progress = SILENT) -> RtlRates:
    """Measures the RTL, and its simulation."""
    with progress.task("building the core"):
        core = NativeDriver(CORE)
    with closing(core), progress.task("running the core"):
        deliveries = {
            "dense, 784-256": delivery(dense(CORE), "dense", core),
            "sparse, rows of 32-100": delivery(sparse(CORE), "sparse", core),
        }
        rtl = Rtl(compile_program(sparse(CORE)), core, counters=())
        idle = rtl.run(Events.from_steps([[]] * STEPS)).counters["cycles"]
    with progress.task("building a core that learns"):
        core = NativeDriver(LEARNING_CORE, quick=True)
    with closing(core), progress.task("running a core that learns"):
        sweeps = {name: sweep_rate(core, *rule) for name, rule in RULES.items()}
    simulated = dict[str, float]()
    for name in ("tiny", "small", "board"):
        with progress.task(f"simulating {name}"), closing(NativeDriver(PRESETS[name])) as driver:
            simulated[name] = simulated_rate(driver)
    with ExitStack() as opened, progress.task("simulating many cores"):
        stepping = stepping_rates({n: opened.enter_context(closing(NativeDriver(many_cores(n)))) for n in CORES})
    return RtlRates(
        deliveries=deliveries, idle=int(np.median(idle)), sweeps=sweeps, simulated=simulated, stepping=stepping
    )
