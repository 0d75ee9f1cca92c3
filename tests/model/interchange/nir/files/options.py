"""Makes options.npz: one layer for each option of a framework's neurons, as its exporter writes it, and its spikes.

    python tests/model/interchange/nir/files/options.py

needs the extra `frameworks`, and Spyx and Rockpool, whose dependencies are not those of the others. It runs the
snippets of `docs.generate.frameworks` first. `input` (steps, inputs) is that of every case. Of a case there are `file`,
the bytes of the NIR file, `sent`, what the framework sent, (steps, neurons), and `layer`, the node that sent it; or,
where the exporter refuses, its `refusal` alone.
"""

import contextlib
import io
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nir
import numpy as np
import torch
from torch import nn

from docs.generate.frameworks import SNIPPETS

HERE = Path(__file__).parent
STEPS, INPUTS, NEURONS = 40, 8, 10

Sent = np.ndarray
Case = tuple[Any, Sent]
"""A graph, and what the layer sent, (steps, neurons)."""


def weights(seed: int = 0, *, columns: int = INPUTS, mean: float = 0.15, spread: float = 0.75) -> np.ndarray:
    """Multiples of 1/64, shape (neurons, columns)."""
    return np.rint(np.random.default_rng(seed).normal(mean, spread, (NEURONS, columns)) * 64).astype(np.float32) / 64


def events() -> torch.Tensor:
    return (torch.rand((STEPS, INPUTS), generator=torch.Generator().manual_seed(7)) < 0.35).float()


def linear(**options: Any) -> nn.Linear:
    layer = nn.Linear(INPUTS, NEURONS, bias=False)
    layer.weight.data = torch.tensor(weights(**options))
    return layer


def full(value: float) -> torch.Tensor:
    return torch.full((NEURONS,), float(value))


def spread(low: float, high: float) -> torch.Tensor:
    """Values per neuron, multiples of 1/16."""
    return torch.round(torch.linspace(low, high, NEURONS) * 16) / 16


def snntorch(kind: str, **options: Any) -> Callable[[], Case]:
    def case() -> Case:
        import snntorch
        from snntorch.export_nir import export_to_nir

        decays = {"alpha": full(0.5), "beta": full(0.5)} if "Synaptic" in kind else {"beta": full(0.75)}
        values: dict[str, Any] = {**decays, "threshold": full(1.0), "init_hidden": True, **options}
        if kind.startswith("R") and "all_to_all" not in values:
            values |= {"all_to_all": True, "linear_features": NEURONS}
        layer = getattr(snntorch, kind)(**values)
        if hasattr(layer, "recurrent") and isinstance(layer.recurrent, nn.Linear):
            layer.recurrent.weight.data = torch.tensor(weights(3, columns=NEURONS, spread=0.25))
            layer.recurrent.bias.data[:] = 0.125
        net = nn.Sequential(linear(), layer)
        with torch.no_grad():
            sent = torch.stack([net(step[None])[0] for step in events()])
        net = nn.Sequential(linear(), getattr(snntorch, kind)(**values)) if not hasattr(layer, "recurrent") else net
        return export_to_nir(net, events()[:1], ignore_dims=[0]), sent.numpy()

    return case


def norse(kind: str, **options: Any) -> Callable[[], Case]:
    def case() -> Case:
        import norse.torch as norse
        from norse.torch.utils.export_nir import to_nir

        parameters: dict[str, tuple[str, dict[str, float]]] = {
            "LIFBoxCell": ("LIFBoxParameters", {"tau_mem_inv": 250.0, "v_leak": 0.0, "v_th": 0.25, "v_reset": 0.0}),
            "LIBoxCell": ("LIBoxParameters", {"tau_mem_inv": 250.0, "v_leak": 0.0}),
            "LIFCell": (
                "LIFParameters",
                {"tau_syn_inv": 250.0, "tau_mem_inv": 500.0, "v_leak": 0.0, "v_th": 0.5, "v_reset": 0.0},
            ),
            "IAFCell": ("IAFParameters", {"v_th": 1.0, "v_reset": 0.0}),
        }
        name, values = parameters[kind]
        given = {key: full(value) for key, value in (values | options).items()}
        net = norse.SequentialState(linear(), getattr(norse, kind)(p=getattr(norse, name)(**given)))
        state, sent = None, []
        with torch.no_grad():
            for step in events():
                value, state = net(step[None], state)
                sent.append(value[0])
        return to_nir(net, events()[0]), torch.stack(sent).numpy()

    return case


