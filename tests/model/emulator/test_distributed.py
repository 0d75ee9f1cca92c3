"""One network over several processes has the bits of one process."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

PROGRAM = """
import sys
import numpy as np
from ganglion.model.emulator.distributed import DistributedEmulator
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.spec.events import Events
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program

rng = np.random.default_rng(7)
program = Program.build(
    params=Params(delay_slots=16, noise=True), types=(NeuronType.leaky(4, noise=6), NeuronType(refractory=2)),
    threshold=rng.integers(50, 400, 300), bias=rng.integers(0, 20, 300), type=rng.integers(0, 2, 300), inputs=8,
    pre=rng.integers(0, 308, 9000), post=rng.integers(8, 308, 9000), weight=rng.integers(-100, 100, 9000),
    delay=rng.integers(3, 16, 9000), seed=9,
)
events = Events.from_steps(rng.integers(0, 8, rng.integers(0, 9)) for _ in range(40))
many, one = DistributedEmulator(program), Emulator(program)
for target in (many, one):
    target.write("threshold", [290, 3, 290], [9, 70, 7])
    target.write_weights(np.arange(0, 9000, 7), np.arange(1286) % 50)
assert np.array_equal(many.weights(), one.weights())
assert np.array_equal(many.read("bias", [299, 0]), one.read("bias", [299, 0]))
for keep in (False, True):
    probes = {"v": [299, 0, 150], "refractory": [7]}
    got, expected = (target.run(events, keep_states=keep, probes=probes) for target in (many, one))
    assert all(np.array_equal(got.probes[name], expected.probes[name]) for name in probes)
    assert expected.total("spikes") > 500 and np.array_equal(got.spikes, expected.spikes)
    for name, counts in expected.counters.items():
        assert np.array_equal(got.counters[name], counts), name
    if not keep:
        many.save(sys.argv[1])
        many.run(events)
        many.resume(sys.argv[1])
    for mine, theirs in zip(got.states + [many.state()], expected.states + [one.state()], strict=True):
        for name, array in mine.arrays().items():
            assert np.array_equal(array, theirs.arrays()[name]), name
for target in (many, one):
    target.load_state(expected.states[5])
assert many.counters() == one.counters()
assert many.t == one.t and np.array_equal(many.run(events).spikes, one.run(events).spikes)
print("equal")
"""


@pytest.mark.parametrize("processes", [1, 2, 4])
def test_processes(processes, tmp_path):
    """1, 2 and 4 processes, with delays that let them exchange spikes every third step, and a checkpoint each."""
    beside = Path(sys.executable).parent / "mpiexec"
    mpiexec = str(beside) if beside.exists() else shutil.which("mpiexec")
    assert mpiexec, "no mpiexec: pip install -e '.[dev]' brings one"
    command = [mpiexec, "-n", str(processes), sys.executable, "-c", PROGRAM, str(tmp_path / "state")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0 and done.stdout.count("equal") == processes, done.stderr[-3000:]
