"""Brian2: generated Cython, or generated C++ (standalone). Its equations hold the floor too: the same spikes."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from ganglion.model.benchmarks.learning import AMOUNT, HIGH, JUMP, TAU
from ganglion.model.benchmarks.peers.peer import Run
from ganglion.model.benchmarks.peers.workload import Workload
from ganglion.model.spec.arrays import IntArray

EQUATIONS = """
v : 1
received : 1
theta : 1 (constant)
bias : 1 (constant)
"""

STEP = """
v = v - floor(v * decay) + received + bias
received = 0
"""


PAIRS = """
w : 1
dx/dt = -x / tau : 1 (event-driven)
dy/dt = -y / tau : 1 (event-driven)
"""
"""Pair STDP as Brian2's own documentation tells it."""

FROM = "received_post += w\nx += jump\nw = clip(w - amount * y, 0, high)"

INTO = "y += jump\nw = clip(w + amount * x, 0, high)"


@contextmanager
def prepare(workload: Workload) -> Iterator[Run]:
    """Cython, compiled when the network is first run."""
    import brian2

    brian2.set_device("runtime")
    brian2.prefs.codegen.target = "cython"
    network, monitor = _network(brian2, workload)
    network.store()
    elapsed = 0.0

    def report(seconds: Any, *_progress: Any) -> None:
        nonlocal elapsed
        elapsed = float(seconds)

    def run() -> tuple[IntArray, float]:
        network.restore()
        # What a report is told begins when the code has been generated, which `Network.run` does each time.
        network.run(_duration(brian2, workload), report=report, report_period=1e6 * brian2.second)
        return np.array(monitor.count[:], dtype=np.int64), elapsed

    network.run(0 * brian2.ms)
    yield run


@contextmanager
def prepare_standalone(workload: Workload) -> Iterator[Run]:
    """One C++ program, which tells itself how long its loop took."""
    import brian2

    with tempfile.TemporaryDirectory() as folder:
        brian2.set_device("cpp_standalone", build_on_run=False)
        device = brian2.get_device()
        try:
            network, monitor = _network(brian2, workload)
            network.run(_duration(brian2, workload))
            device.build(directory=folder, run=False)

            def run() -> tuple[IntArray, float]:
                device.run()
                return np.array(monitor.count[:], dtype=np.int64), device._last_run_time

            yield run
        finally:
            device.reinit()
            brian2.set_device("runtime")


def _duration(brian2: Any, workload: Workload) -> Any:
    return len(workload.samples) * workload.steps * brian2.ms


def _network(brian2: Any, workload: Workload) -> tuple[Any, Any]:
    """The network, and what counts its spikes. Samples follow one another; state is set back between them."""
    brian2.start_scope()
    brian2.defaultclock.dt = 1 * brian2.ms
    neurons = brian2.NeuronGroup(
        workload.neurons, EQUATIONS, threshold="v > theta", reset="v = 0", namespace={"decay": workload.decay}
    )
    neurons.theta, neurons.bias, neurons.v = workload.program.threshold, workload.program.bias, workload.start
    neurons.run_regularly(STEP, when="start")
    if len(workload.samples) > 1:
        neurons.run_regularly("v = 0\nreceived = 0", dt=workload.steps * brian2.ms, when="start", order=-1)
    monitor = brian2.SpikeMonitor(neurons, record=False)
    objects: list[Any] = [neurons, monitor]
    # A group that is made belongs to the C++ program, so there are inputs only where the network has some.
    inputs = ((_inputs(brian2, workload), True),) if workload.program.inputs else ()
    for group, is_input in (*inputs, (neurons, False)):
        source, target, weight = workload.synapses(inputs=is_input)
        if not source.size:
            continue
        told: dict[str, Any] = {"model": "w : 1", "on_pre": "received_post += w"}
        if workload.learns:
            values = {"tau": TAU * brian2.ms, "jump": JUMP, "high": HIGH, "amount": 2.0**AMOUNT}
            told = {"model": PAIRS, "on_pre": FROM, "on_post": INTO, "namespace": values}
        synapses = brian2.Synapses(group, neurons, **told)
        synapses.connect(i=source, j=target)
        synapses.w = weight
        objects += [synapses, *([group] if is_input else [])]
    return brian2.Network(objects), monitor


def _inputs(brian2: Any, workload: Workload) -> Any:
    step, axon = workload.input_spikes()
    return brian2.SpikeGeneratorGroup(workload.program.inputs, axon, step * brian2.ms)
