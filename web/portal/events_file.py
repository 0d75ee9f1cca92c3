"""The events of a job: JSON, or arrays of NumPy.

JSON: `{"steps": [[0, 3], [], [1]]}`, the axons of each step, by number or, of a network of HiAER-Spike, by key.
Arrays: an .npz of `axon` and `start`, as `Events` has them, or of one raster `input`, or an .npy of a raster: how often
each axon fires in each step, shape (steps, axons).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ganglion.model.spec.errors import EventError
from ganglion.model.spec.events import Events
from ganglion.model.spec.files import written_whole
from ganglion.model.spec.untrusted import load_json
from ganglion.web.portal.job import STEPS

if TYPE_CHECKING:
    from ganglion.web.portal.network import JobNetwork

ARRAYS = {"axon", "start"}
"""What an .npz has that says events one by one."""


def save_events(events: Events, path: Path) -> None:
    """Writes events as an .npz, so that `read_events` gives them back."""
    with written_whole(path) as file:
        np.savez_compressed(file, axon=events.axon, start=events.start)


def read_events(path: Path, network: "JobNetwork", steps: int | None) -> Events:
    """The events in a file, which may be anything.

    Args:
        path: the file.
        network: that they are for.
        steps: as many as the run is to have, where not as many as there are events for.

    Raises:
        GanglionError: they are none, or not for this network; says which.
    """
    events = _read(path, network)
    events.check(network.inputs)
    if events.steps > STEPS or not (steps or events.steps):
        raise EventError(f"a run has 1 to {STEPS:,} steps, not {events.steps:,}")
    if steps is None or steps == events.steps:
        return events
    if steps < events.steps:
        raise EventError(f"the events have {events.steps} steps, and {steps} are to run: leave the others out")
    return Events(events.axon, np.append(events.start, np.full(steps - events.steps, events.start[-1])))


def _read(path: Path, network: "JobNetwork") -> Events:
    from ganglion.jobs.recording import read_arrays, read_recording  # loads what calibrates decoders

    if path.suffix.lower() == ".json":
        found = load_json(path, "file of events")
        if set(found) != {"steps"} or not isinstance(found["steps"], list):
            raise EventError('events as JSON are an object with one entry, "steps", a list of axons for each step')
        return Events.from_steps([_axons(t, axons, network.keys) for t, axons in enumerate(found["steps"])])
    if path.suffix.lower() == ".npz":
        arrays = read_arrays(path, "events")
        if set(arrays) == ARRAYS:
            axon, start = (arrays[name] for name in ("axon", "start"))
            whole = all(array.ndim == 1 and array.dtype.kind in "iu" for array in (axon, start)) and start.size
            if not whole or start[0] or start[-1] != axon.size or (np.diff(start.astype(np.int64)) < 0).any():
                raise EventError("events are whole numbers: axon, and start, which rises from 0 to the number of axons")
            return Events(axon.astype(np.int64), start.astype(np.int64))
    recording = read_recording(path, (network.inputs,))
    if not recording.single and len(recording.counts) != 1:
        raise EventError(f"a job is one run, and the file has {len(recording.counts)} samples: submit a job for each")
    return Events.from_raster(recording.counts[0])


def _axons(step: int, axons: Any, keys: Mapping[Any, int] | None) -> list[int]:
    """The axons of one step, by number."""
    if not isinstance(axons, list) or not all(type(axon) in (int, str) for axon in axons):
        raise EventError(f"step {step}: the axons of a step are a list of numbers or keys")
    numbers = []
    for axon in axons:
        if isinstance(axon, str):
            if keys is None or axon not in keys:
                raise EventError(f"step {step}: there is no axon of the key '{axon[:40]}'")
            numbers.append(keys[axon])
        elif not 0 <= axon < 1 << 31:
            raise EventError(f"step {step}: there is no axon {str(axon)[:20]}")
        else:
            numbers.append(axon)
    return numbers
