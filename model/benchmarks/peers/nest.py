"""NEST: its `iaf_psc_delta`, whose exact solution of the leak is the factor of a step, without the floor."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from ganglion.model.benchmarks.peers.peer import Run
from ganglion.model.benchmarks.peers.workload import Workload
from ganglion.model.spec.arrays import IntArray


@contextmanager
def prepare(workload: Workload) -> Iterator[Run]:
    """One thread, steps of a millisecond."""
    import nest

    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.ResetKernel()
    nest.set(resolution=1.0, local_num_threads=1)
    tau = -1 / math.log(1 - workload.decay)
    # With this capacitance a current of one charges the membrane by one in a step.
    cells: dict[str, Any] = {"E_L": 0.0, "V_reset": 0.0, "t_ref": 0.0, "tau_m": tau, "C_m": tau * workload.decay}
    # It fires at its threshold, the others above it.
    own = {"V_th": np.nextafter(workload.program.threshold, np.inf), "I_e": workload.program.bias.astype(float)}
    neurons = nest.Create("iaf_psc_delta", workload.neurons, params=cells | own)
    recorder = nest.Create("spike_recorder")
    nest.Connect(neurons, recorder)
    generators: Any = nest.Create("spike_generator", workload.program.inputs) if workload.program.inputs else None
    if generators is not None:
        step, axon = workload.input_spikes()
        step += step // workload.steps  # a step between samples, see below
        times = [{"spike_times": step[axon == k] + 1.0} for k in range(workload.program.inputs)]
        generators.set(times)
    for group, is_input in ((generators, True), (neurons, False)):
        source, target, weight = workload.synapses(inputs=is_input)
        if source.size:
            ids = (np.array(group.tolist())[source], np.array(neurons.tolist())[target])
            synapse = {"weight": weight.astype(float), "delay": np.ones(source.size)}
            nest.Connect(*ids, "one_to_one", synapse)
    first = neurons[0].global_id

    def run() -> tuple[IntArray, float]:
        spikes, seconds = np.zeros(workload.neurons, dtype=np.int64), 0.0
        if generators is not None:
            generators.origin = nest.biological_time
        for _ in workload.samples:
            recorder.n_events = 0
            neurons.V_m = workload.start.astype(float)
            begin = time.perf_counter()
            nest.Simulate(float(workload.steps))
            seconds += time.perf_counter() - begin
            senders = np.asarray(recorder.events["senders"], dtype=np.int64)
            spikes += np.bincount(senders - first, minlength=workload.neurons)
            nest.Simulate(1.0)  # what is on its way arrives, and not in the next sample
        return spikes, seconds

    yield run
    nest.ResetKernel()
