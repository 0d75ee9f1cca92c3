"""Samples and labels of the user's own, out of .npz and .npy files: every array that is not what it is said to be is
refused, none is cast or guessed at."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ganglion.model.compiler.readout import check_labels
from ganglion.model.spec.arrays import Array, IntArray
from ganglion.model.spec.errors import EventError, FormatError
from ganglion.model.spec.untrusted import array_from_bytes, load_npz, opened

INPUT = "input"
"""The array of samples in an .npz file of several."""

LABELS = ("labels", "label", "targets", "y")
"""What the array of labels is called, in a file of several; the first that is there counts."""

MOST = 1 << 15
"""Events of one axon in one step are fewer: what a run can send one by one."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Recording:
    """What a file of samples holds."""

    counts: IntArray
    """How often each input fires in each step, shape (samples, steps, inputs)."""
    labels: IntArray | None
    """The class of each sample, where the file has them, shape (samples,)."""
    others: Mapping[str, Array]
    """Arrays that are neither."""
    single: bool
    """Whether the file has one sample, without an axis for samples."""


def read_recording(path: Path, shape: Sequence[int]) -> Recording:
    """Samples, and their labels if they are there.

    Args:
        path: an .npz with `input`, or with one array alone, or an .npy: of shape (samples, steps, …), or (steps, …) for
            a single sample, with … the shape of the input or the number of its axons.
        shape: of the network's input.

    Raises:
        FormatError: no such file, or not one of arrays; names the array.
        EventError: another shape, something else than counts of events, or an array that can be read in two ways.
    """
    arrays = read_arrays(path, "samples")
    if INPUT in arrays:
        raw = arrays.pop(INPUT)
    elif len(arrays) == 1:
        raw = arrays.popitem()[1]
    else:
        raise FormatError(f"{path} is not a whole .npz file of samples: it has no array '{INPUT}'{_there_are(arrays)}")
    labels = next((arrays.pop(name) for name in LABELS if name in arrays), None)
    counts, single = _counts(path, raw, tuple(shape))
    return Recording(
        counts=counts,
        labels=None if labels is None else check_labels(np.atleast_1d(labels), len(counts)),
        others=arrays,
        single=single,
    )


def read_labels(path: Path, samples: int) -> IntArray:
    """Labels: an .npy, or an .npz with one array, or one that is called `labels`; shape (samples,).

    Raises:
        FormatError: as `read_recording`.
        EventError: another number of labels than of samples, or labels that are not whole numbers from 0.
    """
    arrays = read_arrays(path, "labels")
    name = next((name for name in LABELS if name in arrays), None)
    if name is None and len(arrays) != 1:
        raise FormatError(f"{path}: labels are an array called '{LABELS[0]}'{_there_are(arrays)}")
    labels = arrays[name] if name else arrays.popitem()[1]
    try:
        return check_labels(np.atleast_1d(labels), samples)
    except EventError as error:
        raise EventError(f"{path}: {error}") from None


def read_arrays(path: Path, what: str) -> dict[str, Array]:
    """All arrays of an .npz or .npy file; that of an .npy is called by the file's name.

    Raises:
        FormatError: no such file, another kind of file, or something else than arrays of numbers or text.
    """
    if path.suffix.lower() != ".npy":
        return load_npz(path, f".npz file of {what}")
    with opened(path) as stream:
        raw = stream.read()
    try:
        return {path.stem: array_from_bytes(raw, "iufbU")}
    except Exception as error:  # What a header makes NumPy raise is no closed list.
        raise FormatError(f"{path} is not a whole .npy file of {what}: {error}") from error


def _counts(path: Path, raw: Array, shape: tuple[int, ...]) -> tuple[IntArray, bool]:
    """Counts of shape (samples, steps, inputs), and whether there was no axis of samples."""
    inputs = math.prod(shape)
    forms = {shape, (inputs,)}
    single, several = raw.shape[1:] in forms, raw.shape[2:] in forms
    if not raw.size or single == several:
        words = "it has no numbers" if not raw.size else f"not {raw.shape}"
        raise EventError(
            f"{path}: {INPUT} must have shape (samples, steps, …), or (steps, …) for a single sample, with … "
            f"{' or '.join(map(str, sorted(forms, key=len, reverse=True)))}; {words}"
        )
    if several and raw.shape[1] == 1 and raw.shape[0] > 1:
        steps = raw.shape[0]
        raise EventError(
            f"{path}: {INPUT} of shape {raw.shape} may be {steps} samples of one step, or one sample of {steps} steps "
            f"with time first: leave the axis of 1 out, (steps, …), or put samples first, (1, {steps}, …); samples of "
            "one step take a second, empty step each"
        )
    if raw.dtype.kind not in "iufb":
        raise EventError(f"{path}: {INPUT} must be counts of events, not {raw.dtype}")
    _check_counts(path, raw)
    return raw.astype(np.int64).reshape(1 if single else raw.shape[0], -1, inputs), bool(single)


def _check_counts(path: Path, raw: Array) -> None:
    """Whether an array is of whole numbers from 0."""
    if raw.dtype.kind == "f":
        wrong = ~np.isfinite(raw) | (raw != np.rint(raw))
        if wrong.any():
            where = tuple(np.argwhere(wrong)[0].tolist())
            raise EventError(
                f"{path}: {INPUT} must be counts of events, whole numbers from 0, not {raw[where]:g} (at {where}): "
                "make spikes of analogue values first, with ganglion.encode.rate say"
            )
    few = f"an axon has fewer than {MOST} events in a step"
    for wrong, why in ((raw < 0, "counts begin at 0"), (raw >= MOST, few)):
        if wrong.any():
            where = tuple(np.argwhere(wrong)[0].tolist())
            raise EventError(f"{path}: {INPUT} is {raw[where]:g} at {where}; {why}")


def _there_are(arrays: Mapping[str, Array]) -> str:
    return f"; it has {', '.join(arrays)}" if arrays else "; it has none"
