"""A module over a target: what goes in and out, whose gradients it has, and that every target trains alike."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ganglion.model.compiler.network.network import Network
from ganglion.model.compiler.quantize.flat import flatten
from ganglion.model.emulator.array.emulator import ArrayEmulator
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.interchange.torch.chip import Chip
from ganglion.model.interchange.torch.losses import first_spike_loss, first_spike_times, membrane_loss, rate_loss
from ganglion.model.interchange.torch.twin import Twin
from ganglion.model.mismatch.distortion import Distortion
from ganglion.model.mismatch.target import Mismatch
from ganglion.model.spec.errors import EventError, NetworkError
from ganglion.model.spec.reference import Reference

INPUTS, STEPS, SAMPLES = 5, 9, 6


def network(seed: int = 0, hidden: int = 7, *, readout: bool = False, **neuron: Any) -> Network:
    """Two layers and a recurrent projection, with delays of one to three steps."""
    rng = np.random.default_rng(seed)
    made = Network("two layers")
    first = made.input("in", INPUTS)
    middle = made.population("hidden", hidden, **{"threshold": 1.0, "decay": 0.2, "reset": "subtract", **neuron})
    if readout:
        last = made.readout("out", 2, decay=0.1)
    else:
        last = made.population("out", 2, threshold=1.0, decay=0.1, reset="subtract")
    made.all_to_all(first, middle, rng.normal(0.2, 0.5, (hidden, INPUTS)), delay=rng.integers(1, 4, (hidden, INPUTS)))
    made.all_to_all(middle, middle, rng.normal(0, 0.2, (hidden, hidden)), delay=2)
    made.all_to_all(middle, last, rng.normal(0.2, 0.5, (2, hidden)))
    made.output(last)
    return made


def events(seed: int = 0) -> Tensor:
    rng = np.random.default_rng(seed)
    return torch.tensor(rng.random((STEPS, SAMPLES, INPUTS)) < 0.5, dtype=torch.float32)


LABELS = torch.tensor([0, 1, 0, 1, 1, 0])


def trained(make: Any, steps: int = 3, hidden: int = 7, **options: Any) -> Chip:
    chip = Chip(network(hidden=hidden), make, train=("weight", "bias", "threshold"), **options)
    optimizer = torch.optim.Adam(chip.parameters(), lr=0.05)
    for step in range(steps):
        optimizer.zero_grad()
        rate_loss(chip(events(step)), LABELS).backward()
        optimizer.step()
    return chip


def test_what_comes_out_is_what_the_program_does() -> None:
    chip = Chip(network(), Emulator)
    out = chip(events())
    assert out.shape == (STEPS, SAMPLES, 2) and out.requires_grad
    for sample in range(SAMPLES):
        trace = Reference(chip.program()).run(_events(events()[:, sample]))
        assert np.array_equal(out[:, sample].detach().numpy(), trace.raster(np.arange(7, 9))), sample
    assert out.sum() > 0


def _events(raster: Tensor) -> Any:
    from ganglion.model.spec.events import Events

    return Events.from_raster(raster.numpy().astype(np.int64))


def test_events_that_are_there_are_the_same_batch() -> None:
    outs, grads = [], []
    for x in (events(), [_events(events()[:, sample]) for sample in range(SAMPLES)]):
        chip = Chip(network(readout=True), ArrayEmulator)
        outs.append(chip(x))
        membrane_loss(outs[-1], LABELS).backward()
        grads.append(chip.weights[0].grad)
        with torch.no_grad():
            assert torch.equal(chip(x), outs[-1])
        # Without a gradient, of the read-out alone.
        assert chip.trace[0].probes["v"].shape == (STEPS, 2)
    assert torch.equal(*outs) and torch.equal(*grads) and grads[0].abs().sum() > 0  # type: ignore[arg-type]
    for wrong, message in (
        ([], "a batch is a tensor, or a list of Events"),
        ([_events(events()[:, 0]), _events(events()[1:, 0])], "must be of one length, not 8 to 9 steps"),
    ):
        with pytest.raises(EventError, match=message):
            chip(wrong)


def test_a_step_of_training_leaves_the_same_weights_on_every_target() -> None:
    first, *others = (trained(make) for make in (Reference, Emulator, ArrayEmulator))
    before = Chip(network(), Reference).weights
    assert not all(torch.equal(a, b) for a, b in zip(first.weights, before, strict=True))
    for other in others:
        for mine, its in zip(first.parameters(), other.parameters(), strict=True):
            assert torch.equal(mine, its)
        assert np.array_equal(first.target.weights(), other.target.weights())


@pytest.mark.sim
def test_a_step_of_training_leaves_the_same_weights_on_the_rtl_and_what_was_trained_fires_alike() -> None:
    from ganglion.sim.rtl import Rtl
    from tests.sim.chips import TINY, simulation

    on_emulator = trained(Emulator, 2, hidden=4, params=TINY)
    with simulation(TINY) as driver:
        on_rtl = trained(lambda program: Rtl(program, driver), 2, hidden=4, params=TINY)
        for mine, its in zip(on_emulator.parameters(), on_rtl.parameters(), strict=True):
            assert torch.equal(mine, its)
        with torch.no_grad():
            told, traces = on_emulator(events(9)), on_emulator.trace
            assert told.sum() > 0
            assert torch.equal(on_emulator.use(lambda program: Rtl(program, driver))(events(9)), told)
            # Every spike of every neuron, not of the outputs alone.
            assert on_emulator.trace == traces


@pytest.mark.parametrize(
    "neuron",
    [
        {},
        {"reset": "value", "v_reset": 0.1},
        {"current_decay": 0.4},
        {"adaptation_decay": 0.1, "adaptation_raise": 0.2},
    ],
    ids=lambda neuron: "-".join(neuron) or "leaky",
)
def test_the_gradient_of_the_twin_is_that_of_finite_differences(neuron: dict[str, Any]) -> None:
    made = network(hidden=4, **neuron)
    flat = flatten(made)
    twin = Twin(made, flat)
    weights = [torch.tensor(p.weight, requires_grad=True) for p in made.projections]
    bias = torch.tensor(flat.bias, requires_grad=True)
    level = torch.tensor(flat.threshold, requires_grad=True)
    x = events()[:, :2].double().requires_grad_()

    def run(x: Tensor, bias: Tensor, level: Tensor, *weights: Tensor) -> tuple[Tensor, Tensor]:
        return twin.run(x, weights, bias, level)

    assert torch.autograd.gradcheck(run, (x, bias, level, *weights))


def gradients(chip: Chip, x: Tensor) -> list[Tensor]:
    x = x.clone().requires_grad_()
    out = chip(x)
    (out * torch.linspace(-1, 2, out.numel()).view(out.shape)).sum().backward()
    found = [x.grad, *(value.grad for value in chip.parameters())]
    return [each for each in found if each is not None]


@pytest.mark.parametrize("readout", [False, True])
def test_truncated_gradients_are_the_whole_ones_where_neurons_forget_at_once(readout: bool) -> None:
    """A membrane that is lost within a step passes nothing on to the next one, and one that leaks does."""
    for decay, same in ((1.0, True), (0.2, False)):
        pair = []
        for truncated in (False, True):
            made = network(decay=decay, readout=readout)
            made.populations["out"].decay[:] = decay
            made.projections[0].weight[:] *= 2
            chip = Chip(made, ArrayEmulator, train=("weight", "bias", "threshold"), truncated=truncated)
            pair.append(gradients(chip, events()))
        assert len(pair[0]) == len(pair[1]) == 6 and all(each.abs().sum() > 0 for each in pair[0][:2])
        equal = [torch.allclose(mine, its, atol=1e-5) for mine, its in zip(*pair, strict=True)]
        assert all(equal) if same else not all(equal)


def test_truncated_gradients_take_no_more_memory_for_a_longer_run() -> None:
    live, most = 0, 0

    class Held:
        """A tensor that a graph keeps."""

        def __init__(self, value: Tensor) -> None:
            nonlocal live, most
            self.value, self.size = value, value.nbytes
            live += self.size
            most = max(most, live)

        def __del__(self) -> None:
            nonlocal live
            live -= self.size

    found: dict[tuple[bool, int], int] = {}
    for truncated in (True, False):
        chip = Chip(network(), ArrayEmulator, truncated=truncated)
        for times in (1, 4):
            x, most = torch.cat([events()] * times), 0
            out = chip(x)
            with torch.autograd.graph.saved_tensors_hooks(Held, lambda held: held.value):
                out.sum().backward()
            found[truncated, times] = most
    assert found[True, 1] == found[True, 4] < found[False, 1] < found[False, 4] / 3


def test_the_gradient_is_taken_at_what_was_observed() -> None:
    """On a worse chip the spikes differ, so the gradient does; the parameters are the same."""
    chip = Chip(network(), Emulator)
    distortion = Distortion.draw(chip.program(), seed=1, gain=0.8)
    worse = Chip(network(), lambda program: Mismatch(program, distortion, Emulator))
    for each in (chip, worse):
        rate_loss(each(events()), LABELS).backward()
    assert not torch.equal(chip.weights[0].grad, worse.weights[0].grad)  # type: ignore[arg-type]


def test_it_is_a_layer_like_any_other() -> None:
    class Spikes(nn.Module):
        """Rounded with a straight-through gradient."""

        def forward(self, x: Tensor) -> Tensor:
            return x + ((x > 0.5).to(x.dtype) - x).detach()

    before = nn.Linear(3, INPUTS)
    model = nn.Sequential(before, nn.Sigmoid(), Spikes(), Chip(network(), ArrayEmulator))
    rate_loss(model(torch.rand(STEPS, SAMPLES, 3)), LABELS).backward()
    assert before.weight.grad is not None and before.weight.grad.abs().sum() > 0


def test_read_outs_tell_membranes_in_the_units_of_the_user() -> None:
    made = network(readout=True)
    chip = Chip(made, ArrayEmulator, headroom=1.0)
    out = chip(events())
    flat = flatten(made)
    assert out.shape == (STEPS, SAMPLES, 2) and not torch.equal(out, out.round())
    probe = Reference(chip.program()).run(_events(events()[:, 0]), probes={"v": [7, 8]}).probes["v"]
    assert np.allclose(out[:, 0].detach().numpy(), probe / np.concatenate([chip.scale[n] for n in flat.names])[7:])
    membrane_loss(out, LABELS).backward()
    assert chip.weights[2].grad.abs().sum() > 0  # type: ignore[union-attr]


def test_membranes_are_probed_only_where_a_gradient_is_wanted() -> None:
    chip = Chip(network(), Emulator)
    chip(events())
    assert "v" in chip.trace[0].probes
    with torch.no_grad():
        chip(events())
    assert not chip.trace[0].probes


def test_a_target_that_tells_no_membranes_can_run_but_not_train() -> None:
    class Mute(ArrayEmulator):
        def _run_batch(self, samples: Any, probes: Any) -> Any:
            return super()._run_batch(samples, {})

    chip = Chip(network(), Mute)
    with torch.no_grad():
        assert chip(events()).sum() > 0
    with pytest.raises(NetworkError, match="the array does not tell 'v' of neurons, which the module needs of it"):
        chip(events())


def test_another_target_goes_on_with_the_same_weights() -> None:
    chip = trained(Emulator)
    with torch.no_grad():
        before = chip(events())
        assert torch.equal(chip.use(Reference)(events()), before)
    assert chip.target.name == "reference"


def test_first_spikes() -> None:
    spikes = torch.zeros(4, 1, 3)
    spikes[1, 0, 0] = spikes[3, 0, 0] = spikes[0, 0, 2] = 1
    spikes.requires_grad_()
    times = first_spike_times(spikes)
    assert times.tolist() == [[1.0, 4.0, 0.0]]
    times.sum().backward()
    # A spike before the first one would bring it forward; one behind it changes nothing.
    assert spikes.grad is not None and spikes.grad[:, 0, 0].tolist() == [-1.0, -2.0, 0.0, 0.0]
    assert spikes.grad[:, 0, 1].tolist() == [-4.0, -3.0, -2.0, -1.0]
    assert first_spike_loss(spikes, torch.tensor([2])) < first_spike_loss(spikes, torch.tensor([1]))


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (torch.zeros(STEPS, SAMPLES, 4), r"events must have shape \(steps, samples, 5\), not \(9, 6, 4\)"),
        (torch.full((STEPS, SAMPLES, INPUTS), 0.5), "events are counted in whole numbers from 0"),
        (torch.full((STEPS, SAMPLES, INPUTS), -1.0), "events are counted in whole numbers from 0"),
        (torch.full((STEPS, SAMPLES, INPUTS), float("nan")), "events are counted in whole numbers from 0"),
    ],
)
def test_what_is_no_event_is_refused(x: Tensor, message: str) -> None:
    with pytest.raises(EventError, match=message):
        Chip(network(), ArrayEmulator)(x)


def test_a_training_that_diverged_is_told() -> None:
    chip = Chip(network(), ArrayEmulator)
    with torch.no_grad():
        chip.weights[0][0] = float("nan")
    with pytest.raises(NetworkError, match="the weights of 'two layers' are not all finite"):
        chip(events())
    with pytest.raises(NetworkError, match="the loss is not finite"):
        rate_loss(torch.full((3, 2, 2), float("inf")), torch.tensor([0, 1]))


def test_a_convolution_is_trained_by_its_kernel() -> None:
    """As the same synapses one by one, whose gradients add up to that of the kernel; pooling stays as it is."""
    rng = np.random.default_rng(4)
    kernel = rng.normal(0.4, 0.5, (2, 1, 3, 3))
    kernel[0, 0, 1, 1] = 0

    def made(spelt: bool) -> Network:
        network = Network("convolution")
        source = network.input("in", (1, 6, 6))
        maps, pooled = (
            network.population(name, shape, threshold=1.0, decay=0.1, reset="subtract")
            for name, shape in (("maps", (2, 4, 4)), ("out", (2, 2, 2)))
        )
        first = network.convolution(source, maps, kernel)
        if spelt:
            network.projections.clear()
            network.sparse(source, maps, (first.post, first.pre, first.weight))
        network.pool(maps, pooled, 2, weight=0.7)
        network.output(pooled)
        return network

    x = torch.tensor(rng.random((6, 5, 36)) < 0.4, dtype=torch.float32)
    chips = [Chip(made(spelt), make) for spelt, make in ((False, ArrayEmulator), (True, Reference))]
    outs = [chip(x) for chip in chips]
    assert torch.equal(*outs) and outs[0].sum() > 0
    for chip, out in zip(chips, outs, strict=True):
        (out * torch.arange(8)).sum().backward()
        assert chip.weights[1].grad is None or not chip.weights[1].requires_grad
    own, apart = (chip.weights[0].grad for chip in chips)
    assert own is not None and apart is not None and own.shape == kernel.shape
    place = chips[0]._shared[0]
    assert place is not None
    assert torch.allclose(own.flatten(), torch.zeros(18).index_add(0, place, apart), atol=1e-5)
    assert own[0, 0, 1, 1] == 0 and own.abs().sum() > 0


def test_what_cannot_be_trained_through_a_chip_is_named() -> None:
    with pytest.raises(NetworkError, match="population 'hidden' has an inclusive threshold"):
        Chip(network(inclusive=True), Emulator)
    with pytest.raises(NetworkError, match="'delay' cannot be trained through a chip; weight, bias, threshold can"):
        Chip(network(), Emulator, train=("delay",))
    with pytest.raises(NetworkError, match="truncated training is of neurons without adaptation"):
        Chip(network(refractory=2), Emulator, truncated=True)
    with pytest.raises(NetworkError, match=r"headroom must be at least 1, not 0\.5"):
        Chip(network(), Emulator, headroom=0.5)
