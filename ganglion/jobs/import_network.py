"""`ganglion import`: a network of another framework in, a report of what fixed point does to it and an image out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

from ganglion.jobs.outputs import check_file, check_picture
from ganglion.jobs.own_network import input_shape
from ganglion.jobs.recording import Recording, read_recording
from ganglion.jobs.result import Result
from ganglion.jobs.sizes import DEFAULT, Sizes, smallest
from ganglion.model.compiler import compile_program, save_image
from ganglion.model.compiler.network.network import Network
from ganglion.model.compiler.quantize import Quantized, quantize
from ganglion.model.compiler.quantize.quantize import Granularity, Rounding
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.interchange.nir.compare import Difference, compare_spikes, difference_table
from ganglion.model.interchange.nir.convention import Convention
from ganglion.model.interchange.nir.importer import Timing, import_nir
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.arrays import Array, IntArray
from ganglion.model.spec.errors import NetworkError
from ganglion.model.spec.events import Events
from ganglion.model.spec.params import PRESETS, Params
from ganglion.model.spec.program import Program


@dataclass(frozen=True, eq=False, kw_only=True)
class Imported(Result):
    """What became of a network."""

    quantized: Quantized
    differences: Sequence[Difference]
    """From what the framework did, population by population; none where that was not told."""
    image: Path | None
    """The file of the image."""
    picture: Path | None
    """The file that was drawn."""

    def to_dict(self) -> dict[str, Any]:
        return {
            **self.quantized.report.to_dict(),
            "neurons": self.quantized.program.neurons,
            "synapses": self.quantized.program.synapses,
            "differences": [asdict(difference) for difference in self.differences],
        }

    def shown(self) -> Iterator[str | Table]:
        yield from str(self.quantized.network).splitlines()
        yield self.quantized.report.table(warnings=False)
        if self.differences:
            yield difference_table(list(self.differences))
        if self.picture:
            yield f"picture: {self.picture}"
        if self.image:
            yield f"image: {self.image}, {self.quantized.program!r}"
        for warning in self.quantized.report.warnings:
            yield f"warning: {warning}"


def import_network(
    path: str | Path,
    *,
    convention: Convention,
    nodes: Mapping[str, Convention] | None = None,
    sizes: Sizes | None = None,
    samples: str | Path | None = None,
    image: Path | None = None,
    picture: Path | None = None,
    timing: Timing = "layers",
    granularity: Granularity = "channel",
    rounding: Rounding = "nearest",
    strict: bool = False,
    progress: Progress = SILENT,
) -> Imported:
    """Reads a NIR file, quantises it, and writes what was asked for.

    Args:
        path: the NIR file.
        convention: how to read it.
        nodes: how to read single nodes, where that is otherwise.
        sizes: of the chip.
        samples: an .npz with `input`, counts of shape (steps, …) or (samples, steps, …), to run floats and integers on;
            arrays named after populations are what a framework did on a single sample, to compare with.
        image: where to save the compiled image.
        picture: where to save the report as a picture.
        timing: as `import_nir`.
        granularity: as `quantize`.
        rounding: as `quantize`.
        strict: refuse what the report warns of.
        progress: told what is going on.

    Raises:
        GanglionError: whatever is wrong with the file, the network, the samples or the files to write; nothing was
            written.
    """
    check_file(image)
    check_picture(picture)
    network = import_nir(path, convention, nodes=nodes, timing=timing)
    recording = None if samples is None else read_recording(Path(samples), input_shape(network))
    raster = None if recording is None else _padded(recording.counts, network)
    theirs = {} if recording is None else _spikes(recording, network)
    made: list[Quantized] = []

    def program(params: Params) -> Program:
        made.append(
            quantize(network, params, granularity=granularity, rounding=rounding, samples=raster, progress=progress)
        )
        return made[-1].program

    chip = smallest(sizes or Sizes(), PRESETS[DEFAULT], program, progress)
    quantized = replace(made[-1], program=chip)
    if strict and quantized.report.warnings:
        raise NetworkError("; ".join(quantized.report.warnings))
    compiled = None if image is None else compile_program(chip, progress=progress)
    differences: list[Difference] = []
    if recording is not None and raster is not None and theirs:
        trace = Emulator(chip).run(Events.from_raster(raster[0]))
        differences = compare_spikes(quantized, trace, theirs)
    if picture is not None:
        quantized.report.plot(picture)
    if compiled is not None and image is not None:
        save_image(compiled, image)
    return Imported(quantized=quantized, differences=differences, image=image, picture=picture)


def _padded(counts: IntArray, network: Network) -> IntArray:
    """Samples long enough for every layer."""
    return np.pad(counts, [(0, 0), (0, max(network.lag.values(), default=0)), (0, 0)])


def _spikes(recording: Recording, network: Network) -> dict[str, Array]:
    """What a framework did on the sample, by population; what is not compared becomes a warning of the network."""
    spiking = [name for name, population in network.populations.items() if population.spiking]
    if unused := [name for name in recording.others if name not in spiking]:
        network.warnings.append(
            f"nothing is compared with the array {', '.join(unused)} of the samples; spiking populations are "
            f"{', '.join(spiking) or 'none'}"
        )
    theirs = {name: values for name, values in recording.others.items() if name in spiking}
    if theirs and not recording.single:
        network.warnings.append(
            f"{', '.join(theirs)} is not compared, as the samples are not a single one of shape (steps, …)"
        )
        return {}
    return theirs
