"""How fast a chip is trained: samples of Metropolis-Hastings, and what a module of PyTorch adds to a batch."""

import time
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np

from ganglion.model.benchmarks.ceilings import seconds
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.events import Events

METROPOLIS = "cancer samples per second, Metropolis-Hastings"

READY, RASTERS = "forward pass of ready events, in batches of them", "forward pass of rasters, in batches of them"

PROPOSALS = 100

BATCH = 200

REPEATS = 9


def measure_training(progress: Progress = SILENT) -> dict[str, float]:
    """Rates by name; none without PyTorch, whose networks they are of."""
    if find_spec("torch") is None:
        return {}
    with progress.task("measuring trainings"):
        return {METROPOLIS: _metropolis(), **_forward()}


def _metropolis() -> float:
    """Samples per second of processor time, of breast cancer."""
    from ganglion.model.training.metropolis import Metropolis
    from ganglion.model.training.tasks import cancer

    split = cancer.Split(0, cancer.LEARNED)
    target = Emulator(cancer.program(0))
    sampler = Metropolis(target, split.loss(split.learn, split.known))
    chain = sampler.begin(0)
    begin = time.process_time()
    sampler.run(chain, PROPOSALS)
    return PROPOSALS * cancer.LEARNED / (time.process_time() - begin)


def _forward() -> dict[str, float]:
    """Time of a forward pass of 256-246-10, in times of the emulator's batch of the same input with the same membranes
    observed: of events that are there, and of rasters, of which they are made first."""
    import torch

    from ganglion.model.interchange.torch.batch import Input
    from ganglion.model.interchange.torch.chip import Chip
    from ganglion.model.training.tasks import mnist16

    chip = Chip(mnist16.network(0), Emulator)
    rasters = np.random.default_rng(0).random((mnist16.STEPS, BATCH, mnist16.SIDE**2)) < 0.12
    x = torch.as_tensor(rasters, dtype=torch.float32)
    target = Emulator(chip.program())
    probes = {"v": np.arange(target.program.neurons)}

    def events() -> list[Events]:
        return [Events.from_raster(sample) for sample in rasters.swapaxes(0, 1)]

    ready = events()

    def ratio(given: Input, made: Callable[[], list[Events]]) -> float:
        forward = seconds(lambda: chip(given), repeats=REPEATS)
        return forward / seconds(lambda: target.run_batch(made(), probes=probes), repeats=REPEATS)

    return {READY: ratio(ready, lambda: ready), RASTERS: ratio(x, events)}
