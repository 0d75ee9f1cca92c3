"""What the emulator's kernels are held to: the reference, on networks that reach all of them, run in every way there
is: in one go, from a batch, in shares as by several processes, in turns as by several threads."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ganglion.model.random_learning import Meddling
from ganglion.model.random_network import random_network
from ganglion.model.spec.events import Events
from ganglion.model.spec.learning_fields import LEARNING_STATE, Of
from ganglion.model.spec.params import PRESETS, Params
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference
from ganglion.model.spec.state import State
from ganglion.model.spec.target import Target
from ganglion.model.spec.trace import Trace
from tests.mutations.cases.networks import learning_networks, networks
from tests.mutations.cases.pieces import of_pieces
from tests.mutations.patched import Case

if TYPE_CHECKING:
    from ganglion.model.emulator.engine import Engine

TINY, LEARNING = PRESETS["tiny"], PRESETS["tiny-learning"]

CHIPS = (
    TINY,
    TINY.replace(name="wraps", accumulator_bits=5),
    TINY.replace(name="short", membrane_bits=16, current_bits=16, adaptation_bits=16, accumulator_bits=16),
    TINY.replace(name="long", membrane_bits=24, current_bits=24, adaptation_bits=24, accumulator_bits=24),
    Params(name="plain", neurons=16, axons=24, delay_slots=4, weight_bits=8, membrane_bits=8, types=2),
)
"""Chips that the emulator's arithmetic tells apart."""

STEPS = 10
"""Of a random network."""

SEEDS, LEARNING_SEEDS = range(3), range(9)

THREADS = 3

OF_SOURCES, OF_SYNAPSES = (
    {spec.name for spec in LEARNING_STATE if spec.of is kind} for kind in (Of.SOURCE, Of.SYNAPSE)
)
"""Fields of state that each share has of the whole network, and of the synapses that end in it."""


def cases() -> Iterator[Case]:
    """All of them; kernels are plain Python already."""
    yield from of_pieces()
    for name, program, events, meddling in _runs():
        yield _in_one_go(name, program, events, meddling)
        if program.neurons >= 4 and not meddling:
            yield _in_shares(name, program, events)
            yield _in_turns(name, program, events)


def _runs() -> Iterator[tuple[str, Program, Events, Mapping[int, Meddling]]]:
    wraps = LEARNING.replace(name="learning, wraps", accumulator_bits=5)
    for chip, seeds in (*((chip, SEEDS) for chip in CHIPS), (LEARNING, LEARNING_SEEDS), (wraps, range(4))):
        for seed in seeds:
            network = random_network(chip, seed, STEPS)
            yield f"{chip.name} {seed}", network.program, network.events, {}
            if network.meddling:
                yield f"{chip.name} {seed}, meddled with", network.program, network.events, network.meddling
    for name, program, events in (*networks(), *learning_networks()):
        yield name, program, events, {}


def _in_one_go(name: str, program: Program, events: Events, meddling: Mapping[int, Meddling]) -> Case:
    """The emulator, as everyone uses it."""
    from ganglion.model.emulator.emulator import Emulator

    return Case(
        f"{name}, in one go",
        lambda: _all_runs(Emulator(program), events, meddling),
        lambda: _all_runs(Reference(program), events, meddling),
    )


def _all_runs(target: Target, events: Events, meddling: Mapping[int, Meddling]) -> object:
    """Runs of every kind, all that they say, and where they end."""
    neurons = np.arange(target.program.neurons)[::-3]
    told = []
    for begin, end in pairwise(sorted({0, *meddling, events.steps})):
        if begin in meddling:
            meddling[begin].apply(target)
        told.append(_told(target.run(events.part(begin, end), keep_states=True)))
    if target.program.learning is None:
        told += map(_told, target.run_batch([events, events, events.part(0, 1)], probes={"v": neurons}))
    told.append(_told(target.run(events, probes={"v": neurons, "refractory": neurons})))
    return told, _of_state(target.state()), dict(target.counters()), target.weights().tolist()


def _told(trace: Trace) -> object:
    """All that a trace says, to be compared."""
    parts = (trace.counters, trace.probes or {})
    arrays = [[(name, np.asarray(part[name]).tolist()) for name in sorted(part)] for part in parts]
    return trace.first, trace.spikes.tolist(), arrays, [_of_state(state) for state in trace.states]


def _of_state(state: State) -> object:
    return state.step, {name: array.tolist() for name, array in state.arrays().items()}


def _by_halves(program: Program, events: Events) -> object:
    """What the reference says of a run, as `_in_shares` and `_in_turns` do."""
    reference = Reference(program)
    trace = reference.run(events, keep_states=True)
    counts = [trace.counters[name].tolist() for name in trace.counters]
    return trace.spikes[:, 1].tolist(), counts, _of_state(reference.state())


