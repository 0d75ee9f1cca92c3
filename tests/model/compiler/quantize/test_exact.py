"""A network of whole numbers is a program as it stands."""

from collections.abc import Callable

import numpy as np
import pytest

from ganglion.model.compiler.network import Network
from ganglion.model.compiler.quantize import exact_program
from ganglion.model.spec.errors import NetworkError
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import PRESETS

SMALL = PRESETS["small"].replace(delay_slots=4)


def whole() -> Network:
    network = Network("whole")
    network.input("in", 3)
    network.population("slow", 2, threshold=[20, 30], bias=[-1, 4], decay=1 / 32, reset="subtract")
    network.population("fast", 2, threshold=40, decay=1 / 8, v_reset=-5, refractory=2)
    network.all_to_all("in", "slow", [[1, 0, -128], [127, 5, 0]])
    network.all_to_all("slow", "fast", [[7, 8], [9, 10]], delay=2)
    network.output("fast")
    return network


def test_every_number_is_the_networks() -> None:
    program = exact_program(whole(), SMALL, seed=7)
    assert program.types == (
        NeuronType(decay=(1, 5), reset="subtract"),
        NeuronType(decay=(1, 3), v_reset=-5, refractory=2),
    )
    assert program.type.tolist() == [0, 0, 1, 1]
    assert program.threshold.tolist() == [20, 30, 40, 40]
    assert program.bias.tolist() == [-1, 4, 0, 0]
    assert program.weight.tolist() == [1, 127, 5, -128, 7, 9, 8, 10]
    assert program.delay.tolist() == [1, 1, 1, 1, 2, 2, 2, 2]
    assert program.outputs.tolist() == [2, 3]
    assert program.names == {"slow": (0, 2), "fast": (2, 2)}
    assert program.seed == 7


def test_synapses_of_a_source_come_channel_by_channel() -> None:
    """A convolution of one pixel in the middle of two maps."""
    network = Network()
    network.input("image", (1, 3, 3))
    network.population("maps", (2, 2, 2), threshold=9)
    network.convolution("image", "maps", np.arange(1, 9).reshape(2, 1, 2, 2))
    program = exact_program(network, SMALL)
    assert program.weight[program.pre == 4].tolist() == [1, 2, 3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda n: n.all_to_all("in", "slow", 0.5), "'slow' has weight 0.5; .* from -128 to 127"),
        (lambda n: n.all_to_all("slow", "fast", 128), "'fast' has weight 128"),
        (lambda n: n.population("p", 1, threshold=1.5), "'p' has threshold 1.5"),
        (lambda n: n.population("p", 1, threshold=1 << 15), "'p' has threshold 32768; .* from -32768 to 32767"),
        (lambda n: n.population("p", 1, bias=0.25), "'p' has bias 0.25"),
        (lambda n: n.population("p", 1, v_reset=-0.5), "'p' has v_reset -0.5"),
        (lambda n: n.population("p", 1, adaptation_raise=3), "'p' has adaptation_raise 3"),
        (lambda n: n.population("p", 1, decay=0.1), r"'p' has decay 0.1; .* a multiple of 2\^-15"),
        (lambda n: n.all_to_all("in", "fast", 1, delay=4), "in -> fast has a delay of 4 steps"),
        (lambda n: n.population("p", 1, current_decay=0.5), "'p' needs a synaptic current"),
    ],
)
def test_a_number_that_the_chip_has_not_is_named(change: Callable[[Network], object], message: str) -> None:
    network = whole()
    change(network)
    with pytest.raises(NetworkError, match=message):
        exact_program(network, SMALL)
