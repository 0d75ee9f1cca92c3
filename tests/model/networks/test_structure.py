"""Populations and projections: unrolled as their definitions say, and run in floats as the reference runs integers."""

import numpy as np
import pytest
from scipy import signal

from ganglion.model.networks.float_run import run_float
from ganglion.model.networks.readout import winner, winners
from ganglion.model.networks.structure import INPUT, Population, Structure, convolution, dense
from ganglion.model.spec.errors import ProgramError
from ganglion.model.spec.events import Events
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.reference import Reference
from ganglion.model.spec.trace import Trace


def random_structure(seed: int, decay: tuple[int, int] = (0, 0)) -> Structure:
    """Three inputs, a recurrent population of 5, an output population of 2, in integers."""
    draws = np.random.default_rng(seed)

    def population(name: str, count: int) -> Population:
        return Population(name, draws.integers(20, 60, count), draws.integers(-2, 6, count), decay)

    def weights(*shape: int) -> np.ndarray:
        return draws.integers(-40, 60, shape) * (draws.random(shape) < 0.8)

    return Structure(
        3,
        (population("middle", 5), population("end", 2)),
        (
            dense(INPUT, "middle", weights(3, 5)),
            dense("middle", "middle", weights(5, 5)),
            dense("middle", "end", weights(5, 2)),
        ),
    )


@pytest.mark.parametrize(("side", "kernel", "stride"), [(7, 3, 2), (6, 3, 1), (8, 5, 3)])
def test_a_convolution_is_scipys(side: int, kernel: int, stride: int) -> None:
    draws = np.random.default_rng(side)
    maps, weights = draws.integers(-9, 9, (2, side, side)), draws.integers(-9, 9, (3, 2, kernel, kernel))
    wanted = [sum(signal.correlate(m, w, mode="valid") for m, w in zip(maps, each, strict=True)) for each in weights]
    expected = np.array(wanted)[:, ::stride, ::stride]
    projection = convolution("a", "b", weights, side, stride)
    got = np.zeros(expected.size, dtype=np.int64)
    np.add.at(got, projection.post, projection.weight * maps.ravel()[projection.pre])
    np.testing.assert_array_equal(got, expected.ravel())


@pytest.mark.parametrize("seed", range(5))
def test_without_a_leak_floats_and_reference_spike_alike(seed: int) -> None:
    structure = random_structure(seed)
    program = structure.program(PRESETS["small"])
    runs = np.random.default_rng(100 + seed).integers(0, 2, (30, 4, 3))
    spikes = run_float(structure, runs)
    assert spikes.any()
    for run in range(4):
        trace = Reference(program).run(Events.from_raster(runs[:, run]))
        raster = np.zeros((30, program.neurons), dtype=int)
        raster[trace.spikes[:, 0], trace.spikes[:, 1]] = 1
        np.testing.assert_array_equal(spikes[:, run], raster[:, structure.outputs])


def test_the_leak_of_floats_is_not_rounded_down() -> None:
    """A bias of 1 and a leak of 1/4: without rounding v goes to 4 from below, so it passes 3.99 and never 4."""
    for threshold, fires in ((3.99, True), (4.0, False)):
        population = Population("one", np.array([threshold]), np.array([1.0]), (1, 2))
        structure = Structure(1, (population,), (dense(INPUT, "one", np.array([[0.5]])),))
        assert run_float(structure, np.zeros((60, 1, 1), dtype=int)).any() == fires


def test_a_program_has_names_types_and_outputs() -> None:
    structure = random_structure(1, decay=(1, 3))
    program = structure.program(PRESETS["small"])
    assert program.names == {"middle": (0, 5), "end": (5, 2)}
    assert program.outputs.tolist() == [5, 6]
    assert structure.program(PRESETS["small"], report_all=True).outputs.size == 7
    assert [kind.decay for kind in program.types] == [(1, 3)]
    assert (program.weight != 0).all()
    halves = Population("one", np.array([1.5]), np.array([0.0]), (0, 0))
    with pytest.raises(ProgramError, match="must be integers, not float64"):
        Structure(1, (halves,), (dense(INPUT, "one", np.array([[1]])),)).program(PRESETS["small"])


def test_the_readout_takes_most_spikes_then_the_first_then_the_lowest() -> None:
    raster = np.zeros((4, 5, 3), dtype=np.uint8)
    raster[[0, 2], 0, 2] = raster[1, 0, 0] = 1  # most spikes
    raster[1, 1, 0] = raster[0, 1, 1] = 1  # of equals the first
    raster[2, 2, 1:] = 1  # of equals that came at once the lowest
    raster[3, 3, 2] = 1  # a spike in the last step counts
    assert winners(raster).tolist() == [2, 1, 1, 2, 0]
    for run, wanted in enumerate([2, 1, 1, 2, 0]):
        step, output = np.nonzero(raster[:, run])
        trace = Trace(
            ran_on="test",
            first=10,
            spikes=np.concatenate(([[10, 4]], np.stack((10 + step, 7 + output), axis=1))),
            counters={"synops": np.zeros(4, dtype=np.int64)},
        )
        assert winner(trace, np.array([7, 8, 9])) == wanted
