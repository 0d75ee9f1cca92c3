"""Short runs at the price of their steps: a network whose arrays are handed to compiled code once."""

import numpy as np

from ganglion.model.emulator.kernels.arrays import Loaded
from ganglion.model.emulator.kernels.kept import ROOM, keep, run_kept, tell_kept
from ganglion.model.emulator.recording import Recorder
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.events import Events
from ganglion.model.spec.trace import COUNTED, Trace, bare_trace

STEPS = 256
"""Of a run, at most."""


class Kept:
    """A loaded network, kept in memory for as long as this is.

    Args:
        loaded: the network.
        most: steps of a run, at most.
    """

    def __init__(self, loaded: Loaded, most: int) -> None:
        self.loaded = loaded
        """What is kept; other arrays are another network."""
        self._log = Recorder(STEPS, loaded.neurons.size, {}).log
        self.steps = min(STEPS, most, self._log.spikes.size // loaded.neurons.size)
        """Of a run, at most: its spikes fit the log, whatever fires."""
        self._clock = loaded.state.clock
        self._start = np.zeros(2, dtype=np.int64)
        self._room = np.zeros(2 * ROOM // 8, dtype=np.int64)
        self._address = self._room.ctypes.data
        arrays = (loaded.neurons.threshold, loaded.neurons.constants, loaded.state.accumulators, *loaded.rows[1:3])
        self._kinds = tuple(array.dtype.type(0) for array in arrays)
        keep(loaded, self._log, self._address)

    def __reduce__(self) -> tuple[type["Kept"], tuple[Loaded, int]]:
        """A copy is of other arrays, which are elsewhere."""
        return Kept, (self.loaded, self.steps)

    def step(self, axons: IntArray) -> list[int] | None:
        """Run one step.

        Returns:
            The neurons that fired; None where an axon is not there, or is named more than once: nothing was run.
        """
        self._start[1] = axons.size
        written = run_kept(self._address, self._kinds, axons, self._start)
        if written < 0:
            return None
        spikes: list[int] = self._log.spikes[:written].tolist()
        return spikes

    def run(self, events: Events) -> Trace | None:
        """Run some steps, no more than `steps`.

        Returns:
            What they left; None as `step`, and where they are not in order.
        """
        first = self._clock.item(0)
        written = run_kept(self._address, self._kinds, events.axon, events.start)
        if written < 0:
            return None
        spikes = np.empty((written, 2), dtype=np.int64)
        counts = np.empty((len(COUNTED), events.start.size - 1), dtype=np.int64)
        tell_kept(self._address, first, spikes, counts)
        counters = {name: counts[row] for row, name in enumerate(COUNTED)}
        return bare_trace("emulator", first, self.loaded.neurons.size, spikes, counters)
