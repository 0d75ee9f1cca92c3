"""Pong by reward-modulated STDP, after Wunderlich et al. 2019 (Frontiers in Neuroscience 13:260).

Each of 32 input neurons stands for a row of the field in which the ball may be, each of 32 motor neurons for a row that
the paddle may aim at; every input has a synapse to every motor neuron. In an iteration the input of the ball's row gets
20 spikes. The motor neuron that fires most tells where the paddle moves. The nearer to the ball, the larger the reward;
what it is above the reward that was expected of this row is written to a modulator, and each synapse changes by that
times its tag. The tag has counted, in each interval between two input spikes, whether the target fired after the first.
Noise on the membranes makes the network try what it has not learned.
"""

from dataclasses import dataclass

import numpy as np

from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.arrays import FloatArray, IntArray
from ganglion.model.spec.decay import Decay
from ganglion.model.spec.events import Events
from ganglion.model.spec.learning import Learning, LearningRule, Term
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.program import Program
from ganglion.model.spec.synaptic_traces import Kernel, PreTrace
from ganglion.model.tasks.task import CHIP, Curve, Learned, Open

ROWS = 32
"""Rows, and columns, of the field."""

INTERVAL, SPIKES = 10, 20
"""Steps (of a millisecond) between two input spikes, and how many there are in an iteration."""

REWARDS = (1.0, 0.7, 0.4, 0.1)
"""By the distance of the paddle's aim from the ball, in rows; 0 beyond."""

SCALE = 64
"""What a reward of 1 above the expected is in the modulator r0."""

WEIGHTS = (10.0, 2.0)
"""Mean and standard deviation of the weights before. (The publication has 14 and 2, of neurons in other units.)"""

HIGHEST = 63
"""Greatest weight: 6 bits, as on BrainScaleS-2."""

MOTOR = NeuronType(decay=Decay.from_tau(28.5, 10), reset="subtract", refractory=1, noise=5)
THRESHOLD = 60

CONSTANT = 64
"""Time constant of the presynaptic trace, steps; it ends with the interval."""

RULE = LearningRule(
    name="reward_stdp",
    terms=(
        Term(scale=1, exponent=-9, factors=("r0", "e")),
        Term(destination="tag", dependency="y0", scale=5, exponent=-4, factors=("x1",)),
        Term(destination="tag", scale=-1, factors=("r1", "e")),
    ),
    low=0,
    high=HIGHEST,
    rounding="stochastic",
)
"""r0 is the reward above the expected, and r1 is 1, in the epoch behind an iteration; both are 0 else."""

FILM = 150
"""Last iterations that a film shows."""

CURVE_POINTS = 120


def network(seed: int) -> Program:
    """The network before it has learned; `seed` is that of its weights, and of all its noise."""
    rng = np.random.default_rng(seed)
    pre, post = np.divmod(np.arange(ROWS * ROWS), ROWS)
    whole = Kernel.exponential(CONSTANT, CHIP.trace_ages)
    return Program.build(
        params=CHIP,
        types=(MOTOR,),
        threshold=THRESHOLD,
        neurons=ROWS,
        inputs=ROWS,
        pre=pre,
        post=ROWS + post,
        weight=np.clip(np.rint(rng.normal(*WEIGHTS, ROWS * ROWS)), 0, HIGHEST).astype(np.int64),
        seed=seed,
        names={"motor": (0, ROWS)},
        learning=Learning(
            epoch=INTERVAL,
            pre=(PreTrace(jump=36, mode="set"),),
            kernels=(Kernel(whole.values[:INTERVAL]),),
            rules=(RULE,),
        ),
        rule=1,
    )


