"""What a network means, however its projections were made."""

import numpy as np

from ganglion.model.compiler.network.network import Network
from ganglion.model.compiler.network.projection import Projection
from ganglion.model.spec.arrays import FloatArray, IntArray
from ganglion.model.spec.errors import NetworkError
from ganglion.model.spec.explained import explained


@explained(NetworkError)
def canonical(network: Network) -> dict[str, tuple[IntArray, FloatArray]]:
    """All synapses of each pair of layers in one order: (synapses, 3) of delay, post and pre, and the weights.

    Two networks mean the same where their layers and this are equal, however their projections were made.
    """
    found: dict[str, list[Projection]] = {}
    for projection in network.projections:
        if projection.synapses:
            found.setdefault(projection.name, []).append(projection)
    result = {}
    for name, parts in found.items():
        delay, post, pre, weight = (
            np.concatenate([getattr(part, field) for part in parts]) for field in ("delay", "post", "pre", "weight")
        )
        order = np.lexsort((weight, pre, post, delay))
        result[name] = np.stack((delay, post, pre), axis=1)[order], weight[order]
    return result
