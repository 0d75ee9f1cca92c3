"""How fast the emulator learns: synapses visited per second, in a network in which all of them learn."""

import time

import numpy as np

from ganglion.model.emulator.emulator import Emulator
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.events import Events
from ganglion.model.spec.learning import Learning, LearningRule, Term
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import SPIKES, Params
from ganglion.model.spec.program import Program
from ganglion.model.spec.synaptic_traces import Kernel, PostTrace, PreTrace

PARAMS = Params(
    name="learning",
    products=2,
    rules=1,
    terms=2,
    pre_traces=1,
    y1_feeds=SPIKES,
    trace_bits=8,
    trace_ages=64,
    kernels=1,
    stochastic=True,
)

INPUTS, NEURONS, STEPS = 1000, 100, 1000

RATES = {"1 % of inputs": 0.01, "10 % of inputs": 0.1}
"""Share of the inputs that fire in a step, by name."""

AMOUNT = -4
"""Exponent of two of what a pair changes, times the trace."""

PAIRS = (
    Term(dependency="y0", scale=1, exponent=AMOUNT, factors=("x1",)),
    Term(dependency="x0", scale=-1, exponent=AMOUNT, factors=("y1",)),
)
"""Pair STDP with two traces, applied in every step."""

REPEATS = 5


JUMP, TAU, HIGH = 64, 15, 127
"""Of traces: what a spike adds, and the time constant in steps; and the greatest weight, the least is 0."""


def network(rounding: str, neurons: int = NEURONS, params: Params = PARAMS) -> Program:
    """Leaky neurons with dense rows from all inputs."""
    pre, post = np.divmod(np.arange(INPUTS * neurons), neurons)
    rng = np.random.default_rng(1)
    return Program.build(
        params=params,
        types=(NeuronType.leaky(5, traces=(PostTrace(jump=JUMP),)),),
        threshold=20_000,
        neurons=neurons,
        inputs=INPUTS,
        pre=pre,
        post=INPUTS + post,
        weight=rng.integers(40, 80, pre.size),
        learning=Learning(
            pre=(PreTrace(jump=JUMP),),
            kernels=(Kernel.exponential(TAU, params.trace_ages),),
            rules=(LearningRule(name="stdp", terms=PAIRS, low=0, high=HIGH, rounding=rounding),),
        ),
        rule=1,
    )


def measure_learning(progress: Progress = SILENT, *, quick: bool = False) -> dict[str, float]:
    """Visits per second of processor time, by rounding and activity, medians.

    Args:
        progress: told of what is measured.
        quick: a tenth of the steps, once.
    """
    found = {}
    steps, repeats = (STEPS // 10, 1) if quick else (STEPS, REPEATS)
    for rounding in ("floor", "stochastic"):
        emulator = Emulator(network(rounding))
        for name, rate in RATES.items():
            raster = np.random.default_rng(2).random((steps, INPUTS)) < rate
            events = Events.from_raster(raster)
            rates = []
            with progress.task(f"measuring learning, rounding {rounding}, {name}"):
                emulator.run(events.part(0, 10))
                for _ in range(repeats):
                    begin = time.thread_time()
                    visits = emulator.run(events).total("visits")
                    rates.append(visits / (time.thread_time() - begin))
            found[f"rounding {rounding}, {name}"] = float(np.median(rates))
    return found


def measure_switch(progress: Progress = SILENT) -> dict[str, float]:
    """Microseconds of processor time of a step of the network while it learns, does not, and never can; medians.

    Args:
        progress: told of what is measured.
    """
    learns = network("floor")
    without = learns.replace(learning=None, rule=0, types=(NeuronType.leaky(5),))
    on, off, plain = Emulator(learns), Emulator(learns), Emulator(without)
    off.learning = False
    emulators = {"learns": on, "has learning off": off, "has no rules": plain}
    events = Events.from_raster(np.random.default_rng(2).random((STEPS, INPUTS)) < min(RATES.values()))
    times: dict[str, list[float]] = {name: [] for name in emulators}
    with progress.task("measuring what learning costs"):
        for _ in range(REPEATS):
            for name, emulator in emulators.items():
                begin = time.thread_time()
                emulator.run(events)
                times[name].append(time.thread_time() - begin)
    return {f"a step of 1000-100 that {name}": float(np.median(each)) / STEPS * 1e6 for name, each in times.items()}
