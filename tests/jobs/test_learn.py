"""`ganglion learn`: what is learned, what is told, and what is said where something is wrong."""

import json
from pathlib import Path

import pytest

from ganglion.jobs.learn import TASKS, learn
from ganglion.model.spec.errors import GanglionError

pytestmark = pytest.mark.long


def test_a_game_is_learned_and_told(tmp_path: Path) -> None:
    result = learn("pong", seed=4, length=40, out=tmp_path, command="ganglion learn pong")
    found = json.loads(json.dumps(result.to_dict()))
    assert [found[name] for name in ("task", "iterations", "seed", "target")] == ["pong", 40, 4, "emulator"]
    assert found["score"] == result.found.score and found["wanted"] == 0.81
    assert found["counters"]["changes"] == found["energy"]["changes"] > 100
    (curve,) = found["curves"]
    assert curve["x_name"] == "iterations" and curve["x"][-1] == 40 and curve["y"][-1] == found["score"]
    first, second, *others = result.shown()
    assert str(first).startswith("pong: a game, by reward-modulated STDP, seed 4, on the emulator, ")
    assert second == f"mean expected reward: {result.found.score:.3f} after 40 iterations"
    assert f"wrote {tmp_path / 'learn-pong.html'}" in others and list(result.energy.lines()) == others[1:4]
    page = (tmp_path / "learn-pong.html").read_text()
    for part in ("<animate", "Weights before and after", "ganglion learn pong", "data:image/png", "<svg", "Landauer"):
        assert part in page
    assert "The task asks for" not in page


def test_a_task_of_its_usual_length_is_held_to_its_score(tmp_path: Path) -> None:
    result = learn("memory", out=tmp_path)
    assert result.usual and result.length == TASKS["memory"].length
    assert ", 0.900 wanted" in str(list(result.shown())[1])
    assert "The task asks for" in (tmp_path / "learn-memory.html").read_text()


def test_bad_requests_learn_nothing() -> None:
    for message, name, options in (
        ("there is no task 'go'; there are pong, digits", "go", {}),
        ("iterations must be at least 1, not 0", "pong", {"length": 0}),
        ("images must be at least 1 and at most 60,000, not 60,001", "digits", {"length": 60_001}),
        ("the seed must be 0 … 4,294,967,295, not -1", "pong", {"seed": -1}),
        ("targets must be one or more of", "pong", {"target": "cloud"}),
        ("the array cannot run a network that learns", "pong", {"target": "array", "length": 1}),
    ):
        with pytest.raises(GanglionError, match=message):
            learn(name, **options)
