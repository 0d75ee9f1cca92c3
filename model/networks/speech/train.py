"""Trains the network that hears spoken digits; needs the extra `train` (PyTorch).

Backpropagation through time through the integer network itself; see
`ganglion.model.interchange.torch.spiking`. The loss is the cross-entropy of the counts of output spikes, and that of
the sums of the input of the outputs, which has a gradient where no output spikes yet. The recipe was chosen on
recordings 5 to 9 (`--hold-out`), never on the test set, recordings 0 to 4.
"""

import numpy as np
import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from ganglion.model.interchange.encode import count_rasters
from ganglion.model.interchange.torch.loop import fit, make_repeatable
from ganglion.model.interchange.torch.spiking import Neurons, exported, later, uniform, weights
from ganglion.model.networks.speech.filter_bank import AXONS, band_peaks
from ganglion.model.networks.speech.recordings import CLASSES, load_recordings, split
from ganglion.model.networks.speech.spoken import HIDDEN, REST, SPEEDS
from ganglion.model.networks.speech.variation import batches_alike, rasters, varied
from ganglion.model.networks.weights_file import FloatArrays
from ganglion.model.progress import Progress

UNIT = 200.0
"""Threshold that neurons start with."""

BATCH = 64

RATE = 4e-3
"""Largest step size."""

LOST_EVENTS, LOST_NEURONS = 0.1, 0.1
"""Dropout: shares of the events, and of the hidden neurons."""

COUNT_WEIGHT, SUM_WEIGHT = 0.5, 0.3
"""Factors on counts, and on sums in units of the threshold, before the softmax."""


class SpokenNetwork(nn.Module):
    """168 fibres, recurrent neurons, 10 outputs."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden_weight = uniform(0.04, AXONS, HIDDEN)
        self.recurrent_weight = uniform(0.1, HIDDEN, HIDDEN)
        self.output_weight = uniform(0.15, HIDDEN, CLASSES)
        shares = torch.tensor([2.0**-shift for shift in SPEEDS.values()])
        self.hidden = Neurons(HIDDEN, UNIT, shares.repeat_interleave(HIDDEN // len(SPEEDS)))
        self.output = Neurons(CLASSES, UNIT)

    def forward(self, events: Tensor, steps: Tensor, quantised: bool, lost: float = 0.0) -> tuple[Tensor, Tensor]:
        """Output spikes, shape (steps, recordings, 10), and the sums of the outputs' input, shape (recordings, 10).

        Args:
            events: shape (steps, recordings, axons).
            steps: of each recording, shape (recordings,); behind them, and the rest, spikes do not count.
            quantised: whether to run the integer network.
            lost: share of the hidden neurons that are left out.
        """
        arrived = events @ weights(self.hidden_weight, UNIT, quantised)
        kept = (torch.rand(events.shape[1], HIDDEN) >= lost) / (1 - lost) if lost else None
        recurrent = weights(self.recurrent_weight, UNIT, quantised)
        hidden = self.hidden(functional.pad(arrived, (0, 0, 0, 0, 1, REST - 1)), quantised, recurrent, kept)
        drive = later(hidden @ weights(self.output_weight, UNIT, quantised))
        counted = (torch.arange(len(drive))[:, None] < steps + REST)[..., None]
        return self.output(drive, quantised) * counted, (drive * counted).sum(dim=0) / UNIT

    def arrays(self) -> FloatArrays:
        """The float original, for `weights_file`."""
        names = ("hidden_weight", "recurrent_weight", "output_weight")
        arrays = {name: exported(weights(getattr(self, name), UNIT, False)) for name in names}
        return arrays | self.hidden.arrays("hidden") | self.output.arrays("output")


def train(seed: int, epochs: int, hold_out: bool, progress: Progress) -> FloatArrays:
    """Train a network; the float original, for `weights_file`."""
    make_repeatable(seed)
    draws = np.random.default_rng(seed)
    recordings = split(load_recordings())[0]
    tested = recordings.number < 10
    learned = ~tested if hold_out else np.ones(len(recordings), dtype=bool)
    with progress.task("filter bank", len(recordings)) as task:
        peaks = []
        for audio in recordings.audio:
            peaks.append(band_peaks(audio))
            task.advance()
    label = torch.from_numpy(recordings.label.astype(np.int64))
    numbers = np.flatnonzero(learned)
    lengths = np.array([len(peaks[number]) for number in numbers])
    network = SpokenNetwork()

    def loss(chosen: Tensor) -> Tensor:
        picked = numbers[chosen.numpy()]
        raster, steps = rasters([varied(peaks[number], draws) for number in picked])
        events = torch.from_numpy(raster) * (torch.rand(raster.shape) >= LOST_EVENTS)
        spikes, sums = network(events, torch.from_numpy(steps), True, LOST_NEURONS)
        told = functional.cross_entropy(spikes.sum(dim=0) * COUNT_WEIGHT, label[picked])
        return told + functional.cross_entropy(sums * SUM_WEIGHT, label[picked])

    def check() -> str:
        right = {True: 0, False: 0}
        with torch.no_grad():
            for part in np.array_split(np.flatnonzero(tested), 3):
                raster, steps = rasters([peaks[number] for number in part])
                for quantised in right:
                    spikes, _ = network(torch.from_numpy(raster), torch.from_numpy(steps), quantised)
                    guess = count_rasters(spikes.transpose(0, 1).numpy(), ties="earliest")
                    right[quantised] += int((guess == recordings.label[part]).sum())
        kind = "held-out" if hold_out else "training"
        return f"{right[True]} of {tested.sum()} {kind} recordings, {right[False]} in floats"

    fit(
        network,
        loss,
        order=lambda: [torch.from_numpy(batch) for batch in batches_alike(lengths, BATCH, draws)],
        batches=len(numbers) // BATCH,
        epochs=epochs,
        rate=RATE,
        name="speech",
        check=check,
        longest=1.0,
        progress=progress,
    )
    return network.arrays()