def sinabs(kind: str, **options: Any) -> Callable[[], Case]:
    def case() -> Case:
        import sinabs.activation
        import sinabs.layers
        from sinabs.nir import to_nir

        values: dict[str, Any] = {
            "batch_size": 1,
            "spike_fn": sinabs.activation.SingleSpike,
            "spike_threshold": full(1.0),
        }
        if kind == "ExpLeakSqueeze":
            values = {"batch_size": 1}
        if kind != "IAFSqueeze":
            values["tau_mem"] = full(float(1 / np.log(2)))
        for key, value in options.items():
            values[key] = getattr(sinabs.activation, value) if isinstance(value, str) else value
        if values.get("reset_fn") is not None:
            values["reset_fn"] = values["reset_fn"]()
        net = nn.Sequential(linear(), getattr(sinabs.layers, kind)(**values))
        with torch.no_grad():
            sent = net(events()).numpy()
        graph = to_nir(net, events()[:1])
        graph.infer_types()
        return graph, sent

    return case


def spikingjelly(kind: str, exported: dict[str, Any] | None = None, **options: Any) -> Callable[[], Case]:
    """With options that are others in what is exported, where the exporter would refuse."""

    def case() -> Case:
        from spikingjelly.activation_based import functional, neuron
        from spikingjelly.activation_based.nir_exchange import export_to_nir

        net = nn.Sequential(linear(), getattr(neuron, kind)(**options))
        with torch.no_grad():
            sent = torch.stack([net(step[None])[0] for step in events()])
        functional.reset_net(net)
        if exported is not None:
            net = nn.Sequential(linear(), getattr(neuron, kind)(**options | exported))
        return export_to_nir(net, events()[:1]), sent.numpy()

    return case


def spyx(kind: str, **options: Any) -> Callable[[], Case]:
    def case() -> Case:
        import jax.numpy as jnp
        import spyx.nn as snn
        from flax import nnx
        from spyx.nir import to_nir

        dense = nnx.Linear(INPUTS, NEURONS, use_bias=False, rngs=nnx.Rngs(0))
        dense.kernel[...] = jnp.array(weights().T)
        layer = getattr(snn, kind)((NEURONS,), rngs=nnx.Rngs(0), **options)
        if hasattr(layer, "recurrent_w"):
            layer.recurrent_w[...] = jnp.array(weights(3, columns=NEURONS, spread=0.25))
        net = snn.Sequential(dense, layer)
        sent, state = [], net.initial_state(1)
        for step in events().numpy():
            value, state = net(jnp.array(step[None]), state)
            sent.append(np.asarray(value)[0])
        graph = to_nir(net, {"input": np.array([INPUTS])}, {"output": np.array([NEURONS])})
        return graph, np.stack(sent)

    return case


def rockpool(kind: str, **options: Any) -> Callable[[], Case]:
    def case() -> Case:
        from rockpool.nn.combinators import Sequential
        from rockpool.nn.modules import torch as modules
        from rockpool.nn.modules.torch.nir import to_nir

        values: dict[str, Any] = {"tau_mem": 0.02, "tau_syn": 0.005, "threshold": 1.0, "max_spikes_per_dt": 1.0}
        if kind == "ExpSynTorch":
            values = {"tau": 0.01}
        if kind == "LIFNeuronTorch":
            values = {"tau_mem": 0.02, "threshold": 1.0, "max_spikes_per_dt": 1.0}
        values = {
            key: torch.tensor(value) if isinstance(value, float) else value for key, value in (values | options).items()
        }
        size = NEURONS if kind == "ExpSynTorch" else (NEURONS,)
        first = modules.LinearTorch(
            (INPUTS, NEURONS), weight=torch.tensor(weights(mean=0.03, spread=0.15).T), has_bias=False
        )
        layer = getattr(modules, kind)(size, dt=1e-3, **values)
        if options.get("has_rec"):
            layer.w_rec.data = torch.tensor(weights(3, columns=NEURONS, mean=0.0, spread=0.05))
        net = Sequential(first, layer)
        with torch.no_grad():
            sent, _, _ = net(events()[None])
        return to_nir(net, events()[:1]), sent[0].numpy()

    return case


