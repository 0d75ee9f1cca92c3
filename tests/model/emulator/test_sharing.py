"""Several threads: helpers do what they can get, and nothing is lost where they come late, stop, or never run."""

import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from threading import current_thread, main_thread
from unittest.mock import patch

import numpy as np
import pytest

from ganglion.model.emulator import sharing
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.emulator.kernels.parallel import step_chunk
from ganglion.model.emulator.kernels.tickets import DONE, PHASE, STEP, claim, finish
from ganglion.model.spec.arrays import Array
from ganglion.model.spec.events import Events
from ganglion.model.spec.state import State
from ganglion.model.spec.trace import Trace
from tests.model.emulator.conftest import Case
from tests.model.emulator.sharing import shared

pytestmark = pytest.mark.long

RUNS = 200
"""After which a thread that never got a processor is none that waits for one."""


@pytest.fixture
def case(large: Callable[..., Case]) -> Iterator[Case]:
    with shared():
        yield large(1, steps=300)


def test_helpers_do_chunks_of_steps_and_the_bits_are_the_same(
    case: Case, same: Callable[[Trace, Trace], None], same_state: Callable[[State, State], None]
) -> None:
    done: list[int] = []

    def help_and_count(shared: sharing.Shared, part: int, *rest: object) -> None:
        sharing_help(shared, part, *rest)
        done.append(int(shared.table[DONE + part, 0]))

    sharing_help = sharing.help_run
    one, three = Emulator(case.program), Emulator(case.program, threads=3)
    with patch.object(sharing, "help_run", help_and_count):
        for _ in range(RUNS):
            same(three.run(case.events), one.run(case.events))
            if sum(done):
                break
    assert sum(done)
    same_state(three.state(), one.state())


def test_nothing_waits_for_helpers_that_never_run(case: Case, same: Callable[[Trace, Trace], None]) -> None:
    with patch.object(sharing.WorkSharing, "_helpers", lambda *_: nullcontext()):
        same(Emulator(case.program, threads=2).run(case.events), Emulator(case.program).run(case.events))


def test_a_run_that_is_interrupted_while_it_waits_for_a_helper_ends_with_a_step(
    case: Case, same_state: Callable[[State, State], None]
) -> None:
    def dawdle(shared: sharing.Shared, part: int, axons: Array, start: Array, looks: int) -> None:
        chunk = claim(shared.table)
        if chunk >= 0:
            sleep(0.02)
            step_chunk(shared, part, chunk, axons, start, shared.table[PHASE, STEP])
            finish(shared.table, part)

    def interrupted(seconds: float) -> None:
        if current_thread() is main_thread():
            raise KeyboardInterrupt
        sleep(seconds)

    sleep = time.sleep
    two, one = Emulator(case.program, threads=2), Emulator(case.program)
    with patch.object(sharing, "help_run", dawdle), patch.object(sharing.time, "sleep", interrupted):
        for _ in range(RUNS):
            two.reset()
            try:
                two.run(case.events)
            except KeyboardInterrupt:
                break
        else:
            pytest.fail("no run had to wait")
    one.run(case.events.part(0, two.t))
    same_state(two.state(), one.state())


def test_as_many_threads_as_processors(large: Callable[..., Case]) -> None:
    assert Emulator(large(0).program, threads="auto").threads >= 1
    nothing = Events(np.zeros(0, dtype=np.int64), np.zeros(2, dtype=np.int64))
    assert Emulator(large(0).program, threads="auto").run(nothing).total("spikes") >= 0
