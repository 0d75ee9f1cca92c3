"""snnTorch: its `Leaky`, which resets at once."""

from contextlib import AbstractContextManager
from typing import Any

from ganglion.model.benchmarks.peers.peer import Run
from ganglion.model.benchmarks.peers.torch_network import prepared
from ganglion.model.benchmarks.peers.workload import Workload


class _Leaky:
    def __init__(self, decay: float) -> None:
        import snntorch

        self._cell = snntorch.Leaky(beta=1 - decay, threshold=1.0, reset_mechanism="zero", reset_delay=False)

    def step(self, current: Any, v: Any) -> tuple[Any, Any]:
        spikes, v = self._cell(current, v)
        return spikes, v


def prepare(workload: Workload) -> AbstractContextManager[Run]:
    """See `torch_network`."""
    return prepared(workload, _Leaky(workload.decay))
