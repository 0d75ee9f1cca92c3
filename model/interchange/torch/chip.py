"""A PyTorch module whose forward pass runs on a target, in whole numbers, and whose backward pass is the twin's."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ganglion.model.compiler.network.network import Network
from ganglion.model.compiler.network.projection import Projection
from ganglion.model.compiler.quantize.flat import Flat, flatten
from ganglion.model.compiler.quantize.quantize import quantize
from ganglion.model.interchange.torch.batch import Batch, Input, Recorded
from ganglion.model.interchange.torch.surrogate import SLOPE
from ganglion.model.interchange.torch.twin import LARGEST, Observed, Twin
from ganglion.model.spec.arithmetic import signed_range
from ganglion.model.spec.arrays import FloatArray, IntArray
from ganglion.model.spec.errors import NetworkError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.limits import Probes
from ganglion.model.spec.params import PRESETS, Params
from ganglion.model.spec.program import Program
from ganglion.model.spec.target import Target
from ganglion.model.spec.trace import Trace

MakeTarget = Callable[[Program], Target]

TRAINED = ("weight", "bias", "threshold")
"""What can be trained."""

HEADROOM = 2.0
"""Weights may grow by this factor before the chip's width holds them."""


@explained(NetworkError)
class Chip(nn.Module):
    """A network on a target as a layer of PyTorch: `y = chip(x)`.

    x are events, whole numbers of shape (steps, samples, inputs), time first as in snnTorch; y are the spikes of the
    output population, shape (steps, samples, neurons), or its membranes in the user's units where it is a read-out. A
    synapse takes at least one step, so y comes later than x by as many steps as there are layers.

    Each forward pass rounds weights, biases and thresholds to what the chip can hold, writes those that changed, and
    runs the samples as a batch, each from rest. The backward pass uses the surrogate gradient of the float twin at the
    spikes and membranes that were observed, so training corrects what the chip does, whatever that is. Only where a
    gradient is wanted are membranes observed. The parameter of a convolution is its kernel; pooling has none to train.

    Args:
        network: in floats, as `quantize` takes it.
        target: makes what runs it, from a program: `Emulator`, `Reference`, `Rtl`, a `Mismatch` …
        params: the chip.
        train: what is a parameter of the module: of `weight`, `bias` and `threshold`.
        headroom: the factor by which weights may grow.
        slope: of the surrogate, per threshold.
        truncated: leave out gradients that pass from step to step within a neuron: besides what is observed, the
            backward pass takes the memory of a few steps, however long a run is.

    Raises:
        NetworkError: something that the chip cannot hold, or that cannot be trained through it; named.
    """

    def __init__(
        self,
        network: Network,
        target: MakeTarget,
        *,
        params: Params = PRESETS["board"],
        train: Collection[str] = ("weight",),
        headroom: float = HEADROOM,
        slope: float = SLOPE,
        truncated: bool = False,
    ) -> None:
        super().__init__()
        if unknown := sorted(set(train) - set(TRAINED)):
            raise NetworkError(f"{unknown[0]!r} cannot be trained through a chip; {', '.join(TRAINED)} can")
        if not headroom >= 1:
            raise NetworkError(f"headroom must be at least 1, not {headroom!r}")
        self.network, self.params = network, params
        self._flat = flatten(network)
        _check(network, self._flat)
        wide = quantize(network, params)
        self.scale = {name: values / headroom for name, values in wide.scale.items()}
        quantized = quantize(network, params, scale=self.scale)
        self._scale = np.concatenate([self.scale[name] for name in self._flat.names])
        self._twin = Twin(network, self._flat, slope)
        self.truncated = truncated
        if truncated and (self._twin.adapts or self._twin.rests):
            raise NetworkError("truncated training is of neurons without adaptation and without a refractory period")
        self._template = quantized.program
        self._order = np.argsort(self._flat.pre, kind="stable")
        self._target: Target | None = None
        self._make = target
        self._told: IntArray | None = None
        self._written: list[tuple[Tensor, int]] = []
        self.trace: list[Trace] = []
        """Of the last forward pass, one for each sample."""

        def values(name: str, numbers: FloatArray, fixed: bool = False) -> nn.Parameter:
            made = torch.as_tensor(numbers, dtype=torch.get_default_dtype())
            return nn.Parameter(made, requires_grad=name in train and not fixed)

        self._shared = [_shared(network, projection) for projection in network.projections]
        self.weights = nn.ParameterList(
            values(
                "weight",
                projection.weight if projection.convolution is None else projection.convolution.weight,
                projection.convolution is not None and projection.rule != "convolution",
            )
            for projection in network.projections
        )
        self.bias = values("bias", self._flat.bias)
        self.threshold = values("threshold", np.where(self._flat.spiking, self._flat.threshold, 0))

    @property
    def target(self) -> Target:
        """What it runs on; made when it is first needed."""
        if self._target is None:
            self._target = self._make(self.program())
        return self._target

    def use(self, target: MakeTarget) -> "Chip":
        """Run on another target from now on, with the weights as they are.

        Returns:
            itself.
        """
        self.close()
        self._make = target
        return self

    def close(self) -> None:
        """Let go of the target."""
        if self._target is not None:
            self._target.close()
            self._target = self._told = None

    def program(self) -> Program:
        """The network as the chip has it: the weights of now, rounded."""
        weight, bias, threshold = self._rounded()
        return self._template.replace(
            pre=self._flat.pre[self._order],
            post=self._flat.inputs + self._flat.post_neuron[self._order],
            weight=weight,
            delay=self._delays()[self._order],
            bias=bias,
            threshold=threshold,
            outputs=np.arange(self._flat.neurons),
        )

    def _delays(self) -> IntArray:
        """Of each synapse, in the order of the network."""
        return self._flat.delay

    def forward(self, x: Input) -> Tensor:
        """Spikes, or membranes, of the outputs, shape (steps, samples, neurons).

        Args:
            x: counts of events, or a list of `Events`, one for each sample, of which nothing has to be converted.

        Raises:
            EventError: x is not of whole numbers of events, or of another shape.
            NetworkError: a parameter is not finite, an accumulator overflowed, or the target does not tell membranes.
        """
        batch = Batch.of(x, self._flat.inputs)
        leaves = (torch.empty(0) if batch.given is None else batch.given, self.bias, self.threshold, *self.weights)
        wanted = torch.is_grad_enabled() and any(leaf.requires_grad for leaf in leaves)
        return _run(self, wanted, batch, *leaves)

    def observe(self, batch: Batch, *, whole: bool) -> Recorded:
        """Run samples on the target.

        Args:
            batch: the samples.
            whole: whether to record membranes, and currents, of every neuron; else those of a read-out alone.
        """
        self._write()
        part, spiking = self.outputs()
        every = np.arange(self._flat.neurons)
        probes: Probes | None = None
        if whole:
            probes = {"v": every} | ({"u": every} if self._twin.has_current else {})
        elif not spiking:
            probes = {"v": every[part]}
        self.trace = self.target.run_batch(batch.samples, probes=probes)
        if self.trace and (absent := sorted({*(probes or {})} - {*self.trace[0].probes})):
            raise NetworkError(
                f"the {self.target.name} does not tell '{absent[0]}' of neurons, which the module needs of it: use a "
                "target that records probes in run_batch"
            )
        if lost := int(np.concatenate([trace.counters["overflows"] for trace in self.trace]).sum()):
            raise NetworkError(f"accumulators overflowed {lost} times: give more headroom, or a chip with wider ones")
        return Recorded(self.trace, batch.steps, self._scale, batch.dtype)

    def _of_synapses(self, weights: Iterable[Tensor]) -> list[Tensor]:
        """The weight of each synapse of each projection, from its parameter: of a convolution that is the kernel."""
        pairs = zip(weights, self._shared, strict=True)
        return [each if place is None else each.flatten()[place] for each, place in pairs]

    def _rounded(self) -> tuple[IntArray, IntArray, IntArray]:
        """Weights in the order of the program, biases and thresholds, as the chip holds them."""
        weight = np.concatenate([np.zeros(0), *(_array(each) for each in self._of_synapses(self.weights))])
        bias, threshold = _array(self.bias), _array(self.threshold)
        for name, values in (("weights", weight), ("biases", bias), ("thresholds", threshold)):
            if not np.isfinite(values).all():
                raise NetworkError(f"the {name} of '{self.network.name}' are not all finite: the training diverged")
        flat, params = self._flat, self.params
        membranes = signed_range(params.membrane_bits)
        weights = _whole(weight * self._scale[flat.post_neuron], signed_range(params.weight_bits))
        level = threshold * self._scale
        below = np.where(flat.inclusive, np.ceil(level) - 1, np.floor(level))
        level = np.clip(np.where(flat.subtract, np.rint(level), below), *membranes)
        thresholds = np.where(flat.spiking, level, membranes[1]).astype(np.int64)
        return weights[self._order], _whole(bias * self._scale, signed_range(params.bias_bits)), thresholds

    def _write(self) -> None:
        """Tell the target what has changed since the last time."""
        now: list[tuple[Tensor, int]] = [(value, value._version) for value in self.parameters()]
        if self._told is not None and _same(now, self._written):
            return
        weight, bias, threshold = self._rounded()
        target = self.target
        if self._told is None:
            self._told = target.weights()
        changed = np.flatnonzero(self._told != weight)
        if changed.size:
            target.write_weights(changed, weight[changed])
            self._told = weight
        for field, values in (("bias", bias), ("threshold", threshold)):
            differ = np.flatnonzero(target.read(field) != values)
            if differ.size:
                target.write(field, differ, values[differ])
        self._written = now

    def outputs(self) -> tuple[slice, bool]:
        """The neurons whose values come out, and whether they spike."""
        names = self.network.outputs or list(self.network.populations)[-1:]
        if len(names) != 1:
            raise NetworkError(f"a module has one output, and the network has {', '.join(names)}: name one in `output`")
        part = self._flat.part(names[0])
        return part, self.network.populations[names[0]].spiking

    def replay(self, x: Tensor, observed: Observed, leaves: Sequence[Tensor]) -> Tensor:
        """The outputs that were observed, as the twin's function of x, biases, thresholds and weights (`leaves`)."""
        bias, threshold, *weights = leaves
        spikes, membranes = self._twin.run(x, self._of_synapses(weights), bias, threshold, observed)
        part, spiking = self.outputs()
        return (spikes if spiking else membranes)[:, :, part]

    def truncated_gradients(
        self, x: Tensor, observed: Observed, leaves: Sequence[Tensor], gradient: Tensor
    ) -> list[Tensor]:
        """Of x, biases, thresholds and weights, from that of the outputs, as `Twin.truncated` tells."""
        bias, threshold, *weights = leaves
        part, spiking = self.outputs()

        def of_step(t: int) -> tuple[Tensor, Tensor]:
            whole = torch.zeros_like(observed.spikes[t])
            told = whole.clone()
            told[:, part] = gradient[t]
            return (told, whole) if spiking else (whole, told)

        with torch.no_grad():
            synaptic = self._of_synapses(weights)
            of_x, of_synapses, of_bias, of_threshold = self._twin.truncated(
                x, synaptic, bias, threshold, observed, of_step
            )
        with torch.enable_grad():
            own = [weight.detach().requires_grad_() for weight in weights]
            of_weights = torch.autograd.grad(self._of_synapses(own), own, of_synapses) if own else ()
        return [of_x, of_bias, of_threshold, *of_weights]


