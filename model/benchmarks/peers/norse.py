"""Norse: its LIF without a synaptic current, whose Euler step of one second is the leak."""

from contextlib import AbstractContextManager
from typing import Any

from ganglion.model.benchmarks.peers.peer import Run
from ganglion.model.benchmarks.peers.torch_network import prepared
from ganglion.model.benchmarks.peers.workload import Workload


class _Box:
    def __init__(self, decay: float) -> None:
        import torch
        from norse.torch.functional import lif_box

        self._functional = lif_box
        self._gain = 1 / decay
        self._constants = lif_box.LIFBoxParameters(
            tau_mem_inv=torch.tensor(decay), v_th=torch.tensor(1.0), v_reset=torch.tensor(0.0)
        )

    def step(self, current: Any, v: Any) -> tuple[Any, Any]:
        # A step adds the leak's share of the current to the membrane.
        state = self._functional.LIFBoxFeedForwardState(v=v)
        spikes, state = self._functional.lif_box_feed_forward_step(current * self._gain, state, self._constants, dt=1.0)
        return spikes, state.v


def prepare(workload: Workload) -> AbstractContextManager[Run]:
    """See `torch_network`."""
    return prepared(workload, _Box(workload.decay))
