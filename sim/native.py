"""The chip on Verilator with the run loop in C++: millions of cycles per second."""

import ctypes
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ganglion.model.progress import SILENT, Progress
from ganglion.model.spec.errors import ChipError, ParamsError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.formats import CHUNK_BITS
from ganglion.model.spec.memories import Memory, MemorySpec, state_memories
from ganglion.model.spec.packet_arrays import Chunks, Words, kinds
from ganglion.model.spec.packets import Kind
from ganglion.model.spec.params import Params
from ganglion.sim.build import Chip, build_native
from ganglion.sim.build import chip as make_chip
from ganglion.sim.driver import NO_STALLS, Answer, Stalls, most_packets, patience, stuck
from ganglion.sim.header import Array, stored_arrays

SLICE = 200_000
"""Cycles per call into C++: a fraction of a second, after which Python can be interrupted."""

RUNNING, DONE, STUCK, UNLAWFUL, ASSERTED = range(5)
"""What chip_run returns; see native.cpp."""

ENDLESS = 5
"""As these: the chip has sent more than it may."""

OUTPUT = np.dtype([("packet", "<u8"), ("cycle", "<u8")])


@dataclass(frozen=True)
class Flip:
    """A single-event upset: one stored bit is inverted."""

    cycle: int
    array: int
    """In `NativeDriver.open_arrays`."""
    core: int
    row: int
    bit: int


@explained(ParamsError)
class NativeDriver:
    """A `Driver` around a shared library. Stalls come from a xorshift generator."""

    name = "native"

    def __init__(
        self,
        chip: Params | Chip,
        *,
        traced: bool = False,
        quick: bool = False,
        opened: bool = False,
        covered: bool = False,
        sanitized: bool = False,
        progress: Progress = SILENT,
    ) -> None:
        """Builds the chip where that has not been done, and resets it.

        Args:
            chip: what to simulate.
            traced: simulate a slower build, which can `record` waveforms.
            quick: simulate a slower build, which takes half the time to make: for short runs.
            opened: simulate a slower build, in whose arrays `flip` works.
            sanitized: simulate a slower build, which ends the process where its C++ does what it may not: see
                `ganglion.sim.build.SANITIZERS`.
            progress: told of the build.

        Raises:
            ToolError: as `ganglion.sim.build.build_native`.
        """
        self.chip = make_chip(chip, sources=covered) if isinstance(chip, Params) else chip
        self.params = self.chip.params
        built = build_native(
            self.chip,
            trace=traced,
            quick=quick,
            opened=opened,
            sanitized=sanitized,
            covered=covered,
            progress=progress,
        )
        self._library = _load(built)
        self.open_arrays = stored_arrays(self.chip.verilog) if opened else ()
        self._flips: list[Flip] = []
        self._handle = self._library.chip_create(traced)
        self._end = weakref.finalize(self, self._library.chip_destroy, self._handle)
        self.reset()

    def close(self) -> None:
        self._end()

    def record(self, path: Path) -> None:
        """Writes all signals to a VCD file, from now until `close`."""
        self._library.chip_trace(self._handle, str(path).encode())

    def coverage(self, path: Path) -> None:
        """Writes what of the Verilog has been reached so far, as a coverage file of Verilator's."""
        self._library.chip_coverage(self._handle, str(path).encode())

    def flip(self, flips: Sequence[Flip]) -> None:
        """Inverts stored bits, each after so many cycles from now on; the exchanges that follow go through them.

        Args:
            flips: each in one of `open_arrays`. They replace those whose time has not come.

        Raises:
            ChipError: there is no such bit.
        """
        for flip in flips:
            if not 0 <= flip.array < len(self.open_arrays) or not 0 <= flip.core < self.params.cores:
                there = f"{len(self.open_arrays)} open arrays in {self.params.cores} core(s)"
                raise ChipError(f"{flip}: the chip has {there}")
            array = self.open_arrays[flip.array]
            if not (0 <= flip.row < array.rows and 0 <= flip.bit < array.width and flip.cycle >= 0):
                raise ChipError(f"{flip}: {array.module} has {array.rows} rows of {array.width} bits")
        now = self._library.chip_cycle(self._handle)
        self._flips = sorted((replace(f, cycle=f.cycle + now) for f in flips), key=lambda f: f.cycle, reverse=True)

    def _cycles(self) -> int:
        """Does the flips whose time has come; how many cycles to go on for."""
        now = self._library.chip_cycle(self._handle)
        while self._flips and self._flips[-1].cycle <= now:
            flip = self._flips.pop()
            byte, bit = divmod(flip.bit, 8)
            byte += flip.row * self.open_arrays[flip.array].itemsize
            self._library.chip_flip(self._handle, flip.core * len(self.open_arrays) + flip.array, byte, bit)
        return min(SLICE, self._flips[-1].cycle - now) if self._flips else SLICE

    def reset(self, stalls: Stalls = NO_STALLS) -> None:
        self._patience = patience(self.params, stalls)
        self._library.chip_stall(self._handle, stalls.seed, stalls.source, stalls.sink)
        self._library.chip_reset(self._handle)

    def exchange(self, words: Words, *, replies: int = 0, states: bool = False, ahead: bool = False) -> Answer:
        library, chip = self._library, self._handle
        words = np.ascontiguousarray(words, dtype=np.uint64)
        steps = int((kinds(words) == Kind.END).sum()) if states else 0
        snapshots = np.zeros((steps, library.chip_snapshot_bytes()), dtype=np.uint8)
        begin = library.chip_cycle(chip)
        into = snapshots.ctypes.data if states else None
        library.chip_start(chip, words.ctypes.data, words.size, replies, ahead, into, steps)
        status, most = RUNNING, most_packets(self.params, words)
        while status == RUNNING:
            status = library.chip_run(chip, self._cycles(), self._patience)
            if status == RUNNING and library.chip_outputs(chip, ctypes.byref(ctypes.c_void_p())) > most:
                status = ENDLESS
        outputs = _array(library.chip_outputs, chip, OUTPUT)
        total = library.chip_cycle(chip) - begin
        if status != DONE:
            raise ChipError(self._complaint(status, total, words, outputs["packet"]))
        return Answer(
            words=outputs["packet"].astype(np.uint64),
            cycles=outputs["cycle"].astype(np.int64) - begin,
            step_cycles=_array(library.chip_steps, chip, np.dtype("<u8")).astype(np.int64),
            total=total,
            states=_unpack(self.params, self.chip.arrays, snapshots) if states else {},
        )

    def interrupt(self, words: Words, cycles: int) -> int:
        """Offers packets for so many cycles, whatever becomes of them; where they were not all taken, a reset must come
        next.

        Returns:
            How many were taken.
        """
        words = np.ascontiguousarray(words, dtype=np.uint64)
        self._library.chip_start(self._handle, words.ctypes.data, words.size, 0, True, None, 0)
        self._library.chip_run(self._handle, cycles, self._patience)
        taken: int = self._library.chip_taken(self._handle)
        return taken

    def _complaint(self, status: int, cycle: int, words: Words, outputs: Words) -> str:
        where = f"the chip ({self.params.name}), {cycle} cycles after packet 0 was offered, "
        if status == ENDLESS:
            return where + f"sent {outputs.size} packets and goes on; for these {words.size} it may send fewer"
        if status == UNLAWFUL:
            return where + "changed or withdrew a packet that it offered and that was not accepted yet"
        if status == ASSERTED:
            place = self._library.chip_assertion().decode()
            line = self.chip.verilog.splitlines()[int(place.rpartition(":")[2]) - 1]
            return where + f"broke an assertion at {place}: {line.strip()}"
        return where + stuck(self._library.chip_taken(self._handle), words, outputs)


