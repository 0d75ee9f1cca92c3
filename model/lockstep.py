"""Two targets, step by step, all state compared: the proof that they are one machine."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import MismatchError
from ganglion.model.spec.events import Events
from ganglion.model.spec.program import Program
from ganglion.model.spec.target import Target
from ganglion.model.spec.trace import STATE_FIELDS, Trace

BATCH = 256
"""Steps that run between two comparisons."""

CONTEXT = 4
"""Steps before a difference whose events are told."""


@dataclass(frozen=True)
class Difference:
    """The first bit in which two targets differ."""

    step: int
    neuron: int
    field: str
    got: int
    wanted: int


def lockstep(
    program: Program,
    events: Events,
    target: Target,
    reference: Target,
    *,
    name: str = "rtl",
    replay: str | None = None,
    waveform: Callable[[Events], Path | None] | None = None,
    observe: Callable[[Trace], None] | None = None,
    states: bool = True,
) -> Trace:
    """Runs both targets from step 0 and compares spikes, membranes, currents, adaptation, refractory counters,
    accumulators and counters at the end of every step.

    Args:
        program: the network of both.
        events: what the host sends.
        target: whom to judge; its trace has the spikes of the program's outputs at least.
        reference: who is right.
        name: what to call the target in messages.
        replay: the command that runs this comparison again, for the message.
        waveform: runs the target again up to a difference and returns the file with its signals.
        observe: called with the target's trace, states included, of each batch of steps that was equal.
        states: compare all state; without it, spikes and counters alone.

    Returns:
        The trace of the target, without states.

    Raises:
        MismatchError: they differ; names the step, neuron and field, both values, and how to see it again.
        EventError: an event for an axon that the network has not.
    """
    events.check(program.inputs)
    target.reset()
    reference.reset()
    traces: list[Trace] = []
    for part in _batches(events):
        got, wanted = target.run(part, keep_states=states), reference.run(part, keep_states=states)
        if difference := first_difference(program, got, wanted):
            raise MismatchError(_report(program, events, difference, [*traces, wanted], name, replay, waveform))
        if observe:
            observe(got)
        traces.append(replace(got, states=[]))
    return Trace(
        ran_on=name,
        first=0,
        spikes=np.concatenate([np.zeros((0, 2), dtype=np.int64), *(t.spikes for t in traces)]),
        counters={
            key: np.concatenate([t.counters[key] for t in traces]) for key in (traces[0].counters if traces else ())
        },
    )


def what_was_equal(*, states: bool) -> str:
    """What `lockstep` has compared, in words."""
    return "spikes, membranes, refractory counters and accumulators" if states else "spikes and counters"


def _batches(events: Events) -> Iterator[Events]:
    for begin in range(0, events.steps, BATCH):
        start = events.start[begin : begin + BATCH + 1]
        yield Events(events.axon[start[0] : start[-1]], start - start[0])


def first_difference(program: Program, got: Trace, wanted: Trace) -> Difference | None:
    """The earliest step, in it the first field in the order below, in that the lowest neuron."""
    found = []
    for rank, (field, mine, theirs) in enumerate(_tables(program, got, wanted)):
        places = np.argwhere(mine != theirs)
        if places.size:
            step, *rest = places[0]
            at = tuple(places[0])
            found.append(
                (
                    int(step),
                    rank,
                    Difference(
                        step=got.first + int(step),
                        neuron=int(rest[-1]) if rest else -1,
                        field=f"{field} of slot {rest[0]}" if len(rest) == 2 else field,
                        got=int(mine[at]),
                        wanted=int(theirs[at]),
                    ),
                )
            )
    return min(found, key=lambda entry: entry[:2])[2] if found else None


def _tables(program: Program, got: Trace, wanted: Trace) -> Iterator[tuple[str, IntArray, IntArray]]:
    """Name, what was got and what was wanted, each of shape (steps, …), the last axis over neurons if there is one."""
    yield "spike", _raster(program, got), _raster(program, wanted)
    for field in STATE_FIELDS if wanted.states else ():
        yield field, _stack(got, field), _stack(wanted, field)
    for counter in ("spikes", "synops", "overflows"):
        yield f"counter {counter}", got.counters[counter], wanted.counters[counter]


def _stack(trace: Trace, field: str) -> IntArray:
    return np.stack([getattr(state, field) for state in trace.states])


def _raster(program: Program, trace: Trace) -> IntArray:
    """How often each output fired, shape (steps, neurons)."""
    reported = np.zeros(program.neurons, dtype=bool)
    reported[program.outputs] = True
    spikes = trace.spikes[reported[trace.spikes[:, 1]]]
    raster = np.zeros((trace.steps, program.neurons), dtype=np.int64)
    np.add.at(raster, (spikes[:, 0] - trace.first, spikes[:, 1]), 1)
    return raster


def _report(
    program: Program,
    events: Events,
    difference: Difference,
    traces: list[Trace],
    name: str,
    replay: str | None,
    waveform: Callable[[Events], Path | None] | None,
) -> str:
    d = difference
    where = f"core 0, neuron {program.name_of(d.neuron)} (number {d.neuron}), " if d.neuron >= 0 else ""
    lines = [
        f"step {d.step}, {where}{d.field}: {name} has {d.got}, the reference {d.wanted}",
        f"network: {program!r}; the events of the step, and of the last steps that were equal:",
    ]
    spikes = np.concatenate([trace.spikes for trace in traces])
    for step in range(max(0, d.step - CONTEXT), d.step + 1):
        fired = spikes[spikes[:, 0] == step, 1].tolist()
        lines.append(f"  step {step}: from the host {events[step].tolist()}, fired {fired}")
    if replay:
        lines.append(f"see it again: {replay}")
    if waveform:
        until = events.start[: d.step + 2]
        path = waveform(Events(events.axon[: until[-1]], until))
        lines.append(f"waveform: {path}" if path else "waveform: none, as a second run did not show the difference")
    return "\n".join(lines)
