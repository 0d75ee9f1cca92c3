"""No kernel is compiled once more for what makes no difference to it."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numba import types

from ganglion.model.emulator.emulator import Emulator
from ganglion.model.emulator.kernels import kept, learn, learn_parallel, parallel, run, sweep, traces
from ganglion.model.random_network import random_network
from ganglion.model.spec.events import Events
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.reference import Reference
from tests.model.emulator.sharing import shared

pytestmark = pytest.mark.long


def kernels() -> Iterator[Any]:
    for module in (kept, learn, learn_parallel, parallel, run, sweep, traces):
        yield from (value for value in vars(module).values() if hasattr(value, "py_func"))


@pytest.mark.parametrize("params", [PRESETS["tiny"], PRESETS["tiny-learning"]], ids=lambda params: params.name)
def test_not_for_gaps_between_events_nor_for_a_constant(params: Any) -> None:
    """Events of any stride, on one thread and on two; of what is compiled, the disk knows."""
    network = random_network(params, 2)
    assert (network.program.learning is None) == (params.name == "tiny")
    inputs = np.arange(network.program.inputs)
    events = Events(np.repeat(inputs, 2)[::2], np.array([inputs.size, 0])[::-1])
    wanted = Reference(network.program).run(events)
    for keep_states in (False, True):
        one, two = (Emulator(network.program, threads=threads) for threads in (1, 2))
        with shared():
            runs = [target.run(events, keep_states=keep_states) for target in (one, two)]
        assert all(np.array_equal(trace.spikes, wanted.spikes) for trace in runs)
    for kernel in kernels():
        compiled = {signature for signature, *_ in kernel._cache._cache_file._load_index()}
        for signature in compiled:
            plain = tuple(types.unliteral(of) for of in signature)
            assert plain == signature or plain not in compiled, f"{kernel.__name__}, for a constant too: {signature}"
            assert all(getattr(of, "layout", "C") == "C" for of in signature), f"{kernel.__name__}: {signature}"
