"""A network goes out as NIR and comes back the same."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import nir
import numpy as np
import pytest

from ganglion.model.compiler.network import Network, canonical
from ganglion.model.compiler.quantize import quantize
from ganglion.model.interchange.nir import CONVENTIONS, Convention, export_nir, import_nir
from ganglion.model.spec.errors import NetworkError
from ganglion.model.spec.named_rules import stdp
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.program import Program

PLAIN = Convention(dt=1e-3)
FIELDS = ("threshold", "bias", "decay", "v_reset", "refractory", "adaptation_raise", "rest")


def assert_same(one: Network, other: Network) -> None:
    """The same populations, outputs and synapses, to the last bits of the floats, and the same program."""
    assert {name: entry.shape for name, entry in one.inputs.items()} == {
        name: entry.shape for name, entry in other.inputs.items()
    }
    assert list(one.populations) == list(other.populations)
    for name, first in one.populations.items():
        second = other.populations[name]
        kind = ("shape", "spiking", "reset", "inclusive") if first.spiking else ("shape", "spiking")
        assert [getattr(first, field) for field in kind] == [getattr(second, field) for field in kind], name
        for field in FIELDS:
            assert np.allclose(getattr(first, field), getattr(second, field), rtol=1e-12, atol=1e-12), (name, field)
        assert (first.current_decay is None) == (second.current_decay is None)
        if first.current_decay is not None and second.current_decay is not None:
            assert np.allclose(first.current_decay, second.current_decay, rtol=1e-12)
    assert (one.outputs or list(one.populations)) == other.outputs
    synapses, again = canonical(one), canonical(other)
    assert synapses.keys() == again.keys()
    for name, (places, weights) in synapses.items():
        assert np.array_equal(places, again[name][0]), name
        assert np.allclose(weights, again[name][1], rtol=1e-12), name
    programs = [quantize(network, PRESETS["wide"]).program for network in (one, other)]
    for field in ("threshold", "bias", "type", "indptr", "outputs"):
        assert np.array_equal(*(getattr(program, field) for program in programs)), field
    assert np.array_equal(*(listed(program) for program in programs))


def listed(program: Program) -> np.ndarray:
    """Ends, delay and weight of all synapses, in one order."""
    columns = np.stack((program.pre, program.post, program.delay, program.weight))
    return columns[:, np.lexsort(columns[::-1])]


def dense(reset: str = "value", inclusive: bool = False) -> Network:
    """Every kind of neuron that a matrix may lead to, delays, loops, sparse and random projections."""
    rng = np.random.default_rng(9)
    network = Network()
    network.input("in", 6)
    network.input("more", 3)
    options = {"reset": reset, "inclusive": inclusive}
    rest = rng.normal(size=5) if reset == "value" else 0.0
    v_reset = -0.25 if reset == "value" else 0.0
    network.population("lif", 5, threshold=rng.random(5) + 2, decay=rng.random(5) * 0.6, rest=rest, **options)  # type: ignore[arg-type]
    network.population("if", (4,), threshold=1.5, v_reset=v_reset, bias=rng.normal(size=4), **options)  # type: ignore[arg-type]
    network.population("cuba", 3, decay=0.2, current_decay=[0.1, 0.3, 0.5], **options)  # type: ignore[arg-type]
    network.population("binary", 2, threshold=0.3, decay=1.0, inclusive=inclusive)
    network.readout("li", 2, decay=0.05, rest=[1.0, -1.0])
    network.readout("i", 2)
    network.readout("cubali", 2, decay=0.4, current_decay=0.25)
    network.all_to_all("in", "lif", rng.normal(size=(5, 6)), delay=rng.integers(1, 4, (5, 6)))
    network.random("more", "lif", 0.7, 0.5, seed=1, delay=2)
    network.all_to_all("lif", "if", rng.normal(size=(4, 5)))
    network.all_to_all("if", "lif", rng.normal(size=(5, 4)), delay=3)
    network.one_to_one("if", "if", -0.5)
    network.sparse("lif", "cuba", ([0, 1, 2], [4, 3, 0], [1.0, 2.0, -1.0]))
    for name in ("binary", "li", "i", "cubali"):
        network.all_to_all("cuba", name, rng.normal(size=(2, 3)))
    network.output("li", "if")
    return network


def images() -> Network:
    """Convolutions in one and two dimensions, poolings, and matrices behind them."""
    rng = np.random.default_rng(10)
    network = Network()
    network.input("image", (2, 8, 8))
    network.input("line", (3, 10))
    network.population("conv", (4, 4, 4), decay=0.25, bias=np.repeat(rng.normal(size=4), 16))
    network.population("grouped", (4, 4, 4))
    network.population("pooled", (4, 2, 2), threshold=2)
    network.population("row", (2, 4))
    network.population("out", 3)
    network.convolution("image", "conv", rng.normal(size=(4, 2, 3, 3)), stride=2, padding=1)
    network.convolution("conv", "grouped", rng.normal(size=(4, 2, 2, 3)), padding=(1, 2), dilation=2, groups=2, delay=2)
    network.pool("grouped", "pooled", 2, weight=1.0)
    network.convolution("line", "row", rng.normal(size=(2, 3, 4)), stride=2)
    network.all_to_all("pooled", "out", rng.normal(size=(3, 16)))
    network.all_to_all("row", "out", rng.normal(size=(3, 8)), delay=2)
    return network


CONVENTION = {
    "plain": PLAIN,
    "exponential": replace(PLAIN, rule="exponential"),
    "units": replace(PLAIN, tau_unit=1e-3, unit_gain="readouts", integrator_step=1.0, current="jump"),
    "subtract": replace(PLAIN, reset="subtract"),
    "inclusive": replace(PLAIN, inclusive=True),
    "norse": replace(CONVENTIONS["norse"], start="rest"),
    "bare": replace(PLAIN, unit_gain="bare", current="jump"),
}


@pytest.mark.parametrize("name", CONVENTION)
def test_there_and_back(name: str, tmp_path: Path) -> None:
    convention = CONVENTION[name]
    network = dense(convention.reset, convention.inclusive)
    path = tmp_path / "network.nir"
    export_nir(network, convention, path)
    assert_same(network, import_nir(path, convention, timing="edges", bias="constant"))
    assert_same(network, import_nir(export_nir(network, convention), convention, timing="edges", bias="constant"))


def test_images_there_and_back(tmp_path: Path) -> None:
    network = images()
    export_nir(network, PLAIN, tmp_path / "images.nir")
    again = import_nir(tmp_path / "images.nir", PLAIN, timing="edges", bias="constant")
    assert_same(network, again)
    kinds = sorted(type(node).__name__ for node in nir.read(tmp_path / "images.nir", type_check=False).nodes.values())
    assert kinds.count("Conv2d") == 3 and kinds.count("Conv1d") == 1 and kinds.count("Linear") == 2


def test_random_networks_there_and_back() -> None:
    for seed in range(20):
        rng = np.random.default_rng(seed)
        network = Network()
        network.input("in", int(rng.integers(1, 6)))
        names = [f"p{number}" for number in range(rng.integers(1, 5))]
        for name in names:
            network.population(name, int(rng.integers(1, 6)), decay=rng.random() * 0.9, threshold=rng.random() + 0.1)
        for name in names:
            for source in ("in", *rng.choice(names, 2)):
                network.random(
                    source, name, 0.7, lambda g, n: g.normal(size=n), seed=seed, delay=int(rng.integers(1, 5))
                )
        again = import_nir(export_nir(network, PLAIN), PLAIN, timing="edges", bias="constant")
        assert_same(network, again)


def one(**changes: object) -> Network:
    network = Network()
    network.input("in", 2)
    network.population("p", 2, **changes)  # type: ignore[arg-type]
    network.all_to_all("in", "p", 1.0)
    return network


def twice() -> Network:
    network = one()
    network.sparse("in", "p", ([0, 0], [1, 1], [1.0, 1.0]))
    return network


def apart(**learns: Any) -> Network:
    network = Network()
    network.input("in", 2)
    network.population("p", 2)
    network.all_to_all("in", "p", 1.0, **learns)
    return network


def into_an_image() -> Network:
    network = Network()
    network.input("in", 2)
    network.population("p", (1, 2, 2))
    network.all_to_all("in", "p", 1.0)
    return network


def readout() -> Network:
    network = Network()
    network.input("in", 2)
    network.readout("p", 2, decay=0.5)
    network.all_to_all("in", "p", 1.0)
    return network


def nothing_leads_to_it() -> Network:
    network = Network()
    network.population("p", 2, bias=1.0)
    return network


@pytest.mark.parametrize(
    ("network", "convention", "message"),
    [
        (one(refractory=2), PLAIN, "population 'p': NIR has no refractory period"),
        (one(adaptation_raise=1), PLAIN, "population 'p': NIR has no adaptive threshold"),
        (one(reset="subtract"), PLAIN, "population 'p': its reset is 'subtract'.*reset='subtract'"),
        (one(inclusive=True), PLAIN, "population 'p': its threshold is inclusive.*inclusive=True"),
        (one(decay=0.5, reset="subtract"), CONVENTIONS["snntorch"], "population 'p': its reset is immediate"),
        (one(decay=[0.0, 0.5]), PLAIN, "population 'p': decay is 0 for some neurons"),
        (one(decay=0.9), replace(PLAIN, rule="exponential"), "population 'p': decay 0.9 is a time constant below dt"),
        (one(rest=1.0), PLAIN, "population 'p': NIR's IF and I rest at 0"),
        (one(bias=1.0, current_decay=0.5, decay=0.5), PLAIN, "population 'p': NIR brings a bias into the synaptic"),
        (one(v_reset=-1.0), CONVENTIONS["norse"], "population 'p': its membranes begin at rest.*start='rest'"),
        (one(v_reset=-1.0, decay=0.5), replace(PLAIN, start="reset"), "population 'p': its membranes begin at rest"),
        (
            readout(),
            replace(PLAIN, unit_gain="bare", current="leaked"),
            "population 'p': read by this convention an LI",
        ),
        (nothing_leads_to_it(), PLAIN, "population 'p': NIR has a bias in Affine"),
        (apart(learning=stdp()), PLAIN, "projection in -> p: it learns, for which NIR has no word"),
        (apart(receptor=1), PLAIN, "projection in -> p: it feeds receptor 1, for which NIR has no word"),
        (twice(), PLAIN, "projection in -> p: two synapses join the same pair"),
        (into_an_image(), PLAIN, r"projection in -> p: NIR's Linear sends an array of one axis.*\(1, 2, 2\)"),
    ],
)
def test_what_nir_cannot_say(network: Network, convention: Convention, message: str, tmp_path: Path) -> None:
    if "two synapses" in message:
        network.projections.pop(0)
    with pytest.raises(NetworkError, match=message):
        export_nir(network, convention, tmp_path / "network.nir")
    assert not list(tmp_path.iterdir())
