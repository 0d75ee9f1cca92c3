"""When a layer does what a framework does that evaluates layer after layer within one step."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from ganglion.model.interchange.nir.signal import Signal
from ganglion.model.spec.errors import NetworkError


@dataclass(frozen=True, eq=False, kw_only=True)
class Lags:
    """By how many steps the chip is behind the framework, by source. An input is never behind."""

    taken: Mapping[str, int] = field(default_factory=dict)
    """In what it takes in a step, and in its membranes."""
    sent: Mapping[str, int] = field(default_factory=dict)
    """In the spikes that it sends: less where the framework sends them a step late."""
    even: bool = True
    """False: every connection takes one step and its own delay, and nothing is evened out."""

    def steps(self, source: str, target: str, delay: int) -> int:
        """The delay of the synapses of a connection that delays by `delay` steps in the graph.

        A connection of a neuron with itself is delivered in the next step, as frameworks do where it has no delay.
        """
        if not self.even:
            return 1 + delay
        steps = delay + self.taken[target] - self.sent[source]
        return max(1, steps) if source == target else steps


def find_lags(
    inputs: Iterable[str], arriving: Mapping[str, Signal], spike_delay: Mapping[str, int], kicked: Iterable[str]
) -> Lags:
    """The least lags with which every connection takes at least one step.

    A connection within a loop may use up a delay that the graph gives it; elsewhere such delays stay as they are.

    Args:
        inputs: names of inputs.
        arriving: by neuron node, what arrives at it.
        spike_delay: by neuron node, steps that the framework sends its spikes late.
        kicked: neuron nodes that the clock drives, which it can from step 1 on.

    Raises:
        NetworkError: a loop whose delays are less than its layers; names two of them.
    """
    names = [*inputs, *arriving]
    edges = {
        (source, target): min((delay for delay, matrix in maps if matrix.count_nonzero()), default=0)
        for target, signal in arriving.items()
        for source, maps in signal.parts.items()
        if source != target
    }
    number = {name: position for position, name in enumerate(names)}
    pairs = np.array([(number[first], number[last]) for first, last in edges], dtype=np.int64).reshape(-1, 2)
    matrix = csr_array((np.ones(len(edges)), (pairs[:, 0], pairs[:, 1])), shape=(len(names), len(names)))
    _, loop = connected_components(matrix, connection="strong")
    taken = dict.fromkeys(names, 0) | dict.fromkeys(kicked, 1)
    # The longest way to a node is settled after as many rounds as there are nodes, unless a loop makes it longer yet.
    for _ in range(len(names) + 1):
        changed = None
        for (source, target), delay in edges.items():
            own = delay if loop[number[source]] == loop[number[target]] else 0
            least = taken[source] - spike_delay.get(source, 0) + 1 - own
            if least > taken[target]:
                taken[target], changed = least, (source, target)
        if changed is None:
            sent = {name: lag - spike_delay.get(name, 0) for name, lag in taken.items()}
            return Lags(taken=taken, sent=sent)
    source, target = changed  # type: ignore[misc]
    raise NetworkError(
        f"node '{target}': it is in a loop with '{source}'. Frameworks evaluate layers one after the other, so one way "
        "round takes a step less than the chip needs: give the loop a Delay of as many steps as it has layers",
        python="or import with timing='edges', in which every connection takes one step",
        command="or import with --timing edges, in which every connection takes one step",
    )
