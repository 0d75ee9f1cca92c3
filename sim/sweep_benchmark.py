"""How fast a core learns: synapse words that a sweep changes per cycle."""

from dataclasses import dataclass

import numpy as np

from ganglion.model.compiler import compile_program
from ganglion.model.spec.events import Events
from ganglion.model.spec.learning import Learning, LearningRule, Term
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.program import Program
from ganglion.model.spec.registers import Counter
from ganglion.sim.native import NativeDriver
from ganglion.sim.rtl import Rtl

CORE = PRESETS["ulx3s-learning"].replace(name="a core of ulx3s-learning", levels=())
"""The core that is measured."""

RULES = {
    "as many terms as products": (CORE.products, "floor"),
    "the same, rounded at random": (CORE.products, "stochastic"),
    "twice as many terms": (2 * CORE.products, "floor"),
}
"""What is measured: terms of the rule, and its rounding."""

INPUTS = 256
EPOCHS = 3


@dataclass(frozen=True)
class SweepRate:
    """What sweeps did."""

    visits: int
    """Synapses."""
    cycles: int
    """Of the sweeps, from the first row to the last."""

    @property
    def words_per_cycle(self) -> float:
        """Words that each lane read, changed and wrote per cycle."""
        return self.visits / CORE.lanes / self.cycles


def sweep_rate(driver: NativeDriver, terms: int, rounding: str) -> SweepRate:
    """Every synapse of a full layer changed in every step, by a rule of so many terms.

    Args:
        driver: of CORE.
        terms: of the rule.
        rounding: "floor" or "stochastic".
    """
    source, target = np.divmod(np.arange(INPUTS * CORE.neurons), CORE.neurons)
    term = Term(scale=1, exponent=-4, factors=("w",))
    program = Program.build(
        params=CORE,
        types=(NeuronType.leaky(4),),
        neurons=CORE.neurons,
        threshold=1 << 14,
        inputs=INPUTS,
        pre=source,
        post=INPUTS + target,
        weight=np.random.default_rng(0).integers(-50, 50, source.size),
        learning=Learning(rules=(LearningRule(terms=(term,) * terms, rounding=rounding),)),
        rule=1,
    )
    image = compile_program(program, encoding="dense", allow_overflow=True)
    rtl = Rtl(image, driver, counters=(Counter.LEARN_CYCLES,))
    trace = rtl.run(Events.from_steps([[]] * EPOCHS))
    return SweepRate(trace.total("visits"), trace.total("learn_cycles"))
