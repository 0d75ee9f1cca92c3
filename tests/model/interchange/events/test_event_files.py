"""Event files are read whole, or refused with the index of the event that is wrong."""

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ganglion.model.interchange.events import Recording, from_array, from_arrays, read_events, write_npz
from ganglion.model.spec.arrays import Array
from ganglion.model.spec.errors import FormatError
from tests.model.interchange.events import three_packets

AEDAT4 = Path(__file__).parent / "three_packets.aedat4"
SAMPLE = ([5, 5, 900, 1 << 22], [0, 33, 7, 1], [1, 0, 33, 2], [0, 1, 1, 0])


def sample() -> Recording:
    return from_arrays(*SAMPLE, size=(34, 34))


def same(one: Recording, other: Recording) -> None:
    assert one.size == other.size
    for name in "txyp":
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
        assert getattr(one, name).dtype == np.int64


def bin_word(t: int, x: int, y: int, p: int) -> bytes:
    """40 bits, written the other way round than the reader reads them."""
    return ((x << 32) | (y << 24) | (p << 23) | t).to_bytes(5, "big")


def test_aedat4_as_inivations_own_library_writes_it() -> None:
    t, x, y, p = three_packets.columns()
    same(read_events(AEDAT4), from_arrays(t, x, y, p, three_packets.SIZE))


def test_bin_files_of_n_mnist(tmp_path: Path) -> None:
    path = tmp_path / "00002.bin"
    path.write_bytes(b"".join(bin_word(*event) for event in zip(*SAMPLE, strict=True)))
    same(read_events(path, (34, 34)), sample())


def test_bin_files_whose_clock_ran_over(tmp_path: Path) -> None:
    """Events in row 240 are none, and put off the times of all behind them by 2^13 us."""
    path = tmp_path / "a.bin"
    events = [(10, 1, 2, 1), (8000, 0, 240, 0), (3, 5, 6, 0), (8000, 0, 240, 0), (4, 7, 8, 1)]
    path.write_bytes(b"".join(bin_word(*event) for event in events))
    same(read_events(path, (304, 240)), from_arrays([10, 8195, 16388], [1, 5, 7], [2, 6, 8], [1, 0, 1], (304, 240)))


def test_npz_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    write_npz(path, sample())
    same(read_events(path), sample())


def test_npz_of_others(tmp_path: Path) -> None:
    t, x, y, p = (np.array(column) for column in SAMPLE)
    np.savez(tmp_path / "a.npz", timestamp=t.astype(np.float64), x=x.astype(np.uint16), y=y, polarity=2 * p - 1)
    same(read_events(tmp_path / "a.npz", (34, 34)), sample())


