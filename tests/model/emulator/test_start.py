"""What a process that is not the first has to wait for."""

import os
import subprocess
import sys
from pathlib import Path

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


KERNEL = """
import sys
from ganglion.model.emulator.kernels.compile import kernel

@kernel
def total(numbers):
    result = 0
    for number in numbers:
        result += number
    return result

print("ready", flush=True)
sys.stdin.readline()
assert total((1, 2, 3)) == 6
print(sum(total.stats.cache_misses.values()))
"""


def test_of_two_processes_one_compiles_and_the_other_waits(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(KERNEL)
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    command, pipes = [sys.executable, str(program)], {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    both = [subprocess.Popen(command, env=environment, text=True, **pipes) for _ in range(2)]  # type: ignore[call-overload]
    for process in both:
        assert process.stdout.readline() == "ready\n"
    for process in both:
        process.stdin.write("go\n")
        process.stdin.flush()
    assert sum(int(process.communicate(timeout=60)[0]) for process in both) == 1
