"""A linear layer behind read-outs is a read-out: its membranes are the layer's values."""

from typing import Any

import nir
import numpy as np
import pytest

from ganglion.model.interchange.nir import Convention, import_nir
from ganglion.model.spec.errors import NetworkError
from tests.model.interchange.nir.small import chain, full, grid, lif, membranes, raster

ONE = Convention(dt=1.0)


def li(tau: Any, v_leak: float = 0.25) -> nir.LI:
    return nir.LI(tau=np.broadcast_to(np.asarray(tau, dtype=float), 3), r=np.array([4.0, 2, 8]), v_leak=full(v_leak, 3))


def cuba_li() -> nir.CubaLI:
    return nir.CubaLI(
        tau_mem=full(4, 3), tau_syn=full(2, 3), r=np.array([4.0, 2, 8]), v_leak=full(0.25, 3), w_in=full(2, 3)
    )


@pytest.mark.parametrize("readout", [li(4.0), cuba_li()])
def test_the_values_are_those_of_the_layer(readout: Any) -> None:
    first = nir.Affine(grid(3, 5), grid(3))
    last = nir.Affine(grid(2, 3, seed=2), np.array([0.5, -1.0]))
    events = raster(5)
    before = membranes(import_nir(chain(5, lif(5), first, readout, 3), ONE), events, "n3")
    network = import_nir(chain(5, lif(5), first, readout, last, 2), ONE)
    assert list(network.populations) == ["n1", "n4", "clock"], "nothing is left of what nobody sees"
    assert network.outputs == ["n4"] and not network.populations["n4"].spiking
    values = membranes(network, events, "n4")
    assert np.allclose(values, before @ last.weight.T + last.bias) and np.ptp(values) > 1


def test_a_read_out_that_is_shown_too_stays() -> None:
    graph = chain(5, lif(5), nir.Linear(grid(3, 5)), li(4.0), nir.Linear(grid(2, 3)), 2)
    graph.nodes["seen"] = nir.Output(np.array([3]))
    graph.edges.append(("n3", "seen"))
    assert import_nir(graph, ONE).outputs == ["n4", "n3"]


def test_leaks_that_differ_have_no_sum() -> None:
    graph = chain(5, lif(5), nir.Linear(grid(3, 5)), li([4, 4, 8]), nir.Linear(grid(2, 3)), 2)
    with pytest.raises(NetworkError, match=r"node 'n4' \(Linear\): it adds membranes.*decay 0.125 to 0.25 a step"):
        import_nir(graph, ONE)
    assert import_nir(chain(5, lif(5), nir.Linear(grid(3, 5)), li([4, 4, 8]), 3), ONE).outputs == ["n3"]
    same = chain(5, lif(5), nir.Linear(grid(3, 5)), li([4, 4, 4]), nir.Linear(grid(2, 3)), 2)
    assert import_nir(same, ONE).outputs == ["n4"], "the advice works"
    late = chain(5, nir.Linear(grid(3, 5)), li(4.0), nir.Delay(full(2, 3)), 3)
    with pytest.raises(NetworkError, match="put the Delay before the read-out"):
        import_nir(late, ONE)
