"""Random chips: sizes that nobody would choose, small enough to be built in seconds, each from one seed."""

from typing import Any

import numpy as np

from ganglion.model.spec.errors import ParamsError
from ganglion.model.spec.memories import memories
from ganglion.model.spec.params import Params
from ganglion.model.spec.params.options import ALL_PARITY

TREES: tuple[tuple[int, ...], ...] = ((), (), (), (), (2,), (3,), (4,), (2, 2), (3, 2))


def random_chip(seed: int) -> Params:
    """The chip of a seed; always the same for the same seed.

    Chips of one core and of up to six, with and without each option, learning, parity on some memories. Widths are
    drawn one by one, so what `Params` refuses is drawn again.
    """
    rng = np.random.default_rng((seed, 0x63))
    while True:
        try:
            params = Params(name=f"chip-{seed}", **_core(rng), **_options(rng), **_learning(rng))
        except ParamsError:
            continue
        there = sum(1 << memory for memory in memories(params)) & ALL_PARITY
        parity = int(rng.choice([0, 0, there, there & int(rng.integers(ALL_PARITY))]))
        return params.replace(name=params.name, parity=parity)


def _core(rng: np.random.Generator) -> dict[str, Any]:
    lanes = int(rng.choice([1, 2, 4, 8]))
    neurons = lanes << int(rng.integers(1, 4))
    return {
        "lanes": lanes,
        "neurons": neurons,
        "axons": int(rng.integers(16, 65)),
        "delay_slots": 1 << int(rng.integers(1, 5)),
        "synapse_words": int(rng.integers(24, 97)),
        "entry_bits": int(rng.choice([0, 0, 16, 32])),
        "fanout_entries": neurons * int(rng.integers(2, 5)),
        "types": 1 << int(rng.integers(1, 4)),
        "weight_bits": int(rng.choice([4, 8, 16])),
        "membrane_bits": int(rng.integers(4, 37)),
        "accumulator_bits": int(rng.integers(4, 37)),
        "bias_bits": int(rng.integers(2, 21)),
        "refractory_bits": int(rng.integers(1, 6)),
        "decay_bits": int(rng.integers(1, 17)),
        "levels": TREES[rng.integers(len(TREES))],
        "link_bits": int(rng.choice([8, 16, 32, 64])),
    }


def _options(rng: np.random.Generator) -> dict[str, Any]:
    current, adaptation = rng.integers(4, 25, 2) * rng.integers(0, 2, 2)
    return {"current_bits": int(current), "adaptation_bits": int(adaptation), "noise": bool(rng.integers(2))}


def _learning(rng: np.random.Generator) -> dict[str, Any]:
    """Of one chip in three, what learning has; None of the others."""
    if rng.random() < 2 / 3:
        return {}
    traces, y1, y2, y3 = (int(rng.integers(most + 1)) for most in (2, 7, 15, 15))
    ages = traces or (y1 | y2 | y3) & 1
    modulators = int(rng.integers(0, 5))
    return {
        "products": int(rng.integers(1, 5)),
        "rules": int(rng.integers(1, 7)),
        "terms": int(rng.integers(1, 7)),
        "pre_traces": traces,
        "y1_feeds": y1,
        "y2_feeds": y2,
        "y3_feeds": y3,
        "trace_bits": int(rng.integers(2, 9)) if traces or y1 | y2 | y3 else 0,
        "trace_ages": 1 << int(rng.integers(1, 5)) if ages else 0,
        "kernels": int(rng.integers(1, 5)) if ages else 0,
        "tag_bits": int(rng.choice([0, 4, 8])),
        "modulators": modulators,
        "modulator_bits": int(rng.integers(2, 9)) if modulators else 0,
        "stochastic": bool(rng.integers(2)),
    }
