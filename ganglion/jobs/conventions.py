"""How to read a NIR file, as a user asks for it: the convention of a framework, and changes to it."""

from collections.abc import Sequence
from dataclasses import replace
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from ganglion.jobs.values import assignment, boolean, number, whole
from ganglion.model.interchange.nir.convention import CONVENTIONS, Convention
from ganglion.model.spec.errors import GanglionError, NetworkError
from ganglion.model.spec.named import nearest


def make_conventions(name: str | None, changes: Sequence[str]) -> tuple[Convention, dict[str, Convention]]:
    """A convention as by `make_convention`, and those of nodes that have changes of their own, as "3.reset=none".

    Raises:
        NetworkError: as `make_convention`; names the node.
    """
    nodes: dict[str, list[str]] = {}
    whole = []
    for change in changes:
        option, sign, value = change.partition("=")
        node, dot, option = option.rpartition(".")
        if dot:
            nodes.setdefault(node, []).append(f"{option}{sign}{value}")
        else:
            whole.append(change)
    convention = make_convention(name, whole)
    return convention, {node: make_convention(name, [*whole, *own], node) for node, own in nodes.items()}


def make_convention(name: str | None, changes: Sequence[str], node: str = "") -> Convention:
    """A convention by name, with changes such as "dt=1e-3" or "reset=subtract"; of a node, for messages.

    Raises:
        NetworkError: no such convention or option, a value that the option cannot have, or neither a name nor a dt.
    """
    if name is not None and name not in CONVENTIONS:
        raise NetworkError(
            f"there is no convention '{name}'{nearest(name, CONVENTIONS)}; there are {', '.join(CONVENTIONS)}"
        )
    try:
        values = dict(_change(change) for change in changes)
    except GanglionError as error:
        raise NetworkError(f"node '{node}': {error}" if node else str(error)) from None
    if name is None and "dt" not in values:
        raise NetworkError(
            "a NIR file does not say how long a step is: name the framework that it is from (--convention "
            f"{', '.join(CONVENTIONS)}) or give the options yourself (--with dt=1e-3)"
        )
    return replace(CONVENTIONS[name], **values) if name is not None else Convention(**values)


def _change(text: str) -> tuple[str, Any]:
    """Name and value of one option, by its type."""
    kinds = get_type_hints(Convention)
    option, value = assignment("--with", text, kinds)
    what, kinds_of = f"--with {text}: {option}", get_args(kinds[option]) or (kinds[option],)
    if NoneType in kinds_of and value.lower() == "none":
        return option, None
    if get_origin(kinds[option]) is Literal:
        if value not in kinds_of:
            raise GanglionError(f"{what} takes one of {', '.join(kinds_of)}, not {value!r}")
        return option, value
    if bool in kinds_of:
        return option, boolean(what, value)
    if int in kinds_of:
        return option, whole(what, value)
    return option, number(f"{what}, in seconds,", value, 0, open_below=True)
