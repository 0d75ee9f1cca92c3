"""The two forms that the arguments of `CRI_network` come in."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ganglion.model.interchange.cri.models import ANN_neuron, IF_neuron, LIF_neuron, neuron_model
from ganglion.model.spec.errors import ProgramError

NAMES = ("outputs", "target", "simDump", "coreID")
OLDER = ("config", *NAMES)
OLDEST = ("perturbMag", "leak")
"""Arguments that only the older form has by position, behind the others."""

WITHOUT_EFFECT = {"membership": None, "n_cores": None, "random_shuffle": False, "coreID": 0, "perturbMag": 0}
"""Arguments that are taken without effect, and are attributes of the network; their defaults. Placement, which most of
them are about, is invisible; noise is the shift of each model."""

TARGETS = ("simpleSim", "CRI")

DEFAULT_LEAK = 3
"""Leak of "LI&F" neurons where the older form names none."""


@dataclass(frozen=True)
class Arguments:
    """What the arguments behind axons and connections say."""

    outputs: Any
    target: str
    default: neuron_model | None
    """Model of the neurons that the older form gives none."""
    simDump: bool = False
    config: Any = None
    others: Mapping[str, Any] = field(default_factory=dict)
    """The values of `WITHOUT_EFFECT`."""


def read_arguments(positional: tuple[Any, ...], named: dict[str, Any]) -> Arguments:
    """The arguments behind axons and connections. A dictionary in third place, or config by name, is the older form.

    Raises:
        TypeError: too many, unknown, or an argument twice, as Python says it of any function.
        ProgramError: a value that cannot be; says which argument.
    """
    older = "config" in named or (bool(positional) and isinstance(positional[0], Mapping))
    names = (*OLDER, *OLDEST) if older else NAMES
    if older and "config" in named:
        names = (*NAMES, "config", *OLDEST)
    if len(positional) > len(names):
        raise TypeError(f"CRI_network takes {len(names) + 2} arguments, {len(positional) + 2} were given")
    given = dict(zip(names, positional, strict=False))
    for name, value in named.items():
        if name not in (*names, *WITHOUT_EFFECT):
            known = dict.fromkeys((*names, *WITHOUT_EFFECT))
            raise TypeError(f"CRI_network has no argument '{name}'; it has axons, connections, {', '.join(known)}")
        if name in given:
            raise TypeError(f"CRI_network got two values for '{name}'")
        given[name] = value
    if "outputs" not in given:
        raise TypeError("CRI_network needs outputs")
    target = given.get("target") or TARGETS[0]
    if target not in TARGETS:
        raise ProgramError(f"target must be {' or '.join(map(repr, TARGETS))}, not {target!r}")
    warn_of_perturbation(given.get("perturbMag"))
    default = default_model(given["config"], given.get("leak")) if older else None
    return Arguments(
        outputs=given["outputs"],
        target=target,
        default=default,
        simDump=bool(given.get("simDump")),
        config=given.get("config"),
        others={name: given.get(name, value) for name, value in WITHOUT_EFFECT.items()},
    )


def warn_of_perturbation(magnitude: Any) -> None:
    """A warning where a program asks for the noise of an older interface."""
    if magnitude:
        warnings.warn(
            f"perturbMag {magnitude!r} has no effect, as in their newest simulator: noise is the shift of each model",
            stacklevel=4,
        )


def default_model(config: Any, leak: Any = None) -> neuron_model:
    """The model of all neurons that have none of their own.

    Args:
        config: `{"neuron_type": "I&F" | "LI&F" | "ANN", "global_neuron_params": {"v_thr": threshold}}`.
        leak: of "LI&F"; None is DEFAULT_LEAK.

    Raises:
        ProgramError: an entry that is missing or cannot be; says which.
    """
    if not isinstance(config, Mapping):
        raise ProgramError(f"config must be a dictionary, not {config!r}")
    for name in ("neuron_type", "global_neuron_params"):
        if name not in config:
            raise ProgramError(f"config has no '{name}'; it has {', '.join(map(repr, config)) or 'nothing'}")
    shared = config["global_neuron_params"]
    if not isinstance(shared, Mapping) or "v_thr" not in shared:
        raise ProgramError(f"config['global_neuron_params'] must be a dictionary with 'v_thr', not {shared!r}")
    threshold, kind = shared["v_thr"], config["neuron_type"]
    if kind == "I&F":
        return IF_neuron(threshold)
    if kind == "LI&F":
        return LIF_neuron(threshold, leak=DEFAULT_LEAK if leak is None else leak)
    if kind == "ANN":
        return ANN_neuron(threshold)
    raise ProgramError(f"config['neuron_type'] must be 'I&F', 'LI&F' or 'ANN', not {kind!r}")
