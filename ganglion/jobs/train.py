"""`ganglion train`: a network that ships with Ganglion, trained anew; or a study of trainings through a chip."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from ganglion.jobs.outputs import check_file
from ganglion.jobs.result import Result
from ganglion.jobs.study import study
from ganglion.model.extras import how_to_get
from ganglion.model.networks import digits, digits_data
from ganglion.model.networks.mnist import conv, dense
from ganglion.model.networks.speech import spoken
from ganglion.model.networks.weights_file import FloatArrays, save_arrays
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.errors import GanglionError, ToolError
from ganglion.model.training.tasks import STUDIES

SEEDS = 1 << 32
"""Seeds are below this."""


@dataclass(frozen=True, kw_only=True)
class Training:
    """How a network is trained, unless told otherwise."""

    file: Path
    """The file that ships."""
    learn: Callable[[int, int, bool, Progress], FloatArrays]
    """Takes the seed, the epochs and whether to hold samples out; imports what it needs when it is called."""
    seed: int
    epochs: int


@dataclass(frozen=True, kw_only=True)
class Trained(Result):
    """A network that was trained."""

    network: str
    file: Path
    seed: int
    epochs: int

    def to_dict(self) -> dict[str, Any]:
        return {"network": self.network, "file": str(self.file), "seed": self.seed, "epochs": self.epochs}

    def shown(self) -> Iterator[str | Table]:
        yield f"{self.network}, {self.epochs} epochs with seed {self.seed}: wrote {self.file}"


def train(
    name: str,
    *,
    weights: Path | None = None,
    seed: int | None = None,
    epochs: int | None = None,
    hold_out: bool = False,
    progress: Progress = SILENT,
    command: str = "",
    **of_studies: Any,
) -> Result:
    """Trains a network and writes it, or does a study.

    Args:
        name: of a network, or of a study.
        weights: file to write; None is the one that ships, and none of a study.
        seed: of the training; None is that of the network that ships, as are the epochs, or the study's.
        epochs: how long.
        hold_out: of a network: do not learn from a part of the training set, and tell how well that part is read.
        progress: told of the training, and of accuracies on the way.
        command: how the user started this, for a report.
        **of_studies: other arguments of `ganglion.jobs.study.study`; None is not given.

    Raises:
        GanglionError: there is no such name, a seed or a number of epochs cannot be, nothing can be held out, an option
            is of the other kind, or the file cannot be written; and as `study`.
        ToolError: PyTorch or the data is not there; says how to get it.
    """
    given = {option: value for option, value in of_studies.items() if value is not None}
    if name in TRAININGS:
        if given:
            raise GanglionError(f"--{next(iter(given))} is for {', '.join(STUDIES)}, not for the network {name}")
        return train_network(
            name, weights=weights, seed=seed, epochs=epochs, hold_out=hold_out, progress=progress
        )
    if name not in STUDIES:
        raise GanglionError(f"there is no network '{name}'; there are {', '.join((*TRAININGS, *STUDIES))}")
    if hold_out:
        raise GanglionError(f"--hold-out is for {', '.join(TRAININGS)}; {name} always holds samples out")
    if "shipped" in given:
        others = {"weights": weights, "seed": seed, "epochs": epochs} | {**given, "shipped": None, "out": None}
        if wrong := [option for option, value in others.items() if value is not None]:
            raise GanglionError(f"--shipped trains nothing, so there is no --{wrong[0]} with it")
    given |= {"panel": given.pop("figure")} if "figure" in given else {}
    return study(
        name, weights=weights, seed=seed or 0, epochs=epochs, command=command, progress=progress, **given
    )


def train_network(
    network: str,
    *,
    weights: Path | None = None,
    seed: int | None = None,
    epochs: int | None = None,
    hold_out: bool = False,
    progress: Progress = SILENT,
) -> Trained:
    """Trains a network that ships, and writes it; arguments and errors are those of `train`."""
    training = TRAININGS[network]
    chosen = Trained(
        network=network,
        file=weights or training.file,
        seed=training.seed if seed is None else seed,
        epochs=training.epochs if epochs is None else epochs,
    )
    if chosen.epochs < 1:
        raise GanglionError(f"epochs must be at least 1, not {chosen.epochs}")
    if not 0 <= chosen.seed < SEEDS:
        raise GanglionError(f"the seed must be 0 … {SEEDS - 1:,}, not {chosen.seed:,}")
    check_file(chosen.file)
    try:
        arrays = training.learn(chosen.seed, chosen.epochs, hold_out, progress)
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise ToolError(f"training {network} needs PyTorch: {how_to_get('train')}") from None
    save_arrays(arrays, chosen.file)
    return chosen


def _digits(seed: int, epochs: int, hold_out: bool, progress: Progress) -> FloatArrays:
    from ganglion.model.networks.train_digits import Recipe, train

    if hold_out:
        raise GanglionError("the digits hold 540 images out always, and learn from the others")
    learned, held_out = digits_data.split(digits_data.load_images())
    trainer = train(Recipe(seed=seed, epochs=epochs), learned, progress)
    progress.note(f"held-out: {trainer.correct(held_out)} of {len(held_out)} images")
    return trainer.arrays()


def _dense(seed: int, epochs: int, hold_out: bool, progress: Progress) -> FloatArrays:
    from ganglion.model.networks.mnist.train_dense import train

    return train(seed, epochs, hold_out, progress)


def _conv(seed: int, epochs: int, hold_out: bool, progress: Progress) -> FloatArrays:
    from ganglion.model.networks.mnist.train_conv import train

    return train(seed, epochs, hold_out, progress)


def _spoken(seed: int, epochs: int, hold_out: bool, progress: Progress) -> FloatArrays:
    from ganglion.model.networks.speech.train import train

    return train(seed, epochs, hold_out, progress)


TRAININGS = {
    "digits": Training(file=digits.FILE, learn=_digits, seed=2, epochs=200),
    "mnist": Training(file=dense.FILE, learn=_dense, seed=1, epochs=60),
    "mnist-conv": Training(file=conv.FILE, learn=_conv, seed=1, epochs=25),
    "speech": Training(file=spoken.FILE, learn=_spoken, seed=1, epochs=100),
}
"""Those of `ganglion.networks.SHIPPED`."""
