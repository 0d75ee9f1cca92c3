"""A recording of an event camera as the sample of a network of the user's own: the network's input is the sensor."""

import math
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ganglion.jobs.recording import Recording
from ganglion.model.interchange.events.binning import bin_events
from ganglion.model.interchange.events.files import SUFFIXES, read_events
from ganglion.model.spec.errors import EventError, FormatError

ENDINGS = tuple(suffix for suffix in SUFFIXES if suffix not in (".npz", ".npy"))
"""Of files of events; .npz and .npy hold samples that are binned already."""


def is_event_file(path: Path) -> bool:
    """Whether a file of samples is a recording."""
    return path.suffix.lower() in ENDINGS


def read_event_file(path: Path, shape: Sequence[int], step_us: int | None) -> Recording:
    """A recording as one sample.

    The network's input says the sensor's size: (polarities, rows, columns) with 1 or 2 polarities, or (rows, columns).
    A sensor that is larger by a whole number is pooled. Where the input is one axis, the file must say the size.

    Args:
        path: the recording.
        shape: of the network's input.
        step_us: microseconds of a step.

    Raises:
        FormatError: no such file, or not one of its format.
        EventError: no step is told, or the sensor does not fit the input.
    """
    if step_us is None:
        raise EventError(f"{path} is a recording, and a step of the network has a length: give it, --step-us 1000 say")
    polarities, size = _sensor(tuple(shape))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            recording = read_events(path)
    except UserWarning:
        if size is None:
            raise EventError(
                f"{path} does not say how large its sensor is, nor does an input of {tuple(shape)}: bin it in Python, "
                "ganglion.events.read_events(path, size) and bin_events, and save the raster"
            ) from None
        recording = read_events(path, size)
    except OSError as error:
        raise FormatError(f"{path} cannot be read: {error.strerror or error}") from error
    columns, rows = recording.size
    if size is None:
        polarities = math.prod(shape) // max(1, columns * rows)
        size = (columns, rows)
    pool = max(1, round(columns / size[0]))
    if (-(-columns // pool), -(-rows // pool)) != size or polarities not in (1, 2) or (
        polarities * size[0] * size[1] != math.prod(shape)
    ):
        raise EventError(
            f"{path}: its sensor has {columns} columns and {rows} rows, the network an input of {tuple(shape)}; it "
            "must be (polarities, rows, columns) of the sensor, or of a whole fraction of it"
        )
    events, _ = bin_events(recording, step_us, polarities=polarities, pool=pool)
    counts = events.to_raster(math.prod(shape))[np.newaxis].astype(np.int64)
    return Recording(counts=counts, labels=None, others={}, single=True)


def _sensor(shape: tuple[int, ...]) -> tuple[int, tuple[int, int] | None]:
    """Polarities, and columns and rows, of an input; None where it does not say."""
    if len(shape) == 3 and shape[0] in (1, 2):
        return shape[0], (shape[2], shape[1])
    return (1, (shape[1], shape[0])) if len(shape) == 2 else (0, None)
