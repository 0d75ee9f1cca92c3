"""Postsynaptic traces: neurons of any type, one per cycle, against a neuron at a time."""

import random
from typing import Any, NamedTuple

import pytest

from ganglion.hdl.learn.post import PostTraces, post_slots
from ganglion.model.spec.arithmetic import decay, saturate, signed_range, wrap
from ganglion.model.spec.learning_memories import BOUNDS, SLOTS, Feed
from ganglion.model.spec.memories import Memory, memories
from ganglion.model.spec.params import GUARD_BITS, MEMBRANE, PRESETS, RECEPTOR, SPIKES, TRACE, Params
from tests.hdl.simulate import Simulation, write

ALL = PRESETS["tiny-learning"]
CHIPS = {
    "all feeds": ALL,
    "one feed each": ALL.replace(
        y1_feeds=RECEPTOR, y2_feeds=TRACE, y3_feeds=MEMBRANE, pre_traces=0, trace_ages=0, kernels=0
    ),
    "spikes alone": ALL.replace(y1_feeds=0, y2_feeds=SPIKES, y3_feeds=0),
    "no traces": ALL.replace(y1_feeds=0, y2_feeds=0, y3_feeds=0),
}


class Neuron(NamedTuple):
    """One neuron in one cycle; where not `valid`, nothing is asked of it."""

    valid: bool
    type: int
    state: dict[str, int]
    input: int
    steps: bool
    spike: bool


class Case(NamedTuple):
    """A stream of neurons, and the tables by which they have traces."""

    traces: list[dict[str, int]]
    kernels: list[int]
    neurons: list[Neuron]


def case_of(params: Params, seed: int) -> Case:
    rng, specs = random.Random(seed), memories(params)
    half, bits = 1 << params.trace_bits, params.accumulator_bits + GUARD_BITS
    ages = params.trace_ages

    def trace(slot: int) -> dict[str, int]:
        fields = {field.name: field for field in specs[Memory.TRACES].layout.fields}
        row = {name: rng.randint(field.low, field.high) for name, field in fields.items()}
        row["feed"] = rng.choice([Feed.NONE, *(feed for feed in Feed if feed.bit & params.y_feeds[slot - 1])])
        if "bound0" in row:
            bounds = sorted(rng.randint(fields["bound0"].low, fields["bound0"].high) for _ in range(BOUNDS))
            row |= {f"bound{k}": bound for k, bound in enumerate(bounds)}
        if "decay" in row:
            row["decay"] = rng.choice((0, 1 << params.decay_bits, rng.randint(0, 1 << params.decay_bits)))
        return row

    traces = [trace(slot) for slot in SLOTS for _ in range(params.types)] if params.feeds else []
    kernels = [rng.randrange(257) for _ in range(params.kernels * ages)]

    def neuron() -> Neuron:
        of_type = rng.randrange(params.types)
        fields = specs[Memory.STATE].layout.fields
        state = {
            field.name: rng.choice((field.low, field.high, rng.randint(field.low, field.high))) for field in fields
        }
        for slot in post_slots(params):
            feed = traces[(slot - 1) * params.types + of_type]["feed"]
            if f"y{slot}" in state and feed != Feed.RECEPTOR:
                state[f"y{slot}"] = rng.randrange(half) if feed == Feed.SPIKES else 0
        arrives = rng.choice((*signed_range(bits), rng.randint(-8, 8), rng.randint(*signed_range(bits))))
        steps = rng.random() < 0.8
        return Neuron(rng.random() < 0.9, of_type, state, arrives, steps, rng.random() < 0.5)

    return Case(traces, kernels, [neuron() for _ in range(200)])


Answer = tuple[dict[str, int], dict[str, int], int]
"""The next traces, what is seen of the present ones, and whether the sum at receptor 1 had left its bits."""


