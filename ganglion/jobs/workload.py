"""A network and its samples, ready to run: one that ships with Ganglion, or one of the user's own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ganglion.jobs.sizes import Sizes, smallest
from ganglion.model.compiler.readout import Readout
from ganglion.model.networks.classifier import Classifier
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.events import Events
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program


@dataclass(frozen=True, eq=False, kw_only=True)
class Workload:
    """What a run needs to know of a network and its samples."""

    name: str
    """What its files are called."""
    what: str
    """What it is, in a few words."""
    data: str
    """What its samples are."""
    kind: str
    """What they are called: test samples, say."""
    program: Program
    readout: Readout
    events: Callable[[int], Events]
    """Those of a sample, to be run from step 0 with all state zero, until its last spikes have come out."""
    available: int
    """Samples there are."""
    label: IntArray | None
    """The class of each, shape (available,); None where nobody told."""
    float_guesses: Callable[[Sequence[int]], IntArray] | None
    """The classes that the network told in floats, before it was rounded; None where that is not known."""
    picture: Callable[[int], npt.NDArray[np.float64]] | None
    """A sample as people look at it, shape (rows, columns), 0 … 1, dark on white; None where it is no picture."""


def shipped_workload(
    classifier: Classifier,
    data: Path | None = None,
    *,
    sizes: Sizes,
    board: Params | None = None,
    progress: Progress = SILENT,
) -> Workload:
    """A network that ships with Ganglion, and its test set.

    Args:
        classifier: the network.
        data: folder of real data; None looks in the usual places.
        sizes: of the chip.
        board: the chip of the board that it is to run on.
        progress: told of placing, where cores are "auto".

    Raises:
        ParamsError: there is no such chip.
        NetworkError: the network does not fit these widths.
        ToolError: the data is not there; says what is missing.
    """
    test = classifier.test_set(data)
    program = smallest(sizes, board or classifier.params, classifier.program, progress)
    return Workload(
        name=classifier.name,
        what=classifier.what,
        data=classifier.data,
        kind="test samples",
        program=program,
        readout=Readout(neurons=classifier.outputs, ties=classifier.ties),
        events=lambda index: classifier.encode(test.inputs[index]),
        available=len(test),
        label=test.label,
        float_guesses=lambda chosen: classifier.float_guesses([test.inputs[index] for index in chosen]),
        picture=lambda index: classifier.picture(test.inputs[index]),
    )