CASES: dict[str, Callable[[], Case]] = {
    "snntorch/Leaky": snntorch("Leaky"),
    "snntorch/Leaky reset zero": snntorch("Leaky", reset_mechanism="zero"),
    "snntorch/Leaky reset none": snntorch("Leaky", reset_mechanism="none"),
    "snntorch/Leaky reset_delay=False": snntorch("Leaky", reset_delay=False, threshold=full(3.0)),
    "snntorch/Leaky reset zero, reset_delay=False": snntorch("Leaky", reset_mechanism="zero", reset_delay=False),
    "snntorch/Leaky beta per neuron": snntorch("Leaky", beta=spread(0.25, 0.9375), learn_beta=True),
    "snntorch/Leaky threshold per neuron": snntorch("Leaky", threshold=spread(0.5, 2.0), learn_threshold=True),
    "snntorch/Leaky one beta for all": snntorch("Leaky", beta=0.75, threshold=1.0),
    "snntorch/Leaky beta=1": snntorch("Leaky", beta=full(1.0)),
    "snntorch/Leaky beta=0": snntorch("Leaky", beta=full(0.0)),
    "snntorch/Leaky learned beta above 1": snntorch("Leaky", beta=full(1.25)),
    "snntorch/Leaky inhibition": snntorch("Leaky", inhibition=True),
    "snntorch/Leaky graded_spikes_factor": snntorch("Leaky", graded_spikes_factor=0.5),
    "snntorch/RLeaky": snntorch("RLeaky"),
    "snntorch/RLeaky one to one": snntorch("RLeaky", all_to_all=False, V=spread(-0.5, 0.5)),
    "snntorch/RLeaky reset zero": snntorch("RLeaky", reset_mechanism="zero"),
    "snntorch/RLeaky reset none": snntorch("RLeaky", reset_mechanism="none"),
    "snntorch/Synaptic": snntorch("Synaptic"),
    "snntorch/Synaptic reset zero": snntorch("Synaptic", reset_mechanism="zero"),
    "snntorch/Synaptic reset zero, reset_delay=False": snntorch("Synaptic", reset_mechanism="zero", reset_delay=False),
    "snntorch/Synaptic reset none": snntorch("Synaptic", reset_mechanism="none"),
    "snntorch/Synaptic reset_delay=False": snntorch("Synaptic", reset_delay=False, threshold=full(8.0)),
    "snntorch/RSynaptic": snntorch("RSynaptic"),
    "snntorch/RSynaptic reset none": snntorch("RSynaptic", reset_mechanism="none"),
    "snntorch/Lapicque": snntorch("Lapicque", beta=0.75, threshold=1.0),
    "norse/LIFBoxCell": norse("LIFBoxCell"),
    "norse/LIFBoxCell v_leak": norse("LIFBoxCell", v_leak=0.125),
    "norse/LIFBoxCell v_reset": norse("LIFBoxCell", v_reset=-0.5),
    "norse/LIFCell": norse("LIFCell"),
    "norse/LIFCell v_reset": norse("LIFCell", v_reset=-0.5),
    "norse/IAFCell": norse("IAFCell"),
    "norse/IAFCell v_reset": norse("IAFCell", v_reset=-0.5),
    "norse/LIBoxCell": norse("LIBoxCell"),
    "sinabs/IAF SingleSpike": sinabs("IAFSqueeze"),
    "sinabs/IAF MultiSpike": sinabs("IAFSqueeze", spike_fn="MultiSpike"),
    "sinabs/IAF MembraneReset": sinabs("IAFSqueeze", reset_fn="MembraneReset"),
    "sinabs/IAF min_v_mem": sinabs("IAFSqueeze", min_v_mem=-0.5),
    "sinabs/LIF": sinabs("LIFSqueeze", spike_threshold=full(0.5)),
    "sinabs/LIF norm_input=False": sinabs("LIFSqueeze", norm_input=False),
    "sinabs/LIF tau_syn": sinabs("LIFSqueeze", tau_syn=full(3.0), norm_input=False),
    "sinabs/ExpLeak": sinabs("ExpLeakSqueeze"),
    "spikingjelly/IFNode": spikingjelly("IFNode"),
    "spikingjelly/IFNode v_reset": spikingjelly("IFNode", v_reset=-0.5),
    "spikingjelly/IFNode soft reset": spikingjelly("IFNode", v_reset=None),
    "spikingjelly/IFNode soft reset, exported with v_reset=0.0": spikingjelly("IFNode", {"v_reset": 0.0}, v_reset=None),
    "spikingjelly/LIFNode soft reset, exported with v_reset=0.0": spikingjelly(
        "LIFNode", {"v_reset": 0.0}, v_reset=None, tau=2.0, v_threshold=0.5
    ),
    "spikingjelly/LIFNode": spikingjelly("LIFNode", tau=2.0, v_threshold=0.5),
    "spikingjelly/LIFNode decay_input=False": spikingjelly("LIFNode", tau=4.0, decay_input=False),
    "spikingjelly/LIFNode v_reset": spikingjelly("LIFNode", tau=2.0, v_reset=-0.25, v_threshold=0.5),
    "spikingjelly/ParametricLIFNode": spikingjelly("ParametricLIFNode", init_tau=2.0, v_threshold=0.5),
    "spikingjelly/CUBALIFNode": spikingjelly("CUBALIFNode", c_decay=0.5, v_decay=0.75),
    "spikingjelly/CUBALIFNode v_reset": spikingjelly("CUBALIFNode", c_decay=0.5, v_decay=0.75, v_reset=-0.5),
    "spyx/IF": spyx("IF"),
    "spyx/LIF": spyx("LIF", beta=0.75),
    "spyx/CuBaLIF": spyx("CuBaLIF", alpha=0.5, beta=0.75),
    "spyx/RIF": spyx("RIF"),
    "spyx/RLIF": spyx("RLIF", beta=0.75),
    "spyx/RCuBaLIF": spyx("RCuBaLIF", alpha=0.5, beta=0.75),
    "spyx/PSU_LIF": spyx("PSU_LIF", beta=0.75),
    "spyx/ALIF": spyx("ALIF", beta=0.75, gamma=0.5),
    "rockpool/LIFTorch max_spikes_per_dt=1": rockpool("LIFTorch"),
    "rockpool/LIFTorch tau per neuron": rockpool("LIFTorch", tau_mem=torch.linspace(0.01, 0.03, NEURONS)),
    "rockpool/LIFTorch bias": rockpool("LIFTorch", bias=full(0.1)),
    "rockpool/LIFTorch has_rec": rockpool("LIFTorch", has_rec=True),
    "rockpool/LIFTorch several spikes a step": rockpool("LIFTorch", max_spikes_per_dt=1e3),
    "rockpool/LIFNeuronTorch": rockpool("LIFNeuronTorch"),
    "rockpool/ExpSynTorch": rockpool("ExpSynTorch"),
}


