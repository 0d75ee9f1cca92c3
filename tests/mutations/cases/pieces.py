"""What single kernels are held to, beside whole steps: plain restatements of them, and what the specification says."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from ganglion.model.spec.arithmetic import signed_range
from ganglion.model.spec.arrays import Array
from ganglion.model.spec.events import Events
from ganglion.model.spec.learning import Learning, LearningRule, Term
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.noise import noise
from ganglion.model.spec.noise_constants import KEYED_ROUNDS, NOISE_BITS
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference
from tests.mutations.patched import Case

NEVER = 99
"""As many rows as there can be."""


def of_pieces() -> Iterator[Case]:
    """All of them."""
    yield _same_as("events", 300, _events, _surveyed, _survey)
    yield _same_as("orders of events", 60, _starts, _rises, _in_order)
    yield _same_as("noise", 30, _noise_of, _specified_noise, _kernel_noise)
    yield _same_as("dense rows found", 40, _some_rows, _dense_of, _found_dense)
    yield _same_as("rows stored", 40, _program, _rows_of, _stored_rows)
    yield _same_as("rows checked", 400, _any_rows, _first_bad, _checked_rows)
    yield _same_as("logs", 12, _run_with_log, _expected_log, _logged)
    yield _same_as("logs of shares", 4, _run_of_share, _expected_of_share, _logged_of_share)


def _same_as(
    name: str,
    count: int,
    draw: Callable[[np.random.Generator], Any],
    restated: Callable[..., object],
    kernel: Callable[..., object],
) -> Case:
    """A kernel does with so many drawn arguments what a restatement of it does."""
    drawn = [draw(np.random.default_rng(k)) for k in range(count)]
    return Case(name, lambda: [kernel(*each) for each in drawn], lambda: [restated(*each) for each in drawn])


def _events(rng: np.random.Generator) -> tuple[Array, Array, int]:
    """Events of some steps: in one draw of three ascending, in one of axons that are not there."""
    inputs = int(rng.integers(1, 5))
    kind = rng.integers(3)
    low, high = (-1, inputs + 1) if kind == 2 else (0, inputs)
    steps = [rng.integers(low, high, rng.integers(0, 4)) for _ in range(rng.integers(0, 6))]
    steps = [np.unique(step) if kind == 0 else step for step in steps]
    start = np.append(0, np.cumsum([step.size for step in steps])).astype(np.int64)
    return np.concatenate([np.zeros(0, np.int64), *steps]).astype(np.int64), start, inputs


def _starts(rng: np.random.Generator) -> tuple[Array, Array]:
    """Where steps begin, of which most draws have one that is otherwise than it may be."""
    start = np.append(0, np.cumsum(rng.integers(0, 3, rng.integers(0, 5))))
    events = int(start[-1])
    start[rng.integers(start.size)] += rng.choice([-1, 0, 1])
    return np.zeros(events, dtype=np.int64), start[: start.size * int(rng.random() < 0.95)]


def _rises(axons: Array, start: Array) -> bool:
    told = start.tolist()
    return bool(told) and told[0] == 0 and told[-1] == axons.size and sorted(told) == told


def _in_order(axons: Array, start: Array) -> bool:
    from ganglion.model.emulator.kernels.events import in_order

    return bool(in_order(axons, start))


def _surveyed(axons: Array, start: Array, inputs: int) -> object:
    steps = [axons[begin:end] for begin, end in pairwise(start.tolist())]
    wrong = int(((axons < 0) | (axons >= inputs)).sum())
    most = max([1, *(int(np.bincount(step).max(initial=0)) for step in steps)]) if not wrong else None
    return wrong, all((np.diff(step) > 0).all() for step in steps), most


def _survey(axons: Array, start: Array, inputs: int) -> object:
    from ganglion.model.emulator.kernels.events import most_at_once, survey

    wrong, once = survey(axons, start, inputs)
    return int(wrong), bool(once), None if wrong else int(most_at_once(axons, start, inputs))


def _noise_of(rng: np.random.Generator) -> tuple[int, int, int, Array, type]:
    seed, step = (int(each) for each in rng.integers(0, 1 << 34, 2))
    bits = rng.integers(0, NOISE_BITS + 1, 9)
    return seed, step, int(rng.integers(0, (1 << 20) - 9)), bits, rng.choice([np.int32, np.int64])


def _specified_noise(seed: int, step: int, first: int, bits: Array, dtype: type) -> object:
    numbers = range(first, first + bits.size)
    drawn = [noise(seed, step, number, NOISE_BITS) % (1 << NOISE_BITS) for number in numbers]
    return [noise(seed, step, number, int(each)) + 7 for number, each in zip(numbers, bits, strict=True)], drawn


def _kernel_noise(seed: int, step: int, first: int, bits: Array, dtype: type) -> object:
    from ganglion.model.emulator.kernels.noise import add_noise, drawn, step_keys

    keys = np.zeros(len(KEYED_ROUNDS), dtype=np.int64)
    x, older, newer = np.full(bits.size, 7, dtype=dtype), *np.empty((2, bits.size), dtype=dtype)
    step_keys(seed, step, keys)
    add_noise(x, older, newer, keys, first, bits.astype(dtype))
    return x.tolist(), [int(drawn(keys, number)) for number in range(first, first + bits.size)]


def _some_rows(rng: np.random.Generator) -> tuple[Array, Array, Array]:
    """Rows of consecutive targets with one delay, of every length from 6 to 10, of which most have one synapse that is
    otherwise."""
    length = rng.integers(6, 11, 8)
    row = np.append(0, np.cumsum(length))
    target = np.concatenate([rng.integers(0, 20) + np.arange(size) for size in length])
    delay = np.repeat(rng.integers(1, 4, 8), length)
    for k in range(8):
        at = row[k] + rng.integers(0, length[k])
        target[at] += rng.integers(0, 3) == 0
        delay[at] += rng.integers(0, 3) == 0
    return row, target, delay


def _dense_of(row: Array, target: Array, delay: Array) -> object:
    from ganglion.model.emulator.kernels.store import SHORTEST_DENSE

    rows = [slice(begin, end) for begin, end in pairwise(row.tolist())]
    long = [each.stop - each.start >= SHORTEST_DENSE for each in rows]
    alike = [(np.diff(target[each]) == 1).all() and (np.diff(delay[each]) == 0).all() for each in rows]
    return [bool(a and b) for a, b in zip(long, alike, strict=True)]


def _found_dense(row: Array, target: Array, delay: Array) -> object:
    from ganglion.model.emulator.kernels.store import find_dense

    dense = np.zeros(row.size - 1, dtype=bool)
    find_dense(row, target, delay, dense)
    return dense.tolist()


def _program(rng: np.random.Generator) -> tuple[Program]:
    """A network with rows of every kind: dense and sparse, in order and not, with twins, with weights of 0, none."""
    inputs, neurons = 7, int(rng.integers(9, 80))
    pre, post, delay = [rng.integers(0, 5, 20)], [rng.integers(0, neurons, 20)], [rng.integers(2, 6, 20)]
    for source in (2, 5, 6):
        size = int(rng.integers(1, neurons + 1))
        pre.append(np.full(size, source))
        post.append(rng.integers(0, neurons - size + 1) + np.arange(size))
        delay.append(np.full(size, rng.integers(2, 6)))
    sources, ends, delays = (np.concatenate(each) for each in (pre, post, delay))
    bits = int(rng.choice([4, 8, 16]))
    program = Program.build(
        params=PRESETS["wide"].replace(weight_bits=bits, delay_slots=8),
        types=(NeuronType(),),
        threshold=np.zeros(neurons, dtype=np.int64),
        inputs=inputs,
        pre=sources,
        post=inputs + ends,
        weight=np.where(rng.random(sources.size) < 0.2, 0, rng.integers(*signed_range(bits), sources.size)),
        delay=delays,
    )
    return (program,)


def _rows_of(program: Program) -> object:
    """Each row in the order in which it is stored, its synapses that count, and the largest sum of any neuron."""
    order = np.lexsort((program.post_neuron, program.delay, program.pre))
    table = np.stack((program.pre, program.post_neuron, program.weight, program.delay), axis=1)[order]
    sources = program.inputs + program.neurons
    rows = [table[table[:, 0] == source, 1:].T.tolist() for source in range(sources)]
    nonzero = np.bincount(program.pre, weights=program.weight != 0, minlength=sources).astype(int).tolist()
    sums = [
        np.bincount(program.post_neuron, weights=np.maximum(sign * program.weight, 0), minlength=program.neurons)
        for sign in (1, -1)
    ]
    return rows, nonzero, int(np.max(sums)), int(np.max(sums))


def _stored_rows(program: Program) -> object:
    from ganglion.model.emulator.kernels.arrays import NONZERO
    from ganglion.model.emulator.store import store_program
    from ganglion.model.emulator.valid import check_values

    network = store_program(program)
    check_values(network)
    rows = [[part.tolist() for part in network.synapses_of(source)] for source in range(len(network.rows.table))]
    first = network.bound
    network.tighten_bound()
    return rows, network.rows.table[:, NONZERO].tolist(), first, network.bound


def _any_rows(rng: np.random.Generator) -> tuple[Array, Array, Array, int, int, int, int, int, int]:
    """Rows near the ends of what they may be, of which every second draw has something just beyond."""
    bits, dtype, cell = ((8, np.uint32, np.int8), (16, np.uint64, np.int16))[rng.integers(2)]
    pitch, slots = 8, int(rng.integers(1, 4))
    count = int(rng.integers(5, 9))
    low, high = ((-3, 4), (-1, 0), (-8, 7))[rng.integers(3)]
    slip = rng.random() < 0.6
    table: list[tuple[int, int, int, int]] = []
    words: list[int] = []
    matrix: list[int] = []
    for _ in range(rng.integers(1, 4)):
        size, dense = int(rng.integers(0, 5)), -1
        weight = rng.choice([low, high, 0, low - slip * (rng.random() < 0.2), high + slip * (rng.random() < 0.2)], size)
        start = len(words)
        if rng.random() < 0.4:
            start, size = len(matrix), max(size, 1)
            weight = np.resize(weight if weight.size else [high], size)
            dense = int(rng.integers(0, slots)) * pitch + count - size + int(slip and rng.random() < 0.3)
            dense -= int(rng.integers(0, 3)) if dense > 2 else 0
            matrix += weight.tolist()
        else:
            index = np.sort(rng.integers(0, slots, size) * pitch + rng.choice([0, count - 1, 1], size))
            if size and slip and rng.random() < 0.5:
                index[rng.integers(size)] += rng.choice([1, pitch, -1, slots * pitch])
            low_bits = weight % (1 << bits)
            words += [max(0, at) << bits | part for at, part in zip(index.tolist(), low_bits.tolist(), strict=True)]
        nonzero = int(np.count_nonzero(weight)) + int(slip and rng.random() < 0.1)
        table.append((start, size, dense, nonzero))
    arrays = np.array(table, dtype=np.int64), np.array(words, dtype=dtype), np.array(matrix, dtype=cell)
    return *arrays, pitch, count, slots, bits, low, high


def _first_bad(
    table: Array, words: Array, matrix: Array, pitch: int, count: int, slots: int, bits: int, low: int, high: int
) -> int:
    for source, (start, length, dense, nonzero) in enumerate(table.tolist()):
        if dense >= 0:
            index = list(range(dense, dense + length))
            weights = matrix[start : start + length].tolist()
            right = dense % pitch + length <= count
        else:
            index = [int(word) >> bits for word in words[start : start + length]]
            weights = [(int(word) + (1 << bits - 1)) % (1 << bits) - (1 << bits - 1) for word in words[start:][:length]]
            right = sorted(index) == index and all(at % pitch < count for at in index)
        right &= all(at < slots * pitch for at in index) and all(low <= weight <= high for weight in weights)
        if not right or sum(weight != 0 for weight in weights) != nonzero:
            return source
    return -1


def _checked_rows(*arguments: Any) -> int:
    from ganglion.model.emulator.kernels.store import check_rows

    return int(check_rows(*arguments))


def _run_with_log(rng: np.random.Generator) -> tuple[Program, Events, int]:
    """Neurons that fire now and then, with a rule that no synapse has, and room for some of their spikes."""
    neurons = 5
    program = Program.build(
        params=PRESETS["tiny-learning"],
        types=(NeuronType(),),
        threshold=rng.integers(-1, 9, neurons),
        bias=rng.integers(0, 4, neurons),
        inputs=1,
        pre=(0, 1),
        post=(1, 2),
        weight=(3, 2),
        learning=Learning(rules=(LearningRule(terms=(Term(scale=1),)),)),
        rule=0,
    )
    events = Events.from_steps([[0]] * int(rng.integers(1, 9)))
    return program, events, int(rng.integers(neurons, 30))


def _expected_log(program: Program, events: Events, room: int) -> object:
    """A run as far as the log holds another step of all neurons, twice, and as many runs as it holds."""
    trace = Reference(program).run(events)
    per_step = trace.counters["spikes"].tolist()
    spikes, sample = trace.spikes[:, 1].tolist(), 0
    steps, written = _steps_in(per_step, program.neurons, room)
    alone = steps, spikes[:written]
    left = room
    whole: list[int] = []
    while sample < 3 and _steps_in(per_step, program.neurons, left)[0] == events.steps:
        sample, left, whole = sample + 1, left - len(spikes), whole + spikes
    counts = [per_step[:steps] + [0] * (events.steps - steps), per_step * sample]
    return alone, alone, (sample, whole), counts


def _steps_in(per_step: list[int], neurons: int, room: int) -> tuple[int, int]:
    """Steps that are done, and their spikes, with so much room."""
    written = 0
    for step, fired in enumerate(per_step):
        if written + neurons > room:
            return step, written
        written += fired
    return len(per_step), written


def _logged(program: Program, events: Events, room: int) -> object:
    from ganglion.model.emulator.engine import Engine
    from ganglion.model.emulator.kernels.arrays import Log
    from ganglion.model.emulator.kernels.learn import run_learning
    from ganglion.model.emulator.kernels.run import run, run_samples
    from ganglion.model.emulator.store import store_program

    def log(steps: int, counters: int = 3) -> Log:
        nothing = np.zeros((2, 0), dtype=np.int64)
        counts = np.zeros((steps, counters), dtype=np.int64)
        return Log(np.full(room, -NEVER, dtype=np.int32), counts, nothing, np.zeros((steps, 0), dtype=np.int64))

    engine = Engine(store_program(program))
    assert engine._plasticity is not None
    learnt = log(events.steps, counters=6)
    run_of = run_learning(
        engine._arrays, engine._plasticity.arrays, True, events.axon, events.start, learnt, 0, events.steps
    )
    loaded, initial, other = (Engine(store_program(program))._arrays for _ in range(3))
    one, many = log(events.steps), log(3 * events.steps)
    reached, written = run(other, events.axon, events.start, one, 0, events.steps)
    steps = np.full(3, events.steps)
    at = np.concatenate([events.start + k * events.axon.size for k in range(3)])
    samples, spikes = run_samples(loaded, initial.state, np.tile(events.axon, 3), at, steps, many)
    counts = [one.counts[:, 0].tolist(), many.counts[: samples * events.steps, 0].tolist()]
    alone = (run_of[0], learnt.spikes[: run_of[1]].tolist()), (reached, one.spikes[:written].tolist())
    return *alone, (samples, many.spikes[:spikes].tolist()), counts


def _run_of_share(rng: np.random.Generator) -> tuple[Program, int]:
    """Neurons that fire by themselves, and the first that is held, of which two drive each other."""
    program = Program.build(
        params=PRESETS["tiny"],
        types=(NeuronType(),),
        threshold=rng.integers(-1, 9, 6),
        bias=rng.integers(0, 6, 6),
        inputs=1,
        pre=(5, 6),
        post=(6, 5),
        weight=(7, -5),
    )
    return program, int(rng.integers(1, 5))


def _expected_of_share(program: Program, first: int) -> list[int]:
    fired = Reference(program).run(Events.from_steps([[]] * 5)).spikes[:, 1]
    return fired[fired >= first].tolist()


def _logged_of_share(program: Program, first: int) -> list[int]:
    from ganglion.model.emulator.engine import Engine
    from ganglion.model.emulator.recording import Recorder
    from ganglion.model.emulator.store import store_program

    engine = Engine(store_program(program, share=(first, program.neurons)))
    log = Recorder(5, program.neurons, {}).log
    _, written = engine.run(Events.from_steps([[]] * 5), log, 0, 5)
    return log.spikes[:written].tolist()
