"""The emulator learns with every bit of the reference."""

from itertools import pairwise

import numpy as np
import pytest

from ganglion.model.emulator.disk import save_network
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.emulator.store import store_program
from ganglion.model.random_network import random_network
from ganglion.model.spec.errors import CapacityError, MismatchError, ProgramError
from ganglion.model.spec.events import Events
from ganglion.model.spec.learning import Learning, LearningRule, Term
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference
from ganglion.model.spec.synaptic_traces import Kernel, PostTrace, PreTrace
from tests.model.emulator.sharing import shared

pytestmark = pytest.mark.long

CHIP = PRESETS["tiny-learning"]


def _networks(seeds):
    """Random networks that learn."""
    found = (random_network(CHIP, seed) for seed in seeds)
    return [network for network in found if network.program.learning is not None]


def _run(targets, network):
    """Run on all of them, the host meddling between steps; the traces."""
    stops = sorted({0, *network.meddling, network.events.steps})
    for begin, end in pairwise(stops):
        for target in targets:
            if begin in network.meddling:
                network.meddling[begin].apply(target)
        yield [target.run(network.events.part(begin, end), keep_states=True) for target in targets]


@pytest.mark.parametrize("threads", [1, 2])
def test_learns_as_the_reference_does(threads, same):
    """All state of every step, weights, tags and traces with it, and what is counted."""
    for network in _networks(range(40 if threads == 1 else 8)):
        targets = Reference(network.program), Emulator(network.program, threads=threads)
        with shared():
            traces = list(_run(targets, network))
        for expected, got in traces:
            same(got, expected)
            assert not expected.differences(got)
        assert targets[0].counters() == targets[1].counters()
        assert targets[0].weights().tolist() == targets[1].weights().tolist()


def _layered(rule, *, epoch=3, neurons=20, weight=4, types=None):
    """Ten inputs with dense rows to all neurons."""
    params = CHIP.replace(neurons=32, fanout_entries=32, weight_bits=8, membrane_bits=16, accumulator_bits=16)
    pre, post = np.divmod(np.arange(10 * neurons), neurons)
    return Program.build(
        params=params,
        types=(types or NeuronType(traces=(PostTrace(jump=9),)),),
        threshold=np.arange(neurons) + 5,
        inputs=10,
        pre=pre,
        post=10 + post,
        weight=weight,
        learning=Learning(
            epoch=epoch, pre=(PreTrace(jump=9),), kernels=(Kernel.exponential(3, params.trace_ages),), rules=(rule,)
        ),
        rule=1,
    )


GATED = LearningRule(
    terms=(Term(scale=1, exponent=-6, factors=("x1", "y1")), Term(dependency="y0", scale=-3)), rounding="stochastic"
)
TAGGED = LearningRule(
    terms=(
        Term(destination="tag", scale=1, exponent=-2, factors=("x1",)),
        Term(scale=1, exponent=-2, factors=("e", "y1")),
        Term(destination="tag", scale=-1, exponent=-1, factors=("e",)),
    )
)


@pytest.mark.parametrize("rule", [GATED, TAGGED], ids=["gated", "tagged"])
def test_dense_rows(rule, same):
    """Rows of consecutive targets, of which a rule may change those alone that have been active."""
    program = _layered(rule)
    raster = np.random.default_rng(1).random((60, 10)) < 0.2
    raster[25:45] = False
    events = Events.from_raster(raster.astype(int))
    reference = Reference(program)
    same(Emulator(program).run(events, keep_states=True), reference.run(events, keep_states=True))
    assert reference.counters()["changes"] > 100
    assert len(set(reference.weights().tolist())) > 5


def test_goes_on_from_a_checkpoint(tmp_path, same):
    """Saved in the middle of an epoch, with modulators set; weights and tags come back with the rest."""
    for network in _networks(range(4)):
        program, half = network.program, network.events.steps // 2 + 1
        first, second = network.events.part(0, half), network.events.part(half, network.events.steps)
        whole, saved, resumed = Emulator(program), Emulator(program), Emulator(program)
        for emulator in (whole, saved):
            emulator.modulate(r0=3)
            emulator.run(first)
        saved.save(tmp_path / "checkpoint.npz")
        saved.run(second)
        resumed.resume(tmp_path / "checkpoint.npz")
        assert resumed.modulators[0] == 3
        same(resumed.run(second, keep_states=True), whole.run(second, keep_states=True))
        assert resumed.counters() == whole.counters()


