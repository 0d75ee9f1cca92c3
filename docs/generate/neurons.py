"""The responses of the neuron types, drawn from runs of the reference.

Run `python -m docs.generate.neurons [folder]` from the root; the folder is docs/images where none is named.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from docs.generate.chart import BLUE, GREEN, INK, VERMILION, Bars, Chart, Line, Panel, Spikes, write_charts
from ganglion.model.spec.events import Events
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference

CHIP = Params(name="figures", current_bits=16, adaptation_bits=16)

NEVER_SPIKES = (1 << 15) - 1


@dataclass(frozen=True)
class Response:
    """One neuron's run: state at the end of each step, and the steps in which it fired."""

    v: list[int]
    u: list[int]
    a: list[int]
    spikes: list[int]


def respond(neuron_type: NeuronType, threshold: int, drive: Sequence[int]) -> Response:
    """Runs one neuron of a type.

    Args:
        neuron_type: its type.
        threshold: of the neuron.
        drive: the input of each step, 0 in the first; synapses carry it, from the step before.
    """
    weights = sorted({value for value in drive if value} | {1})
    program = Program.build(
        params=CHIP,
        types=(neuron_type,),
        threshold=[threshold],
        inputs=len(weights),
        pre=range(len(weights)),
        post=[len(weights)] * len(weights),
        weight=weights,
    )
    sent = [*drive[1:], 0]
    trace = Reference(program).run(
        Events.from_steps([[weights.index(value)] if value else [] for value in sent]), keep_states=True
    )
    states = trace.states
    return Response(
        v=[int(state.v[0]) for state in states],
        u=[int(state.u[0]) for state in states],
        a=[int(state.a[0]) for state in states],
        spikes=trace.spikes[:, 0].tolist(),
    )


def train(steps: int, events: dict[int, int]) -> list[int]:
    """A drive that is zero but in the steps named."""
    return [events.get(step, 0) for step in range(steps)]


def integrate_and_fire() -> Chart:
    """Both resets, under the same input."""
    drive = train(60, dict.fromkeys(range(4, 60, 4), 45))
    by_value = respond(NeuronType.integrate_and_fire(), 100, drive)
    subtract = respond(NeuronType.integrate_and_fire(reset="subtract"), 100, drive)
    return Chart(
        "IF: threshold 100, inputs of 45",
        60,
        [
            Panel("input", (0, 50), bars=[Bars("i", drive)], height=40),
            Panel(
                "membrane",
                (0, 50, 100, 150),
                lines=[
                    Line("threshold", [100] * 60, INK, dashed=True),
                    Line("reset to 0", by_value.v, BLUE),
                    Line("reset by subtraction", subtract.v, VERMILION),
                ],
                spikes=[Spikes(by_value.spikes, BLUE), Spikes(subtract.spikes, VERMILION)],
            ),
        ],
    )


def leaky() -> Chart:
    """A kick up and a kick down under several shifts: where the leak ends."""
    drive = train(80, {2: 100, 42: -100})
    colours = {2: GREEN, 3: VERMILION, 4: BLUE}
    responses = {shift: respond(NeuronType.leaky(shift), NEVER_SPIKES, drive) for shift in colours}
    return Chart(
        "LIF with a shift leak: a kick of +100, then one of -100",
        80,
        [
            Panel(
                "membrane",
                (-100, -50, 0, 50, 100),
                lines=[Line(f"shift {shift}", responses[shift].v, colour) for shift, colour in colours.items()],
                height=220,
            )
        ],
    )


def leaky_multiplicative() -> Chart:
    """Charging under a constant input, with and without a threshold in the way."""
    drive = [0] * 4 + [20] * 86
    fast, slow = (respond(NeuronType.leaky_multiplicative(m), NEVER_SPIKES, drive) for m in (410, 205))
    fires = respond(NeuronType.leaky_multiplicative(205, refractory=4), 250, drive)
    return Chart(
        "LIF with a multiplicative leak: constant input of 20, s = 12",
        90,
        [
            Panel("input", (0, 20), bars=[Bars("i", drive)], height=30),
            Panel(
                "membrane, threshold out of reach",
                (0, 100, 200, 300, 400),
                lines=[Line("m = 205", slow.v, BLUE), Line("m = 410", fast.v, VERMILION)],
            ),
            Panel(
                "membrane, refractory period 4",
                (0, 100, 200, 300),
                lines=[Line("threshold", [250] * 90, INK, dashed=True), Line("m = 205", fires.v, BLUE)],
                spikes=[Spikes(fires.spikes)],
                height=120,
            ),
        ],
    )


def current_based() -> Chart:
    """Single inputs, then a burst that reaches the threshold."""
    drive = train(90, {4: 60, 36: -40, 52: 60, 56: 60, 60: 60})
    response = respond(NeuronType.current_based((1, 4), (1, 3)), 400, drive)
    return Chart(
        "CUBA-LIF: membrane decay (1, 4), current decay (1, 3), threshold 400",
        90,
        [
            Panel("input", (-60, 0, 60), bars=[Bars("i", drive)], height=50),
            Panel("synaptic current", (-50, 0, 50, 100, 150), lines=[Line("u", response.u, VERMILION)], height=110),
            Panel(
                "membrane",
                (-100, 0, 100, 200, 300, 400, 500),
                lines=[Line("threshold", [400] * 90, INK, dashed=True), Line("v", response.v, BLUE)],
                spikes=[Spikes(response.spikes)],
            ),
        ],
    )


def adaptive() -> Chart:
    """Constant input: the pauses between spikes grow; after a rest the threshold is back."""
    drive = [0] * 4 + [30] * 86 + [0] * 40 + [30] * 20
    threshold = 100
    response = respond(NeuronType.adaptive((1, 4), (1, 5), 60), threshold, drive)
    effective = [threshold + a for a in response.a]
    return Chart(
        "ALIF: threshold 100, raised by 60 at each spike, adaptation decay (1, 5)",
        150,
        [
            Panel("input", (0, 30), bars=[Bars("i", drive)], height=30),
            Panel(
                "membrane",
                (0, 100, 200, 300, 400),
                lines=[Line("threshold + a", effective, VERMILION), Line("v", response.v, BLUE)],
                spikes=[Spikes(response.spikes)],
                height=180,
            ),
        ],
    )


def binary() -> Chart:
    """Random inputs of both signs: the membrane is the input of the step."""
    drive = [0, *np.random.default_rng(1).integers(-100, 101, 59).tolist()]
    response = respond(NeuronType.binary(v_reset=0), 50, drive)
    return Chart(
        "Binary: threshold 50",
        60,
        [
            Panel("input", (-100, 0, 100), bars=[Bars("i", drive)], height=100),
            Panel(
                "membrane",
                (-100, 0, 50, 100),
                lines=[Line("threshold", [50] * 60, INK, dashed=True), Line("v", response.v, BLUE)],
                spikes=[Spikes(response.spikes)],
                height=130,
            ),
        ],
    )


CHARTS = {
    "neuron_if.svg": integrate_and_fire,
    "neuron_lif_shift.svg": leaky,
    "neuron_lif_multiplicative.svg": leaky_multiplicative,
    "neuron_cuba.svg": current_based,
    "neuron_alif.svg": adaptive,
    "neuron_binary.svg": binary,
}


if __name__ == "__main__":
    write_charts(CHARTS, sys.argv[1:])
