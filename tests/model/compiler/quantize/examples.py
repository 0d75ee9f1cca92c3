"""Networks and samples that several tests use."""

from typing import Any

import numpy as np

from ganglion.model.compiler.network import Network


def two_layers(seed: int = 0, **options: Any) -> Network:
    rng = np.random.default_rng(seed)
    network = Network("two layers")
    network.input("in", 40)
    network.population("hidden", 24, **({"decay": 0.1, "reset": "subtract", "threshold": 1.0} | options))
    network.population("out", 5, decay=0.1, reset="subtract")
    network.all_to_all("in", "hidden", rng.normal(0.05, 0.3, (24, 40)))
    network.all_to_all("hidden", "out", rng.normal(0.1, 0.4, (5, 24)))
    network.output("out")
    return network


def samples(seed: int = 1, count: int = 6, inputs: int = 40) -> np.ndarray:
    return (np.random.default_rng(seed).random((count, 30, inputs)) < 0.15).astype(int)
