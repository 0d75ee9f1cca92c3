"""Conventions as a user asks for them, in text."""

import pytest

from ganglion.jobs.conventions import make_convention, make_conventions
from ganglion.model.interchange.nir import CONVENTIONS
from ganglion.model.spec.errors import NetworkError


def test_conventions_from_text() -> None:
    assert make_convention("norse", []) == CONVENTIONS["norse"]
    changed = make_convention("snntorch", ["reset_delay=false", "dt=2e-3"])
    assert (changed.reset_delay, changed.dt, changed.reset) == (False, 2e-3, "subtract")
    assert make_convention(None, ["dt=1", "rule=exponential"]).rule == "exponential"
    assert make_convention("norse", ["integrator_step=none"]).integrator_step is None


def test_single_nodes_have_options_of_their_own() -> None:
    whole, nodes = make_conventions("snntorch", ["dt=2e-3", "1.lif.reset=none", "3.reset=value", "3.spike_delay=1"])
    assert whole == make_convention("snntorch", ["dt=2e-3"]) and list(nodes) == ["1.lif", "3"]
    assert (nodes["1.lif"].reset, nodes["3"].reset, nodes["3"].spike_delay) == ("none", "value", 1)
    assert {convention.dt for convention in nodes.values()} == {2e-3}
    with pytest.raises(NetworkError, match="node '3': --with resett=none: there is no 'resett'"):
        make_conventions("snntorch", ["3.resett=none"])


@pytest.mark.parametrize("false", ["False", "FALSE", "no", "off", " false "])
def test_what_is_false_in_python_is_false_here(false: str) -> None:
    assert make_convention("snntorch", [f"reset_delay={false}"]).reset_delay is False


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        ("lava", [], "no convention 'lava'; there are snntorch"),
        ("snntorc", [], r"no convention 'snntorc' \(did you mean snntorch\?\)"),
        ("norse", ["reset_delay=2"], "reset_delay takes true or false, not '2'"),
        ("norse", ["reset=valu"], "reset takes one of value, subtract, none, not 'valu'"),
        ("norse", ["dt=nan"], "dt, in seconds, takes a number greater than 0, not nan"),
        ("norse", ["dt=-1"], "takes a number greater than 0, not -1"),
        ("norse", ["dt"], "--with takes NAME=VALUE, not 'dt'"),
        ("norse", ["dt="], "takes a number greater than 0, not ''"),
        ("norse", ["inclusiv=true"], r"no 'inclusiv' \(did you mean inclusive\?\); there are dt, "),
        (None, ["rule=euler"], "does not say how long a step is"),
    ],
)
def test_what_a_convention_cannot_be(name: str | None, changes: list[str], message: str) -> None:
    with pytest.raises(NetworkError, match=message):
        make_convention(name, changes)
