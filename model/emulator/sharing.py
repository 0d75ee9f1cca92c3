"""Work sharing: helpers from a pool of threads that do what they can get of a run."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np

from ganglion.model.emulator.kernels.arrays import BLOCK, Loaded, Log
from ganglion.model.emulator.kernels.learn_parallel import help_learning, run_learning_shared
from ganglion.model.emulator.kernels.parallel import Shared, help_run, run_shared
from ganglion.model.emulator.kernels.tickets import DONE, OPEN, WORDS
from ganglion.model.emulator.load import scratch_of
from ganglion.model.emulator.network import StoredNetwork
from ganglion.model.emulator.plasticity import Plasticity
from ganglion.model.emulator.recording import Recorder
from ganglion.model.spec.events import Events

CHUNK_BLOCKS = 16
"""Blocks of neurons of a chunk, at most: some tens of microseconds, for which another thread may have to wait."""

CHUNKS = 2
"""Chunks for each thread, where there are blocks enough."""

SWEEP_SHARES = 4
"""Shares of the rows of a sweep for each thread."""

PATIENCE = LOOKS = 1 << 16
"""How often a caller looks whether helpers are done, and a helper for work, before they nap: some 0.1 ms."""

NAP = 0.2e-3
"""Seconds that a helper without work sleeps, and a caller between looks at others who are not running."""


class WorkSharing:
    """A network that a caller and helpers run.

    Between two runs all of its state is in the arrays that one thread runs it in.

    Args:
        network: the network.
        loaded: these arrays.
        plasticity: what of it learns.
        threads: the caller among them.
    """

    def __init__(
        self, network: StoredNetwork, loaded: Loaded, plasticity: Plasticity | None, threads: int
    ) -> None:
        self.loaded = loaded
        self._from, self._threads = (network, loaded, plasticity, threads), threads
        self._plastic = None if plasticity is None else plasticity.shared(SWEEP_SHARES * threads)
        ring = loaded.state.accumulators
        self._rings = np.zeros((threads, ring.shape[1]), dtype=ring.dtype)
        state = loaded.state._replace(accumulators=self._rings)
        blocks = loaded.neurons.page.size
        share = min(CHUNK_BLOCKS, max(1, blocks // (CHUNKS * threads)))
        self._shared = Shared(
            loaded=loaded._replace(state=state, scratch=scratch_of(network, threads)),
            totals=np.zeros((max(threads, -(-blocks // share)), 8), dtype=np.int64),
            share=share * BLOCK,
            table=np.zeros((DONE + threads, WORDS), dtype=np.int64),
        )
        nothing = Events(np.zeros(0, dtype=np.int64), np.zeros(1, dtype=np.int64))
        log = Recorder(0, network.count, {}).log
        self._call(self._shared, False, nothing, log, 0, 0, 0)
        self._help(self._shared, 1, nothing)

    def __reduce__(self) -> tuple[type["WorkSharing"], tuple[Any, ...]]:
        """A copy has room and helpers of its own."""
        return WorkSharing, self._from

    def run(self, learns: bool, events: Events, log: Log, first: int, last: int) -> tuple[int, int, float]:
        """As `ganglion.model.emulator.kernels.run.run`, or fewer steps, where others did not run.

        Returns:
            the step reached, the spikes written, and the seconds that the caller waited for others.
        """
        ring = self.loaded.state.accumulators
        self._rings[0] = ring[0]
        # A table of its own: whoever is late from another run finds no tickets in the table of that.
        shared = self._shared._replace(table=np.zeros_like(self._shared.table))
        reached, written, waits, waited = first, 0, False, 0.0
        try:
            with self._helpers(shared, events):
                reached, written, waits = self._call(shared, learns, events, log, first, last, 0)
            since = time.perf_counter()
            while waits:
                time.sleep(NAP)
                reached, written, waits = self._call(shared, learns, events, log, reached, reached + 1, written)
                waited = time.perf_counter() - since
        finally:
            while waits:
                reached, written, waits = self._call(shared, learns, events, log, reached, reached + 1, written)
            np.sum(self._rings, axis=0, dtype=ring.dtype, out=ring[0])
            self._rings[1:] = 0
        return reached, written, waited

    def _call(
        self, shared: Shared, learns: bool, events: Events, log: Log, first: int, last: int, written: int
    ) -> tuple[int, int, bool]:
        """The steps as far as the caller gets in one go."""
        arguments = (events.axon, events.start, log, first, last, written, PATIENCE)
        if self._plastic is None:
            return run_shared(shared, *arguments)
        return run_learning_shared(shared, self._plastic, learns, *arguments)

    def _help(self, shared: Shared, part: int, events: Events) -> None:
        """What a helper can get, before it has found nothing for a while."""
        if self._plastic is None:
            help_run(shared, part, events.axon, events.start, LOOKS)
        else:
            help_learning(shared, self._plastic, part, events.axon, events.start, LOOKS)

    def _keep_helping(self, shared: Shared, part: int, events: Events) -> None:
        """Help until the caller is done."""
        while shared.table[OPEN, 0]:
            self._help(shared, part, events)
            time.sleep(NAP)

    @contextmanager
    def _helpers(self, shared: Shared, events: Events) -> Iterator[None]:
        """While this lasts, helpers do what they can get."""
        shared.table[OPEN, 0] = 1
        pool = _pool(os.getpid(), self._threads - 1)
        helping = [pool.submit(self._keep_helping, shared, part, events) for part in range(1, self._threads)]
        try:
            yield
        finally:
            shared.table[OPEN, 0] = 0
            for each in helping:
                each.cancel()


@cache
def _pool(process: int, helpers: int) -> ThreadPoolExecutor:
    """The helpers of a process, of which a fork has none."""
    return ThreadPoolExecutor(helpers, thread_name_prefix=f"ganglion-{process}")
