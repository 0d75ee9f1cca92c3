"""A distortion is a value: drawn from a seed, applied by integers, kept in a file."""

from pathlib import Path

import numpy as np
import pytest

from ganglion.model.mismatch.distortion import UNITY, Distortion
from ganglion.model.random_network import random_network
from ganglion.model.spec.errors import FormatError, ProgramError
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.program import Program

PROGRAM = random_network(PRESETS["tiny"], 4).program
STRONG = {"gain": 0.5, "threshold": 0.3, "bias": 0.1, "leak": 0.4, "dead": 0.2, "stuck": 0.1}


def layer(neurons: int, inputs: int, weight: int = 50) -> Program:
    pre, post = np.indices((inputs, neurons)).reshape(2, -1)
    return Program.build(
        params=PRESETS["board"],
        types=(NeuronType.leaky(3),),
        neurons=neurons,
        threshold=200,
        inputs=inputs,
        pre=pre,
        post=inputs + post,
        weight=weight,
    )


def test_the_same_seed_is_the_same_chip_and_another_is_another() -> None:
    one, same, other = (Distortion.draw(PROGRAM, seed=seed, **STRONG) for seed in (3, 3, 4))  # type: ignore[arg-type]
    assert np.array_equal(one.gain, same.gain) and np.array_equal(one.leak, same.leak)
    assert not np.array_equal(one.gain, other.gain) and not np.array_equal(one.leak, other.leak)


def test_what_one_argument_draws_does_not_change_with_another() -> None:
    alone, together = Distortion.draw(PROGRAM, seed=3, dead=0.2), Distortion.draw(PROGRAM, seed=3, dead=0.2, gain=1.0)
    assert np.array_equal(alone.alive, together.alive)


def test_spreads_are_those_asked_for() -> None:
    program = layer(100, 200)
    drawn = Distortion.draw(program, seed=1, gain=0.5, threshold=0.1, dead=0.25, stuck=0.05)
    assert np.std(np.log(drawn.gain / UNITY)) == pytest.approx(0.5, abs=0.02)
    assert np.std(drawn.threshold_offset / 200) == pytest.approx(0.1, abs=0.03)
    assert np.mean(drawn.alive == 0) == pytest.approx(0.25, abs=0.02)
    assert np.mean(drawn.stuck > 0) == pytest.approx(0.05, abs=0.01)


@pytest.mark.parametrize(
    ("change", "written", "wanted"),
    [
        ({"gain": [UNITY // 2] * 3}, [5, -5, 4], [3, -3, 2]),
        ({"gain": [10 * UNITY] * 3}, [100, -100, 0], [127, -128, 0]),
        ({"alive": [1, 0, 1]}, [9, 9, 9], [9, 0, 9]),
        ({"stuck": [0, 0, 1], "stuck_at": [1, 2, -7]}, [9, 9, 9], [9, 9, -7]),
        ({"step": 4}, [5, 6, -7], [4, 8, -8]),
        ({"limit": 8}, [7, 9, -100], [7, 8, -8]),
    ],
)
def test_what_a_weight_becomes(change: dict[str, object], written: list[int], wanted: list[int]) -> None:
    arrays = {"gain": [UNITY] * 3, "alive": [1] * 3, "stuck": [0] * 3, "stuck_at": [0] * 3}
    neuron = {name: [0] for name in ("threshold_offset", "bias_offset")}
    distortion = Distortion(**{**arrays, **neuron, "leak": [UNITY], **change})  # type: ignore[arg-type]
    assert distortion.weights(np.arange(3), written, 8).tolist() == wanted


def test_leaks_are_divided_among_the_types_to_spare() -> None:
    program = layer(64, 2)
    distortion = Distortion.draw(program, seed=2, leak=0.5)
    types, of = distortion.types(program)
    assert len(types) == PRESETS["board"].types == len(set(of.tolist()))
    lost = np.array([types[k].decay[0] / (1 << types[k].decay[1]) for k in of])
    wanted = np.minimum(distortion.leak / UNITY / 8, 1)
    assert np.corrcoef(lost, wanted)[0, 1] > 0.9 and np.abs(lost / wanted - 1).mean() < 0.15


def test_leaks_without_types_to_spare_are_refused() -> None:
    program = layer(4, 2).replace(types=(NeuronType.leaky(3),) * PRESETS["board"].types)
    with pytest.raises(ProgramError, match="need neuron types to spare: the network has 8, the chip"):
        Distortion.draw(program, seed=2, leak=0.5).types(program)


def test_a_file_keeps_it(tmp_path: Path) -> None:
    distortion = Distortion.draw(PROGRAM, seed=3, jitter=2, write_noise=1, step=2, limit=5, **STRONG)  # type: ignore[arg-type]
    distortion.save(tmp_path / "chip.npz")
    again = Distortion.load(tmp_path / "chip.npz")
    for name in vars(distortion):
        assert np.array_equal(getattr(again, name), getattr(distortion, name)), name
    PROGRAM.save(tmp_path / "program.npz")
    with pytest.raises(FormatError, match="Ganglion distortion"):
        Distortion.load(tmp_path / "program.npz")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"gain": -1.0}, "gain, a standard deviation, must be 0 or more, not -1"),
        ({"bias": float("nan")}, "bias, a standard deviation"),
        ({"dead": 1.5}, "dead, a share of the synapses, must be 0 to 1, not 1.5"),
        ({"step": 0}, "step of a distortion must be a whole number from 1, not 0"),
        ({"jitter": 0.5}, "jitter of a distortion must be a whole number from 0, not 0.5"),
    ],
)
def test_what_no_chip_has_is_refused(arguments: dict[str, float], message: str) -> None:
    with pytest.raises(ProgramError, match=message):
        Distortion.draw(PROGRAM, seed=0, **arguments)  # type: ignore[arg-type]


def test_a_picture_shows_it(tmp_path: Path) -> None:
    Distortion.draw(PROGRAM, seed=3, **STRONG).plot().write(tmp_path / "chip.png")  # type: ignore[arg-type]
    assert (tmp_path / "chip.png").stat().st_size > 1000