def test_arrays(tmp_path: Path) -> None:
    rows = np.array(SAMPLE).T
    same(from_array(rows, (34, 34)), sample())
    structured = np.zeros(4, dtype=[("ts", "<u8"), ("x", "<i2"), ("y", "<i2"), ("on", "?")])
    for name, column in zip(("ts", "x", "y", "on"), SAMPLE, strict=True):
        structured[name] = column
    same(from_array(structured, (34, 34)), sample())
    np.save(tmp_path / "a.npy", rows)
    same(read_events(tmp_path / "a.npy", (34, 34)), sample())
    assert repr(sample()) == "<Recording 4 events in 4194299 us, 34 x 34 pixels>"
    assert from_arrays([], [], [], [], (1, 1)).events == 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"t": [0, 9, 8, 7]}, "file.bin: event 2 is out of order: its time 8 us is before 9 us, that of event 1"),
        ({"x": [0, 34, 50, 0]}, "file.bin: event 1 has x = 34; the sensor has 34 x 34 pixels"),
        ({"y": [0, 0, 0, -1]}, "file.bin: event 3 has y = -1; the sensor has 34 x 34 pixels"),
        ({"p": [0, 1, 2, 3]}, "file.bin: event 2 has polarity 2; it must be 0 or 1, or -1 or 1"),
        ({"t": [0, 1, 2]}, r"t, x, y and p must have one shape \(events,\), not"),
        ({"x": [0, 0.5, 1, 1]}, "x must be whole numbers, not float64: event 1 has 0.5"),
        ({"x": ["a", "b", "c", "d"]}, "x must be whole numbers, not <U1: event 0 has a"),
    ],
)
def test_bad_events_are_named(changes: dict[str, Any], message: str) -> None:
    columns = dict(zip("txyp", SAMPLE, strict=True)) | changes
    with pytest.raises(FormatError, match=message):
        from_arrays(**columns, size=(34, 34), name="file.bin")


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((3, 5)), r"has shape \(events, 4\) of t, x, y, p; not \(3, 5\)"),
        (
            np.zeros(3, dtype=[("t", int), ("x", int), ("y", int)]),
            r"there is no p \(it may be called p, ps, pol, pols, polarity, polarities, on\)",
        ),
        (
            np.zeros(3, dtype=[("t", int), ("x", int), ("row", int), ("p", int)]),
            r"there is no y \(it may be called y, ys\), but t, x, row, p",
        ),
        (np.zeros(3, dtype=[("t", int), ("T", int), ("x", int), ("p", int)]), "t and T can both be t"),
    ],
)
def test_bad_arrays(array: Array, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        from_array(array, (34, 34))


def test_bad_events_in_a_file_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(bin_word(9, 0, 0, 0) + bin_word(8, 0, 0, 0))
    with pytest.raises(FormatError, match=r"a\.bin: event 1 is out of order"):
        read_events(path, (34, 34))
    path.write_bytes(bin_word(9, 0, 0, 0) + bin_word(9, 40, 0, 0))
    with pytest.raises(FormatError, match=r"a\.bin: event 1 has x = 40; the sensor has 34 x 34 pixels"):
        read_events(path, (34, 34))
    with pytest.raises(
        FormatError, match=r"three_packets\.aedat4: event \d+ has x = \d+; the sensor has 20 x 26 pixels"
    ):
        read_events(AEDAT4, (20, 26))


def test_files_that_are_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(bin_word(9, 0, 0, 0) * 3 + b"\0\0")
    with pytest.raises(FormatError, match=r"a\.bin: cut short: 17 bytes are 3 events of 5 and 2 more"):
        read_events(path)
    write_npz(tmp_path / "a.npz", sample())
    np.save(tmp_path / "a.npy", np.stack(SAMPLE, axis=1))
    short = "corrupt, cut short, or "
    cuts = {
        "a.npz": ((0, 5, 200, -30), " is not a whole recording"),
        "a.npy": ((8, 20, -1), f": {short}no array of NumPy"),
        "a.aedat4": ((500, 1833), f" is not a whole AEDAT 4 file: {short}of another kind"),
    }
    whole = {"a.aedat4": AEDAT4.read_bytes()} | {name: (tmp_path / name).read_bytes() for name in ("a.npz", "a.npy")}
    for name, (places, message) in cuts.items():
        for place in places:
            (tmp_path / name).write_bytes(whole[name][:place])
            with pytest.raises(FormatError, match=f"{name}{message}"):
                read_events(tmp_path / name)


def test_corrupt_files(tmp_path: Path) -> None:
    for place, message in ((0, ": corrupt"), (840, " is .* corrupt"), (1500, r": event \d+ has x = \d+")):
        raw = bytearray(AEDAT4.read_bytes())
        raw[place] ^= 0xFF
        (tmp_path / "a.aedat4").write_bytes(raw)
        with pytest.raises(FormatError, match=rf"a\.aedat4{message}"):
            read_events(tmp_path / "a.aedat4")
    raw = bytearray(AEDAT4.read_bytes())
    raw[487], raw[599], raw[680] = 0xF1, 0xF7, 0xC2
    (tmp_path / "a.aedat4").write_bytes(raw)
    with pytest.raises(FormatError, match=r"a\.aedat4 is not a whole AEDAT 4 file: corrupt: its decoder gave up"):
        read_events(tmp_path / "a.aedat4")
    np.savez(tmp_path / "a.npz", t=[1], x=[1], y=[1], p=[1], size=[3])
    with pytest.raises(FormatError, match=r"size must be two whole numbers, columns and rows, not \[3\]"):
        read_events(tmp_path / "a.npz")
    np.savez(tmp_path / "a.npz", t=[1], x=[1], y=[1])
    with pytest.raises(FormatError, match=r"a\.npz: there is no p .* but t, x, y"):
        read_events(tmp_path / "a.npz")


@pytest.mark.parametrize("version", ["1.0", "3.0"])
def test_versions_of_aedat_that_are_not_read(tmp_path: Path, version: str) -> None:
    path = tmp_path / "a.aedat"
    path.write_bytes(f"#!AER-DAT{version}\r\n".encode() + struct.pack(">II", 1, 2))
    with pytest.raises(FormatError, match=rf"a\.aedat: AEDAT {version}: versions 2\.0, 3\.1 and 4 are read"):
        read_events(path)


def test_files_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"moving")
    with pytest.raises(FormatError, match=r"files of events end in \.aedat, .*, not '\.mp4'"):
        read_events(tmp_path / "a.mp4")
    (tmp_path / "a.RAW").write_bytes(b"moving")
    with pytest.raises(FormatError, match=r"a\.RAW: corrupt, cut short, or no \.raw file: it begins with b'moving'"):
        read_events(tmp_path / "a.RAW")
    for suffix in ("aedat4", "bin", "npz"):
        with pytest.raises(OSError, match="No such file"):
            read_events(tmp_path / f"a.{suffix}")
