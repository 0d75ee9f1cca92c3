"""Two targets, step by step, all state compared: the proof that they are one machine."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.difference import Difference
from ganglion.model.spec.errors import GanglionError, MismatchError, ProgramError, described
from ganglion.model.spec.events import Events
from ganglion.model.spec.explained import explained
from ganglion.model.spec.limits import Probes
from ganglion.model.spec.program import Program
from ganglion.model.spec.target import Target
from ganglion.model.spec.trace import Trace

BATCH = 256
"""Steps that run between two comparisons."""

WAVEFORM = 4
"""Steps in a waveform: the last is the one with the difference."""

CONTEXT = 4
"""Steps before a difference whose events are told."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Agreement:
    """Two runs that were equal, without their states."""

    got: Trace
    """Of the target that was judged."""
    wanted: Trace
    """Of the one that is right."""
    seconds: tuple[float, float]
    """Time that each of the two took."""


@explained(ProgramError)
def lockstep(
    program: Program,
    events: Events,
    target: Target,
    reference: Target,
    *,
    name: str | None = None,
    replay: str | None = None,
    waveform: Path | None = None,
    observe: Callable[[Trace], None] | None = None,
    states: bool = True,
    probes: Probes | None = None,
    between: Mapping[int, Callable[[Target], object]] | None = None,
) -> Agreement:
    """Runs both targets from step 0 and compares spikes, all state and counters at the end of every step.

    Args:
        program: the network of both.
        events: what the host sends.
        target: whom to judge; its trace has the spikes of the program's outputs at least.
        reference: who is right.
        name: what to call the target in messages; None is its own name.
        replay: the command that runs this comparison again, for the message.
        waveform: file for the signals of the last steps up to a difference, where the target has any.
        observe: called with the target's trace, states included, of each batch of steps that was equal.
        states: compare all state; without it, spikes and counters alone.
        probes: state fields of some neurons that both runs are to keep; these are compared, too.
        between: what is done to both before some of the steps.

    Raises:
        MismatchError: they differ; names the step, core, neuron and field, both targets and their values, and how to
            see it again.
        EventError: an event for an axon that the network has not.
        ProgramError: an argument of another kind.
    """
    for what, value, kind in (
        ("a Program", program, Program),
        ("Events", events, Events),
        ("a target", target, Target),
        ("a target", reference, Target),
    ):
        if not isinstance(value, kind):
            raise ProgramError(
                f"lockstep takes program, events and two targets, such as Emulator(program) and Reference(program); "
                f"{described(value)} is not {what}"
            )
    events.check(program.inputs)
    target.reset()
    reference.reset()
    traces: tuple[list[Trace], list[Trace]] = [], []
    seconds = [0.0, 0.0]
    acts = between or {}
    bounds = sorted({*range(0, events.steps, BATCH), *(step for step in acts if step < events.steps), events.steps})
    for first, last in pairwise(bounds):
        part = events.part(first, last)
        for runner in (target, reference) if first in acts else ():
            acts[first](runner)
        runs = []
        for k, runner in enumerate((target, reference)):
            begin = time.perf_counter()
            runs.append(runner.run(part, keep_states=states, probes=probes))
            seconds[k] += time.perf_counter() - begin
        got, wanted = runs
        if differences := got.differences(wanted, program.outputs):
            difference = differences[0]
            spikes = np.concatenate([trace.spikes for trace in (*traces[1], wanted)])
            lines = [_headline(program, difference, target, reference, name or target.name)]
            lines += _context(program, events, difference.step, spikes)
            lines += [f"see it again: {replay}"] if replay else []
            if waveform:
                lines += _recorded(events.part(0, difference.step + 1), target, reference, waveform)
            raise MismatchError("\n".join(lines))
        if observe:
            observe(got)
        for kept, run in zip(traces, runs, strict=True):
            kept.append(replace(run, states=[]))
    whole = (_joined(one.name, program.neurons, parts) for one, parts in zip((target, reference), traces, strict=True))
    return Agreement(got=next(whole), wanted=next(whole), seconds=(seconds[0], seconds[1]))


def what_was_equal(*, states: bool) -> str:
    """What `lockstep` has compared, in words."""
    return "spikes, counters and all state" if states else "spikes and counters"


def _joined(name: str, neurons: int, traces: list[Trace]) -> Trace:
    """One trace of consecutive runs from step 0 on."""
    counted, probed = (traces[0].counters, traces[0].probes) if traces else ({}, {})
    return Trace(
        ran_on=name,
        first=0,
        neurons=neurons,
        spikes=np.concatenate([np.zeros((0, 2), dtype=np.int64), *(trace.spikes for trace in traces)]),
        counters={key: np.concatenate([trace.counters[key] for trace in traces]) for key in counted},
        probes={key: np.concatenate([trace.probes[key] for trace in traces]) for key in probed},
    )


def _headline(program: Program, difference: Difference, target: Target, reference: Target, name: str) -> str:
    """Step, place, and who has which value."""
    d, where = difference, ""
    if d.neuron is not None:
        place = target.place_of(d.neuron) or reference.place_of(d.neuron)
        where = f"neuron {program.name_of(d.neuron)} (number {d.neuron}), "
        where = f"{place}, {where}" if place else where
    return f"step {d.step}, {where}{d.field}: {name} has {d.got}, {reference.name} has {d.wanted}"


def _context(program: Program, events: Events, last: int, spikes: IntArray) -> Iterator[str]:
    """What came in and what fired in the steps up to the last one."""
    yield f"network: {program!r}; the events of the step, and of the last steps that were equal:"
    for step in range(max(0, last - CONTEXT), last + 1):
        fired = spikes[spikes[:, 0] == step, 1].tolist()
        yield f"  step {step}: from the host {events[step].tolist()}, fired {fired}"


def _recorded(events: Events, target: Target, reference: Target, path: Path) -> Iterator[str]:
    """The waveform of the last steps, if it shows the difference."""
    try:
        got = target.record(events, WAVEFORM, path)
    except (GanglionError, OSError) as error:
        # The difference is what is to be told; that there is no picture of it must not stand in its place.
        yield f"waveform: none, {error}"
        return
    if got is None:
        return
    reference.reset()
    reference.run(events.part(0, got.first))
    wanted = reference.run(events.part(got.first, events.steps), keep_states=True)
    shown = got.differences(wanted, target.program.outputs)
    yield f"waveform: {path}" if shown else "waveform: none, as a second run did not show the difference"
