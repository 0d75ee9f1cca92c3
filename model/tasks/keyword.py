"""Spoken digits: a network that knows five of them learns the other five from a few examples, on the chip.

Fibres of an artificial ear have synapses to hidden neurons, and these to a read-out neuron for each digit, which never
fires: the host reads the membranes, and the highest is the answer. Learning has three factors (e-prop of Bellec et al.
2020, triggered by errors as in Stewart et al. 2020). A synapse to a hidden neuron tags itself with the trace of its
fibre, in each epoch that ends while the membrane is near the threshold; one to a read-out neuron with the epochs in
which its source fired. After a wrong answer, error axons raise the read-out neuron that should have won and lower the
one that did, and send the same error to the hidden neurons, through fixed random weights (Lillicrap et al. 2016), all
to receptor 1, which does not touch the membranes. In the epoch that follows each weight changes by tag times error.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ganglion.model.networks.speech.filter_bank import AXONS, band_peaks, spikes_at_levels
from ganglion.model.networks.speech.recordings import CLASSES, load_recordings, split
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.arithmetic import signed_range
from ganglion.model.spec.arrays import Array, FloatArray, IntArray
from ganglion.model.spec.decay import AT_ONCE
from ganglion.model.spec.events import Events
from ganglion.model.spec.learning import Learning, LearningRule, Term
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.program import Program
from ganglion.model.spec.synaptic_traces import Kernel, PostTrace, PreTrace
from ganglion.model.spec.target import Target
from ganglion.model.tasks.task import CHIP, Curve, Learned, Open, joined

KNOWN = 5
"""Digits that are known, drawn at random; the others are new."""

PASSES = 3
"""Over all recordings of known digits."""

HIDDEN = 64

SPEEDS = (2, 4)
"""Shift of the leak of each half of the hidden neurons."""

THRESHOLDS = (3000, 6000)
"""Of each half."""

SPREAD = 6
"""Standard deviation of the weights from fibres before."""

FEEDBACK = 20
"""Of the weights, of either sign, by which errors reach hidden neurons."""

EPOCH = 4

CONSTANT = 4.5
"""Time constant of the trace of a fibre, steps."""

MARGINS = (200, 3000)
"""By which the right read-out neuron has to win, for known digits and for the few examples of new ones."""

HIDDEN_RULE = LearningRule(
    name="hidden",
    terms=(
        Term(destination="tag", scale=1, exponent=-4, factors=("x1", "y2")),
        Term(scale=1, exponent=-11, factors=("r0", "e", "y1")),
        Term(destination="tag", scale=-1, factors=("r0", "e")),
    ),
    rounding="stochastic",
)

OUTPUT_RULE = LearningRule(
    name="read-out",
    terms=(
        Term(destination="tag", dependency="x0", scale=1),
        Term(scale=1, exponent=-1, factors=("r0", "e", "y1")),
        Term(destination="tag", scale=-1, factors=("r0", "e")),
    ),
    rounding="stochastic",
)
"""As the other: r0 is 1 in the epoch behind a recording, and 0 else."""


def near_threshold(threshold: int) -> PostTrace:
    """1 where the membrane is above 0 and up to the threshold."""
    return PostTrace.window(1, threshold + 1)


ERRORS = PostTrace(feed="receptor", decay=AT_ONCE)

SHOTS = (1, 5)
"""Examples of each new digit."""

CURVE_POINTS = 5


@dataclass(frozen=True, eq=False)
class Spoken:
    """Recordings as the network hears them."""

    events: list[Events]
    label: IntArray

    def take(self, where: IntArray) -> "Spoken":
        """Some of them, by number."""
        return Spoken([self.events[k] for k in where.tolist()], self.label[where])


def load(data: Path | None) -> tuple[Spoken, Spoken]:
    """Recordings to learn from, and those of the official test set.

    Raises:
        ToolError, FormatError: as `load_recordings`.
    """
    learned, tests = (
        Spoken([hear(audio) for audio in part.audio], part.label.astype(np.int64))
        for part in split(load_recordings(data))
    )
    return learned, tests


def hear(audio: Array) -> Events:
    """The events of a recording, with as many silent steps behind as fill epochs, two at least."""
    spikes = spikes_at_levels(band_peaks(audio))
    steps = -(-(len(spikes) + 2) // EPOCH) * EPOCH
    return Events.from_raster(np.pad(spikes, ((0, steps - len(spikes)), (0, 0))))


class Listener:
    """The network: its axons and its program."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        lowest, highest = signed_range(8)
        hidden, outputs = np.arange(HIDDEN), HIDDEN + np.arange(CLASSES)
        self.outputs = outputs
        self.raise_, self.lower = AXONS + np.arange(CLASSES), AXONS + CLASSES + np.arange(CLASSES)
        self.raise_hidden, self.lower_hidden = self.raise_ + 2 * CLASSES, self.lower + 2 * CLASSES
        inputs = AXONS + 4 * CLASSES
        drawn = np.clip(np.rint(rng.normal(0, SPREAD, AXONS * HIDDEN)), lowest, highest).astype(np.int64)
        feedback = FEEDBACK * rng.choice([-1, 1], CLASSES * HIDDEN)
        groups: list[tuple[npt.ArrayLike, ...]] = [
            (np.repeat(np.arange(AXONS), HIDDEN), np.tile(hidden, AXONS), drawn, 1, 0),
            (inputs + np.repeat(hidden, CLASSES), np.tile(outputs, HIDDEN), 0, 2, 0),
            (self.raise_, outputs, 1, 0, 1),
            (self.lower, outputs, -1, 0, 1),
            (np.repeat(self.raise_hidden, HIDDEN), np.tile(hidden, CLASSES), feedback, 0, 1),
            (np.repeat(self.lower_hidden, HIDDEN), np.tile(hidden, CLASSES), -feedback, 0, 1),
        ]
        pre, post, weight, rule, receptor = joined(groups)
        types = tuple(
            NeuronType.leaky(shift, reset="subtract", traces=(ERRORS, near_threshold(threshold)))
            for shift, threshold in zip(SPEEDS, THRESHOLDS, strict=True)
        )
        half = HIDDEN // 2
        self.program = Program.build(
            params=CHIP,
            types=(*types, NeuronType(traces=(ERRORS,))),
            threshold=np.repeat([*THRESHOLDS, signed_range(CHIP.membrane_bits)[1]], [half, half, CLASSES]),
            type=np.repeat([0, 1, 2], [half, half, CLASSES]),
            inputs=inputs,
            pre=pre,
            post=inputs + post,
            weight=weight,
            seed=seed,
            names={"hidden": (0, HIDDEN), "read-out": (HIDDEN, CLASSES)},
            learning=Learning(
                epoch=EPOCH,
                pre=(PreTrace(jump=32),),
                kernels=(Kernel.exponential(CONSTANT, CHIP.trace_ages),),
                rules=(HIDDEN_RULE, OUTPUT_RULE),
            ),
            rule=rule,
            receptor=receptor,
        )

    def answer(self, target: Target, events: Events, handicap: IntArray) -> int:
        """The digit that the network hears, where each has a handicap; its membranes are 0 again behind that."""
        target.run(events)
        heard = int((target.read("v", self.outputs) - handicap).argmax())
        target.write("v", np.arange(self.program.neurons), 0)
        return heard

    def teach(self, target: Target, spoken: Spoken, *, margin: int, hidden: bool) -> int:
        """Learn from recordings, one after another; how many were heard wrongly.

        Args:
            margin: by which the right read-out neuron has to win.
            hidden: whether errors are sent to the hidden neurons.
        """
        wrong, handicaps = 0, margin * np.eye(CLASSES, dtype=np.int64)
        for events, label in zip(spoken.events, spoken.label.tolist(), strict=True):
            heard = self.answer(target, events, handicaps[label])
            errors: list[int] = []
            if heard != label:
                wrong += 1
                errors = [self.raise_[label], self.lower[heard]]
                errors += [self.raise_hidden[label], self.lower_hidden[heard]] if hidden else []
            target.modulate(r0=1)
            target.run(Events.from_steps([[], [], errors, []]))
            target.modulate(r0=0)
        return wrong

    def right(self, target: Target, spoken: Spoken) -> float:
        """Share of recordings that are heard rightly; the network does not learn from them."""
        learns, target.learning = target.learning, False
        none = np.zeros(CLASSES, dtype=np.int64)
        heard = [self.answer(target, events, none) for events in spoken.events]
        target.learning = learns
        return float((np.array(heard) == spoken.label).mean())


