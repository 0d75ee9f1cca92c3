"""The fan-out tables of all cores: from destinations to entries, each with the least climb that reaches them."""


import numpy as np

from ganglion.model.compiler.layout import Destinations, FanoutTable, Places
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.packets import AXON_BITS, Scope
from ganglion.model.spec.params import RADIX, Params
from ganglion.model.spec.program import Program
from ganglion.model.spec.tree import ALL, route_to


def fanout_tables(program: Program, neurons: Places, destinations: Destinations, params: Params) -> list[FanoutTable]:
    """The fan-out table of each core.

    Spikes go to the destinations of the neuron and, where it is an output, to the host. The first entry of a neuron is
    the row of its own place; others lie behind the rows of all neurons.

    Args:
        program: the network, which has the outputs.
        neurons: where the neurons sit.
        destinations: of each neuron.
        params: the chip.
    """
    scope, route = _climb(neurons.core, destinations, params)
    output = np.arange(program.outputs.size)
    sender = np.concatenate((np.repeat(np.arange(program.neurons), np.diff(destinations.start)), program.outputs))
    scopes = np.concatenate((scope, np.full(output.size, int(Scope.HOST))))
    routes = np.concatenate((route, output >> AXON_BITS))
    axons = np.concatenate((destinations.axon, output & (1 << AXON_BITS) - 1))

    # Core by core, neuron by neuron; the host comes last, as lexsort keeps the order of equals.
    order = np.lexsort((sender, neurons.core[sender]))
    sender = sender[order]
    core = neurons.core[sender]
    tables = []
    for k in range(params.cores):
        here = slice(*np.searchsorted(core, [k, k + 1]))
        who = sender[here]
        head = np.diff(who, prepend=-1) != 0
        row = np.where(head, neurons.row[who], params.neurons + np.cumsum(~head) - 1)
        following = np.append(row[1:], 0)
        last = np.append(head[1:], True)
        tables.append(
            FanoutTable(
                row=row,
                scope=scopes[order][here],
                route=routes[order][here],
                axon=axons[order][here],
                next=np.where(last, 0, following[: row.size]),
            )
        )
    return tables


def _climb(core: IntArray, destinations: Destinations, params: Params) -> tuple[IntArray, IntArray]:
    """Scope and route of the entry for each destination: no masks above the router where the spike turns."""
    own = np.array([route_to(params.levels, c) for c in range(params.cores)], dtype=np.int64)
    home = np.repeat(own[core], np.diff(destinations.start))
    level = np.zeros(home.size, dtype=np.int64)
    for k in range(len(params.levels)):
        mask = ALL << RADIX * k
        level[(destinations.route & mask) != (home & mask)] = k + 1
    scope = np.where(level > 0, Scope.LEVEL_1 - 1 + level, int(Scope.CORE))
    return scope, destinations.route & (1 << RADIX * level) - 1
