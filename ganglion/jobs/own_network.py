"""A network of the user's own as a workload: a NIR file, a saved image or a saved program, and a file of samples."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ganglion.jobs.conventions import make_conventions
from ganglion.jobs.event_file import is_event_file, read_event_file
from ganglion.jobs.recording import Recording, read_labels, read_recording
from ganglion.jobs.saved import load_saved
from ganglion.jobs.sizes import Sizes, smallest
from ganglion.jobs.workload import Workload
from ganglion.model.compiler import Image
from ganglion.model.compiler.network.network import Network
from ganglion.model.compiler.placing import for_chip
from ganglion.model.compiler.quantize import Quantized, quantize
from ganglion.model.compiler.quantize.flat import flatten
from ganglion.model.compiler.quantize.quantize import Granularity, Rounding
from ganglion.model.compiler.quantize.simulate import simulate
from ganglion.model.compiler.readout import Readout
from ganglion.model.interchange.encode.decoders import count_rasters
from ganglion.model.interchange.nir.importer import Timing, import_nir
from ganglion.model.networks.shipped import SHIPPED
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.errors import EventError, FormatError, GanglionError
from ganglion.model.spec.events import Events
from ganglion.model.spec.named import nearest
from ganglion.model.spec.params import PRESETS, Params
from ganglion.model.spec.program import Program

NIR = (".nir", ".h5", ".hdf5")
"""Endings of NIR files."""

TOGETHER = 200
"""Samples of the network in floats at once: bounds its memory."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How a NIR file becomes integers, as a user asks for it."""

    convention: str | None = None
    """The framework that it is from."""
    choices: Sequence[str] = ()
    """Changes to its convention, such as "reset=value"."""
    timing: Timing = "layers"
    granularity: Granularity = "channel"
    rounding: Rounding = "nearest"

    @property
    def given(self) -> bool:
        """Whether anything was asked for."""
        return self != Reading()


