"""What the page has to know of chips, in plain values: the chip of the editor, cycles, and energies."""

from typing import Any

from ganglion.model.compiler.image import Image
from ganglion.model.compiler.predict import cycle_model
from ganglion.model.energy import account_totals
from ganglion.model.spec.cycles.core import DRAIN, LISTED, RETURN, TO_SEQUENCER, UPDATE_LATENCY
from ganglion.model.spec.noise_constants import KEY_CYCLES, NOISE_BITS
from ganglion.model.spec.packets import Scope
from ganglion.model.spec.params import PRESETS, Params

EDITOR_CODE = 'PRESETS["board"].replace(name="playground", adaptation_bits=16, types=64)'
"""The chip of the networks that people draw, as the Python that the page shows has it: the core of the boards, with
adaptive thresholds, and a type for each neuron."""

EDITOR = PRESETS["board"].replace(name="playground", adaptation_bits=16, types=64)

CLOCK_MHZ = 80
"""Clock at which the page states times."""

COUNTERS = ("steps", "synops", "spikes")
"""Counters that an estimate of energy is linear in, as far as the emulator counts them."""


def chip_values(params: Params) -> dict[str, Any]:
    """A chip: its parameters, and pJ for each of `COUNTERS`."""
    nothing = dict.fromkeys(COUNTERS, 0)
    each = {name: account_totals(nothing | {name: 1}, params).total for name in COUNTERS}
    return {"params": params.to_dict(), "pJ": each}


def model_values() -> dict[str, Any]:
    """The constants of the cycle model of one core, the editor's chip, and where energies are from."""
    return {
        "cycles": {
            "TO_SEQUENCER": TO_SEQUENCER,
            "DRAIN": DRAIN,
            "LISTED": LISTED,
            "UPDATE_LATENCY": UPDATE_LATENCY,
            "RETURN": RETURN,
            "KEY_CYCLES": KEY_CYCLES,
            "NOWHERE": int(Scope.NOWHERE),
            "CORE": int(Scope.CORE),
            "HOST": int(Scope.HOST),
        },
        "clock_mhz": CLOCK_MHZ,
        "noise_bits": NOISE_BITS,
        "energy": account_totals(dict.fromkeys(COUNTERS, 0), EDITOR).source,
        "editor": {"code": EDITOR_CODE, **chip_values(EDITOR)},
    }


def placement_values(image: Image) -> dict[str, Any]:
    """Where a network sits on one core, as its cycles depend on it.

    Returns:
        inputs: of each, the lengths of the rows that its event walks; neurons: of each, its row, and of each entry of
        its fan-out the scope and, where it stays in the core, such lengths.
    """
    model = cycle_model(image)
    rows = image.neurons.row.tolist()
    entries = [
        [[packet.scope, model.rows[packet.axon] if packet.scope == Scope.CORE else []] for packet in model.fanout[row]]
        for row in rows
    ]
    return {
        "inputs": [model.rows[axon] for axon in image.inputs.axon.tolist()],
        "neurons": [[row, sent] for row, sent in zip(rows, entries, strict=True)],
    }
