"""Moving scenes and wrists: what the camera and the encoder tell, and that a little training tells more than chance."""

from pathlib import Path

import numpy as np
import pytest

from ganglion.model.emulator.array.emulator import ArrayEmulator
from ganglion.model.spec.errors import FormatError, ToolError
from ganglion.model.training.state import TrainingState
from ganglion.model.training.study import Session
from ganglion.model.training.tasks import activity, motion


def test_a_camera_tells_where_and_when_it_gets_brighter() -> None:
    brightness = np.full((5, 1, 8, 8), 0.2)
    brightness[2:, 0, 3, 4] = 0.9
    brightness[4:, 0, 3, 4] = 0.2
    step, scene, axon = np.nonzero(motion.camera(brightness, np.random.default_rng(0)))
    assert step.tolist() == [2, 4] and scene.tolist() == [0, 0]
    assert axon.tolist() == [3 * 8 + 4, 64 + 3 * 8 + 4]


def test_scenes_move_the_way_they_say() -> None:
    """Shifted back by as much as it moved, a scene is what it was."""
    seen, way = motion.scenes(200, np.random.default_rng(1))
    for number, (rows, columns) in enumerate(motion.WAYS):
        first, later = (seen[step][way == number] for step in (0, 4))
        error = [
            np.abs(np.roll(later, (-rows * k, -columns * k), (1, 2)) - first)[:, 3:5, 3:5].mean() for k in (-2, 2)
        ]
        assert error[1] < 0.6 * error[0], motion.WAYS[number]


@pytest.fixture
def wrist(tmp_path: Path) -> Path:
    """Recordings whose activity is how much they move."""
    rng, step = np.random.default_rng(0), np.arange(activity.STEPS)
    for part in ("TRAIN", "TEST"):
        lines = ["# made up", "@data"]
        for number in range(16):
            size = 3.0 * (number % 4) + 0.05
            channels = [size * np.sin(step / 4 + phase) for phase in rng.uniform(0, 6, activity.CHANNELS)]
            told = ":".join(",".join(f"{value:.4f}" for value in channel) for channel in channels)
            lines.append(f"{told}:{activity.ACTIVITIES[number % 4]}")
        (tmp_path / f"BasicMotions_{part}.ts").write_text("\n".join(lines))
    return tmp_path


def test_what_a_wrist_does_is_learned(wrist: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activity, "HIDDEN", 16)
    (trial,) = activity.trials(1)
    state = TrainingState(plan={})
    state.begin(trial.name)
    outcome = activity.run(trial, Session(open_target=ArrayEmulator, epochs=8, state=state, data=wrist))
    assert outcome.scores[0] >= 0.5 and outcome.curve[-1] < outcome.curve[0]
    assert 0 <= outcome.figures["calibration error"] <= 1
    file = wrist / "BasicMotions_TEST.ts"
    file.write_text(file.read_text().replace("Running", "Flying"))
    with pytest.raises(FormatError, match="recording 1: no activity is called 'Flying'"):
        activity.recordings(file)
    with pytest.raises(ToolError, match="pip install --no-deps aeon"):
        activity.data_folder(wrist / "none")