def layer_of(graph: Any) -> str:
    """The node whose output the case has, named as an import names it."""
    for name, node in graph.nodes.items():
        kind = type(node).__name__
        if kind == "NIRGraph":
            return f"{name}.{layer_of(node)}"
        if kind in ("LIF", "IF", "CubaLIF", "Threshold") or (
            kind in ("LI", "I") and "Threshold" not in str(graph.nodes)
        ):
            return str(name)
    return ""


def detach(graph: Any) -> None:
    """`nir.write` writes no tensors that want gradients."""
    for node in graph.nodes.values():
        for field, value in vars(node).items():
            if isinstance(value, torch.Tensor):
                setattr(node, field, value.detach())


def make(name: str, case: Callable[[], Case]) -> dict[str, np.ndarray]:
    """Runs a case; what the file has of it."""
    try:
        graph, sent = case()
        detach(graph)
    except (NotImplementedError, ValueError, AttributeError) as error:
        print(f"{name}: {error}")
        return {f"{name}/refusal": np.array(f"{type(error).__name__}: {error}")}
    buffer = io.BytesIO()
    nir.write(buffer, graph)
    layer = layer_of(graph)
    whole = np.array_equal(sent, np.rint(sent))
    print(f"{name}: layer {layer!r}, spikes {sent.sum():.6g}")
    return {
        f"{name}/file": np.frombuffer(buffer.getvalue(), dtype=np.uint8),
        f"{name}/layer": np.array(layer),
        f"{name}/sent": sent.astype(np.uint8 if whole else np.float32),
    }


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for framework, snippet in SNIPPETS.items():
            exec(snippet, {})
            print(f"{framework}: its snippet wrote {[path.name for path in Path(folder).glob('*.nir')]}")
    arrays: dict[str, Any] = {"input": events().numpy().astype(np.uint8)}
    for name, case in CASES.items():
        torch.manual_seed(0)
        arrays |= make(name, case)
    np.savez_compressed(HERE / "options.npz", allow_pickle=False, **arrays)