def learn(
    open_target: Open,
    *,
    seed: int,
    passes: int,
    known_passes: int = PASSES,
    data: Path | None = None,
    progress: Progress = SILENT,
) -> Learned:
    """Learn five digits from all recordings, then the others from one and from five examples each.

    Args:
        open_target: makes the target.
        seed: of which digits are known, the weights before, the rounding, the examples and their order.
        passes: over the examples of new digits.
        known_passes: over all recordings of known digits.
        data: folder of real data; None looks in the usual places.
        progress: told of passes.
    """
    rng = np.random.default_rng([seed, 1])
    learned, tests = load(data)
    digits = rng.permutation(CLASSES)
    known, new = np.sort(digits[:KNOWN]), np.sort(digits[KNOWN:])
    old = np.flatnonzero(np.isin(learned.label, known))
    asked_old = tests.take(np.flatnonzero(np.isin(tests.label, known)))
    asked = tests.take(np.flatnonzero(np.isin(tests.label, new)))
    mixed = rng.permutation(learned.label.size)
    examples = {shots: np.concatenate([mixed[learned.label[mixed] == k][:shots] for k in new]) for shots in SHOTS}
    listener, curves = Listener(seed), {}
    points = np.unique(np.linspace(1, passes, CURVE_POINTS).astype(np.int64))
    arms = [(shots, hidden) for shots in SHOTS for hidden in (False, True)]
    with (
        open_target(listener.program) as target,
        progress.task("learning words", known_passes + len(arms) * passes) as task,
    ):
        for _ in range(known_passes):
            listener.teach(target, learned.take(rng.permutation(old)), margin=MARGINS[0], hidden=True)
            task.advance()
        knows, weights = listener.right(target, asked_old), target.weights()
        every = np.arange(listener.program.synapses)
        for shots, hidden in arms:
            target.write_weights(every, weights)
            shares = []
            for number in range(passes):
                some = learned.take(rng.permutation(examples[shots]))
                listener.teach(target, some, margin=MARGINS[1], hidden=hidden)
                if number + 1 in points:
                    shares.append(listener.right(target, asked))
                task.advance()
            curves[shots, hidden] = np.array(shares)
        after, counters = target.weights(), target.counters()
    found = {arm: float(shares[-1]) for arm, shares in curves.items()}
    shots = SHOTS[-1]
    return Learned(
        program=listener.program,
        measure=f"share of recordings of five new digits that are heard rightly, after {shots} examples of each",
        score=found[shots, True],
        wanted=found[shots, False] + 0.1,
        curves=[
            Curve(
                x=points,
                y=curves[shots, hidden],
                x_name=f"passes over {shots} examples of each new digit",
                y_name="right, new digits" if hidden else "right, by the read-out alone",
            )
            for hidden in (True, False)
        ],
        pictures={
            "weights from fibres (down) to hidden neurons (across)": (
                _sheet(listener, listener.program.weight),
                _sheet(listener, after),
            )
        },
        facts={
            "known digits": f"{', '.join(map(str, known))}: {knows:.3f} right, before the new ones",
            **{
                f"{number} example{'s' if number > 1 else ''} of each": f"read-out alone {found[number, False]:.3f}, "
                f"all weights {found[number, True]:.3f}"
                for number in SHOTS
            },
        },
        counters=counters,
    )


def _sheet(listener: Listener, weights: IntArray) -> FloatArray:
    return np.asarray(0.5 + weights[listener.program.rule == 1].reshape(AXONS, HIDDEN) / 256)
