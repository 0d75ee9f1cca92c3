"""SpikingJelly: its `LIFNode`, over all steps of a layer in one call where the network has layers."""

from contextlib import AbstractContextManager
from typing import Any

from ganglion.model.benchmarks.peers.peer import Run
from ganglion.model.benchmarks.peers.torch_network import prepared
from ganglion.model.benchmarks.peers.workload import Workload


class _Node:
    def __init__(self, decay: float) -> None:
        from spikingjelly.activation_based.neuron import LIFNode

        self._cell = LIFNode(tau=1 / decay, decay_input=False, v_threshold=1.0, v_reset=0.0).eval()

    def step(self, current: Any, v: Any) -> tuple[Any, Any]:
        self._cell.step_mode, self._cell.v = "s", v
        spikes = self._cell(current)
        return spikes, self._cell.v

    def steps(self, currents: Any) -> Any:
        self._cell.reset()
        self._cell.step_mode = "m"
        return self._cell(currents)


def prepare(workload: Workload) -> AbstractContextManager[Run]:
    """See `torch_network`."""
    return prepared(workload, _Node(workload.decay))
