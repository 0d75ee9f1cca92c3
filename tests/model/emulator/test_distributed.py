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
    params=Params(delay_slots=16, current_bits=16, adaptation_bits=16, noise=True, decay_bits=16),
    types=(NeuronType.leaky(4, noise=6), NeuronType(refractory=2)),
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

LEARNING = """
import sys
import numpy as np
from ganglion.model.emulator.distributed import DistributedEmulator
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.spec.events import Events
from ganglion.model.spec.learning import Learning, LearningRule, Term
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.program import Program
from ganglion.model.spec.synaptic_traces import Kernel, PostTrace, PreTrace

params = PRESETS["tiny-learning"].replace(
    neurons=64, fanout_entries=64, delay_slots=8, weight_bits=8, membrane_bits=16, accumulator_bits=16, terms=4
)
rng = np.random.default_rng(3)
rules = (
    LearningRule(
        terms=(Term(scale=3, exponent=-3, factors=("x1", "y1")), Term(dependency="y0", scale=-5, factors=("y3",))),
        rounding="stochastic",
    ),
    LearningRule(
        terms=(
            Term(destination="tag", scale=1, exponent=-1, factors=("x1", "y2")),
            Term(destination="tag", scale=-1, exponent=-2, factors=("e",)),
            Term(scale=1, exponent=-3, factors=("e", "r0")),
        )
    ),
)
types = (
    NeuronType.leaky(
        4, traces=(PostTrace(jump=9), PostTrace(feed="receptor", decay=(1, 2)), PostTrace.window(0, 40))
    ),
    NeuronType(refractory=2, traces=(PostTrace(jump=5, mode="set"),)),
)
post = rng.integers(8, 68, 1500)
rule = rng.integers(0, 3, post.size)
program = Program.build(
    params=params, types=types, threshold=rng.integers(20, 90, 60), bias=rng.integers(0, 9, 60),
    type=rng.integers(0, 2, 60), inputs=8, pre=rng.integers(0, 68, post.size), post=post,
    weight=rng.integers(-20, 30, post.size), delay=rng.integers(3, 8, post.size), seed=9, rule=rule,
    receptor=np.where(rule == 0, rng.integers(0, 2, post.size), 0),
    learning=Learning(
        epoch=4, pre=(PreTrace(jump=7),), kernels=(Kernel.exponential(3, params.trace_ages),), rules=rules
    ),
)
events = Events.from_steps(rng.integers(0, 8, rng.integers(0, 9)) for _ in range(30))
many, one = DistributedEmulator(program), Emulator(program)


def same(got, expected):
    assert np.array_equal(got.spikes, expected.spikes) and got.counters.keys() == expected.counters.keys()
    for name, counts in expected.counters.items():
        assert np.array_equal(got.counters[name], counts), name
    for mine, theirs in zip(got.states + [many.state()], expected.states + [one.state()], strict=True):
        assert (mine.step, mine.learned, mine.modulators) == (theirs.step, theirs.learned, theirs.modulators)
        for name, array in mine.arrays().items():
            assert np.array_equal(array, theirs.arrays()[name]), (name, mine.step)


def both(act):
    return [act(target) for target in (many, one)]


same(*both(lambda target: target.run(events)))
both(lambda target: target.modulate(r0=2))
both(lambda target: target.write_tags(program.ruled[:40], np.arange(40) % 3))
same(*both(lambda target: target.run(events, keep_states=True)))
assert np.array_equal(*both(lambda target: target.tags())) and one.tags().any()
many.save(sys.argv[1])
expected = one.run(events)
many.run(events.part(0, 7))
many.resume(sys.argv[1])
same(many.run(events), expected)
assert min(total for name, total in one.counters().items() if name != "overflows") > 20, one.counters()
ends = {"pre": rng.integers(0, 68, 90), "post": rng.integers(8, 68, 90)}
assert np.array_equal(*both(lambda target: target.rewire(np.arange(0, 1350, 15), **ends)))
same(*both(lambda target: target.run(events)))
both(lambda target: setattr(target, "learning", False))
for got, expected in zip(*both(lambda target: target.run_batch([events.part(0, 9)] * 2)), strict=True):
    same(got, expected)
both(lambda target: setattr(target, "learning", True))
state = one.state()
both(lambda target: target.reset())
same(*both(lambda target: target.run(events)))
both(lambda target: target.load_state(state))
same(*both(lambda target: target.run(events)))
assert np.array_equal(*both(lambda target: target.weights()))
print("equal")
"""


@pytest.mark.parametrize("processes", [1, 2, pytest.param(4, marks=pytest.mark.slow)])
def test_processes(processes, tmp_path):
    """1, 2 and 4 processes, with delays that let them exchange spikes every third step, and a checkpoint each; then the
    same of a network that learns, in epochs of four steps, from every kind of trace."""
    beside = Path(sys.executable).parent / "mpiexec"
    mpiexec = str(beside) if beside.exists() else shutil.which("mpiexec")
    assert mpiexec, "no mpiexec: pip install -e '.[dev]' brings one"
    programs = f"{PROGRAM}\n{LEARNING}"
    command = [mpiexec, "-n", str(processes), sys.executable, "-c", programs, str(tmp_path / "state")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0 and done.stdout.count("equal") == 2 * processes, done.stderr[-3000:]
