"""The float twin of a network: the same equations in PyTorch, for the gradients of what a chip did.

It can replay a run: spikes, membranes and currents take the values that were observed on the chip, and what the twin
adds is only how they would change with weights, biases and thresholds (Cramer et al. 2022, "Surrogate gradients for
analog neuromorphic computing").
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from ganglion.model.compiler.network.network import Network
from ganglion.model.compiler.network.projection import Projection
from ganglion.model.compiler.quantize.flat import Flat
from ganglion.model.interchange.torch.surrogate import SLOPE, observed_spike, soft_spike

LARGEST = 1 << 24
"""Elements of the matrix of one projection, at most."""


@dataclass(frozen=True, eq=False)
class Observed:
    """What a chip did, in the user's units; shape (steps, samples, neurons) each."""

    spikes: Tensor
    """0 or 1."""
    v: Tensor
    """Membranes at the end of each step."""
    u: Tensor | None
    """Synaptic currents at the end of each step, where there are any."""

    def __getitem__(self, step: int) -> "_Seen":
        return _Seen(self.spikes[step], self.v[step], None if self.u is None else self.u[step])


@dataclass(frozen=True, eq=False)
class _Seen:
    """What was observed of one step."""

    spikes: Tensor
    v: Tensor
    u: Tensor | None


@dataclass(frozen=True, eq=False)
class _State:
    """Of all neurons, at the end of a step; shape (samples, neurons) each."""

    v: Tensor
    u: Tensor
    a: Tensor
    left: Tensor
    """Steps of the refractory period that are left."""


@dataclass(frozen=True, eq=False)
class _Bundle:
    """The synapses of one projection that have one delay."""

    number: int
    """Of the projection."""
    delay: int
    sources: slice
    """Among inputs and neurons."""
    targets: slice
    """Among neurons."""
    place: Tensor
    """Which synapses of the projection, shape (synapses,)."""
    index: tuple[Tensor, Tensor]
    """Post and pre of each, from 0."""
    shape: tuple[int, int]

    def matrix(self, weight: Tensor) -> Tensor:
        """The weights, shape (targets, sources); two synapses between one pair both count."""
        return torch.zeros(self.shape, dtype=weight.dtype).index_put(self.index, weight[self.place], accumulate=True)


