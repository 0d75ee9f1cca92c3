"""A picture of a distortion."""

from typing import TYPE_CHECKING

import numpy as np

from ganglion.model.spec.drawing import BLUE, GREY, VERMILION, Picture

if TYPE_CHECKING:
    from ganglion.model.mismatch.distortion import Distortion

BINS = 40


def draw(distortion: "Distortion") -> Picture:
    """Histograms of gains, offsets and leaks."""
    from ganglion.model.mismatch.distortion import UNITY

    figure = Picture(figsize=(9, 5), layout="constrained")
    panels = figure.subplots(2, 2).ravel()
    working = (distortion.alive > 0) & (distortion.stuck == 0)
    for panel, name, values, colour in (
        (panels[0], "gain of a working synapse", distortion.gain[working] / UNITY, BLUE),
        (panels[1], "factor on the leak of a neuron", distortion.leak / UNITY, BLUE),
        (panels[2], "offset of a threshold", distortion.threshold_offset, VERMILION),
        (panels[3], "leak current of a neuron", distortion.bias_offset, GREY),
    ):
        panel.hist(values, bins=BINS, color=colour)
        panel.set_xlabel(name)
        panel.set_ylabel("count")
    dead, stuck = np.mean(distortion.alive == 0), np.mean(distortion.stuck > 0)
    figure.suptitle(
        f"{distortion.gain.size:,} synapses ({dead:.1%} dead, {stuck:.1%} stuck), {distortion.leak.size:,} neurons; "
        f"jitter {distortion.jitter} steps, write noise {distortion.write_noise}, {distortion.upsets} upsets a run"
    )
    return figure