class _Run(torch.autograd.Function):
    """The target forward, the twin backward."""

    @staticmethod
    def forward(ctx: Any, chip: Chip, wanted: bool, batch: Batch, x: Tensor, *leaves: Tensor) -> Tensor:
        part, spiking = chip.outputs()
        recorded = chip.observe(batch, whole=wanted)
        if wanted:
            ctx.chip, ctx.recorded, ctx.batch = chip, recorded, batch
            ctx.save_for_backward(x, *leaves)
        return recorded.spikes(part) if spiking else recorded.probed("v", part)

    @staticmethod
    def backward(ctx: Any, *gradient: Tensor) -> tuple[Tensor | None, ...]:
        needs, observed = ctx.needs_input_grad[3:], ctx.recorded.observed()
        x, *values = ctx.saved_tensors
        if ctx.batch.given is None:
            x = ctx.batch.dense()
        if ctx.chip.truncated:
            every = ctx.chip.truncated_gradients(x, observed, values, gradient[0])
            return None, None, None, *(each if need else None for each, need in zip(every, needs, strict=True))
        with torch.enable_grad():
            leaves = [value.detach().requires_grad_(need) for value, need in zip((x, *values), needs, strict=True)]
            out = ctx.chip.replay(leaves[0], observed, leaves[1:])
            asked = [leaf for leaf, need in zip(leaves, needs, strict=True) if need]
            found = iter(torch.autograd.grad(out, asked, gradient[0], allow_unused=True))
        return (None, None, None, *(next(found) if need else None for need in needs))


