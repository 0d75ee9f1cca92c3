"""What a process that is not the first has to wait for."""

import subprocess
import sys

PROGRAM = """
import gc
import numpy as np
from numba.core.dispatcher import Dispatcher
from ganglion import Emulator, Events, NeuronType, Program
from ganglion.model.emulator import kernels
from ganglion.model.spec.params import Params

program = Program.build(
    params=Params(), types=(NeuronType.leaky(3),), neurons=80, threshold=9, inputs=1,
    pre=np.repeat(0, 80), post=np.arange(1, 81), weight=10,
)
emulator = Emulator(program)
assert len(emulator.step([0])) == 0 and len(emulator.step()) == 80
assert emulator.run_batch([Events.from_steps([[], [0]])])[0].total("synops") == 80
own = [d for d in gc.get_objects() if isinstance(d, Dispatcher) and d.py_func.__module__.startswith(kernels.__name__)]
print(sum(sum(d.stats.cache_hits.values()) for d in own), sum(sum(d.stats.cache_misses.values()) for d in own))
"""


def test_a_second_process_compiles_nothing() -> None:
    """The kernels that one process compiled, another loads."""
    counts = []
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stderr[-3000:]
        counts.append([int(number) for number in done.stdout.split()])
    hits, misses = counts[1]
    assert hits >= 5 and misses == 0, counts
