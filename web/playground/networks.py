"""The shipped networks that the page reads drawn digits with, in plain values."""

from typing import Any

import numpy as np

from ganglion.model.compiler import compile_program
from ganglion.model.networks import digits, digits_data, shipped
from ganglion.model.networks.classifier import OUTPUT, Classifier
from ganglion.model.networks.mnist import dense, images
from ganglion.model.networks.pixels import PixelCode
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program
from ganglion.model.spec.program_file import type_values
from ganglion.web.playground.chip import chip_values, placement_values

CODES: dict[str, tuple[PixelCode, int, int]] = {
    "digits": (digits_data.CODE, digits.SHOWN, digits.STEPS),
    "mnist": (images.CODE, dense.SHOWN, dense.STEPS),
}
"""Of each network: the code of its images, the steps that one is shown, and the steps of a run."""

OPTIONS: dict[str, Any] = {"delay_slots": 16, "noise": True}
"""What the chip of the page has besides, so that people can turn it up."""


def chip_of(classifier: Classifier) -> Params:
    """The chip that a network runs on in the page: its own, with options."""
    return classifier.params.replace(name=f"{classifier.params.name} with noise and delays", **OPTIONS)


def network_values(name: str) -> dict[str, Any]:
    """A shipped network: its program, layer by layer, where it sits on its chip, and how images become events."""
    classifier = shipped.load(name)
    program = classifier.program(chip_of(classifier))
    code, shown, steps = CODES[name]
    return {
        "name": name,
        "what": classifier.what,
        **chip_values(program.params),
        "types": [type_values(each) for each in program.types],
        "threshold": program.threshold.tolist(),
        "bias": program.bias.tolist(),
        "type": program.type.tolist(),
        "inputs": program.inputs,
        "layers": _layers(classifier, program),
        "outputs": program.outputs.tolist(),
        "seed": program.seed,
        "names": {each: list(where) for each, where in program.names.items()},
        "placement": placement_values(compile_program(program)),
        "ties": classifier.ties,
        "code": {"side": code.side, "brightest": code.brightest, "full": code.full, "phase": code.phase.tolist()},
        "shown": shown,
        "steps": steps,
    }


def _layers(classifier: Classifier, program: Program) -> list[dict[str, Any]]:
    """Weights from the inputs to the hidden neurons, and from these to the outputs, source by source: 0 is no synapse,
    as all that there are have a weight and a delay of one step."""
    hidden = classifier.network.neurons - classifier.network.populations[OUTPUT].size
    weights = np.zeros((program.inputs + program.neurons, program.neurons), dtype=np.int64)
    weights[program.pre, program.post_neuron] = program.weight
    blocks = ((0, program.inputs, 0, hidden), (program.inputs, program.inputs + hidden, hidden, program.neurons))
    assert (program.delay == 1).all() and sum(np.count_nonzero(weights[a:b, c:d]) for a, b, c, d in blocks) == (
        program.synapses
    ), "two layers hold all synapses, each once"
    return [
        {"sources": [begin, end], "targets": [first, last], "weight": weights[begin:end, first:last].ravel().tolist()}
        for begin, end, first, last in blocks
    ]
