"""Networks in PyTorch for the frameworks that are neurons for it: layers as matrices, recurrence as a sparse matrix."""

import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np

from ganglion.model.benchmarks.peers.peer import Run
from ganglion.model.benchmarks.peers.workload import Workload
from ganglion.model.spec.arrays import IntArray


class Cells(Protocol):
    """Neurons of a framework with a threshold of one; a tensor of membranes, whatever its shape, is their state."""

    def step(self, current: Any, v: Any) -> tuple[Any, Any]:
        """Spikes and new membranes."""
        ...


@contextmanager
def prepared(workload: Workload, cells: Cells) -> Iterator[Run]:
    """One thread, float32. Weights, bias and start are divided by the threshold of their neuron."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        # Sparse matrices of PyTorch call themselves a beta version.
        with warnings.catch_warnings(action="ignore"), torch.inference_mode():
            forward = _layers(torch, workload, cells) if workload.layers else _recurrent(torch, workload, cells)

            def run() -> tuple[IntArray, float]:
                begin = time.perf_counter()
                spikes = forward()
                seconds = time.perf_counter() - begin
                counts = [layer.sum(dim=tuple(range(layer.ndim - 1))).numpy() for layer in spikes]
                return np.concatenate(counts).round().astype(np.int64), seconds

            yield run
    finally:
        torch.set_num_threads(threads)


def over_steps(torch: Any, cells: Cells, currents: Any, v: Any) -> Any:
    """Spikes of all steps of a layer; a framework that has a faster way has a method `steps`."""
    if (steps := getattr(cells, "steps", None)) is not None:
        return steps(currents)
    spikes = []
    for current in currents:
        fired, v = cells.step(current, v)
        spikes.append(fired)
    return torch.stack(spikes)


def _layers(torch: Any, workload: Workload, cells: Cells) -> Callable[[], list[Any]]:
    """Layer by layer: all steps and samples of a layer are one product."""
    raster = np.zeros((workload.steps, len(workload.samples), workload.layers[0]), dtype=np.float32)
    step, axon = workload.input_spikes()
    np.add.at(raster, (step % workload.steps, step // workload.steps, axon), 1)
    inputs = torch.from_numpy(raster)
    matrices, first = [], 0
    for layer, (before, size) in enumerate(zip(workload.layers, workload.layers[1:], strict=False)):
        source, target, weight = workload.synapses(inputs=layer == 0)
        here = (target >= first) & (target < first + size)
        matrix = np.zeros((before, size), dtype=np.float32)
        start = first - before if layer else 0
        np.add.at(matrix, (source[here] - start, target[here] - first), weight[here])
        matrices.append(torch.from_numpy(matrix / workload.program.threshold[first : first + size].astype(np.float32)))
        first += size

    def forward() -> list[Any]:
        spikes, layers = inputs, []
        for matrix in matrices:
            currents = torch.zeros((*spikes.shape[:2], matrix.shape[1]))
            torch.matmul(spikes[:-1], matrix, out=currents[1:])
            spikes = over_steps(torch, cells, currents, torch.zeros_like(currents[0]))
            layers.append(spikes)
        return layers

    return forward


def _recurrent(torch: Any, workload: Workload, cells: Cells) -> Callable[[], list[Any]]:
    source, target, weight = workload.synapses(inputs=False)
    threshold = workload.program.threshold.astype(np.float32)
    values = torch.from_numpy(weight.astype(np.float32) / threshold[target])
    where = torch.from_numpy(np.stack((target, source)))
    matrix = torch.sparse_coo_tensor(where, values, (workload.neurons, workload.neurons)).coalesce().to_sparse_csr()
    bias = torch.from_numpy(workload.program.bias.astype(np.float32) / threshold)
    start = torch.from_numpy(workload.start.astype(np.float32) / threshold)

    def forward() -> list[Any]:
        v, current, spikes = start, bias, []
        for _ in range(workload.steps):
            fired, v = cells.step(current, v)
            spikes.append(fired)
            current = torch.mv(matrix, fired) + bias
        return [torch.stack(spikes)]

    return forward
