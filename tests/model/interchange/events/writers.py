"""Files of events in the formats of others, written as their documents say."""

import struct
from collections.abc import Sequence
from pathlib import Path

import h5py
import numpy as np

from ganglion.model.spec.arrays import Array, IntArray

Columns = Sequence[IntArray]
"""t, x, y and p."""


def aedat2(path: Path, columns: Columns, chip: str = "") -> None:
    t, x, y, p = columns
    address = y << 22 | x << 12 | p << 11 if "DAVIS" in chip else y << 8 | x << 1 | p
    header = f"#!AER-DAT2.0\r\n# AEChip: eu.seebetter.{chip}\r\n" if chip else "#!AER-DAT2.0\r\n# raw data\r\n"
    path.write_bytes(header.encode() + np.stack((address, t), axis=1).astype(">i4").tobytes())


def aedat3(path: Path, columns: Columns, sources: Sequence[int] = (1,), invalid: int = 0, form: str = "RAW") -> None:
    """Each source has all events, in packets of 7; a packet of another type lies between them."""
    data = np.stack((columns[1] << 17 | columns[2] << 2 | columns[3] << 1 | 1, columns[0] & 0x7FFFFFFF), axis=1)
    data[:invalid, 0] &= ~1
    overflows = columns[0] >> 31
    raw = f"#!AER-DAT3.1\r\n#Format: {form}\r\n#Source 1: DAVIS346\r\n#!END-HEADER\r\n".encode()
    for begin in range(0, len(data), 7):
        for source in sources:
            part = data[begin : begin + 7]
            raw += struct.pack("<hhiiiiii", 1, source, 8, 4, overflows[begin], len(part), len(part), len(part))
            raw += part.astype("<u4").tobytes()
            raw += struct.pack("<hhiiiiii", 3, source, 4, 0, 0, 1, 1, 1) + b"imu6"
    path.write_bytes(raw)


def dat(path: Path, columns: Columns, header: str = "% Width 640\n% Height 480\n") -> None:
    t, x, y, p = columns
    words = np.stack((t, p << 28 | y << 14 | x), axis=1).astype("<u4")
    path.write_bytes(f"% Data file containing CD events\n% Version 2\n{header}\0\x08".encode() + words.tobytes())


def evt2(path: Path, columns: Columns, header: str = "% evt 2.0\n% geometry 640x480\n") -> None:
    words = []
    for t, x, y, p in zip(*(column.tolist() for column in columns), strict=True):
        words += [0x8 << 28 | t >> 6, 0xA << 28 | 1, p << 28 | (t & 0x3F) << 22 | x << 11 | y]
    path.write_bytes(header.encode() + np.array(words, dtype="<u4").tobytes())


def evt21(path: Path, columns: Columns) -> None:
    """An event of 32 pixels each, of which one is set."""
    words = []
    for t, x, y, p in zip(*(column.tolist() for column in columns), strict=True):
        base = x & ~31
        words += [(0x8 << 60) | t >> 6 << 32, p << 60 | (t & 0x3F) << 54 | base << 43 | y << 32 | 1 << x - base]
    header = b"% format EVT21;height=480;width=640\n% end\n"
    path.write_bytes(header + np.array(words, dtype="<u8").tobytes())


def evt3(path: Path, columns: Columns, vectors: bool = False) -> None:
    """With vectors, an event is one of 12 or 8 pixels, of which the first or the last is set."""
    words = []
    for k, (t, x, y, p) in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
        words += [0x8 << 12 | t >> 12 & 0xFFF, 0x6 << 12 | t & 0xFFF, y, 0x7 << 12 | 5]
        if not vectors:
            words += [0x2 << 12 | p << 11 | x]
        elif k % 2:
            words += [0x3 << 12 | p << 11 | x, 0x4 << 12 | 1]
        elif x < 12:
            words += [0x2 << 12 | p << 11 | x]
        else:
            words += [0x3 << 12 | p << 11 | max(0, x - 19), 0x4 << 12, 0x5 << 12 | 1 << min(7, x - 12)]
    path.write_bytes(b"% evt 3.0\n% plugin_name hal_plugin_gen31\n" + np.array(words, dtype="<u2").tobytes())


def table(columns: Columns, order: str, mark: str = " ", head: str = "", seconds: bool = False) -> str:
    """Lines of text."""
    by_name = dict(zip("txyp", (column.tolist() for column in columns), strict=True))
    if seconds:
        by_name["t"] = [f"{t / 1e6:.6f}" for t in by_name["t"]]
    rows = zip(*(by_name[name] for name in order), strict=True)
    return head + "".join(mark.join(map(str, row)) + "\n" for row in rows)


def structured(columns: Columns, names: Sequence[str] = ("t", "x", "y", "p"), time: str = "<i8") -> Array:
    """One array with these fields; an empty name leaves one out."""
    kept = [(name, column) for name, column in zip(names, columns, strict=True) if name]
    array = np.zeros(columns[0].size, dtype=[(name, time if k == 0 else "<i2") for k, (name, _) in enumerate(kept)])
    for name, column in kept:
        array[name] = column
    return array


def heidelberg(path: Path, samples: Sequence[Columns]) -> None:
    """Times in seconds and units of each sample, ragged."""
    with h5py.File(path, "w") as file:
        for name, k, kind in (("times", 0, np.float64), ("units", 1, np.uint16)):
            rows = file.create_dataset(f"spikes/{name}", (len(samples),), dtype=h5py.vlen_dtype(kind))
            for number, sample in enumerate(samples):
                rows[number] = sample[k] / 1e6 if k == 0 else sample[k]
        file["labels"] = np.arange(len(samples))
