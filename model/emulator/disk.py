"""Stored networks on disk: a folder of arrays, which are mapped from there, page by page as they are used.

`network.json` has the small things, and of each array, which is a NumPy file, what it is and its checksum. Weights that
are written stay in memory and never reach the file.
"""

import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ganglion.model.emulator.kernels.arrays import Rows
from ganglion.model.emulator.network import StoredNetwork
from ganglion.model.emulator.valid import check_form, check_values
from ganglion.model.spec.arrays import Array
from ganglion.model.spec.errors import FormatError, GanglionError, ProgramError
from ganglion.model.spec.files import written_folder
from ganglion.model.spec.params import Params
from ganglion.model.spec.program import Program
from ganglion.model.spec.program_file import type_of, type_values
from ganglion.model.spec.untrusted import DAMAGE, load_json, opened, read_array_header

FORMAT = 3
"""Version of the folder."""

HEADER = "network.json"

NEURONS = ("threshold", "bias", "type", "outputs")
SYNAPSES = ("table", "words", "matrix")
SPELT = ("indptr", "post_neuron", "weight", "delay")
"""Arrays of a program whose synapses are spelt out, which number them."""

AGAIN = "save the network again"

COUNTS = {"inputs": int, "seed": int, "least_delay": int, "one_delay": bool}
"""Fields of its program and its rows that the header has, and their types: kernels are compiled for those."""

PLAIN = {"spelled_out": bool, "pitch": int, "bound": int, "first": int, "count": int, "written": bool}
"""Fields of a `StoredNetwork` that the header has as they are, and their types."""


def save_network(network: StoredNetwork, folder: str | Path) -> None:
    """Write a network to a new folder.

    Raises:
        FileExistsError: the folder is there already.
        OSError: it cannot be written; nothing is left of it then.
        ProgramError: the network learns.
    """
    n = network.neurons
    if n.learning is not None:
        raise ProgramError("a network that learns is not saved in a folder: save its program, and the emulator's state")
    arrays = {name: getattr(n, name) for name in NEURONS + (SPELT if network.spelled_out else ())}
    arrays |= {name: getattr(network.rows, name) for name in SYNAPSES}
    header: dict[str, Any] = {
        "format": FORMAT,
        "params": n.params.to_dict(),
        "types": [type_values(each) for each in n.types],
        "inputs": n.inputs,
        "seed": n.seed,
        "names": {name: list(where) for name, where in n.names.items()},
        "least_delay": network.rows.least_delay,
        "one_delay": bool(network.rows.one_delay),
        "fingerprint": network.fingerprint(),
        **{name: kind(getattr(network, name)) for name, kind in PLAIN.items()},
        "arrays": {name: _described(array) for name, array in arrays.items()},
    }
    with written_folder(folder) as part:
        for name, array in arrays.items():
            np.save(part / f"{name}.npy", array)
        text = json.dumps({**header, "checksum": _checksum_of(header)}, indent=1)
        (part / HEADER).write_text(text)


def open_network(folder: str | Path, *, unchecked: bool = False) -> StoredNetwork:
    """Open a network that `save_network` wrote. The folder may hold anything: all of it is read once, and checked.

    Args:
        folder: where it is.
        unchecked: believe the arrays of a network that you know to be whole, and read nothing of them until it is used.
            A damaged one then ends the process, or gives other spikes.

    Raises:
        FormatError: the folder is not such a network, of another version, or damaged; names the file.
        FileNotFoundError: there is no such folder.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no folder {folder}")
    header = load_json(folder / HEADER, "header of a saved network")
    if header.get("format") != FORMAT:
        raise FormatError(
            f"{folder} is a network of version {header.get('format')!r}; this Ganglion reads {FORMAT}: {AGAIN}"
        )
    try:
        checksum = header.pop("checksum")
        if checksum != _checksum_of(header):
            raise ValueError(f"the checksum of {HEADER} is {_checksum_of(header)!r}, and should be {checksum!r}")
        described = header["arrays"]
        names = NEURONS + SYNAPSES + (SPELT if header["spelled_out"] else ())
        if set(described) != set(names):
            raise ValueError(f"its arrays must be {', '.join(names)}, not {', '.join(described)}")
        arrays = {name: _mapped(folder / f"{name}.npy", described[name]) for name in names}
        network = _network(header, arrays)
        check_form(network)
        if not unchecked:
            for name, array in arrays.items():
                if _described(array) != described[name]:
                    raise ValueError(f"{name}.npy is damaged: its checksum is not the one in {HEADER}")
            check_values(network)
    except FormatError as error:
        raise FormatError(f"{folder} is not a saved network: {error}") from error
    except (GanglionError, *DAMAGE) as error:
        raise FormatError(f"{folder} is not a saved network: {error}: {AGAIN}") from error
    return network


def _network(header: Mapping[str, Any], arrays: Mapping[str, Array]) -> StoredNetwork:
    for name, kind in {**COUNTS, **PLAIN}.items():
        if type(header[name]) is not kind:
            raise TypeError(f"{name} must be of type {kind.__name__}, not {header[name]!r}")
    none = np.zeros(0, dtype=np.int64)
    neurons: dict[str, Any] = {name: arrays[name] for name in NEURONS}
    spelt: dict[str, Any] = {name: arrays.get(name, none) for name in SPELT}
    if not header["spelled_out"]:
        spelt["indptr"] = np.zeros(header["inputs"] + arrays["threshold"].size + 1, dtype=np.int64)
    program = Program(
        params=Params.from_dict(header["params"]),
        types=tuple(type_of(**values) for values in header["types"]),
        inputs=header["inputs"],
        seed=header["seed"],
        names={name: (first, count) for name, (first, count) in header["names"].items()},
        **neurons,
        **spelt,
        rule=np.broadcast_to(0, spelt["weight"].shape),
        receptor=np.broadcast_to(0, spelt["weight"].shape),
    )
    rows = Rows(arrays["table"], arrays["words"], arrays["matrix"], header["least_delay"], header["one_delay"])
    plain = {name: header[name] for name in PLAIN}
    return StoredNetwork(neurons=program, rows=rows, known_fingerprint=str(header["fingerprint"]), **plain)


def _mapped(path: Path, described: Mapping[str, Any]) -> Array:
    """An array on disk, as a plain array (for which kernels are compiled) whose writes stay in memory."""
    shape, dtype = tuple(described["shape"]), np.dtype(str(described["dtype"]))
    with opened(path) as file:
        found = read_array_header(file)
        begin, size = file.tell(), path.stat().st_size
    if found != (shape, False, dtype) or dtype.kind not in "iu":
        raise ValueError(f"{path.name} must be an array of {dtype} of shape {shape}, as {HEADER} says")
    if size - begin != int(np.prod(shape, dtype=object)) * dtype.itemsize:
        raise ValueError(f"{path.name} is {size - begin} bytes behind its header, which are not {dtype} of {shape}")
    if not size - begin:
        return np.zeros(shape, dtype)
    return np.memmap(path, dtype, "c", begin, shape).view(np.ndarray)


def _described(array: Array) -> dict[str, Any]:
    """What the header says of an array."""
    raw = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    return {"dtype": array.dtype.str, "shape": list(array.shape), "crc32": zlib.crc32(raw.data)}


def _checksum_of(header: Mapping[str, Any]) -> int:
    """Of the header but for itself; it covers the checksums of the arrays."""
    return zlib.crc32(json.dumps(header, sort_keys=True).encode())
