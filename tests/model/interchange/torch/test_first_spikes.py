"""First spikes: gradients against finite differences, the twin against a chip, and a training that moves delays."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.func import functional_call

from ganglion.model.compiler.network.network import Network
from ganglion.model.emulator.array.emulator import ArrayEmulator
from ganglion.model.interchange.torch.chip import MakeTarget
from ganglion.model.interchange.torch.crossing import time_loss
from ganglion.model.interchange.torch.first_spikes import FirstSpikes
from ganglion.model.spec.errors import EventError, NetworkError
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.reference import Reference

STEPS = 40

CHIP = PRESETS["board"].replace(name="first spikes", refractory_bits=6)

FINE = PRESETS["wide"].replace(name="fine", neurons=64, axons=64)
"""On which steps are all that is rounded."""


def network(decay: float = 0.1, current_decay: float = 0.1, **changed: float) -> Network:
    rng = np.random.default_rng(3)
    made = Network("times")
    source = made.input("in", 4)
    neuron: dict[str, Any] = {"decay": decay, "current_decay": current_decay, "refractory": STEPS, **changed}
    hidden, last = (made.population(name, count, **neuron) for name, count in (("hidden", 5), ("out", 2)))
    made.all_to_all(source, hidden, rng.normal(0.16, 0.1, (5, 4)), delay=rng.integers(1, 6, (5, 4)))
    made.all_to_all(hidden, last, rng.normal(0.15, 0.05, (2, 5)), delay=rng.integers(1, 6, (2, 5)))
    made.output(last)
    return made


def times(samples: int = 6) -> Tensor:
    return torch.tensor(np.random.default_rng(5).integers(1, 14, (samples, 4)).astype(np.float64))


def module(make: MakeTarget = ArrayEmulator, **options: float) -> FirstSpikes:
    return FirstSpikes(network(**options), make, steps=STEPS, params=CHIP, train=("weight", "delay")).double()


@pytest.mark.parametrize("decays", [(0.1, 0.1), (0.05, 0.2)])
def test_gradients_of_times_are_those_of_finite_differences(decays: tuple[float, float]) -> None:
    chip = module(decay=decays[0], current_decay=decays[1])
    names, values = zip(*((n, p) for n, p in chip.named_parameters() if p.requires_grad), strict=True)

    class Twin(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.chip = chip

        def forward(self, x: Tensor) -> Tensor:
            return chip.twin(x)

    def told(x: Tensor, *parameters: Tensor) -> Tensor:
        named = {f"chip.{name}": value for name, value in zip(names, parameters, strict=True)}
        found: Tensor = functional_call(Twin(), named, (x,))
        return found

    x = (times(2) + 0.3).requires_grad_()
    assert torch.isfinite(chip.twin(x)).all()
    assert torch.autograd.gradcheck(told, (x, *(value.detach().clone().requires_grad_() for value in values)))


def test_a_chip_fires_in_the_step_in_which_its_twin_does() -> None:
    chip = FirstSpikes(network(), ArrayEmulator, steps=STEPS, params=FINE).double()
    with torch.no_grad():
        hidden = chip._replay(times(40), None)[:, :5]
        chip(times(40))
    seen = torch.isfinite(hidden)
    assert seen.float().mean() > 0.5 and torch.equal(torch.isfinite(chip.times[:, :5]), seen)
    assert torch.equal(chip.times[:, :5][seen], hidden[seen].ceil())


def test_weights_and_delays_are_trained_alike_on_every_target() -> None:
    labels = torch.tensor([0, 1, 0, 1, 1, 0])

    def trained(make: MakeTarget) -> tuple[FirstSpikes, list[float]]:
        chip, losses = module(make), []
        optimizer = torch.optim.Adam([{"params": chip.weights, "lr": 0.01}, {"params": chip.delays, "lr": 0.3}])
        for _ in range(12):
            optimizer.zero_grad()
            loss = time_loss(chip(times()), labels, tau=2.0, never=float(STEPS))
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return chip, losses

    (first, losses), (second, again) = trained(Reference), trained(ArrayEmulator)
    assert losses == again and losses[-1] < 0.8 * losses[0]
    before = network()
    moved = [np.rint(d.detach().numpy()) != p.delay for d, p in zip(first.delays, before.projections, strict=True)]
    assert all(part.any() for part in moved)
    with torch.no_grad():
        assert torch.equal(first(times()), second(times()))
    assert np.array_equal(first.target.program.delay, second.target.program.delay)
    assert np.array_equal(first.target.weights(), second.program().weight)
    assert first.program().delay.min() >= 1 and first.program().delay.max() < CHIP.delay_slots


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: module(refractory=STEPS - 1), "must have a refractory period of at least 40, the steps of a run"),
        (lambda: module(bias=0.1), "population 'hidden' must have no bias"),
        (lambda: module(current_decay=1.0), "population 'hidden' must spike and have a synaptic current"),
        (lambda: FirstSpikes(network(), Reference, steps=STEPS, train=("bias",)), "'bias' cannot be trained"),
    ],
)
def test_what_has_no_times_is_named(make: Callable[[], FirstSpikes], message: str) -> None:
    with pytest.raises(NetworkError, match=message):
        make()


def test_times_outside_a_run_are_refused() -> None:
    late = torch.full((2, 4), float(STEPS))
    for x, message in ((late[:, 1:], r"times must have shape \(samples, 4\), not \(2, 3\)"), (late, "must be 0 to 39")):
        with pytest.raises(EventError, match=message):
            module()(x.double())