@dataclass(frozen=True, kw_only=True)
class OwnNetwork:
    """A file of a network, and files of samples and labels."""

    path: Path
    samples: Path | None
    labels: Path | None = None
    reading: Reading = Reading()
    step_us: int | None = None
    """Microseconds of a step, where the samples are a recording of events."""
    shipped = False

    @classmethod
    def find(
        cls, network: str, samples: Path | None, labels: Path | None, reading: Reading, step_us: int | None = None
    ) -> "OwnNetwork":
        """The file that a user names.

        Raises:
            GanglionError: there is neither such a file nor a shipped network of that name, or there are no samples.
        """
        path = Path(network)
        if not network or (not path.suffix and not path.exists()):
            raise GanglionError(
                f"there is no network '{network}'{nearest(network, SHIPPED)}; there are {', '.join(SHIPPED)}, and "
                "files of your own: NIR (.nir), images and programs (.npz)"
            )
        if path.is_dir() or not path.exists():
            raise FormatError(f"{network}: {'it is a folder' if path.is_dir() else 'there is no such file'}")
        if samples is None:
            raise GanglionError(
                f"{network} comes without samples: give a file of them, --samples x.npz, with the array input of shape "
                "(samples, steps, …)"
            )
        return cls(path=path, samples=samples, labels=labels, reading=reading, step_us=step_us)

    @property
    def command(self) -> str:
        """How it is named at the command line."""
        words = [str(self.path), "--samples", str(self.samples)]
        words += ["--labels", str(self.labels)] if self.labels else []
        words += ["--step-us", str(self.step_us)] if self.step_us else []
        reading = self.reading
        words += ["--convention", reading.convention] if reading.convention else []
        words += [word for choice in reading.choices for word in ("--with", choice)]
        for option in ("timing", "granularity", "rounding"):
            if (value := getattr(reading, option)) != getattr(Reading(), option):
                words += [f"--{option}", value]
        return shlex.join(words)

    def workload(self, sizes: Sizes, board: Params | None, progress: Progress = SILENT) -> Workload:
        """The network and its samples.

        Args:
            sizes: of the chip; those of a program or an image are its own.
            board: the chip of the board that it is to run on.
            progress: told of the quantising and placing.

        Raises:
            FormatError: a file that is not what it should be.
            NetworkError: what the chip cannot represent.
            EventError: bad samples or labels.
            ParamsError: there is no such chip.
        """
        if self.path.suffix.lower() in NIR:
            return self._quantized(sizes, board, progress)
        saved = load_saved(self.path)
        if self.reading.given:
            raise GanglionError(f"{self.path} is in integers already: options for reading a NIR file are not for it")
        program = saved.program if isinstance(saved, Image) else saved
        own = board or program.params
        placed = smallest(sizes, own, lambda params: for_chip(program, params), progress)
        recording = self._recording((program.inputs,))
        return self._workload(placed, Readout.of_program(placed), recording, None)

    def _quantized(self, sizes: Sizes, board: Params | None, progress: Progress) -> Workload:
        reading = self.reading
        convention, nodes = make_conventions(reading.convention, reading.choices)
        network = import_nir(self.path, convention, nodes=nodes, timing=reading.timing)
        recording = self._recording(input_shape(network))
        calibrating = recording.counts if reading.rounding == "calibrated" else None
        made = dict[Params, Quantized]()

        def program(params: Params) -> Program:
            made[params] = quantize(
                network,
                params,
                granularity=reading.granularity,
                rounding=reading.rounding,
                samples=calibrating,
                progress=progress,
            )
            return made[params].program

        placed = smallest(sizes, board or PRESETS["board"], program, progress)
        (quantized,) = made.values()
        return self._workload(placed, quantized.readout, recording, network)

    def _recording(self, shape: Sequence[int]) -> Recording:
        assert self.samples is not None, "`find` asks for them"
        if is_event_file(self.samples):
            return read_event_file(self.samples, shape, self.step_us)
        return read_recording(self.samples, shape)

    def _workload(self, program: Program, readout: Readout, recording: Recording, floats: Network | None) -> Workload:
        counts = recording.counts
        labels = read_labels(self.labels, len(counts)) if self.labels else recording.labels
        classes = readout.neurons.size
        if labels is not None and labels.max() >= classes:
            raise EventError(f"labels are 0 to {classes - 1}, the neurons that are read; one is {labels.max()}")
        return Workload(
            name=self.path.stem,
            what=self.path.name,
            data=str(self.samples),
            kind="samples",
            program=program,
            readout=readout,
            events=lambda index: readout.padded(Events.from_raster(counts[index])),
            available=len(counts),
            label=labels,
            float_guesses=None if floats is None else _FloatGuesses(floats, readout, counts),
            picture=None,
        )


def input_shape(network: Network) -> tuple[int, ...]:
    """The shape of a network's input: its own where there is one, otherwise the number of all axons."""
    shapes = [entry.shape for entry in network.inputs.values()]
    return shapes[0] if len(shapes) == 1 else (sum(int(np.prod(shape)) for shape in shapes),)


@dataclass(frozen=True, eq=False)
class _FloatGuesses:
    """The classes that a network tells in floats, decided as those of the integers are."""

    network: Network
    readout: Readout
    counts: IntArray

    def __call__(self, chosen: Sequence[int]) -> IntArray:
        flat, readout = flatten(self.network), self.readout
        guesses = list[npt.NDArray[Any]]()
        for first in range(0, len(chosen), TOGETHER):
            counts = self.counts[np.asarray(chosen[first : first + TOGETHER])]
            padded = np.pad(counts, [(0, 0), (0, readout.behind), (0, 0)])
            asked = () if readout.spiking else readout.neurons
            run = simulate(flat, padded, membranes=asked)
            if readout.spiking:
                spikes = run.spikes[:, readout.lag :, readout.neurons]
                guesses.append(count_rasters(spikes, ties=readout.ties))
            else:
                guesses.append((run.membranes[:, -1] + readout.rest).argmax(axis=1))
        return np.concatenate(guesses).astype(np.int64)
