"""HiAER-Spike's dictionaries as JSON, as a job has them: the same entries, with models by name.

    {"axons": {"x": [["a", 9]]}, "connections": {"a": [[["b", 3]], "leaky"], "b": [[], "leaky"]}, "outputs": ["b"],
     "models": {"leaky": {"kind": "LIF", "threshold": 5, "leak": 3}}}
"""

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ganglion.model.spec.errors import FormatError

if TYPE_CHECKING:
    from ganglion.model.interchange.cri.connectome import Connectome
    from ganglion.model.interchange.cri.models import neuron_model

PARTS = ("axons", "connections", "outputs", "models")


def to_json(axons: Mapping[Any, Any], connections: Mapping[Any, Any], outputs: Sequence[Any]) -> dict[str, Any]:
    """The dictionaries of a HiAER-Spike program as plain values of JSON.

    Args:
        axons: `{key: [(neuron, weight), …]}`, with keys that are text.
        connections: `{key: ([(neuron, weight), …], model)}`.
        outputs: keys of neurons.

    Raises:
        ProgramError: an entry that cannot be; names its key.
        FormatError: a key that is no text.
    """
    # Here, as a client that submits other networks must not wait for the emulator.
    from ganglion.model.interchange.cri.connectome import read_connectome
    from ganglion.model.interchange.cri.neuron import Kind, read_neuron

    for key in (*axons, *connections):
        if not isinstance(key, str):
            raise FormatError(f"keys of JSON are text, and {key!r} is not: call it {str(key)!r}")
    read_connectome(axons, connections, outputs)
    models: dict[str, dict[str, Any]] = {}
    names: dict[int, str] = {}
    listed = {}
    for key, entry in connections.items():
        synapses, model = entry[:2]
        if id(model) not in names:
            names[id(model)] = f"model{len(models)}"
            read = read_neuron(f"neuron {key!r}", model)
            models[names[id(model)]] = {
                "kind": Kind(read.kind).name,
                "threshold": read.threshold,
                "shift": read.shift,
                "leak": read.leak,
                "refractory_max": read.refractory_max,
                "delay_value": read.delay_value,
                "soft_reset_en": read.soft_reset,
            }
        listed[key] = [[list(synapse) for synapse in synapses], names[id(model)]]
    plain = {key: [list(synapse) for synapse in synapses] for key, synapses in axons.items()}
    return {"axons": plain, "connections": listed, "outputs": list(outputs), "models": models}


def from_json(found: Mapping[str, Any]) -> "Connectome":
    """The connectome of a file.

    Args:
        found: the object of the file, which may be anything.

    Raises:
        FormatError: a part that is missing or is not what it should be.
        ProgramError: an entry that cannot be; names its key.
    """
    from ganglion.model.interchange.cri.connectome import read_connectome
    from ganglion.model.interchange.cri.neuron import NO_NOISE

    if set(found) != set(PARTS):
        there = ", ".join(name[:40] for name in list(found)[:8]) or "nothing"
        raise FormatError(f"a network of HiAER-Spike as JSON has {', '.join(PARTS)}, and this has {there}")
    for name in ("axons", "connections", "models"):
        if not isinstance(found[name], dict):
            raise FormatError(f"'{name}' is an object of JSON, {{…}}, not {type(found[name]).__name__}")
    if not isinstance(found["outputs"], list):
        raise FormatError("'outputs' is a list of keys of neurons")
    models = {name: _model(name, entry) for name, entry in found["models"].items()}
    connections = {}
    for key, entry in found["connections"].items():
        if not isinstance(entry, list) or len(entry) != 2 or not isinstance(entry[1], str) or entry[1] not in models:
            raise FormatError(
                f"connections of '{key[:40]}' are a list of two, synapses and the name of one of the models "
                f"({', '.join(name[:40] for name in list(models)[:5])})"
            )
        connections[key] = (_synapses(key, entry[0]), models[entry[1]])
    axons = {key: _synapses(key, entry) for key, entry in found["axons"].items()}
    connectome = read_connectome(axons, connections, found["outputs"])
    if any(neuron.noisy for neuron in connectome.neurons):
        raise FormatError(
            "noise of HiAER-Spike is drawn by the host in every step, and a job has none: give its models no shift, or "
            f"{NO_NOISE}; a program for the chip's own noise is a job too"
        )
    return connectome


def _model(name: str, entry: Any) -> "neuron_model":
    from ganglion.model.interchange.cri.models import ANN_neuron, IF_neuron, LIF_neuron
    from ganglion.model.interchange.cri.neuron import NO_NOISE

    models: Mapping[str, type[neuron_model]] = {"ANN": ANN_neuron, "LIF": LIF_neuron, "IF": IF_neuron}
    if not isinstance(entry, dict) or str(entry.get("kind")) not in models:
        raise FormatError(f"model '{name[:40]}' is an object with a 'kind', one of {', '.join(models)}")
    parameters = {key: value for key, value in entry.items() if key != "kind"}
    if not all(type(value) in (int, bool) for value in parameters.values()):
        raise FormatError(f"the parameters of model '{name[:40]}' are whole numbers")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a shift of 0, which is refused with all noise
            return models[entry["kind"]](**{"shift": NO_NOISE, **parameters})
    except TypeError as error:
        raise FormatError(f"model '{name[:40]}': {error}") from None


def _synapses(key: str, entry: Any) -> list[tuple[Any, ...]]:
    """Synapses as their programs have them: tuples."""
    if not isinstance(entry, list) or not all(isinstance(synapse, list) for synapse in entry):
        raise FormatError(f"synapses of '{key[:40]}' are a list of lists, [neuron, weight]")
    return [tuple(synapse) for synapse in entry]
