"""What is fuzzed: each kind of file that is read, and each kind of chip that takes packets."""

import io
import json
import random
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from ganglion.fpga.board_file import read_board
from ganglion.fpga.host.session import HostLink
from ganglion.jobs.recording import read_labels, read_recording
from ganglion.jobs.saved import load_saved
from ganglion.model.compiler import compile_program, load_image
from ganglion.model.emulator import disk
from ganglion.model.emulator.emulator import Emulator
from ganglion.model.interchange.nir.importer import import_nir
from ganglion.model.networks.mnist.images import load_images
from ganglion.model.spec.events import Events
from ganglion.model.spec.frames import Frame, FrameKind
from ganglion.model.spec.program import Program
from ganglion.model.spec.reference import Reference
from ganglion.model.spec.trace import Trace
from ganglion.model.training.metropolis import Chain
from ganglion.web.portal.events_file import read_events as read_portal_events
from ganglion.web.portal.job import Nir
from ganglion.web.portal.network import read_network
from ganglion.web.portal.server.door import read_request
from tests.fpga.host.line import stuffed
from tests.fuzz.mutate import changed
from tests.fuzz.packets import CHIPS, change_packets, packet_seeds, run_packets
from tests.model.damage.damage import files_of
from tests.model.damage.kinds import KINDS, program

ROOT = Path(__file__).parents[2]

CORPUS = Path(__file__).parent / "corpus"
"""Inputs that once were trouble, each named TARGET-WHAT."""

Files = Mapping[str, bytes]
"""An input: the files of a folder by name, or one file, called ""."""


@dataclass(frozen=True)
class Target:
    """Something that takes what anyone may have written."""

    seeds: Callable[[], list[Files]]
    """Inputs that are right."""
    run: Callable[[Path], Any]
    """Takes an input, and uses what it finds in it."""
    change: Callable[[Files, random.Random], Files]
    suffix: str = ""
    sanitized: bool = False
    """Whether it is C++ of ours, which runs under the address sanitizer."""
    refuses: bool = True
    """Whether it may say no, in one of our errors."""

    def input(self, name: str, seed: int, number: int) -> Files:
        """The input of a number: always the same for the same name and seed."""
        rng = random.Random(f"{seed}/{name}/{number}")
        return self.change(rng.choice(self.seeds()), rng)

    def write(self, files: Files, folder: Path) -> Path:
        """Writes an input into an empty folder, and says where it is."""
        path = folder / f"input{self.suffix}"
        if "" in files:
            path.write_bytes(files[""])
            return path
        path.mkdir()
        for name, content in files.items():
            (path / name).write_bytes(content)
        return path


def read_input(path: Path) -> Files:
    """An input that was written."""
    return {"" if file == path else file.name: file.read_bytes() for file in files_of(path)}


def made(make: Callable[[Path], object], suffix: str = "") -> Callable[[], list[Files]]:
    """Seeds: what is written to a path, once."""

    @cache
    def seeds() -> list[Files]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"seed{suffix}"
            make(path)
            return [read_input(path)]

    return seeds


def texts(*found: str | bytes) -> Callable[[], list[Files]]:
    """Seeds that are these texts."""
    return lambda: [{"": text.encode() if isinstance(text, str) else text} for text in found]


def change_files(files: Files, rng: random.Random) -> Files:
    """One of the files is changed; the checksums of a stored network are put right, most often."""
    name = rng.choice(sorted(files))
    after = {**files, name: changed(files[name], rng)}
    return _checksummed(after) if disk.HEADER in after and rng.random() < 0.8 else after


def _checksummed(files: dict[str, bytes]) -> Files:
    try:
        header = json.loads(files[disk.HEADER])
        for name in header["arrays"]:
            header["arrays"][name] = disk._described(np.load(io.BytesIO(files[f"{name}.npy"]), allow_pickle=False))
        header.pop("checksum", None)
        checksum = disk._checksum_of(header)
    except Exception:  # No header that has checksums: it stays as it is.
        return files
    return {**files, disk.HEADER: json.dumps({**header, "checksum": checksum}).encode()}


STEPS = 3
"""Of each network that can be loaded."""


def _some_events(inputs: int) -> Events:
    return Events.from_steps([[0] * bool(inputs), [], [inputs - 1] * bool(inputs)][:STEPS])


def _run_program(path: Path) -> None:
    found = Program.load(path)
    Reference(found).run(_some_events(found.inputs), keep_states=True)
    compile_program(found)


def _run_stored(path: Path) -> None:
    """Kernels look at no bound: what was let in must be right."""
    network = disk.open_network(path)
    Emulator(network).run(_some_events(network.neurons.inputs))


def _run_image(path: Path) -> None:
    image = load_image(path)
    image.packets()
    Reference(image.program).run(_some_events(image.program.inputs))


def _run_trace(path: Path) -> None:
    trace = Trace.load(path)
    trace.counts()
    list(trace.spikes_per_step())
    assert trace == trace


USES: dict[str, Callable[[Path], Any]] = {
    "program": _run_program,
    "learning program": _run_program,
    "image": _run_image,
    "learning image": _run_image,
    "trace": _run_trace,
    "learning trace": _run_trace,
    "stored network": _run_stored,
    "nir": lambda path: import_nir(path, "norse"),
}
"""What is done with files of a kind, where that is more than to load them."""


