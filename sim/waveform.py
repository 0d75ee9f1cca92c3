"""A second run of what went wrong, with all its signals in a file."""

from collections.abc import Callable
from pathlib import Path

from ganglion.model.lockstep import first_difference
from ganglion.model.spec.events import Events
from ganglion.model.spec.target import Target
from ganglion.sim.build import cache_folder
from ganglion.sim.native import NativeDriver
from ganglion.sim.rtl import Rtl

STEPS = 4
"""Steps in a waveform: the last is the one with the difference."""


def waveforms(rtl: Rtl, reference: Target, name: str) -> Callable[[Events], Path | None]:
    """What `lockstep` calls after a difference.

    Args:
        rtl: the target that differs; its image runs again, with the same stalls, on the native bench.
        reference: who is right.
        name: of the file, which goes to the folder `waves` of the cache.
    """

    def record(events: Events) -> Path | None:
        folder = cache_folder() / "waves"
        folder.mkdir(parents=True, exist_ok=True)
        path, scratch = folder / f"{name}.vcd", folder / f"{name}.part"
        bench = NativeDriver(rtl.bench.chip, traced=True)
        again = Rtl(rtl.image, bench, stalls=rtl.stalls)
        cut = events.start[: max(0, events.steps - STEPS) + 1]
        before = Events(events.axon[: cut[-1]], cut)
        rest = Events(events.axon[cut[-1] :], events.start[cut.size - 1 :] - cut[-1])
        reference.reset()
        again.run(before)
        reference.run(before)
        bench.record(scratch)
        got, wanted = again.run(rest, keep_states=True), reference.run(rest, keep_states=True)
        bench.close()
        scratch.rename(path)
        return path if first_difference(rtl.program, got, wanted) else None

    return record
