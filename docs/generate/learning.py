"""The windows of plasticity, drawn from runs of the reference.

Run `python -m docs.generate.learning [folder]` from the root; the folder is docs/images where none is named.
"""

import sys

import numpy as np

from docs.generate.chart import BLUE, GREEN, VERMILION, Bars, Chart, Panel, write_charts
from ganglion.model.spec.events import Events
from ganglion.model.spec.named_rules import stdp
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.plastic import PlasticRule, Spikes, Together
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference
from ganglion.model.spec.synaptic_traces import Kernel

CHIP = PRESETS["wide"].replace(
    name="figures", products=1, rules=1, terms=2, pre_traces=1, y1_feeds=1, trace_bits=8, trace_ages=64, kernels=2
)

REACH = 50
"""Steps between the two spikes of a pair, at most."""


def window(rule: PlasticRule) -> list[int]:
    """What a pair of spikes changes a weight by, from the target first by `REACH` steps to the source first."""
    together, count = Together(CHIP), 2 * REACH + 1
    together.add(rule)
    each = np.arange(count)
    program = Program.build(
        params=CHIP,
        types=(NeuronType.binary(traces=together.post_traces([rule])),),
        neurons=count,
        threshold=30000,
        inputs=count + 1,
        pre=np.concatenate((each, np.full(count, count))),
        post=count + 1 + np.tile(each, 2),
        weight=np.repeat([0, 32767], count),
        learning=together.learning(),
        rule=np.repeat([1, 0], count),
    )
    # All targets fire in step REACH, each source in a step of its own.
    events = [[count - 1 - step] for step in range(count)]
    events[REACH - 1].append(count)
    target = Reference(program)
    target.run(Events.from_steps(events))
    return target.weights(each).tolist()


def windows() -> Chart:
    """Exponentials as they are rounded, and a window of any other shape."""
    pairs = stdp(100, 60, tau_plus=10, tau_minus=20, rounding="floor")
    triangle = Kernel(tuple(256 - 16 * age for age in range(17)))
    shaped = PlasticRule.from_text(
        "dw = y0 * x1 - x0 * y1 / 2",
        pre=[Spikes(kernel=triangle, jump=100)],
        post=[Spikes(box=25, jump=100)],
    )
    coarse = stdp(100, 60, tau_plus=10, tau_minus=20, jump=8, rounding="floor")
    return Chart(
        "Change of a weight by one pair of spikes",
        2 * REACH + 1,
        [
            Panel("A+ 100, tau+ 10, A- 60, tau- 20", (-60, 0, 100), bars=[Bars("jump 64", window(pairs), BLUE)]),
            Panel("the same, traces of 3 bits", (-60, 0, 100), bars=[Bars("jump 8", window(coarse), GREEN)]),
            Panel("a triangle and a box", (-60, 0, 100), bars=[Bars("any kernel", window(shaped), VERMILION)]),
        ],
        ticks=range(0, 2 * REACH + 1, 10),
        first=-REACH,
        axis="steps from the spike of the source to that of the target",
    )


CHARTS = {"stdp_windows.svg": windows}


if __name__ == "__main__":
    write_charts(CHARTS, sys.argv[1:])
