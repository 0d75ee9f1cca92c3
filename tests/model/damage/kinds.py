"""Every kind of file that Ganglion reads: how one is made and loaded, and whether two that were loaded are equal."""

import dataclasses
import json
import pickle
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from ganglion import hs_api
from ganglion.model.compiler import compile_program, load_image, save_image
from ganglion.model.emulator.disk import open_network, save_network
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.emulator.store import store_program
from ganglion.model.energy import Technology
from ganglion.model.interchange.events import from_arrays, read_events, write_npz
from ganglion.model.interchange.nir.importer import import_nir
from ganglion.model.mismatch.distortion import Distortion
from ganglion.model.networks.weights_file import load_arrays, save_arrays
from ganglion.model.random_network import RandomNetwork, random_network
from ganglion.model.spec.files import write_text
from ganglion.model.spec.params import PRESETS
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference
from ganglion.model.spec.trace import Trace
from tests.model.interchange.events import writers

HERE = Path(__file__).parent

SEED = 5
"""Of the network that is kept in all of these."""


@dataclasses.dataclass(frozen=True)
class Kind:
    """A kind of file."""

    make: Callable[[Path], None]
    """Writes one: a file, or a folder."""
    load: Callable[[Path], Any]
    """Reads it, as plain values that `same` compares."""
    checked: bool = True
    """Whether a damaged one that loads must be equal: formats of others have no checksum."""
    suffix: str = ""
    apart: bool = False
    """Whether it is decoded in a process of its own, which takes longer."""


@cache
def program() -> Program:
    return random_network(PRESETS["tiny"], SEED).program


@cache
def trace() -> Trace:
    case = random_network(PRESETS["tiny"], SEED)
    return Emulator(case.program).run(case.events, keep_states=True, probes={"v": [0, 1]})


@cache
def learner() -> RandomNetwork:
    """A network that learns, on its chip."""
    return random_network(PRESETS["tiny-learning"], SEED)


@cache
def learned() -> Trace:
    return Reference(learner().program).run(learner().events, keep_states=True)


@cache
def emulator() -> Emulator:
    """One for all checkpoints: what is refused leaves it as it was."""
    return Emulator(program())


def plain(thing: Any) -> Any:
    """Something of arrays and fields as plain values, to compare."""
    if isinstance(thing, np.ndarray):
        return thing.shape, thing.dtype.kind, thing.tolist()
    if isinstance(thing, dict):
        return {key: plain(value) for key, value in thing.items()}
    if isinstance(thing, list | tuple):
        return [plain(value) for value in thing]
    if hasattr(thing, "__dict__") and not callable(thing):
        return {name: plain(value) for name, value in vars(thing).items() if not name.startswith("_")}
    return thing


def _resumed(path: Path) -> Any:
    target = emulator()
    before = plain(target.snapshot())
    try:
        target.resume(path)
    except Exception:
        assert plain(target.snapshot()) == before, "a refused checkpoint has changed the emulator"
        raise
    return plain(target.snapshot())


def _checkpoint(path: Path) -> None:
    case = random_network(PRESETS["tiny"], SEED)
    target = Emulator(case.program)
    target.write_weights(0, 1)
    target.run(case.events)
    target.save(path)


def _stored(path: Path) -> Any:
    network = open_network(path)
    return plain(network.neurons), plain([*network.rows]), network.pitch, network.bound, network.written


def _pickle(path: Path) -> None:
    model = hs_api.LIF_neuron(threshold=2, shift=-17, leak=63)
    config = {"axons": {"x": [("a", 3)]}, "connections": {"a": ([("b", np.int64(2))], model)}, "more": np.arange(5)}
    path.write_bytes(pickle.dumps(config, protocol=2))


def _nir(path: Path) -> None:
    path.write_bytes((HERE.parent / "interchange" / "nir" / "files" / "norse_cuba.nir").read_bytes())


