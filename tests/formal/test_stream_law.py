"""The stream law: what is offered stays there until it is accepted, and does not wait for being accepted."""

from collections.abc import Callable

import pytest
from amaranth.hdl import Assume, Module
from amaranth.lib import wiring

from ganglion.hdl.access.access import Access
from ganglion.hdl.chip import Chip, HostPort
from ganglion.hdl.core import Core
from ganglion.hdl.deliver.lookup import AxonLookup
from ganglion.hdl.deliver.walker import RowWalker
from ganglion.hdl.lib.serdes import Link
from ganglion.hdl.lib.streams import Arbiter, Buffer, Merge
from ganglion.hdl.router.router import Router
from ganglion.hdl.sequencer import Sequencer
from ganglion.hdl.update.fanout import Fanout
from ganglion.model.spec.params import PRESETS, Params
from tests.formal.contracts import firing, relies_on, streams_in, streams_inside, streams_of, streams_out
from tests.formal.memories import any_rows
from tests.formal.prove import Idle, prove, prove_idle, reaches
from tests.formal.spec import Claim, Spec

TINY = PRESETS["tiny"]

LEAST = Params(
    neurons=4,
    axons=4,
    lanes=2,
    delay_slots=2,
    synapse_words=4,
    fanout_entries=4,
    types=2,
    weight_bits=4,
    membrane_bits=4,
    accumulator_bits=4,
    bias_bits=2,
    decay_bits=1,
)
"""A core with little arithmetic, which streams have nothing to do with."""

OPTIONS = LEAST.replace(current_bits=4, adaptation_bits=4, noise=True)
"""The same with noise, currents and adaptation."""

REACH = 12
"""Cycles in which every stream of a unit can be made to wait."""

UNITS: dict[str, Callable[[], wiring.Component]] = {
    "Buffer": lambda: Buffer(8),
    "Merge": lambda: Merge(8),
    "Arbiter": lambda: Arbiter(8, 3),
    "Link": lambda: Link(16),
    "Router": lambda: Router(TINY.replace(levels=(2,)), 1),
    "AxonLookup": lambda: AxonLookup(TINY),
    "Fanout": lambda: Fanout(TINY),
    "RowWalker": lambda: RowWalker(TINY),
    "Access": lambda: Access(TINY, Core.READ_LATENCY),
    "Sequencer": lambda: Sequencer(TINY),
    "HostPort": HostPort,
    "Core": lambda: Core(TINY),
    "Chip": lambda: Chip(TINY),
}


@pytest.mark.parametrize("unit", [name for name in UNITS if name not in ("Core", "Chip")])
def test_each_unit_keeps_the_stream_law(unit: str) -> None:
    """For each unit alone, whatever its memories hold and however it is stalled: what it offers, it offers until it is
    accepted. The streams that come in are lawful, and the rest is as the unit may rely on."""

    def inside(m: Module, component: wiring.Component) -> list[Claim]:
        if not isinstance(component, Fanout):
            return []
        relied, own = firing(m, component)
        m.d.comb += [Assume(claim.condition) for claim in relied]
        return own

    spec = Spec(f"stream_law_{unit.lower()}", memory=any_rows, inside=inside)
    component = spec.add(UNITS[unit]())
    spec.assume_all(streams_in(spec.m, component))
    spec.assume_all(relies_on(spec.m, component))
    spec.claim_all(streams_out(spec.m, component))
    prove(spec, depth=2, reach=REACH)


OWN_END = Idle("chip.port.merge", "Merge: on stream first")
"""The END of the port's own, which finds room at once: nothing has been taken since the END before it, and the cores
have answered that. So of the law of this stream there is nothing to be seen."""


def whole_spec(whole: type[Core] | type[Chip], params: Params) -> Spec:
    """All claims about streams inside a core or a chip, and about what its units get."""

    def inside(m: Module, component: wiring.Component) -> list[Claim]:
        of_list = [claim for part in firing(m, component) for claim in part] if isinstance(component, Fanout) else []
        return [*streams_inside(m, component), *relies_on(m, component), *of_list]

    spec = Spec(f"stream_law_{whole.__name__.lower()}", memory=any_rows, inside=inside)
    component = spec.add(whole(params))
    spec.assume_all(streams_in(spec.m, component))
    return spec


@pytest.mark.slow
@pytest.mark.parametrize("params", [LEAST, OPTIONS], ids=["plain", "options"])
@pytest.mark.parametrize("whole", [Core, Chip])
def test_every_stream_inside_keeps_the_stream_law(whole: type[Core] | type[Chip], params: Params) -> None:
    """For the core and the chip, whatever their memories hold, whatever packets come in, and however both ends are
    stalled: every stream inside keeps the law, every unit gets what it relies on, and no memory is read in a row that
    is being written. The induction is over the length of the update's pipeline."""
    prove(whole_spec(whole, params), depth=10, reach=45, by_abc=True, idle=[OWN_END] if whole is Chip else [])


@pytest.mark.slow
def test_the_end_of_the_port_s_own_never_waits() -> None:
    """Which is why nothing covers the law of that stream in a chip."""
    prove_idle(whole_spec(Chip, LEAST), OWN_END)


@pytest.mark.parametrize("unit", UNITS)
def test_no_offer_waits_for_being_accepted(unit: str) -> None:
    """In no unit does a path of logic lead from the `ready` of a stream that goes out to `valid` or `payload` of one
    that goes out: what is offered in a cycle does not depend on what is accepted in it."""
    component = UNITS[unit]()
    streams = list(streams_of(component, wiring.Out))
    offers = [f"{name}__{part}" for name, _ in streams for part in ("valid", "payload")]
    assert reaches(component, [f"{name}__ready" for name, _ in streams], offers) == []
