"""HTML for notebooks: nothing of a name is taken for markup, and no raster grows beyond bounds."""

import re

import numpy as np

from ganglion.model.spec import html


def cells(svg: str) -> set[tuple[int, int]]:
    """Column and row of every cell that the raster fills."""
    strokes = re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", svg)
    return {(x, int(row)) for start, row, length in strokes for x in range(int(start), int(start) + int(length))}


def test_names_are_text() -> None:
    assert html.table([("<b>", 3)], ("a&b", "n")) == (
        "<table><tr><th>a&amp;b</th><th>n</th></tr><tr><td>&lt;b&gt;</td><td>3</td></tr></table>"
    )
    assert html.block("<x>", "<p>") == "<div><b>&lt;x&gt;</b><p></div>"


def test_every_spike_has_its_cell() -> None:
    rng = np.random.default_rng(0)
    spikes = np.argwhere(rng.random((30, 7)) < 0.5)
    svg = html.raster(spikes, 30, 7)
    assert 'viewBox="0 0 30 7"' in svg
    assert cells(svg) == set(map(tuple, spikes.tolist()))


def test_many_steps_and_neurons_share_cells() -> None:
    rng = np.random.default_rng(0)
    spikes = np.stack((rng.integers(10_000, size=50_000), rng.integers(5_000, size=50_000)), axis=1)
    svg = html.raster(spikes, 10_000, 5_000)
    wanted = {(step * html.COLUMNS // 10_000, neuron * html.ROWS // 5_000) for step, neuron in spikes.tolist()}
    assert cells(svg) == wanted and len(svg) < 200_000


def test_a_run_without_steps_or_spikes_is_drawn_empty() -> None:
    none = np.zeros((0, 2), dtype=np.int64)
    assert cells(html.raster(none, 0, 4)) == cells(html.raster(none, 5, 1)) == set()