def _events() -> Any:
    rng = np.random.default_rng(SEED)
    t = np.sort(rng.integers(0, 90_000, 60))
    return from_arrays(t, rng.integers(0, 34, 60), rng.integers(0, 34, 60), rng.integers(0, 2, 60), (34, 34))


def _weights(path: Path) -> None:
    save_arrays({"hidden": np.arange(12).reshape(3, 4) / 7, "output": np.arange(6) / 3}, path)


def _columns() -> list[Any]:
    recording = _events()
    return [recording.t, recording.x, recording.y, recording.p]


def _of_others(suffix: str, make: Callable[[Path], None], apart: bool = False) -> Kind:
    """A format of events that has no checksum."""
    return Kind(make, lambda path: plain(read_events(path)), checked=False, suffix=suffix, apart=apart)


def _hdf5(path: Path) -> None:
    with h5py.File(path, "w") as file:
        for name, column in zip("txyp", _columns(), strict=True):
            file.create_dataset(f"events/{name}", data=column, compression="gzip", chunks=(16,))


def _aedat4(path: Path) -> None:
    path.write_bytes((HERE.parent / "interchange" / "events" / "three_packets.aedat4").read_bytes())


KINDS = {
    "program": Kind(lambda path: program().save(path), lambda path: plain(Program.load(path))),
    "trace": Kind(lambda path: trace().save(path), lambda path: plain(Trace.load(path))),
    "image": Kind(lambda path: save_image(compile_program(program()), path), lambda path: plain(load_image(path))),
    "learning program": Kind(lambda path: learner().program.save(path), lambda path: plain(Program.load(path))),
    "learning trace": Kind(lambda path: learned().save(path), lambda path: plain(Trace.load(path))),
    "learning image": Kind(lambda path: save_image(learner().image, path), lambda path: plain(load_image(path))),
    "checkpoint": Kind(_checkpoint, _resumed),
    "distortion": Kind(
        lambda path: Distortion.draw(program(), seed=1, gain=0.1, dead=0.2).save(path),
        lambda path: plain(Distortion.load(path)),
    ),
    "stored network": Kind(lambda path: save_network(store_program(program()), path), _stored),
    "weights": Kind(_weights, lambda path: plain(load_arrays(path, {"hidden": (3, 4), "output": (6,)}))),
    "events": Kind(lambda path: write_npz(path, _events()), lambda path: plain(read_events(path)), suffix=".npz"),
    "energies": Kind(
        lambda path: path.write_text(json.dumps({"source": "me", "add_bit": 1, "operations": {"SynOp": 2.5}})) and None,
        lambda path: plain(Technology.from_file(path)),
        checked=False,
    ),
    "pickle": Kind(_pickle, lambda path: plain(hs_api.load_pickle(path)), checked=False),
    "aedat2": _of_others(".aedat", lambda path: writers.aedat2(path, _columns())),
    "aedat3": _of_others(".aedat", lambda path: writers.aedat3(path, _columns())),
    "aedat4": _of_others(".aedat4", _aedat4, apart=True),
    "bin": _of_others(".bin", lambda path: path.write_bytes(bytes(range(125))) and None),
    "dat": _of_others(".dat", lambda path: writers.dat(path, _columns())),
    "evt2": _of_others(".raw", lambda path: writers.evt2(path, _columns())),
    "evt21": _of_others(".raw", lambda path: writers.evt21(path, _columns())),
    "evt3": _of_others(".raw", lambda path: writers.evt3(path, _columns(), vectors=True)),
    "text": _of_others(".txt", lambda path: write_text(path, writers.table(_columns(), "txyp"))),
    "array": _of_others(".npy", lambda path: np.save(path, writers.structured(_columns()))),
    "hdf5": _of_others(".h5", _hdf5, apart=True),
    "nir": Kind(_nir, lambda path: repr(import_nir(path, "norse")), checked=False, apart=True),
}
