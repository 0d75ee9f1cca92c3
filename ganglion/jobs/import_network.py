"""`ganglion import`: a network of another framework in, a report of what fixed point does to it and an image out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

from ganglion.jobs.outputs import check_file, check_picture
from ganglion.jobs.result import Result
from ganglion.model.compiler import compile_program, save_image
from ganglion.model.compiler.network.network import Network
from ganglion.model.compiler.quantize import Quantized, quantize
from ganglion.model.compiler.quantize.quantize import Granularity, Rounding
from ganglion.model.compiler.quantize.simulate import as_raster
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.interchange.nir.compare import Difference, compare_spikes, difference_table
from ganglion.model.interchange.nir.convention import CONVENTIONS, Convention
from ganglion.model.interchange.nir.importer import Timing, import_nir
from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.arrays import Array, IntArray
from ganglion.model.spec.errors import EventError, NetworkError
from ganglion.model.spec.events import Events
from ganglion.model.spec.params import Params
from ganglion.model.spec.untrusted import load_npz


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
        yield self.quantized.report.table()
        if self.differences:
            yield difference_table(list(self.differences))
        if self.picture:
            yield f"picture: {self.picture}"
        if self.image:
            yield f"image: {self.image}, {self.quantized.program!r}"


def import_network(
    path: str | Path,
    *,
    convention: Convention,
    nodes: Mapping[str, Convention] | None = None,
    params: Params,
    samples: str | Path | None = None,
    image: Path | None = None,
    picture: Path | None = None,
    timing: Timing = "layers",
    granularity: Granularity = "channel",
    rounding: Rounding = "nearest",
    progress: Progress = SILENT,
) -> Imported:
    """Reads a NIR file, quantises it, and writes what was asked for.

    Args:
        path: the NIR file.
        convention: how to read it.
        nodes: how to read single nodes, where that is otherwise.
        params: the chip.
        samples: an .npz with `input`, counts of shape (steps, …) or (samples, steps, …), to run floats and integers on;
            arrays named after populations are what a framework did on a single sample, to compare with.
        image: where to save the compiled image.
        picture: where to save the report as a picture.
        timing: as `import_nir`.
        granularity: as `quantize`.
        rounding: as `quantize`.
        progress: told what is going on.

    Raises:
        GanglionError: whatever is wrong with the file, the network, the samples or the files to write; nothing was
            written.
    """
    check_file(image)
    check_picture(picture)
    network = import_nir(path, convention, nodes=nodes, timing=timing)
    given = None if samples is None else _samples(Path(samples), network)
    raster = None if given is None else given[0]
    quantized = quantize(network, params, granularity=granularity, rounding=rounding, samples=raster, progress=progress)
    compiled = None if image is None else compile_program(quantized.program, progress=progress)
    differences: list[Difference] = []
    if given is not None and given[1]:
        trace = Emulator(quantized.program).run(Events.from_raster(given[0][0]))
        differences = compare_spikes(quantized, trace, given[1])
    if picture is not None:
        quantized.report.plot(picture)
    if compiled is not None and image is not None:
        save_image(compiled, image)
    return Imported(quantized=quantized, differences=differences, image=image, picture=picture)


def make_conventions(name: str | None, changes: Sequence[str]) -> tuple[Convention, dict[str, Convention]]:
    """A convention as by `make_convention`, and those of nodes that have changes of their own, as "3.reset=none".

    Raises:
        NetworkError: as `make_convention`.
    """
    nodes: dict[str, list[str]] = {}
    whole = []
    for change in changes:
        node, dot, option = change.partition("=")[0].rpartition(".")
        if dot:
            nodes.setdefault(node, []).append(option + change[change.index("=") :] if "=" in change else option)
        else:
            whole.append(change)
    convention = make_convention(name, whole)
    return convention, {node: make_convention(name, [*whole, *own]) for node, own in nodes.items()}


def make_convention(name: str | None, changes: Sequence[str]) -> Convention:
    """A convention by name, with changes such as "dt=1e-3" or "reset=subtract".

    Raises:
        NetworkError: no such convention or option, a value out of range, or neither a name nor a dt.
    """
    if name is not None and name not in CONVENTIONS:
        raise NetworkError(f"there is no convention '{name}'; there are {', '.join(CONVENTIONS)}")
    known = [field.name for field in fields(Convention)]
    values: dict[str, Any] = {}
    for change in changes:
        option, _, text = change.partition("=")
        if option not in known:
            raise NetworkError(f"a convention has no option '{option}'; it has {', '.join(known)}")
        values[option] = _value(option, text)
    if name is None and "dt" not in values:
        raise NetworkError(
            "a NIR file does not say how long a step is: name the framework that it is from (--convention "
            f"{', '.join(CONVENTIONS)}) or give the options yourself (--with dt=1e-3)"
        )
    return replace(CONVENTIONS[name], **values) if name is not None else Convention(**values)


def _samples(path: Path, network: Network) -> tuple[IntArray, dict[str, Array]]:
    """Input counts (samples, steps, inputs), long enough for every layer, and the framework's spikes."""
    arrays = load_npz(path, ".npz file of samples", ("input",))
    raw = arrays.pop("input")
    inputs = sum(entry.size for entry in network.inputs.values())
    shapes = [entry.shape for entry in network.inputs.values()]
    single = (shapes[0] if len(shapes) == 1 else (inputs,), (inputs,))
    one = raw.ndim > 1 and raw.shape[1:] in single
    if not one and not (raw.ndim > 2 and raw.shape[2:] in single):
        raise EventError(
            f"{path}: input must have shape (steps, …) or (samples, steps, …) with … {single[0]}, not {raw.shape}"
        )
    counts = as_raster(raw.reshape(1 if one else raw.shape[0], -1, inputs), inputs)
    counts = np.pad(counts, [(0, 0), (0, max(network.lag.values(), default=0)), (0, 0)])
    theirs = {
        name: values
        for name, values in arrays.items()
        if name in network.populations and network.populations[name].spiking
    }
    return counts, theirs if one else {}


def _value(option: str, text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    if option == "spike_delay" and text.isdecimal():
        return int(text)
    if option in ("dt", "tau_unit", "integrator_step"):
        try:
            return float(text)
        except ValueError:
            raise NetworkError(f"{option} must be a number of seconds, not '{text}'") from None
    return text
