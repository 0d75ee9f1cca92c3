"""What an engine is held to when it is written to: one property, whichever engine."""

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from ganglion.model.spec.fields import limits
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference
from ganglion.model.spec.target import Target


def check_writes(
    data: st.DataObject,
    case: Any,
    engine: Callable[[Program], Target],
    same: Callable[..., None],
    same_state: Callable[..., None],
) -> None:
    """State, constants and weights written between steps, in any order, then a reset, or a return to an old state."""
    targets: tuple[Target, Target] = Reference(case.program), engine(case.program)
    ranges = limits(case.program.params, len(case.program.types))
    for _ in range(data.draw(st.integers(1, 4))):
        for _ in range(data.draw(st.integers(0, 4))):
            field = data.draw(st.sampled_from(sorted(ranges)))
            neurons = data.draw(st.lists(st.integers(0, case.program.neurons - 1), max_size=5))
            values = data.draw(st.lists(st.integers(*ranges[field]), min_size=len(neurons), max_size=len(neurons)))
            for target in targets:
                target.write(field, neurons, values)
            np.testing.assert_array_equal(targets[1].read(field), targets[0].read(field))
            np.testing.assert_array_equal(targets[1].read(field, neurons), targets[0].read(field, neurons))
        for _ in range(data.draw(st.integers(0, 4)) if case.program.synapses else 0):
            synapses = data.draw(st.lists(st.integers(0, case.program.synapses - 1), max_size=5))
            half = 1 << (case.program.params.weight_bits - 1)
            weight = st.integers(-half, half - 1)
            values = data.draw(st.lists(weight, min_size=len(synapses), max_size=len(synapses)))
            for target in targets:
                target.write_weights(synapses, values)
            np.testing.assert_array_equal(targets[1].weights(synapses), targets[0].weights(synapses))
        np.testing.assert_array_equal(targets[1].weights(), targets[0].weights())
        same_state(targets[1].state(), targets[0].state())
        probes = {"v": [0], "refractory": list(range(case.program.neurons))}
        expected, got = (target.run(case.events, keep_states=True, probes=probes) for target in targets)
        same(got, expected)
        for field in probes:
            np.testing.assert_array_equal(got.probes[field], expected.probes[field])
        assert targets[1].counters() == targets[0].counters()
        then = data.draw(st.sampled_from([None, "reset", *expected.states]))
        for target in targets if then else ():
            target.reset() if then == "reset" else target.load_state(then)
