"""Stored networks on disk: a folder of arrays, opened without reading them.

`network.json` has the small things, each array is a NumPy file. Opened arrays are mapped from disk, page by page as
they are used; weights that are written stay in memory and never reach the file.
"""

import json
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from ganglion.model.emulator.kernels.arrays import Rows
from ganglion.model.emulator.network import StoredNetwork
from ganglion.model.spec.errors import FormatError, ParamsError, ProgramError
from ganglion.model.spec.neuron import NeuronType
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program

FORMAT = 2
"""Version of the folder."""

NEURONS = ("threshold", "bias", "type", "outputs")
SYNAPSES = ("table", "words", "matrix")
SPELT = ("indptr", "post_neuron", "weight", "delay")
"""Arrays of a program whose synapses are spelt out, which number them."""


def save_network(network: StoredNetwork, folder: str | Path) -> None:
    """Write a network to a new folder.

    Raises:
        FileExistsError: the folder is there already.
        OSError: it cannot be written; nothing is left of it then.
    """
    folder = Path(folder)
    if folder.exists():
        raise FileExistsError(f"{folder} exists; remove it, or save to another folder")
    n = network.neurons
    header: dict[str, Any] = {
        "format": FORMAT,
        "params": n.params.to_dict(),
        "types": [asdict(each) for each in n.types],
        "inputs": n.inputs,
        "seed": n.seed,
        "names": {name: list(where) for name, where in n.names.items()},
        "least_delay": network.rows.least_delay,
        "one_delay": network.rows.one_delay,
        "fingerprint": network.fingerprint(),
        **{name: getattr(network, name) for name in ("spelled_out", "pitch", "bound", "first", "count", "written")},
    }
    arrays = {name: getattr(n, name) for name in NEURONS + (SPELT if network.spelled_out else ())}
    arrays |= {name: getattr(network.rows, name) for name in SYNAPSES}
    part = Path(tempfile.mkdtemp(dir=folder.parent, prefix=folder.name, suffix=".part"))
    try:
        for name, array in arrays.items():
            np.save(part / f"{name}.npy", array)
        (part / "network.json").write_text(json.dumps(header, indent=1))
        part.rename(folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def open_network(folder: str | Path) -> StoredNetwork:
    """Open a network that `save_network` wrote.

    Raises:
        FormatError: the folder is not such a network, or of another version.
        FileNotFoundError: there is no such folder.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no folder {folder}")
    try:
        header = json.loads((folder / "network.json").read_text())
        if header["format"] != FORMAT:
            raise FormatError(f"{folder} is a network of version {header['format']}; this Ganglion reads {FORMAT}")
        names = NEURONS + SYNAPSES + (SPELT if header["spelled_out"] else ())
        arrays = {name: _mapped(folder / f"{name}.npy") for name in names}
        types = tuple(NeuronType(**values) for values in header["types"])
        params = Params.from_dict(header["params"])
        places = {name: (first, count) for name, (first, count) in header["names"].items()}
        rows = Rows(arrays["table"], arrays["words"], arrays["matrix"], header["least_delay"], header["one_delay"])
        fields = {name: header[name] for name in ("spelled_out", "pitch", "bound", "first", "count", "written")}
    except (ParamsError, ProgramError, LookupError, TypeError, ValueError, AttributeError, OSError) as error:
        raise FormatError(f"{folder} is not a saved network: {error}") from error
    none = np.zeros(0, dtype=np.int64)
    spelt = {name: arrays.get(name, none) for name in SPELT}
    if not header["spelled_out"]:
        spelt["indptr"] = np.zeros(header["inputs"] + arrays["threshold"].size + 1, dtype=np.int64)
    program = Program(
        params=params,
        types=types,
        inputs=header["inputs"],
        seed=header["seed"],
        names=places,
        **{name: arrays[name] for name in NEURONS},
        **spelt,
        rule=np.broadcast_to(0, spelt["weight"].shape),
        receptor=np.broadcast_to(0, spelt["weight"].shape),
    )
    return StoredNetwork(neurons=program, rows=rows, known_fingerprint=header["fingerprint"], **fields)


def _mapped(path: Path) -> Any:
    """An array on disk, as a plain array (for which kernels are compiled) whose writes stay in memory."""
    array = np.load(path, mmap_mode="c", allow_pickle=False) if path.stat().st_size > 4096 else np.load(path)
    return array.view(np.ndarray)
