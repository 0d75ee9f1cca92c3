"""Every port of every component says in a line what it is for."""

import importlib
import pkgutil

import pytest
from amaranth.lib import wiring

from docs.generate.reference import attribute_docs
from ganglion import hdl
from ganglion.hdl.access.fault import FaultRegister
from ganglion.hdl.learn.slot import PostTrace
from ganglion.model.spec.params import ALL_PARITY
from tests.hdl.test_verilog import LEARNING, OF_LEARNING, OF_LEVELS, OF_PARAMS, TINY, WITHOUT_PARAMS

GUARDED = LEARNING.replace(parity=ALL_PARITY)

COMPONENTS = [
    *(component(TINY) for component in OF_PARAMS),
    *(make(TINY.replace(levels=(2,)), 1) for make in OF_LEVELS.values()),
    *(make() for make in WITHOUT_PARAMS.values()),
    *(component(LEARNING) for component in (*OF_PARAMS, *OF_LEARNING)),
    *(component(GUARDED) for component in (*OF_PARAMS, *OF_LEARNING, FaultRegister)),
    PostTrace(LEARNING, 1),
]


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda component: type(component).__name__)
def test_every_port_has_a_line(component: wiring.Component) -> None:
    ports = set(component.signature.members)
    assert ports - attribute_docs(type(component)).keys() == set()


def test_every_component_is_looked_at() -> None:
    for info in pkgutil.walk_packages(hdl.__path__, f"{hdl.__name__}."):
        importlib.import_module(info.name)
    known = {kind for kind in wiring.Component.__subclasses__() if kind.__module__.startswith("ganglion.hdl.")}
    assert {kind.__name__ for kind in known} - {type(one).__name__ for one in COMPONENTS} == {"ModuleUse"}