def _without_parity(chunks: Chunks, width: int) -> Chunks:
    """Rows of so many bits; what is above them, in their last chunk, is no part of them."""
    if over := width % CHUNK_BITS:
        chunks[..., -1] &= (1 << over) - 1
    return chunks


def _apart(chunks: Chunks, spec: MemorySpec) -> Chunks:
    """The rows of a memory that lie side by side in those of its array, each on its own: shape (snapshots, rows of the
    part, chunks)."""
    if spec.beside == 1:
        return chunks
    columns = spec.array.unpack_rows(chunks.reshape(-1, spec.array.chunks))
    names = [field.name for field in spec.layout.fields]
    values = {name: np.stack([columns[f"{name}_{k}"] for k in range(spec.beside)], axis=1).ravel() for name in names}
    rows = spec.layout.pack_rows(len(chunks) * spec.depth, values)
    return rows.reshape(len(chunks), spec.depth, spec.layout.chunks)


@cache
def _load(path: Path) -> ctypes.CDLL:
    library = ctypes.CDLL(str(path))
    chip, size, cycles = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_uint64
    for name, result, arguments in (
        ("chip_create", chip, [ctypes.c_int]),
        ("chip_destroy", None, [chip]),
        ("chip_trace", None, [chip, ctypes.c_char_p]),
        ("chip_coverage", None, [chip, ctypes.c_char_p]),
        ("chip_reset", None, [chip]),
        ("chip_stall", None, [chip, ctypes.c_uint64, ctypes.c_double, ctypes.c_double]),
        ("chip_start", None, [chip, ctypes.c_void_p, size, size, ctypes.c_int, ctypes.c_void_p, size]),
        ("chip_run", ctypes.c_int, [chip, cycles, cycles]),
        ("chip_flip", None, [chip, size, size, ctypes.c_int]),
        ("chip_cycle", cycles, [chip]),
        ("chip_taken", size, [chip]),
        ("chip_snapshot_bytes", size, []),
        ("chip_assertion", ctypes.c_char_p, []),
        ("chip_outputs", size, [chip, ctypes.POINTER(ctypes.c_void_p)]),
        ("chip_steps", size, [chip, ctypes.POINTER(ctypes.c_void_p)]),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


def _array(function: Callable[..., int], chip: int, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    """A copy of an array that the library owns."""
    address = ctypes.c_void_p()
    count = function(chip, ctypes.byref(address))
    return np.frombuffer(ctypes.string_at(address, count * dtype.itemsize) if count else b"", dtype=dtype)


def _unpack(params: Params, arrays: tuple[Array, ...], snapshots: npt.NDArray[np.uint8]) -> dict[Memory, Chunks]:
    """Snapshots as the chunks that READ packets would have brought."""
    snapshots = snapshots.reshape(snapshots.shape[0] * params.cores, -1)
    states = {}
    position = 0
    for memory, spec in state_memories(params).items():
        parts = []
        for array in (a for a in arrays if a.memory == memory):
            raw = snapshots[:, position : position + array.size].reshape(-1, array.rows, array.itemsize)
            position += array.size
            chunks = raw if array.itemsize == 1 else np.ascontiguousarray(raw).view("<u2")
            chunks = _without_parity(chunks[:, :, : spec.array.chunks].astype(np.uint16), spec.array.width)
            parts.append(_apart(chunks, spec))
        # Row r of lane l is row r * lanes + l of the memory.
        states[memory] = np.stack(parts, axis=2).reshape(-1, params.cores, spec.rows, spec.layout.chunks)
    return states
