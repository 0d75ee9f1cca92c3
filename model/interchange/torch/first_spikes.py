"""A PyTorch module of first spikes: the forward pass runs on a target, the gradients of times are exact."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from ganglion.model.compiler.network.network import Network
from ganglion.model.compiler.network.projection import Projection
from ganglion.model.interchange.torch.batch import Input
from ganglion.model.interchange.torch.chip import HEADROOM, Chip, MakeTarget
from ganglion.model.interchange.torch.crossing import LEAST_SLOPE, Kernel, first_crossing, solve, within_step
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import EventError, NetworkError, described
from ganglion.model.spec.events import Events
from ganglion.model.spec.params import PRESETS, Params


@dataclass(frozen=True, eq=False)
class _Layer:
    """A population, and what ends in it."""

    name: str
    neurons: slice
    kernel: Kernel
    projections: tuple[tuple[int, Projection], ...]
    """With their numbers."""


class FirstSpikes(Chip):
    """A feed-forward network on a target as a layer of PyTorch that takes and gives times: `times = chip(times)`.

    Times are steps: when each axon fires, shape (samples, inputs), infinity for never, and when each output fires
    first, shape (samples, outputs). Each forward pass rounds times of input, weights and delays to whole numbers and
    runs the samples as a batch; what comes out are the times of the target. The backward pass has the exact gradients
    (see `crossing`) at the times that were observed, and takes roundings for the identity.

    Neurons have a synaptic current, no bias, and a refractory period as long as a run, so that each fires once.

    Args:
        network: as `Chip` takes it.
        target: as `Chip` takes it.
        steps: of a run.
        params: the chip.
        train: what is a parameter of the module: of `weight` and `delay`.
        headroom: the factor by which weights may grow.

    Raises:
        NetworkError: something that the chip cannot hold, or that has no times of first spikes; named.
    """

    def __init__(
        self,
        network: Network,
        target: MakeTarget,
        *,
        steps: int,
        params: Params = PRESETS["board"],
        train: Collection[str] = ("weight",),
        headroom: float = HEADROOM,
    ) -> None:
        if unknown := sorted(set(train) - {"weight", "delay"}):
            raise NetworkError(f"{unknown[0]!r} cannot be trained by first spikes; weight, delay can")
        weight = [name for name in train if name == "weight"]
        super().__init__(network, target, params=params, train=weight, headroom=headroom)
        self.steps = steps
        self._layers = [self._layer(name) for name in network.populations]
        self.delays = nn.ParameterList(
            nn.Parameter(
                torch.as_tensor(projection.delay, dtype=torch.get_default_dtype()), requires_grad="delay" in train
            )
            for projection in network.projections
        )
        self.times = torch.zeros(0)
        """When each neuron fired first in the last forward pass, shape (samples, neurons); infinity is never."""

    def _layer(self, name: str) -> _Layer:
        population, earlier = self.network.populations[name], [*self.network.inputs]
        for other in self.network.populations:
            if other == name:
                break
            earlier.append(other)
        own = tuple((k, each) for k, each in enumerate(self.network.projections) if each.target == name)
        lost = np.ones(1) if population.current_decay is None else population.current_decay
        membrane, current = 1 - population.decay, 1 - lost
        where = f"population '{name}'"
        if not population.spiking or population.current_decay is None or (current <= 0).any() or (membrane <= 0).any():
            raise NetworkError(f"{where} must spike and have a synaptic current, or its times are no smooth function")
        if np.ptp(membrane) or np.ptp(current):
            raise NetworkError(f"{where} must have one decay of membranes and one of currents")
        if population.bias.any() or population.adaptation_raise.any():
            raise NetworkError(f"{where} must have no bias and no adaptation")
        if (population.refractory < self.steps).any():
            raise NetworkError(
                f"{where} must have a refractory period of at least {self.steps}, the steps of a run, to fire once"
            )
        for _, each in own:
            if each.source not in earlier:
                raise NetworkError(f"projection {each.name} goes back: times are trained from layer to layer")
            pairs = each.post * (each.pre.max(initial=0) + 1) + each.pre
            if np.unique(pairs).size != pairs.size:
                raise NetworkError(f"projection {each.name} has two synapses between one pair: give them one weight")
        kernel = Kernel(float(membrane[0]), float(current[0]))
        return _Layer(name, self._flat.part(name), kernel, own)

    def forward(self, x: Input) -> Tensor:
        """When each output fires first, shape (samples, outputs); infinity where it does not.

        Raises:
            EventError: x is no tensor, has another shape, or times outside the run.
            NetworkError: a parameter is not finite, or a neuron fired twice.
        """
        if not isinstance(x, Tensor):
            raise EventError(f"times are a tensor of shape (samples, inputs), not {described(x)}")
        observed = self._observe(x)
        part, _ = self.outputs()
        return self._replay(torch.where(torch.isfinite(x), x, float("inf")), observed)[:, part]

    def twin(self, x: Tensor) -> Tensor:
        """What `forward` would tell on a chip with steps and weights as fine as one likes."""
        part, _ = self.outputs()
        return self._replay(x, None)[:, part]

    def _replay(self, x: Tensor, observed: Tensor | None) -> Tensor:
        """Times of all neurons, as functions of x, weights and delays: those observed, or of the twin."""
        known: dict[str, Tensor] = {}
        for name, (first, count) in self._flat.axons.items():
            known[name] = x[:, first : first + count]
        rounded = None if observed is None else self._delays_of_projections()
        for layer in self._layers:
            arrivals, weights = self._arrivals(layer, known, rounded)
            threshold = self.threshold[layer.neurons].detach()
            if observed is None:
                times = passed = solve(arrivals, weights, threshold, layer.kernel, self.steps)
            else:
                times = observed[:, layer.neurons]
                passed = within_step(times, arrivals, weights, threshold, layer.kernel)
            least = (0.0 if observed is None else LEAST_SLOPE) * threshold
            known[layer.name] = first_crossing(times, passed, arrivals, weights, least, layer.kernel)
        return torch.cat([known[layer.name] for layer in self._layers], dim=1)

    def _arrivals(
        self, layer: _Layer, known: dict[str, Tensor], rounded: list[Tensor] | None
    ) -> tuple[Tensor, Tensor]:
        """When events reach the neurons of a layer, (samples, neurons, sources), and weights, (neurons, sources)."""
        count = layer.neurons.stop - layer.neurons.start
        parts, matrices, weights = [], [], self._of_synapses(self.weights)
        for number, projection in layer.projections:
            sent, index = known[projection.source], (torch.as_tensor(projection.post), torch.as_tensor(projection.pre))
            shape = (count, sent.shape[1])
            delay = self.delays[number]
            if rounded is not None:
                delay = delay + (rounded[number] - delay).detach()
            weight = weights[number]
            matrices.append(torch.zeros(shape, dtype=weight.dtype).index_put(index, weight))
            parts.append(sent.unsqueeze(1) + torch.ones(shape, dtype=delay.dtype).index_put(index, delay))
        return torch.cat(parts, dim=2), torch.cat(matrices, dim=1)

    def _observe(self, x: Tensor) -> Tensor:
        """When each neuron of the target fires first."""
        inputs = self._flat.inputs
        if x.dim() != 2 or x.shape[1] != inputs:
            raise EventError(f"times must have shape (samples, {inputs}), not {tuple(x.shape)}")
        values = x.detach().double().numpy()
        never = np.isposinf(values)
        whole = np.rint(np.where(never, 0, values))
        if not ((whole >= 0) & (whole < self.steps)).all():
            raise EventError(f"times must be 0 to {self.steps - 1}, or infinity for never")
        self._write()
        self.trace = self.target.run_batch(_events(np.where(never, self.steps, whole).astype(np.int64), self.steps))
        first = np.stack([trace.first_spikes() for trace in self.trace])
        if np.isfinite(first).sum() != sum(len(trace.spikes) for trace in self.trace):
            raise NetworkError("a neuron fired twice in a run: its refractory period must be as long as the run")
        self.times = torch.as_tensor(first, dtype=x.dtype)
        return self.times

    def _delays(self) -> IntArray:
        whole = [delay.numpy() for delay in self._delays_of_projections()]
        return np.concatenate([np.zeros(0, dtype=np.int64), *whole]).astype(np.int64)

    def _delays_of_projections(self) -> list[Tensor]:
        """As the chip has them."""
        last = self.params.delay_slots - 1
        found = []
        for delay in self.delays:
            if not torch.isfinite(delay).all():
                raise NetworkError(f"the delays of '{self.network.name}' are not all finite: the training diverged")
            found.append(delay.detach().round().clamp(1, last))
        return found

    def _write(self) -> None:
        super()._write()
        delays = self._delays()[self._order]
        changed = np.flatnonzero(self.target.program.delay != delays)
        if changed.size:
            self.target.write_delays(changed, delays[changed])


def _events(times: IntArray, steps: int) -> list[Events]:
    """Of each sample, from when each axon fires, shape (samples, axons); `steps` is never."""
    order = np.argsort(times, axis=1, kind="stable")
    start = (times[:, np.newaxis] < np.arange(steps + 1)[:, np.newaxis]).sum(axis=2)
    return [Events(axons[: begin[-1]], begin) for axons, begin in zip(order, start, strict=True)]