_run: Callable[..., Tensor] = _Run.apply


def _check(network: Network, flat: Flat) -> None:
    for projection in network.projections:
        sizes = [(flat.axons | flat.names)[end][1] for end in (projection.source, projection.target)]
        if sizes[0] * sizes[1] > LARGEST:
            raise NetworkError(
                f"projection {projection.name} joins {sizes[0]:,} and {sizes[1]:,}; the twin holds {LARGEST:,} pairs"
            )
    for name, population in network.populations.items():
        if population.inclusive and population.reset == "subtract":
            raise NetworkError(
                f"population '{name}' has an inclusive threshold that is subtracted: make it strict"
            )


def _shared(network: Network, projection: Projection) -> Tensor | None:
    """Which element of the kernel each synapse of a convolution has; None where each has a weight of its own."""
    kernel = projection.convolution
    if kernel is None:
        return None
    source = network.layers.source(projection.source).shape
    # Unrolled with numbers for weights, from 1 as synapses of weight 0 are left out.
    numbers = replace(kernel, weight=np.arange(1.0, kernel.weight.size + 1).reshape(kernel.weight.shape))
    place = numbers.unroll(projection.name, source)[2].astype(np.int64) - 1
    return torch.as_tensor(place[kernel.weight.ravel()[place] != 0])


def _same(now: Sequence[tuple[Tensor, int]], then: Sequence[tuple[Tensor, int]]) -> bool:
    """Whether these are the same tensors, and nothing was written into them."""
    return len(now) == len(then) and all(
        mine is its and version == before for (mine, version), (its, before) in zip(now, then, strict=True)
    )


def _array(values: Tensor) -> FloatArray:
    return values.detach().double().numpy()


def _whole(values: FloatArray, limits: tuple[int, int]) -> IntArray:
    return np.clip(np.rint(values), *limits).astype(np.int64)
