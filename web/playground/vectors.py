"""What the page checks itself with: random networks, and what the reference makes of them."""

from collections.abc import Iterable
from typing import Any

from ganglion.model.compiler import compile_program
from ganglion.model.compiler.predict import predict_cycles
from ganglion.model.random_network import random_network
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.program_file import type_values
from ganglion.model.spec.reference import Reference
from ganglion.model.spec.trace import COUNTED

NETWORKS = 1000

STEPS = 12
"""Of each."""

PARAMS = PRESETS["tiny"]
"""Their chip, on which every option and every corner is near."""

ROOMY = PARAMS.replace(name="tiny, with room", synapse_words=1024)
"""The same with room for sparse rows of any of them."""

COLUMNS = ("threshold", "bias", "type", "pre", "post_neuron", "weight", "delay", "outputs")


def vectors(seeds: Iterable[int] = range(NETWORKS)) -> dict[str, Any]:
    """The networks of these seeds, as the page reads them."""
    return {"params": PARAMS.to_dict(), "columns": COLUMNS, "networks": [_vector(seed) for seed in seeds]}


def _vector(seed: int) -> dict[str, Any]:
    """A network, its events, the reference's hash and counters, and the cycles that are predicted where its rows are
    sparse."""
    network = random_network(PARAMS, seed, STEPS)
    program, events = network.program, network.events
    trace = Reference(program).run(events, keep_states=True)
    image = compile_program(program, ROOMY, encoding="sparse", allow_overflow=True)
    defaults = type_values(type(program.types[0])())
    return {
        "types": [{k: v for k, v in type_values(each).items() if v != defaults[k]} for each in program.types],
        "inputs": program.inputs,
        "seed": program.seed,
        "columns": [getattr(program, name).tolist() for name in COLUMNS],
        "events": [events[step].tolist() for step in range(events.steps)],
        "hash": trace.hash(),
        "counts": [trace.total(name) for name in COUNTED],
        "cycles": int(predict_cycles(image, events, trace).sum()),
    }
