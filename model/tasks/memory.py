"""An associative memory: it learns patterns at a glance, recalls them from a fragment, and forgets the oldest.

Neurons all have synapses to each other. A pattern is some of them made to fire together, once: every synapse between
two of these goes to the greatest weight (Willshaw et al. 1969), and one from a neuron that fires to one that does not
is worn down a little, so what was learned long ago makes room for what is new (Parisi 1986). Weights below 0 hold back
whoever was not learned with most of those that fire: a fragment of a pattern makes the whole of it fire, and go on.
"""

import numpy as np

from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.arrays import FloatArray, IntArray
from ganglion.model.spec.decay import AT_ONCE
from ganglion.model.spec.events import Events
from ganglion.model.spec.learning import Learning, LearningRule, Term
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.program import Program
from ganglion.model.spec.target import Target
from ganglion.model.tasks.task import CHIP, Curve, Learned, Open, joined

NEURONS = 256

SIZE = 16
"""Neurons of a pattern."""

LOW, HIGH = -16, 8
"""Weights that were not learned, and that were: who fires was learned with two in three of those that do."""

EPOCH = 4
"""Steps in which a pattern is learned."""

STRONGEST = 127

CUE_STEPS, ANSWER_STEP, RECALL_STEPS = 2, 9, 12
"""Steps in which a fragment is given, the one whose spikes are the answer, and those of a recall with its end."""

SILENCE = 2
"""Spikes of the axon that silences the memory, per step."""

RULE = LearningRule(
    name="willshaw",
    terms=(
        Term(dependency="x0", scale=HIGH - LOW + 2, factors=("y0",)),
        Term(dependency="x0", scale=-3, exponent=-1),
    ),
    low=LOW,
    high=HIGH,
    rounding="stochastic",
)
"""Where both fire, the first term outweighs the second, which else wears a synapse down."""

RECENT = 20
"""Patterns whose recall is the score: the last that were learned."""

RECALLED = 0.9
"""Likeness from which on a pattern counts as recalled."""

GIVEN = "share of the pattern that is given, %"

CUES = (1 / 16, 1 / 8, 0.25, 0.5, 0.75, 1.0)
"""Fractions of a pattern that are given."""


def network(seed: int) -> Program:
    """The network before it has learned."""
    every = np.arange(NEURONS)
    source, target = np.divmod(np.arange(NEURONS * NEURONS), NEURONS)
    groups = [
        (every, every, STRONGEST, 0),
        (np.full(NEURONS, NEURONS), every, -STRONGEST - 1, 0),
        (NEURONS + 1 + source, target, LOW, 1),
    ]
    pre, post, weight, rule = joined(groups)
    return Program.build(
        params=CHIP,
        types=(NeuronType(decay=AT_ONCE),),
        threshold=0,
        neurons=NEURONS,
        inputs=NEURONS + 1,
        pre=pre,
        post=NEURONS + 1 + post,
        weight=weight,
        rule=rule,
        seed=seed,
        names={"memory": (0, NEURONS)},
        learning=Learning(epoch=EPOCH, rules=(RULE,)),
    )


def learn(open_target: Open, *, seed: int, patterns: int, progress: Progress = SILENT) -> Learned:
    """Learn patterns one after another, then recall each from fragments.

    Args:
        open_target: makes the target.
        seed: of the patterns, the fragments and the rounding.
        patterns: how many.
        progress: told of patterns.
    """
    program, rng = network(seed), np.random.default_rng([seed, 1])
    known = [np.sort(rng.choice(NEURONS, SIZE, replace=False)) for _ in range(patterns)]
    silence = [NEURONS] * SILENCE
    with open_target(program) as target, progress.task("learning patterns", 2 * patterns) as task:
        for pattern in known:
            target.run(Events.from_steps([pattern, silence, [], []]))
            task.advance()
        target.learning = False
        recalled = np.zeros((len(CUES), patterns))
        for number, pattern in enumerate(known):
            for row, share in enumerate(CUES):
                fragment = rng.choice(pattern, round(share * SIZE), replace=False)
                recalled[row, number] = likeness(recall(target, np.sort(fragment)), pattern)
            task.advance()
        after, counters = target.weights(), target.counters()
    half, recent = recalled[CUES.index(0.5)], slice(-RECENT, None)
    ages, given = np.arange(patterns) + 1, np.array([round(100 * share) for share in CUES])
    kept = (recalled >= RECALLED).sum(axis=1)
    return Learned(
        program=program,
        measure=f"likeness of what half of each of the last {RECENT} patterns recalls",
        score=float(half[recent].mean()),
        wanted=0.9,
        curves=[
            Curve(x=ages, y=half[::-1], x_name="patterns learned since, itself counted", y_name="likeness, from half"),
            Curve(x=given, y=recalled[:, recent].mean(axis=1), x_name=GIVEN, y_name=f"likeness, last {RECENT}"),
            Curve(x=given, y=kept / patterns, x_name=GIVEN, y_name="recalled, of all that were learned"),
        ],
        pictures={"weights between neurons": (_square(program, program.weight), _square(program, after))},
        facts={
            "patterns": f"{patterns} of {SIZE} in {NEURONS} neurons",
            "capacity": f"{int(kept[CUES.index(0.5)])} are recalled from half, at a likeness of {RECALLED} or more",
        },
        counters=counters,
    )


def recall(target: Target, fragment: IntArray) -> IntArray:
    """The neurons that fire when the memory has settled, after a fragment; it is silent again behind that."""
    first = target.t
    rest = [[NEURONS] * SILENCE if step >= ANSWER_STEP else [] for step in range(CUE_STEPS, RECALL_STEPS)]
    trace = target.run(Events.from_steps([*[fragment] * CUE_STEPS, *rest]))
    answer: IntArray = trace.spikes[trace.spikes[:, 0] == first + ANSWER_STEP, 1]
    return answer


def likeness(one: IntArray, other: IntArray) -> float:
    """Neurons that are in both, of those in any."""
    return np.intersect1d(one, other).size / np.union1d(one, other).size


def _square(program: Program, weights: IntArray) -> FloatArray:
    found = weights[program.rule == 1].reshape(NEURONS, NEURONS)
    return np.asarray((found - LOW) / (HIGH - LOW))
