"""What the board's core takes of an ECP5, against the committed baseline."""

from dataclasses import replace

import pytest

from ganglion.fpga.memories import ECP5
from ganglion.fpga.resources import baseline, drift
from ganglion.fpga.synthesis import Resources, synthesise
from ganglion.model.spec.memories import Memory, Where, memories
from ganglion.model.spec.params import PRESETS


@pytest.fixture(scope="module")
def board() -> Resources:
    return synthesise(PRESETS["board"])


@pytest.mark.flow
def test_the_core_is_the_baseline_s(board: Resources) -> None:
    lines = drift(board, baseline()["board"])
    assert not lines, f"{'; '.join(lines)}. If that is meant: ganglion resources --update"


@pytest.mark.flow
def test_every_memory_is_in_ram(board: Resources) -> None:
    """Those of few rows in look-up tables, at 16 rows of 4 bits each, but for the state, a block in each lane; none in
    flip-flops, of which there are fewer than the smallest large memory has bits."""
    specs = memories(PRESETS["board"])
    small = [m for m, spec in specs.items() if spec.where is Where.LANES and spec.depth <= ECP5.lut_rows]
    assert set(small) == {Memory.NEURONS, Memory.STATE}
    state, neurons = specs[Memory.STATE], specs[Memory.NEURONS]
    assert board.dpr16x4 > neurons.rows * neurons.layout.width // (16 * 4)
    assert board.ff < state.rows * state.layout.width


def test_drift_names_what_changed() -> None:
    board = Resources(lut4=1000, ccu2c=100, ff=1000, dp16kd=10, mult18=8, dpr16x4=0)
    assert drift(board, replace(board, lut4=960).to_dict()) == []
    changed = replace(board, lut4=900, dp16kd=11).to_dict()
    assert drift(board, changed) == ["lut4: 1000, baseline 900", "dp16kd: 10, baseline 11"]
