"""Between events and traces, and arrays of whatever module."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from ganglion.model.emulator.array.engine import ArrayEngine, Step
from ganglion.model.spec.arrays import Array, FloatArray, IntArray
from ganglion.model.spec.events import Events
from ganglion.model.spec.trace import COUNTED, Trace


def steps_of(samples: Sequence[Events], inputs: int) -> Iterator[FloatArray]:
    """Step by step, how often each input of each sample fires: shape (inputs, samples), of samples of one length."""
    count, steps = len(samples), samples[0].steps
    step = np.concatenate([np.repeat(np.arange(steps), np.diff(events.start)) for events in samples])
    place = np.concatenate([events.axon * count + number for number, events in enumerate(samples)])
    order = np.argsort(step, kind="stable")
    ends = np.searchsorted(step[order], np.arange(steps + 1))
    for begin, end in pairwise(ends.tolist()):
        fired = np.bincount(place[order[begin:end]], minlength=inputs * count)
        yield fired.reshape(inputs, count).astype(np.float64)


class Record:
    """What some samples leave step by step, to be cut into a trace each.

    Args:
        ran_on: name of the target.
        first: number of the first step.
        neurons: of the network.
        samples: how many.
        probes: state fields, and the neurons of which to record them at the end of every step.
    """

    def __init__(
        self, ran_on: str, first: int, neurons: int, samples: int, probes: Mapping[str, IntArray]
    ) -> None:
        self._ran_on, self._first, self._neurons, self._samples = ran_on, first, neurons, samples
        self._probes = probes
        self._probed: dict[str, list[IntArray]] = {field: [] for field in probes}
        self._fired: list[IntArray] = []
        self._counts: list[IntArray] = []

    def keep(self, engine: ArrayEngine, step: Step) -> None:
        """Keep what came of a step."""
        fired = on_host(step.fired)
        neuron, sample = np.nonzero(fired)
        self._fired.append(np.stack((neuron, np.full(neuron.size, len(self._counts)), sample)))
        synops = on_host(engine.synapses.fan_out @ step.sent)[0]
        lost = np.zeros(self._samples) if step.overflows is None else on_host(step.overflows).sum(axis=0)
        self._counts.append(np.stack((fired.sum(axis=0), synops, lost)).astype(np.int64))
        for field, neurons in self._probes.items():
            self._probed[field].append(on_host(engine.state[field])[neurons].astype(np.int64))

    def traces(self) -> list[Trace]:
        """The trace of each sample."""
        fired = np.concatenate([np.zeros((3, 0), dtype=np.int64), *self._fired], axis=1)
        neuron, step, sample = fired[:, np.lexsort(fired)]
        ends = np.searchsorted(sample, np.arange(self._samples + 1))
        table = np.stack((self._first + step, neuron), axis=1)
        counts = np.array(self._counts, dtype=np.int64).reshape(-1, len(COUNTED), self._samples)
        probed = {
            field: np.array(self._probed[field], dtype=np.int64).reshape(len(self._counts), neurons.size, self._samples)
            for field, neurons in self._probes.items()
        }
        return [
            Trace(
                ran_on=self._ran_on,
                first=self._first,
                neurons=self._neurons,
                spikes=table[ends[k] : ends[k + 1]],
                counters={name: counts[:, place, k] for place, name in enumerate(COUNTED)},
                probes={field: values[:, :, k] for field, values in probed.items()},
            )
            for k in range(self._samples)
        ]


def on_host(values: Array) -> npt.NDArray[Any]:
    """An array of any module as one of NumPy."""
    return values if isinstance(values, np.ndarray) else np.from_dlpack(values)