def _images(folder: Path) -> None:
    """MNIST's files where the loader looks for them."""
    load_images("t10k", folder)


def _idx(path: Path) -> None:
    import gzip

    path.mkdir()
    for name, head in (("images-idx3", (2051, 2, 28, 28)), ("labels-idx1", (2049, 2))):
        content = np.array(head, ">u4").tobytes() + bytes(2 * (784 if len(head) > 2 else 1))
        (path / f"t10k-{name}-ubyte.gz").write_bytes(gzip.compress(content, mtime=0))


def _load_idx(path: Path) -> None:
    """The loader looks for a folder called mnist."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "mnist").symlink_to(path)
        load_images("t10k", folder)


def _chain(path: Path) -> None:
    zeros = np.zeros(6, dtype=np.int64)
    Chain(weights=zeros, best=zeros.copy(), loss=1.0, best_loss=1.0).save(path)


def _portal_events(path: Path) -> None:
    network = read_network(_portal_program(), Nir())
    read_portal_events(path, network, None)


@cache
def _portal_program() -> Path:
    path = Path(tempfile.mkdtemp(prefix="ganglion-fuzz-")) / "program.npz"
    program().save(path)
    return path


def _read_portal_network(path: Path) -> None:
    found = read_network(path, Nir())
    assert found.about


def _hear(path: Path) -> None:
    """Bytes on the line to the host, as the link of a session takes them."""
    link, raw = HostLink(session=7), path.read_bytes()
    for k in range(0, len(raw), 50):
        link.receive(raw[k : k + 50], 0.001 * k)
        link.transmit(0.001 * k)


def _frames() -> list[Files]:
    payloads = (b"", bytes(range(40)), b"\0" * 9)
    raw = b"".join(
        stuffed(Frame(kind=FrameKind.DATA, session=7, ack=0, room=512, offset=offset, payload=payload))
        for offset, payload in zip((0, 0, 40), payloads, strict=True)
    )
    return [{"": raw}]


HIAER = json.dumps({
    "axons": {"x": [["a", 9]]},
    "connections": {"a": [[["b", 3]], "leaky"], "b": [[], "leaky"]},
    "outputs": ["b"],
    "models": {"leaky": {"kind": "LIF", "threshold": 5, "leak": 3}},
})  # fmt: skip

REQUEST = json.dumps({
    "name": "job", "target": "emulator", "steps": 20, "record": {"states": True, "probes": {"v": [0, 1]}},
    "limits": {"seconds": 5.0, "memory": 1 << 30}, "nir": {"choices": ["a=b"], "preset": "small"},
})  # fmt: skip

BOARD = """name = "my_board"
loader = "colorlight-i5"
[fpga]
device = "LFE5U-25F"
package = "BG381"
speed = 6
[clock]
pin = "P3"
oscillator = 25
chip = 40
[uart]
rx = "J17"
tx = "H18"
baud = 1_000_000
[lights]
pins = ["U16", "U17"]
inverted = true
[chip]
preset = "small"
lanes = 2
"""

_RASTER = np.eye(6, dtype=np.int64)[None].repeat(3, axis=0)

TARGETS: dict[str, Target] = {
    name: Target(made(kind.make, kind.suffix), USES.get(name, kind.load), change_files, kind.suffix)
    for name, kind in KINDS.items()
} | {
    "board file": Target(texts(BOARD), lambda path: read_board(str(path)), change_files, ".toml"),
    "chain": Target(made(_chain), Chain.load, change_files),
    "idx": Target(made(_idx), _load_idx, change_files),
    "saved": Target(made(lambda path: program().save(path)), load_saved, change_files),
    "samples": Target(
        made(lambda path: np.savez(path, input=_RASTER, labels=np.arange(3)), ".npz"),
        lambda path: read_recording(path, (6,)),
        change_files,
        ".npz",
    ),
    "labels": Target(
        made(lambda path: np.save(path, np.arange(5)), ".npy"), lambda path: read_labels(path, 5), change_files, ".npy"
    ),
    "portal network": Target(
        made(lambda path: program().save(path), ".npz"), _read_portal_network, change_files, ".npz"
    ),
    "portal HiAER": Target(texts(HIAER), _read_portal_network, change_files, ".json"),
    "portal events": Target(texts('{"steps": [[0, 0], [], [0]]}'), _portal_events, change_files, ".json"),
    "portal arrays": Target(
        made(lambda path: np.savez(path, axon=np.array([0, 0]), start=np.array([0, 1, 2])), ".npz"),
        _portal_events,
        change_files,
        ".npz",
    ),
    "portal request": Target(
        texts(REQUEST), lambda path: read_request(path.read_text("utf-8", "replace")), change_files
    ),
    "link frames": Target(_frames, _hear, change_files),
} | {
    f"packets {name}": Target(
        lambda name=name: [{"": words.tobytes()} for words in packet_seeds(name)],  # type: ignore[misc]
        lambda path, name=name: run_packets(name, path),  # type: ignore[misc]
        lambda files, rng, name=name: {"": change_packets(name, files[""], rng)},  # type: ignore[misc]
        sanitized=True,
        refuses=False,
    )
    for name in CHIPS
}  # fmt: skip
