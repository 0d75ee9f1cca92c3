"""`hs_api` and `hs_bridge` as modules: programs and pickles that name them find what is here."""

import sys
from collections.abc import Mapping
from importlib.machinery import PathFinder
from types import ModuleType

from ganglion.model.interchange.cri import bridge
from ganglion.model.interchange.cri.models import ANN_neuron, IF_neuron, LIF_neuron, neuron_model
from ganglion.model.interchange.cri.network import CRI_network

MODELS = {model.__name__: model for model in (neuron_model, LIF_neuron, ANN_neuron, IF_neuron)}

MODULES: dict[str, Mapping[str, object]] = {
    "hs_api": {"CRI_network": CRI_network, **MODELS},
    "hs_api.api": {"CRI_network": CRI_network},
    "hs_api.neuron_models": MODELS,
    "hs_bridge": {},
    "hs_bridge.FPGA_Execution": {},
    "hs_bridge.FPGA_Execution.fpga_controller": {
        "clear": bridge.clear,
        "readSelect": bridge.readSelect,
        "write_route_table_entry": bridge.write_route_table_entry,
    },
}
"""What programs import, parents first."""


def install() -> None:
    """From now on `import hs_api` and `import hs_bridge` find these, whatever is installed. Safe to repeat.

    Modules of theirs that are not here, such as `hs_api.converter`, are those that `sys.path` has.
    """
    theirs = {name: PathFinder.find_spec(name) for name in MODULES if "." not in name}
    for name, content in MODULES.items():
        module = ModuleType(name, f"What Ganglion has of {name}.")
        module.__dict__.update(content, __all__=list(content))
        if any(other.startswith(f"{name}.") for other in MODULES):
            spec = theirs.get(name)
            module.__path__ = list(spec.submodule_search_locations or ()) if spec else []
        sys.modules[name] = module
        parent, _, own = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], own, module)