def _in_shares(name: str, program: Program, events: Events) -> Case:
    """As processes do it that share the neurons: each updates its own, and delivers the spikes of all to its own."""
    from ganglion.model.emulator.engine import Engine
    from ganglion.model.emulator.inputs import check_events
    from ganglion.model.emulator.store import store_program

    bounds = [0, program.neurons // 3, program.neurons]

    def run() -> object:
        engines = [Engine(store_program(program, share=share)) for share in pairwise(bounds)]
        spikes: list[int] = []
        counts = np.zeros((events.steps, len(engines[0].counted)), dtype=np.int64)
        for engine in engines:
            engine.make_room(check_events(events, program.inputs))
        for step in range(events.steps):
            mine = [engine.update() for engine in engines]
            fired = np.concatenate([fired for fired, _ in mine])
            sources = np.concatenate((events[step], program.inputs + fired))
            spikes += fired.tolist()
            counts[step, 0] = fired.size
            for engine, (fired, overflows) in zip(engines, mine, strict=True):
                recorded = np.zeros(counts.shape[1], dtype=np.int64)
                recorded[1:3] = engine.deliver(sources, step), overflows
                engine.learn(step, sources, fired, recorded)
                counts[step] += recorded
        assert sum(np.array(engine.counts) for engine in engines).tolist() == counts.sum(axis=0).tolist()
        return spikes, counts.T.tolist(), _joined(engines)

    return Case(f"{name}, in shares", run, lambda: _by_halves(program, events))


def _joined(engines: "list[Engine]") -> object:
    """The state of all neurons, from engines that have a share of them each."""
    states = [engine.state().arrays() for engine in engines]
    ruled = np.argsort(np.concatenate([engine.network.held[engine.network.ruled] for engine in engines]))
    arrays = {name: np.concatenate([state[name] for state in states], axis=-1) for name in states[0]}
    arrays |= {name: states[0][name] for name in OF_SOURCES if name in arrays}
    arrays |= {name: arrays[name][ruled] for name in OF_SYNAPSES if name in arrays}
    return engines[0].t, {name: array.tolist() for name, array in arrays.items()}


def _in_turns(name: str, program: Program, events: Events) -> Case:
    """As threads do it that share a step, one after the other: each has accumulators of its own."""
    from ganglion.model.emulator.engine import Engine
    from ganglion.model.emulator.inputs import check_events
    from ganglion.model.emulator.kernels.arrays import BLOCK
    from ganglion.model.emulator.kernels.learn import begin_epoch, leave_traces, see
    from ganglion.model.emulator.kernels.parallel import Shared, of_chunks, step_chunk
    from ganglion.model.emulator.kernels.run import end_step
    from ganglion.model.emulator.kernels.sweep import sweep
    from ganglion.model.emulator.load import scratch_of
    from ganglion.model.emulator.recording import Recorder
    from ganglion.model.emulator.store import store_program

    def run() -> object:
        network = store_program(program)
        engine = Engine(network)
        engine.make_room(check_events(events, program.inputs))
        alone = engine._arrays
        rings = np.repeat(np.zeros_like(alone.state.accumulators), THREADS, axis=0)
        loaded = alone._replace(state=alone.state._replace(accumulators=rings), scratch=scratch_of(network, THREADS))
        chunks = max(2, alone.neurons.page.size)
        shared = Shared(loaded, np.zeros((chunks, 8), dtype=np.int64), BLOCK, np.zeros((0, 0), dtype=np.int64))
        plastic = engine._plasticity.shared(2 * THREADS) if engine._plasticity else None
        log = Recorder(events.steps, program.neurons, {}, counted=engine.counted).log
        written = 0
        for step in range(events.steps):
            for chunk in range(chunks):
                step_chunk(shared, (step + chunk) % THREADS, chunk, events.axon, events.start, step)
            counted, ends = of_chunks(shared), False
            if plastic:
                ends = leave_traces(counted, plastic, BLOCK, events[step], True)
            written = end_step(counted, BLOCK, log, step, written)
            if plastic and ends:
                see(loaded.state, plastic)
                for part in range(plastic.parts.size - 1):
                    sweep(loaded.rows, plastic, part, 0)
                begin_epoch(plastic, log.counts[step])
        alone.state.accumulators[0] = rings.sum(axis=0)
        return log.spikes[:written].tolist(), log.counts.T.tolist(), _of_state(engine.state())

    return Case(f"{name}, in turns", run, lambda: _by_halves(program, events))