class Twin:
    """The equations of `Population`, step by step, over all neurons of a network.

    Args:
        network: what it is a twin of.
        flat: the same, laid out.
        slope: of the surrogate, in thresholds.
    """

    def __init__(self, network: Network, flat: Flat, slope: float = SLOPE) -> None:
        self.inputs, self.neurons, self.slope = flat.inputs, flat.neurons, slope
        self._bundles = [
            bundle for number, each in enumerate(network.projections) for bundle in _bundles(number, each, flat)
        ]
        self._longest = max((bundle.delay for bundle in self._bundles), default=1)

        def column(values: np.ndarray) -> Tensor:
            return torch.as_tensor(values, dtype=torch.float64)

        self._decay, self._v_reset = column(flat.decay), column(flat.v_reset)
        self._current_decay, self._current = column(flat.current_decay), _Mask(torch.as_tensor(flat.current))
        self._adaptation_decay, self._raise = column(flat.adaptation_decay), column(flat.adaptation_raise)
        self._period = torch.as_tensor(flat.refractory)
        # A read-out does not fire, so it does not matter how it would be reset.
        subtract = torch.as_tensor(flat.subtract | ~flat.spiking)
        self._subtract, self._spiking = _Mask(subtract), _Mask(torch.as_tensor(flat.spiking))
        self.adapts = bool(flat.adaptation_raise.any())
        level = np.where(flat.spiking, np.abs(flat.threshold), 1.0)
        self._unit = column(np.where(level > 0, level, 1.0))
        self.has_current, self.rests = bool(flat.current.any()), bool(self._period.any())

    def run(
        self,
        x: Tensor,
        weights: Sequence[Tensor],
        bias: Tensor,
        threshold: Tensor,
        observed: Observed | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Spikes and membranes of each step.

        Args:
            x: events of each input in each step, shape (steps, samples, inputs).
            weights: of each projection, shape (synapses,).
            bias: shape (neurons,).
            threshold: shape (neurons,); of read-outs it does not matter.
            observed: what to replay. None runs the twin by itself with smooth spikes, whose gradient is exact: for
                tests.

        Returns:
            Both of shape (steps, samples, neurons).
        """
        samples, constant = x.shape[1], self._constants(x.dtype)
        matrices = [bundle.matrix(weights[bundle.number]).T for bundle in self._bundles]
        state = self._at_rest(samples, x.dtype)
        sent: list[Tensor] = []
        spikes, membranes = [], []
        for t in range(x.shape[0]):
            drive = self._drive(sent, matrices, samples, x.dtype)
            seen = None if observed is None else observed[t]
            spike, state = self._step(state, drive, bias, threshold, constant, seen)
            spikes.append(spike)
            membranes.append(state.v)
            sent = [torch.cat((x[t], spike), dim=1), *sent[: self._longest - 1]]
        return torch.stack(spikes), torch.stack(membranes)

    def truncated(
        self,
        x: Tensor,
        weights: Sequence[Tensor],
        bias: Tensor,
        threshold: Tensor,
        observed: Observed,
        gradient: Callable[[int], tuple[Tensor, Tensor]],
    ) -> tuple[Tensor, list[Tensor], Tensor, Tensor]:
        """Gradients of a run without those that pass from step to step within a neuron (SLTT, Meng et al. 2023).

        Steps are gone through from the last to the first, and each is forgotten behind the longest delay, so besides
        what was observed it takes the memory of so many steps, however long the run is.

        Args:
            x, weights, bias, threshold, observed: as `run` takes them.
            gradient: of the spikes and of the membranes of a step, shape (samples, neurons) each.

        Returns:
            gradients of x, weights, bias and threshold.
        """
        steps, samples = x.shape[:2]
        constant = self._constants(x.dtype)
        matrices = [bundle.matrix(weights[bundle.number]).T for bundle in self._bundles]
        of_matrices, of_x = [torch.zeros_like(matrix) for matrix in matrices], torch.zeros_like(x)
        of_bias, of_threshold = torch.zeros_like(bias), torch.zeros_like(threshold)
        later: list[Tensor] = []
        for t in reversed(range(steps)):
            sent = torch.cat((x[t], observed.spikes[t]), dim=1)
            of_sent = torch.zeros_like(sent)
            for bundle, matrix, of_matrix in zip(self._bundles, matrices, of_matrices, strict=True):
                if bundle.delay <= len(later):
                    of_drive = later[bundle.delay - 1][:, bundle.targets]
                    of_sent[:, bundle.sources] += of_drive @ matrix.T
                    of_matrix += sent[:, bundle.sources].T @ of_drive
            of_x[t] = of_sent[:, : self.inputs]
            earlier = range(t - 1, max(-1, t - 1 - self._longest), -1)
            past = [torch.cat((x[k], observed.spikes[k]), dim=1) for k in earlier]
            state = self._at_rest(samples, x.dtype)
            if t:
                state = replace(state, v=observed.v[t - 1], u=state.u if observed.u is None else observed.u[t - 1])
            with torch.enable_grad():
                leaves = [
                    value.detach().requires_grad_()
                    for value in (self._drive(past, matrices, samples, x.dtype), bias, threshold)
                ]
                spike, after = self._step(state, leaves[0], leaves[1], leaves[2], constant, observed[t])
                of_spikes, of_membranes = gradient(t)
                above = of_spikes + of_sent[:, self.inputs :], of_membranes
                told = torch.autograd.grad((spike, after.v), leaves, above)
            later = [told[0], *later[: self._longest - 1]]
            of_bias += told[1]
            of_threshold += told[2]
        of_weights = [torch.zeros_like(weight) for weight in weights]
        for bundle, of_matrix in zip(self._bundles, of_matrices, strict=True):
            of_weights[bundle.number][bundle.place] = of_matrix.T[bundle.index]
        return of_x, of_weights, of_bias, of_threshold

    def _constants(self, dtype: torch.dtype) -> dict[str, Tensor]:
        names = ("_decay", "_v_reset", "_current_decay", "_adaptation_decay", "_raise", "_unit")
        return {name: getattr(self, name).to(dtype) for name in names}

    def _at_rest(self, samples: int, dtype: torch.dtype) -> _State:
        zero = torch.zeros(samples, self.neurons, dtype=dtype)
        return _State(zero, zero, zero, torch.zeros(samples, self.neurons, dtype=torch.int64))

    def _step(
        self,
        state: _State,
        drive: Tensor,
        bias: Tensor,
        threshold: Tensor,
        constant: Mapping[str, Tensor],
        observed: _Seen | None,
    ) -> tuple[Tensor, _State]:
        """Spikes of a step, and the state behind it."""
        v, u, a, left = state.v, state.u, state.a, state.left
        awake = _Mask(left == 0) if self.rests else _EVERY
        if self.has_current:
            charged = u - constant["_current_decay"] * u + drive
            if observed is not None and observed.u is not None:
                charged = _as(charged, observed.u)
            u = awake.pick(self._current.pick(charged, drive), u)
        else:
            u = awake.pick(drive, u)
        if self.adapts:
            a = awake.pick(a - constant["_adaptation_decay"] * a, a)
        before = v - constant["_decay"] * v + u + bias
        fired: Tensor | None = None
        if observed is not None:
            fired = observed.spikes
            # What the membrane was before the reset can be told but for a reset to a value.
            known = torch.addcmul(observed.v, self._subtract.pick(threshold.detach(), _ZERO), fired)
            told = _EVERY if self._subtract.every else _Mask((fired == 0) | self._subtract.where)
            before = told.pick(_as(before, known), before)
        over = (before - threshold - a) / constant["_unit"]
        spike = soft_spike(over, self.slope) if fired is None else observed_spike(over, fired, self.slope)
        spike = awake.pick(self._spiking.pick(spike, _ZERO), _ZERO)
        # In training the reset is taken as a constant (Zenke and Vogels 2021).
        reset, level = (spike, threshold) if fired is None else (spike.detach(), threshold.detach())
        if self._subtract.every:
            after = before - level * reset
        else:
            after = self._subtract.pick(before - level * reset, before + reset * (constant["_v_reset"] - before))
        v = awake.pick(self._spiking.pick(after, before), v)
        if self.adapts:
            a = a + constant["_raise"] * reset
        if self.rests:
            left = awake.pick(torch.where(reset > 0, self._period, 0), left - 1)
        return spike, _State(v, u, a, left)

    def _drive(self, sent: Sequence[Tensor], matrices: Sequence[Tensor], samples: int, dtype: torch.dtype) -> Tensor:
        """What arrives in this step, of what was sent in those before: the last one first."""
        parts = torch.zeros(samples, self.neurons, dtype=dtype)
        for bundle, matrix in zip(self._bundles, matrices, strict=True):
            if bundle.delay <= len(sent):
                arrived = sent[bundle.delay - 1][:, bundle.sources] @ matrix
                first, last = bundle.targets.start, bundle.targets.stop
                parts = parts + torch.nn.functional.pad(arrived, (first, self.neurons - last))
        return parts


class _Mask:
    """Where something is so: what is so everywhere, or nowhere, takes no choice."""

    def __init__(self, where: Tensor) -> None:
        self.where, self.every, self.none = where, bool(where.all()), not where.any()

    def pick(self, these: Tensor, those: Tensor) -> Tensor:
        """These where it is so, and those elsewhere."""
        return these if self.every else those if self.none else torch.where(self.where, these, those)


_EVERY = _Mask(torch.tensor(True))

_ZERO = torch.tensor(0.0)


def _as(values: Tensor, observed: Tensor) -> Tensor:
    """What was observed, with the gradient of the values."""
    return values + (observed - values).detach()


def _bundles(number: int, projection: Projection, flat: Flat) -> list[_Bundle]:
    ends = {**flat.axons, **{name: (flat.inputs + first, size) for name, (first, size) in flat.names.items()}}
    (source, sources), (target, targets) = ends[projection.source], flat.names[projection.target]
    found = []
    for delay in np.unique(projection.delay).tolist():
        place = np.flatnonzero(projection.delay == delay)
        found.append(
            _Bundle(
                number,
                delay,
                slice(source, source + sources),
                slice(target, target + targets),
                torch.as_tensor(place),
                (torch.as_tensor(projection.post[place]), torch.as_tensor(projection.pre[place])),
                (targets, sources),
            )
        )
    return found
