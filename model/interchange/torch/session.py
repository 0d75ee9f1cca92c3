"""The loop of a training through a chip: Adam, kept after every epoch, from where it goes on to the same bits."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from ganglion.model.spec.arrays import Array, IntArray
from ganglion.model.spec.errors import NetworkError
from ganglion.model.training.study import Session

LONGEST = 10.0
"""Norm to which longer gradients are cut."""


def fit(
    module: nn.Module,
    loss: Callable[[IntArray], Tensor],
    session: Session,
    *,
    samples: int,
    batch: int,
    rate: float | Callable[[str], float],
    seed: int,
    warmth: float = 0.1,
    begin: int = 0,
    end: int | None = None,
    after: Callable[[], None] = lambda: None,
) -> list[float]:
    """Train a module; go on from where the session's state stands.

    Batches, and all that the loss draws from PyTorch, are of the seed and the number of the epoch. The step size falls
    to nothing, as a cosine, behind a rise over the first epochs.

    Args:
        module: what learns.
        loss: of a batch, given the numbers of its samples.
        session: how many epochs, and what keeps them.
        samples: how many there are.
        batch: how many of them at a time.
        rate: the largest step size; of each parameter, or as a function of its name.
        seed: of the batches.
        warmth: share of the epochs in which the step size rises.
        begin, end: epochs of the session that this training is; None is its last.
        after: called after each step.

    Returns:
        mean loss of each epoch.

    Raises:
        NetworkError: the training diverged.
    """
    named = [(name, value) for name, value in module.named_parameters() if value.requires_grad]
    parameters = [value for _, value in named]
    rates = [rate(name) if callable(rate) else rate for name, _ in named]
    optimizer = torch.optim.Adam([{"params": [value]} for value in parameters])
    state, last = session.state, session.epochs if end is None else end
    if state.epoch:
        _restore(parameters, optimizer if state.epoch > begin else None, state.arrays)
    with session.progress.task(state.trial or "training", last - begin) as task:
        task.advance(max(0, state.epoch - begin))
        while state.epoch < last:
            rng = np.random.default_rng([seed, state.epoch])
            torch.manual_seed(int(rng.integers(1 << 32)))
            order = rng.permutation(samples)
            parts = [order[first : first + batch] for first in range(0, samples, batch)]
            total = 0.0
            for number, chosen in enumerate(parts):
                share = (state.epoch - begin + number / len(parts)) / (last - begin)
                for group, largest in zip(optimizer.param_groups, rates, strict=True):
                    group["lr"] = largest * _size(share, warmth)
                optimizer.zero_grad()
                found = loss(chosen)
                if not torch.isfinite(found):
                    raise NetworkError(
                        f"the loss is {found.item()} in epoch {state.epoch + 1}: the training diverged; take a smaller "
                        "step size"
                    )
                found.backward()
                nn.utils.clip_grad_norm_(parameters, LONGEST)
                optimizer.step()
                after()
                total += found.item() * chosen.size
            state.reached(total / samples, _arrays(parameters, optimizer))
            task.advance()
    return state.curve


def _size(share: float, warmth: float) -> float:
    """Of a step, after a share of the training, in units of the largest."""
    if share < warmth:
        return (share + 0.02) / (warmth + 0.02)
    return 0.5 * (1 + float(np.cos(np.pi * (share - warmth) / (1 - warmth))))


def _arrays(parameters: list[nn.Parameter], optimizer: torch.optim.Adam) -> dict[str, Array]:
    found: dict[str, Array] = {}
    for k, value in enumerate(parameters):
        found[f"{k}"] = value.detach().numpy().copy()
        for name, part in optimizer.state[value].items():
            found[f"{k} {name}"] = part.numpy().copy()
    return found


def _restore(parameters: list[nn.Parameter], optimizer: torch.optim.Adam | None, arrays: dict[str, Array]) -> None:
    """Set parameters, and the moments of Adam where there are any, to what `_arrays` told.

    Raises:
        NetworkError: they are of another network.
    """
    with torch.no_grad():
        for k, value in enumerate(parameters):
            if arrays.get(f"{k}", np.zeros(0)).shape != tuple(value.shape):
                raise NetworkError("what the file keeps is of another network: start the training again")
            value.copy_(torch.as_tensor(arrays[f"{k}"]))
            if optimizer is None:
                continue
            optimizer.state[value] = {
                name.partition(" ")[2]: torch.as_tensor(array)
                for name, array in arrays.items()
                if name.startswith(f"{k} ")
            }
