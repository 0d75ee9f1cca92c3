"""ReLU networks of PyTorch as NIR graphs of rate neurons, and batch norms folded into what is before them."""

from collections import OrderedDict
from itertools import pairwise
from typing import Any

import nir
import numpy as np
import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval, fuse_linear_bn_eval

from ganglion.model.spec.arrays import FloatArray
from ganglion.model.spec.errors import NetworkError
from ganglion.model.spec.explained import explained

NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)
WEIGHTED = (nn.Linear, nn.Conv1d, nn.Conv2d)
SKIPPED = (nn.Dropout, nn.Dropout2d, nn.Identity)
"""Modules that do nothing after training."""


@explained(NetworkError)
def fold_batch_norms(net: nn.Sequential) -> nn.Sequential:
    """A network without batch norms: each is folded into the convolution or linear layer before it, as in inference.

    The neurons may be of any framework; exporters to NIR have no word for a batch norm.

    Args:
        net: a trained network. It is left as it is.

    Raises:
        NetworkError: a batch norm that has no such layer before it, or keeps no statistics.
    """
    kept: dict[str, nn.Module] = {}
    for name, module in net.named_children():
        last, before = next(reversed(kept.items()), ("", None))
        if isinstance(module, nn.Sequential):
            kept[name] = fold_batch_norms(module)
        elif not isinstance(module, NORMS):
            kept[name] = module
        elif module.running_mean is None:
            raise NetworkError(f"module '{name}': a batch norm without running statistics depends on its batch")
        elif isinstance(before, nn.Conv1d | nn.Conv2d):
            kept[last] = _fused(fuse_conv_bn_eval, before, module)
        elif isinstance(before, nn.Linear):
            kept[last] = _fused(fuse_linear_bn_eval, before, module)
        else:
            raise NetworkError(
                f"module '{name}': a batch norm is folded into a Conv1d, Conv2d or Linear just before it, and there is "
                f"{'none' if before is None else type(before).__name__}; put it behind one"
            )
    return nn.Sequential(OrderedDict(kept))


@explained(NetworkError)
def relu_graph(net: nn.Sequential, shape: tuple[int, ...]) -> nir.NIRGraph:
    """A NIR graph of a ReLU network, with an IF for each ReLU, for `ganglion.nir.convert_rates`.

    Args:
        net: Linear, Conv1d, Conv2d, batch norms, ReLU, AvgPool2d, Flatten and Dropout, in order, nested or not.
        shape: of an input without its batch axis.

    Raises:
        NetworkError: another module; names it.
    """
    nodes: dict[str, Any] = {"input": nir.Input(np.array(shape))}
    x = torch.zeros(1, *shape)
    with torch.no_grad():
        for name, module in _layers(fold_batch_norms(net.eval())):
            try:
                x = module(x)
            except RuntimeError as error:
                raise NetworkError(f"module '{name}' ({type(module).__name__}): {error}") from None
            node = _node(name, module, tuple(x.shape[1:]))
            if node is not None:
                nodes[name] = node
    nodes["output"] = nir.Output(np.array(x.shape[1:]))
    return nir.NIRGraph(nodes=nodes, edges=list(pairwise(nodes)), type_check=False)


def _fused(fuse: Any, layer: nn.Module, norm: nn.Module) -> nn.Module:
    """Both as one layer; PyTorch folds only what is in inference."""
    was = layer.training, norm.training
    fused: nn.Module = fuse(layer.eval(), norm.eval())
    layer.train(was[0])
    norm.train(was[1])
    return fused


def _layers(net: nn.Sequential, prefix: str = "") -> list[tuple[str, nn.Module]]:
    """All modules in order, by their place."""
    found: list[tuple[str, nn.Module]] = []
    for name, module in net.named_children():
        if isinstance(module, nn.Sequential):
            found += _layers(module, f"{prefix}{name}.")
        else:
            found.append((f"{prefix}{name}", module))
    return found


def _node(name: str, module: nn.Module, shape: tuple[int, ...]) -> Any:
    """The node of a module that sends this shape; None where it does nothing."""
    if isinstance(module, SKIPPED):
        return None
    if isinstance(module, nn.ReLU):
        one = np.ones(shape)
        return nir.IF(r=one, v_threshold=one, v_reset=np.zeros(shape))
    if isinstance(module, WEIGHTED):
        weight = _array(module.weight)
        bias = np.zeros(len(weight)) if module.bias is None else _array(module.bias)
        if isinstance(module, nn.Linear):
            return nir.Affine(weight, bias)
        if module.padding_mode != "zeros":
            raise NetworkError(f"module '{name}': padding_mode must be 'zeros', not '{module.padding_mode}'")
        kind = nir.Conv1d if isinstance(module, nn.Conv1d) else nir.Conv2d
        axes = (module.stride, module.padding, module.dilation)
        return kind(None, weight, *axes, module.groups, bias)
    if isinstance(module, nn.AvgPool2d):
        if module.ceil_mode or module.divisor_override or (module.padding and not module.count_include_pad):
            raise NetworkError(f"module '{name}': NIR's AvgPool2d has no ceil_mode, divisor or count_include_pad=False")
        size, stride, padding = (
            np.broadcast_to(each, 2) for each in (module.kernel_size, module.stride, module.padding)
        )
        return nir.AvgPool2d(size, stride, padding)
    if isinstance(module, nn.Flatten) and module.start_dim == 1 and module.end_dim == -1:
        return nir.Flatten(None, 0, -1)
    raise NetworkError(
        f"module '{name}' ({type(module).__name__}) is not of a ReLU network that converts: Linear, Conv1d, Conv2d, "
        "BatchNorm, ReLU, AvgPool2d, Flatten, Dropout in a Sequential; a maximum of rates is no sum of spikes, so "
        "train with AvgPool2d for MaxPool2d"
    )


def _array(tensor: Any) -> FloatArray:
    values: FloatArray = tensor.detach().cpu().double().numpy()
    return values