def test_rewires_as_the_reference_does(same):
    """Synapses with other ends keep weights and tags, and learn on."""
    for network in _networks(range(6)):
        program, rng = network.program, np.random.default_rng(network.seed)
        if program.synapses < 4:
            continue
        synapses = rng.choice(program.synapses, 3, replace=False)
        ends = {"pre": rng.integers(0, program.inputs, 3), "post": program.inputs + rng.integers(0, program.neurons, 3)}
        targets = Reference(program), Emulator(program)
        numbers = []
        for target in targets:
            target.run(network.events)
            try:
                numbers.append(target.rewire(synapses, **ends).tolist())
            except ProgramError:  # too many of a pair would round at random
                numbers.append([])
        assert numbers[0] == numbers[1]
        same(*(target.run(network.events, keep_states=True) for target in targets))


def test_a_batch_is_of_what_was_learned(same):
    """While the network learns there are no batches; then they run with the weights that it has."""
    program = _layered(GATED)
    events = Events.from_raster((np.random.default_rng(2).random((30, 10)) < 0.3).astype(int))
    reference, emulator = Reference(program), Emulator(program)
    for target in (reference, emulator):
        target.run(events)
        with pytest.raises(ProgramError, match="learning = False"):
            target.run_batch([events])
        target.learning = False
    weights = emulator.weights()
    expected, got = (target.run_batch([events, events]) for target in (reference, emulator))
    for pair in zip(got, expected, strict=True):
        same(*pair)
    assert emulator.weights().tolist() == weights.tolist() == reference.weights().tolist()


def test_weights_stay_over_a_reset():
    """What was learned outlives state, traces and the clock of epochs."""
    emulator = Emulator(_layered(GATED))
    emulator.run(Events.from_raster(np.ones((20, 10), dtype=int)))
    weights = emulator.weights()
    assert weights.tolist() != [4] * weights.size
    emulator.reset()
    assert emulator.weights().tolist() == weights.tolist()
    state = emulator.state()
    assert state.learned == 0 and not any(getattr(state, name).any() for name in ("x1", "y1", "x0", "y0", "e"))


def test_sums_beyond_64_bits_are_refused():
    """The reference has no limit; the emulator says which rule is over its own."""
    wide = CHIP.replace(weight_bits=16, accumulator_bits=16, trace_bits=12, tag_bits=16, modulator_bits=16)
    rule = LearningRule(name="huge", terms=(Term(scale=127, exponent=7, factors=("e", "r0", "w")),))
    program = Program.build(
        params=wide, types=(NeuronType(),), threshold=[5], inputs=1, pre=[0], post=[1], weight=[1],
        learning=Learning(rules=(rule,)), rule=1,
    )  # fmt: skip
    with pytest.raises(CapacityError, match="rule 'huge': its sums may take"):
        Emulator(program)


def test_checkpoints_of_learning_are_of_the_same_network(tmp_path):
    """Learned weights do not make another network of it."""
    emulator = Emulator(_layered(GATED))
    emulator.run(Events.from_raster(np.ones((9, 10), dtype=int)))
    emulator.save(tmp_path / "checkpoint.npz")
    with pytest.raises(MismatchError):
        Emulator(_layered(GATED, weight=3)).resume(tmp_path / "checkpoint.npz")
    fresh = Emulator(_layered(GATED))
    fresh.resume(tmp_path / "checkpoint.npz")
    assert fresh.weights().tolist() == emulator.weights().tolist()


def test_a_network_that_learns_is_not_stored_in_a_folder(tmp_path):
    """Its rules would be lost."""
    with pytest.raises(ProgramError, match="save its program"):
        save_network(store_program(_layered(GATED)), tmp_path / "network")