@dataclass
class Game:
    """A ball that bounces in a square field, and a paddle on the left that follows it. All lengths are in sides."""

    rng: np.random.Generator
    speed: float = 1 / ROWS
    """Sum of the ball's velocities along both axes, in either direction, per iteration."""
    paddle: float = 0.5

    def __post_init__(self) -> None:
        self.serve()

    def serve(self) -> None:
        """A new ball, from the middle, at any height, away from the paddle or towards it."""
        share = self.rng.uniform(0.3, 0.7)
        self.ball = np.array([0.5, self.rng.uniform()])
        self.velocity = self.speed * np.array([share, 1 - share]) * self.rng.choice([-1, 1], 2)

    @property
    def row(self) -> int:
        """The ball's."""
        return min(int(self.ball[1] * ROWS), ROWS - 1)

    def move(self, aim: int) -> None:
        """One iteration: the paddle moves towards a row, the ball flies on; behind the paddle it is served anew."""
        self.paddle += np.clip((aim + 0.5) / ROWS - self.paddle, -1.5 * self.speed, 1.5 * self.speed)
        self.ball += self.velocity
        for axis in (0, 1):
            if self.ball[axis] >= 1 or (axis == 1 and self.ball[axis] < 0):
                self.velocity[axis] *= -1
                self.ball[axis] = np.clip(self.ball[axis], 0, np.nextafter(1, 0))
        if self.ball[0] < 0:
            if abs(self.paddle - self.ball[1]) <= 2 / ROWS:
                self.ball[0], self.velocity[0] = 0, -self.velocity[0]
            else:
                self.serve()

    @property
    def picture(self) -> list[int]:
        """Column and row of the ball, and row of the paddle."""
        column = min(int(self.ball[0] * ROWS), ROWS - 1)
        return [column, self.row, min(int(self.paddle * ROWS), ROWS - 1)]


def learn(open_target: Open, *, seed: int, iterations: int, progress: Progress = SILENT) -> Learned:
    """Play.

    Args:
        open_target: makes the target.
        seed: of weights, noise and game.
        iterations: of 200 steps, and 10 in which the reward counts.
        progress: told of iterations.
    """
    program, rng = network(seed), np.random.default_rng([seed, 1])
    game = Game(rng)
    expected, visited = np.zeros(ROWS), np.zeros(ROWS, dtype=bool)
    shown = [Events.from_steps(([row], *[[]] * (INTERVAL - 1)) * SPIKES) for row in range(ROWS)]
    rewarded = Events.from_steps([[]] * INTERVAL)
    means, film = np.zeros(iterations), []
    with open_target(program) as target, progress.task("playing", iterations) as task:
        for iteration in range(iterations):
            row = game.row
            trace = target.run(shown[row])
            aim = most_spikes(trace.spikes[:, 1], rng)
            surprise = reward(aim, row) - expected[row] if visited[row] else 0.0
            expected[row] = expected[row] + surprise / 2 if visited[row] else reward(aim, row)
            visited[row] = True
            target.modulate(r0=round(SCALE * surprise), r1=1)
            target.run(rewarded)
            target.modulate(r0=0, r1=0)
            game.move(aim)
            means[iteration] = expected.mean()
            if iteration >= iterations - FILM:
                film.append(game.picture)
            task.advance()
        after, counters = target.weights(), target.counters()
    points = np.unique(np.linspace(0, iterations - 1, CURVE_POINTS).astype(np.int64))
    return Learned(
        program=program,
        measure="mean expected reward",
        score=float(means[-1]),
        wanted=0.81,
        curves=[Curve(x=points + 1, y=means[points], x_name="iterations", y_name="mean expected reward")],
        pictures={
            "weights from the ball's row (down) to the paddle's aim (across)": (_square(program.weight), _square(after))
        },
        facts={"rows the ball was in": f"{int(visited.sum())} of {ROWS}"},
        counters=counters,
        film=np.array(film, dtype=np.int64).reshape(-1, 3),
    )


def reward(aim: int, row: int) -> float:
    """What aiming at one row is worth where the ball is in another."""
    distance = abs(aim - row)
    return REWARDS[distance] if distance < len(REWARDS) else 0.0


def most_spikes(neurons: IntArray, rng: np.random.Generator) -> int:
    """The neuron that fired most; of several, any."""
    counts = np.bincount(neurons, minlength=ROWS)
    return int(rng.choice(np.flatnonzero(counts == counts.max())))


def _square(weights: IntArray) -> FloatArray:
    return weights.reshape(ROWS, ROWS) / HIGHEST
