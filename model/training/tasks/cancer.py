"""Breast cancer on a chip that is not what it was designed to be: three ways to train, and a line.

Wisconsin's 569 cells of 30 features (Street, Wolberg and Mangasarian 1993), as scikit-learn has them. The distortion is
unknown to who trains. `deployed` trains with backpropagation on the ideal chip, and writes the weights to the other;
`in the loop` has the worse chip in the forward pass (Cramer et al. 2022); `Metropolis` knows nothing of any chip
(arXiv 2402.06284), nor does `CMA-ES`; the `logistic regression` runs on no chip at all.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np
import torch

from ganglion.model.compiler.network.network import Network
from ganglion.model.interchange.torch.chip import Chip
from ganglion.model.interchange.torch.losses import rate_loss
from ganglion.model.interchange.torch.session import fit
from ganglion.model.mismatch.distortion import Distortion
from ganglion.model.mismatch.target import Mismatch
from ganglion.model.spec.arrays import FloatArray, IntArray
from ganglion.model.spec.events import Events
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference
from ganglion.model.spec.target import Target
from ganglion.model.training.evolution import evolve
from ganglion.model.training.metropolis import Chain, Metropolis, Proposal
from ganglion.model.training.objective import CountLoss
from ganglion.model.training.study import Claim, Lines, Open, Outcome, Session, Study, Trial

STEPS, TAIL = 8, 3
"""Steps of a sample with input, and without."""

HIDDEN = 20

LEARNED = 455
"""Samples that are learned from, of 569; the others are told."""

STRENGTHS = (0.0, 0.25, 0.5, 0.75, 1.0)

SIZES = (23, 46, 114, 228, 455)
"""Samples that are learned from, where it is their number that counts."""

AT = 0.5
"""Strength of the distortion in that."""

GAIN = 0.5
"""Nats per spike."""

MOVES = 200
"""Proposals of Metropolis in the place of an epoch."""

DEPLOYED, LOOP, SAMPLED, EVOLVED = "deployed", "in the loop", "Metropolis", "CMA-ES"

LINE = "logistic regression"

EVOLVED_AT = (0.0, 1.0)
"""Strengths at which CMA-ES is compared with Metropolis: it asks the target as often."""


@cache
def cells() -> tuple[FloatArray, IntArray]:
    """Features, shape (569, 30), and whether each is benign."""
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    return np.asarray(data.data, dtype=np.float64), np.asarray(data.target, dtype=np.int64)


def encoded(features: FloatArray, known: FloatArray) -> IntArray:
    """Each feature as the rates of two axons: of its rank among the samples that are known, and of what is above.

    Returns:
        events, shape (steps, samples, 60).
    """
    rank = np.stack([np.searchsorted(np.sort(known[:, k]), features[:, k]) for k in range(features.shape[1])], axis=1)
    rates = np.concatenate([rank, len(known) - rank], axis=1) / len(known)
    step = np.arange(STEPS)[:, np.newaxis, np.newaxis]
    spikes = np.floor((step + 1) * rates) - np.floor(step * rates)
    return np.concatenate([spikes, np.zeros((TAIL, *rates.shape))]).astype(np.int64)


def network(seed: int) -> Network:
    """60-20-2, leaky."""
    rng = np.random.default_rng(seed)
    made = Network("cancer")
    source = made.input("features", 60)
    hidden, last = (
        made.population(name, count, threshold=1.0, decay=0.1, reset="subtract")
        for name, count in (("hidden", HIDDEN), ("out", 2))
    )
    made.all_to_all(source, hidden, rng.normal(0, 0.15, (HIDDEN, 60)))
    made.all_to_all(hidden, last, rng.normal(0, 0.4, (2, HIDDEN)))
    made.output(last)
    return made


def distorted(program: Program, strength: float, seed: int) -> Distortion:
    """The chip of a seed; with more strength it is worse in the same places."""
    return Distortion.draw(
        program,
        seed=1000 + seed,
        gain=2.0 * strength,
        threshold=1.0 * strength,
        bias=0.5 * strength,
        dead=0.2 * strength,
        stuck=0.15 * strength,
    )


def program(seed: int) -> Program:
    """The network of a seed in integers, before it has learned."""
    return Chip(network(seed), Reference).program()


class Split:
    """A random split of the cells."""

    def __init__(self, seed: int, size: int) -> None:
        features, label = cells()
        order = np.random.default_rng([seed, 7]).permutation(label.size)
        self.known, self.told = order[:size], order[LEARNED:]
        self.features, self.label, self.size = features, label, size
        events = encoded(features, features[self.known])
        self.learn, self.test = events[:, self.known], events[:, self.told]

    def line(self) -> float:
        """Share that logistic regression tells rightly."""
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
        model.fit(self.features[self.known], self.label[self.known])
        return float(model.score(self.features[self.told], self.label[self.told]))

    def loss(self, events: IntArray, which: IntArray) -> CountLoss:
        outputs = HIDDEN + np.arange(2)
        samples = [Events.from_raster(events[:, k]) for k in range(which.size)]
        return CountLoss(samples, self.label[which], outputs, gain=GAIN)


def run(trial: Trial, session: Session) -> Outcome:
    """One trial."""
    by_size = trial.panel == "size"
    if trial.arm == LINE:
        sizes = [int(x) if by_size else LEARNED for x in trial.points]
        return Outcome(scores=tuple(Split(trial.seed, size).line() for size in sizes))
    split = Split(trial.seed, int(trial.points[0]) if by_size else LEARNED)
    strengths = (AT,) if by_size else trial.points
    start, meant = network(trial.seed), program(trial.seed)

    def worse(strength: float) -> Open:
        distortion = distorted(meant, strength, trial.seed)
        return lambda program: Mismatch(program, distortion, session.open_target)

    if trial.arm == EVOLVED:
        return _evolved(split, worse(strengths[0])(meant), trial, session)
    if trial.arm == SAMPLED:
        return _sampled(split, worse(strengths[0])(meant), trial, session)
    chip = Chip(start, session.open_target if trial.arm == DEPLOYED else worse(strengths[0]))
    learn, label = torch.tensor(split.learn, dtype=torch.float32), torch.as_tensor(split.label[split.known])
    curve = fit(
        chip,
        lambda chosen: rate_loss(chip(learn[:, chosen]), label[chosen], gain=GAIN),
        session,
        samples=split.size,
        batch=min(64, max(8, split.size // 8)),
        rate=0.01,
        seed=trial.seed,
    )
    test = split.loss(split.test, split.told)
    scores = []
    for strength in strengths:
        with worse(strength)(chip.program()) as target:
            scores.append(test.accuracy(target))
    chip.close()
    return Outcome(scores=tuple(scores), curve=tuple(curve))


def _sampled(split: Split, target: Target, trial: Trial, session: Session) -> Outcome:
    """Trained by Metropolis-Hastings."""
    with target:
        sampler = Metropolis(target, split.loss(split.learn, split.known), Proposal(synapses=4, size=20))
        state = session.state
        chain = Chain.of(state.arrays) if state.epoch else sampler.begin(trial.seed)
        with session.progress.task(trial.name, session.epochs) as task:
            task.advance(state.epoch)
            while state.epoch < session.epochs:
                sampler.run(chain, MOVES * session.epochs, until=MOVES * (state.epoch + 1))
                state.reached(chain.loss, chain.arrays())
                task.advance()
        score = split.loss(split.test, split.told).accuracy(target)
    return Outcome(scores=(score,), curve=tuple(state.curve))


def _evolved(split: Split, target: Target, trial: Trial, session: Session) -> Outcome:
    """Trained by CMA-ES, which asks as often as Metropolis does; it is not kept on the way."""
    with target:
        generation = 4 + int(3 * np.log(target.program.synapses))
        found = evolve(
            target,
            split.loss(split.learn, split.known),
            generations=max(1, MOVES * session.epochs // generation),
            seed=trial.seed,
            progress=session.progress,
        )
        score = split.loss(split.test, split.told).accuracy(target)
    return Outcome(scores=(score,), curve=found.curve)


def trials(seed: int) -> Sequence[Trial]:
    """Those of a seed."""

    def each(panel: str, arm: str, points: Sequence[float]) -> list[Trial]:
        return [Trial(panel=panel, arm=arm, points=(float(x),), seed=seed) for x in points]

    return [
        Trial(panel="strength", arm=DEPLOYED, points=STRENGTHS, seed=seed),
        *each("strength", LOOP, STRENGTHS),
        *each("strength", SAMPLED, STRENGTHS),
        *each("strength", EVOLVED, EVOLVED_AT),
        Trial(panel="strength", arm=LINE, points=STRENGTHS, seed=seed),
        *each("size", DEPLOYED, SIZES),
        *each("size", LOOP, SIZES),
        *each("size", SAMPLED, SIZES),
        Trial(panel="size", arm=LINE, points=tuple(map(float, SIZES)), seed=seed),
    ]


def claims(lines: Lines) -> Sequence[Claim]:
    """What has to be shown."""
    strength, size = lines.get("strength", {}), lines.get("size", {})
    found = []
    if strength:
        ideal = min(strength[arm].at(0.0) for arm in (DEPLOYED, LOOP, SAMPLED))
        found.append(Claim(what="least accuracy of the three without distortion", got=ideal, wanted=0.95))
        found += [
            Claim(
                what=f"{arm} above deployed, at the strongest distortion",
                got=strength[arm].at(1.0) - strength[DEPLOYED].at(1.0),
                wanted=0.2,
            )
            for arm in (LOOP, SAMPLED)
        ]
    if size:
        found.append(
            Claim(
                what=f"in the loop with {SIZES[1]} samples above deployed with {SIZES[-1]}, distortion {AT:g}",
                got=size[LOOP].at(SIZES[1]) - size[DEPLOYED].at(SIZES[-1]),
                wanted=0.0,
            )
        )
    return found


STUDY = Study(
    what="breast cancer, on a chip with an unknown distortion",
    measure="share of the cells not learned from that are told rightly",
    panels={"strength": "strength of the distortion", "size": f"cells learned from, at a distortion of {AT:g}"},
    epochs=12,
    trials=trials,
    run=run,
    claims=claims,
)