def rtl_post(params: Params, case: Case) -> list[Answer]:
    dut, specs = PostTraces(params), memories(params)
    simulation = Simulation(dut)
    layout = specs[Memory.STATE].layout
    views, nexts, overflows = list[dict[str, int]](), list[dict[str, int]](), list[int]()
    view_names = ["y0", *(f"y{slot}" for slot in post_slots(params))]
    next_names = [name for name in ("y0", "y1", "y2", "y3", "yg") if name in layout]
    end = dut.UPDATE_LATENCY

    tables = {Memory.TRACES: [specs[Memory.TRACES].layout.pack(**row) for row in case.traces]} if case.traces else {}
    if params.feeds & SPIKES:
        tables[Memory.KERNELS] = case.kernels

    async def process(ctx: Any) -> None:
        for memory, rows in tables.items():
            await write(ctx, dut.bus, memory, dict(enumerate(rows)))
        neurons = case.neurons
        for cycle in range(-1, len(neurons) + end):
            now, coming, leaving = cycle, cycle + 1, cycle - end
            if coming < len(neurons):
                ctx.set(dut.type, neurons[coming].type)
                ctx.set(dut.type_valid, neurons[coming].valid)
            if 0 <= now < len(neurons):
                for name, value in neurons[now].state.items():
                    ctx.set(dut.state[name], value)
                ctx.set(dut.input, neurons[now].input)
                ctx.set(dut.steps, neurons[now].steps)
            if leaving >= 0:
                ctx.set(dut.spike, neurons[leaving].spike)
            seen = [ctx.get(dut.view[name]) for name in view_names]
            following = [ctx.get(dut.next_state[name]) for name in next_names]
            if 0 <= now < len(neurons):
                overflows.append(ctx.get(dut.overflow))
            if 0 <= now - dut.VIEW_LATENCY < len(neurons):
                views.append(dict(zip(view_names, seen, strict=True)))
            if leaving >= 0:
                nexts.append(dict(zip(next_names, following, strict=True)))
            await ctx.tick()

    simulation.drive(process)
    simulation.run()
    answers = zip(case.neurons, nexts, views, overflows, strict=True)
    return [(following, view, overflow) for neuron, following, view, overflow in answers if neuron.valid]


def ref_post(params: Params, case: Case) -> list[Answer]:
    return [ref_neuron(params, case, neuron) for neuron in case.neurons if neuron.valid]


def ref_neuron(params: Params, case: Case, neuron: Neuron) -> Answer:
    state, fires, ages = neuron.state, neuron.steps and neuron.spike, params.trace_ages
    arrived = wrap(neuron.input, params.accumulator_bits)
    age = state.get("yg", 0)
    older = min(age + neuron.steps, ages - 1)
    following, view = {"y0": state["y0"] | fires}, {"y0": state["y0"]}
    if "yg" in state:
        following["yg"] = 0 if fires else older
    for slot in post_slots(params):
        name = f"y{slot}"
        trace = case.traces[(slot - 1) * params.types + neuron.type]
        y, feed = state.get(name, 0), trace["feed"]

        def seen(at: int, value: int = y, kernel: int = trace.get("kernel", 0)) -> int:
            return (value * case.kernels[kernel * ages + at]) >> 8

        value = y
        if feed == Feed.SPIKES and fires:
            value = trace["jump"] if trace["set"] else min(seen(older) + trace["jump"], (1 << params.trace_bits) - 1)
        if feed == Feed.RECEPTOR and neuron.steps:
            value = saturate(y - decay(y, trace["decay"], params.decay_bits) + arrived, params.trace_bits + 1)
        if name in state:
            following[name] = value
        looked_at = state["v"] if feed == Feed.MEMBRANE else view.get("y1", 0)
        if feed in (Feed.MEMBRANE, Feed.TRACE):
            view[name] = trace[f"value{sum(trace[f'bound{k}'] <= looked_at for k in range(BOUNDS))}"]
        else:
            view[name] = seen(older) if feed == Feed.SPIKES else y if feed == Feed.RECEPTOR else 0
    return following, view, int(bool(params.feeds & RECEPTOR) and arrived != neuron.input)


@pytest.mark.parametrize("chip", CHIPS)
def test_traces_of_any_feed(chip: str) -> None:
    for seed in range(3):
        case = case_of(CHIPS[chip], seed)
        assert rtl_post(CHIPS[chip], case) == ref_post(CHIPS[chip], case), f"seed {seed}"
