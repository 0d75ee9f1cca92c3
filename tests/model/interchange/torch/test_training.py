"""What learns is the integer network: its forward pass in PyTorch gives the emulator's spikes.

PyTorch comes with the extra `train`; without it this file is not collected, as nothing that runs a network needs it.
"""

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

from ganglion.model.compiler.quantize.flat import flatten
from ganglion.model.compiler.quantize.simulate import simulate
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.interchange.torch.augment import varied
from ganglion.model.interchange.torch.spiking import Neurons
from ganglion.model.networks.mnist import conv, dense
from ganglion.model.networks.mnist.images import CODE
from ganglion.model.networks.mnist.train_conv import ConvNetwork
from ganglion.model.networks.mnist.train_dense import DenseNetwork
from ganglion.model.networks.mnist.training import encoded
from ganglion.model.networks.speech import spoken
from ganglion.model.networks.speech.train import SpokenNetwork
from ganglion.model.networks.weights_file import save_arrays
from ganglion.model.spec.events import Events
from ganglion.model.spec.trace import Trace


def untrained(kind: type, seed: int) -> Any:
    """A network whose constants are all different, and which spikes."""
    torch.manual_seed(seed)
    network = kind()
    with torch.no_grad():
        for name, values in network.named_parameters():
            if name.endswith("bias"):
                values.uniform_(-0.05, 0.1)
            elif name.endswith("threshold"):
                values.uniform_(0.6, 1.2)
            elif kind is ConvNetwork:
                values.add_(0.02)
    return network


def output_raster(trace: Trace, outputs: np.ndarray) -> np.ndarray:
    raster = np.zeros((trace.steps, outputs.size))
    step, neuron = trace.spikes[trace.spikes[:, 1] >= outputs[0]].T
    raster[step, neuron - outputs[0]] = 1
    return raster


@pytest.mark.parametrize(("module", "kind"), [(dense, DenseNetwork), (conv, ConvNetwork)])
def test_images_spike_as_on_the_emulator(module: ModuleType, kind: type, tmp_path: Path) -> None:
    network = untrained(kind, seed=3)
    save_arrays(network.arrays(), tmp_path / "network.npz")
    classifier = module.load(tmp_path / "network.npz")
    emulator = Emulator(classifier.program())
    pixels = np.random.default_rng(3).integers(0, 256, (6, 784), dtype=np.uint8)
    pixels[:, ::3] = 0
    for image in pixels:
        emulator.reset()
        got = output_raster(emulator.run(classifier.encode(image)), classifier.outputs)
        with torch.no_grad():
            wanted = network(encoded(torch.from_numpy(image[None]), module.SHOWN), quantised=True)[:, 0].numpy()
        assert got.any()
        np.testing.assert_array_equal(wanted, got)


def test_recordings_spike_as_on_the_emulator(tmp_path: Path) -> None:
    network = untrained(SpokenNetwork, seed=4)
    save_arrays(network.arrays(), tmp_path / "network.npz")
    classifier = spoken.load(tmp_path / "network.npz")
    raster = (np.random.default_rng(4).random((40, 1, 168)) < 0.4).astype(np.float32)
    rested = np.concatenate((raster[:, 0], np.zeros((spoken.REST, 168))))
    got = output_raster(Emulator(classifier.program()).run(Events.from_raster(rested.astype(int))), classifier.outputs)
    with torch.no_grad():
        wanted, _ = network(torch.from_numpy(raster), torch.tensor([40]), quantised=True)
    assert got.any()
    np.testing.assert_array_equal(wanted[:, 0].numpy(), got)


def test_the_float_network_is_the_stored_original(tmp_path: Path) -> None:
    network = untrained(DenseNetwork, seed=5)
    with torch.no_grad():
        for values in network.parameters():  # to what the file can hold
            values.copy_((values * 2**16).round() / 2**16)
    save_arrays(network.arrays(), tmp_path / "network.npz")
    original = dense.load(tmp_path / "network.npz").original
    pixels = np.random.default_rng(5).integers(0, 256, (4, 784), dtype=np.uint8)
    raster = np.zeros((4, dense.STEPS, 784))
    raster[:, : dense.SHOWN] = CODE.raster(pixels, dense.SHOWN)
    with torch.no_grad():
        wanted = network(encoded(torch.from_numpy(pixels), dense.SHOWN), quantised=False).numpy()
    spikes = simulate(flatten(original), raster).spikes[:, :, dense.HIDDEN :]
    np.testing.assert_array_equal(spikes.swapaxes(0, 1), wanted)


def test_gradients_of_a_neuron() -> None:
    """One neuron, two steps, by hand: the surrogate is 1 / (1 + 2 |v - threshold| / unit)^2 / unit."""
    neurons = Neurons(1, 100.0, leak=0.25)
    drive = torch.tensor([[[60.0]], [[70.0]]], requires_grad=True)
    spikes = neurons(drive, quantised=True)
    assert spikes.flatten().tolist() == [0, 1]  # v is 60, then 60 - 15 + 70 = 115
    spikes.sum().backward()
    slopes = [1 / (1 + 2 * over / 100) ** 2 / 100 for over in (40, 15)]
    np.testing.assert_allclose(drive.grad.flatten().numpy(), [slopes[0] + 0.75 * slopes[1], slopes[1]], rtol=1e-5)
    np.testing.assert_allclose(neurons.threshold.grad.item(), -100 * sum(slopes), rtol=1e-5)


def test_varied_images_are_near_the_given_ones() -> None:
    torch.manual_seed(1)
    image = torch.zeros(20, 784, dtype=torch.uint8)
    image.view(20, 28, 28)[:, 10:18, 12:16] = 200
    moved = varied(image)
    assert moved.dtype == torch.uint8 and moved.shape == image.shape
    mass = moved.float().sum(dim=1) / image.float().sum(dim=1)
    assert ((mass > 0.75) & (mass < 1.3)).all()
    rows = moved.view(20, 28, 28).float().sum(dim=2)
    centre = (rows * torch.arange(28)).sum(dim=1) / rows.sum(dim=1)
    assert ((centre - 13.5).abs() < 2.5).all() and centre.std() > 0.3
