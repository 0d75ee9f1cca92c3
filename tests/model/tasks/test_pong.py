"""Pong: the game, the rewards, and that the network learns."""

from functools import partial

import numpy as np
import pytest

from ganglion.model.emulator.emulator import Emulator
from ganglion.model.tasks import pong
from tests.model.tasks.both import on_both

pytestmark = pytest.mark.long


def test_learns_the_same_everywhere():
    """Rewards, the game and every weight."""
    found = on_both(partial(pong.learn, seed=3, iterations=4))
    assert found.film.shape == (4, 3) and found.film.min() >= 0 and found.film.max() < pong.ROWS


def test_plays_as_well_as_is_asked():
    """After the usual number of iterations: the median of five seeds."""
    found = [pong.learn(Emulator, seed=seed, iterations=6000) for seed in range(5)]
    scores = [each.score for each in found]
    assert np.median(scores) >= found[0].wanted == 0.81, scores
    before, after = found[0].pictures.popitem()[1]
    assert found[0].score == found[0].curves[0].y[-1] and np.trace(after) > 2 * np.trace(before)


def test_rewards_fall_with_the_distance():
    assert [pong.reward(aim, 10) for aim in range(6, 12)] == [0, 0.1, 0.4, 0.7, 1, 0.7]


def test_of_several_that_fire_most_any_wins():
    rng = np.random.default_rng(0)
    assert {pong.most_spikes(np.array([4, 4, 9, 9, 7]), rng) for _ in range(40)} == {4, 9}


def test_the_ball_stays_in_the_field_and_the_paddle_returns_it():
    """A perfect player never misses; one that stands still does."""
    perfect, still = pong.Game(np.random.default_rng(1)), pong.Game(np.random.default_rng(1))
    served = [0, 0]
    for _ in range(2000):
        for number, (game, aim) in enumerate(((perfect, perfect.row), (still, 0))):
            before = game.ball[0]
            game.move(aim)
            assert (game.ball >= 0).all() and (game.ball < 1).all()
            served[number] += abs(game.ball[0] - before) > 0.1
    assert served[0] == 0 and served[1] > 10
