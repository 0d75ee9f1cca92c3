"""The trains of spikes on which STDP is compared with Brian2, and what records Brian2's answer.

`python tests/model/spec/trains.py FILE`, where Brian2 is installed, writes tests/model/spec/stdp_brian2.json anew.
"""

import json
import sys
from pathlib import Path

import numpy as np

A_PLUS, A_MINUS, TAU_PLUS, TAU_MINUS, JUMP = 1024, 512, 20.0, 34.0, 32
"""Amounts in units of the weight; a quantum of a trace is A / JUMP of it."""

TRAIN = 400
"""Steps of a train."""

TRAINS = 10

Spiking = list[tuple[list[int], list[int]]]
"""The steps in which a source and its target fire, run by run."""


def trains() -> Spiking:
    """Random trains, in which a source and its target fire now and then."""
    rng = np.random.default_rng(5)
    return [
        tuple(np.flatnonzero(rng.random(TRAIN) < rate).tolist() for rate in (0.04, 0.03))  # type: ignore[misc]
        for _ in range(TRAINS)
    ]


def brian2_windows() -> dict[str, object]:
    """The weights that Brian2 makes of the trains: all-to-all pairs, exponential traces, exact between spikes."""
    import brian2

    brian2.prefs.codegen.target = "numpy"
    results = {}
    for name, add in (("all", "+="), ("nearest", "=")):
        weights = []
        for pre, post in trains():
            brian2.start_scope()
            one = brian2.SpikeGeneratorGroup(1, [0] * len(pre), np.array(pre) * brian2.ms, dt=1 * brian2.ms)
            two = brian2.SpikeGeneratorGroup(1, [0] * len(post), np.array(post) * brian2.ms, dt=1 * brian2.ms)
            synapses = brian2.Synapses(
                one,
                two,
                """w : 1
                dx/dt = -x / (tau_plus * ms) : 1 (event-driven)
                dy/dt = -y / (tau_minus * ms) : 1 (event-driven)""",
                # Both traces jump before either is seen, as a pair at distance 0 counts both ways.
                on_pre={"jump": f"x {add} 1", "learn": "w -= a_minus * y"},
                on_post={"jump_post": f"y {add} 1", "learn_post": "w += a_plus * x"},
                namespace={"a_plus": A_PLUS, "a_minus": A_MINUS, "tau_plus": TAU_PLUS, "tau_minus": TAU_MINUS},
                dt=1 * brian2.ms,
            )
            synapses.jump.order, synapses.jump_post.order = 0, 0
            synapses.learn.order, synapses.learn_post.order = 1, 1
            synapses.connect()
            brian2.run((TRAIN + 1) * brian2.ms)
            weights.append(float(synapses.w[0]))
        results[name] = weights
    return {"brian2": brian2.__version__, **results}


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(brian2_windows(), indent=1) + "\n")
