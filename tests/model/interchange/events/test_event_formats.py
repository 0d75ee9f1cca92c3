"""Files of cameras and data sets, each read as the document of its format says."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from ganglion.model.interchange.events import Recording, evt, from_array, from_arrays, read_events
from ganglion.model.spec.errors import FormatError
from ganglion.model.spec.files import write_text
from tests.model.interchange.events import writers

COUNT = 60
SENSOR = (120, 100)


def columns(longest: int = 3_000_000) -> list[Any]:
    """t, x, y and p of a recording in which events of one time occur."""
    rng = np.random.default_rng(6)
    t = np.sort(rng.integers(90, longest, COUNT))
    t[1] = t[0]
    return [t, rng.integers(0, SENSOR[0], COUNT), rng.integers(0, SENSOR[1], COUNT), rng.integers(0, 2, COUNT)]


def by_name() -> dict[str, Any]:
    return dict(zip("txyp", columns(), strict=True))


def text(path: Path, order: str, mark: str = " ", head: str = "", seconds: bool = False) -> None:
    write_text(path, writers.table(columns(), order, mark, head, seconds))


def check(got: Recording, size: tuple[int, int], *notes: str, wanted: list[Any] | None = None) -> None:
    for name, column in zip("txyp", wanted or columns(), strict=True):
        np.testing.assert_array_equal(getattr(got, name), column, err_msg=name)
    assert got.size == size
    assert len(got.notes) == len(notes), got.notes
    for said, note in zip(got.notes, notes, strict=True):
        assert note in said


@pytest.mark.parametrize(
    ("name", "write", "size", "notes"),
    [
        ("a.aedat", lambda p: writers.aedat2(p, columns()), (128, 128), ("names no chip",)),
        ("a.AEDAT", lambda p: writers.aedat2(p, columns(), "DVS128"), (128, 128), ()),
        ("a.aedat", lambda p: writers.aedat2(p, columns(), "chips.DAVIS240C"), (240, 180), ()),
        ("a.aedat", lambda p: writers.aedat3(p, columns()), (346, 260), ()),
        ("no_suffix", lambda p: writers.aedat3(p, columns()), (346, 260), ()),
        ("a.dat", lambda p: writers.dat(p, columns()), (640, 480), ()),
        ("a.raw", lambda p: writers.evt2(p, columns()), (640, 480), ()),
        ("a.Raw", lambda p: writers.evt2(p, columns(), "% format EVT2;width=640;height=480\n% end\n"), (640, 480), ()),
        ("a.raw", lambda p: writers.evt21(p, columns()), (640, 480), ()),
        ("a.raw", lambda p: writers.evt3(p, columns()), (640, 480), ()),
        ("a.raw", lambda p: writers.evt3(p, columns(), vectors=True), (640, 480), ()),
        ("a.csv", lambda p: text(p, "xypt", ",", "%geometry:640,480\n"), (640, 480), ()),
        ("a.txt", lambda p: text(p, "txyp", " ", "240 180\n"), (240, 180), ()),
    ],
)
def test_a_file_is_read_with_the_size_that_it_tells(
    tmp_path: Path, name: str, write: Callable[[Path], None], size: tuple[int, int], notes: tuple[str, ...]
) -> None:
    write(tmp_path / name)
    check(read_events(tmp_path / name), size, *notes)


@pytest.mark.parametrize(
    ("name", "write", "options"),
    [
        ("a.txt", lambda p: text(p, "txyp", seconds=True), {}),
        ("a.TXT", lambda p: text(p, "txyp", "\t", "# a comment\n\n"), {}),
        ("a.csv", lambda p: text(p, "ytpx", ", ", "Y,Timestamp,Polarity,X\n"), {}),
        ("a.csv", lambda p: text(p, "xypt", ";"), {}),
        ("a.csv", lambda p: text(p, "pyxt", ","), {"columns": "pyxt"}),
        ("a.dat", lambda p: writers.dat(p, columns(), ""), {}),
        ("a.npy", lambda p: np.save(p, writers.structured(columns(), ("ts", "X", "Y", "Pol"))), {}),
        ("a.npz", lambda p: np.savez(p, events=writers.structured(columns())), {}),
        ("a.npz", lambda p: np.savez(p, **dict(zip(("ts", "xs", "ys", "ps"), columns(), strict=True))), {}),
        ("a.npz", lambda p: np.savez(p, **by_name() | {"t": columns()[0] / 1e6}), {"unit": "s"}),
        ("a.npz", lambda p: np.savez(p, **by_name() | {"t": columns()[0] * 1000}), {"unit": "ns"}),
    ],
)
def test_a_file_that_tells_no_size_says_that_it_is_guessed(
    tmp_path: Path, name: str, write: Callable[[Path], Any], options: dict[str, Any]
) -> None:
    write(tmp_path / name)
    check(read_events(tmp_path / name, (*SENSOR, 2), **options), SENSOR)
    _, x, y, _ = columns()
    with pytest.warns(UserWarning, match=rf"{name}: the sensor's size is that of the largest x and y, .*: give size="):
        got = read_events(tmp_path / name, **options)
    check(got, (x.max() + 1, y.max() + 1), "the sensor's size is that of the largest x and y")


def _separate(file: h5py.File, group: str, names: str) -> None:
    for name, column in zip(names.split(), columns(), strict=True):
        file[f"{group}/{name}"] = column


def _dsec(file: h5py.File) -> None:
    for name, column in zip("txyp", columns(), strict=True):
        file.create_dataset(f"events/{name}", data=column - 40 * (name == "t"), compression="gzip", chunks=(16,))
    file["ms_to_idx"], file["t_offset"] = np.zeros(3), 40


def _mvsec(file: h5py.File) -> None:
    t, x, y, p = columns()
    file["davis/left/events"] = np.stack((x, y, t / 1e6, 2 * p - 1), axis=1)


def _pack(file: h5py.File) -> None:
    t, x, y, p = columns()
    for k in range(12):
        file[f"data/{k}/times"] = t.astype(np.uint32) + k
        file[f"data/{k}/addrs"] = np.stack((x, y, p), axis=1).astype(np.uint8)
    file["extra/train_keys"] = np.arange(12)


def _flat(file: h5py.File) -> None:
    """Three samples one behind the other, the recording in the middle."""
    for name, column in zip("txyp", columns(), strict=True):
        file[f"train/{name}"] = np.concatenate((column[:3], column, column[:5]))
    file["train/offsets"] = [0, 3, 3 + COUNT, 8 + COUNT]


def _ragged(file: h5py.File) -> None:
    for group in ("test", "train"):
        for name, column in zip(("t", "x", "y", "p"), columns(), strict=True):
            rows = file.create_dataset(f"{group}/{name}", (2,), dtype=h5py.vlen_dtype(np.int64))
            rows[0], rows[1] = column[:7], column


@pytest.mark.parametrize(
    ("fill", "options", "later"),
    [
        (_dsec, {}, 0),
        (lambda f: _separate(f, "events", "ts xs ys ps"), {}, 0),
        (lambda f: _separate(f, "", "t x y p"), {}, 0),
        (lambda f: f.__setitem__("CD/events", writers.structured(columns())), {}, 0),
        (lambda f: f.__setitem__("events", np.stack(columns(), axis=1)), {}, 0),
        (_mvsec, {}, 0),
        (_flat, {"stream": 1}, 0),
        (_flat, {"stream": "train/1"}, 0),
        (_ragged, {"stream": "/test/1"}, 0),
        (_pack, {"stream": 10}, 10),
        (_pack, {"stream": "/data/2"}, 2),
    ],
)
def test_layouts_of_hdf5(
    tmp_path: Path, fill: Callable[[h5py.File], None], options: dict[str, Any], later: int
) -> None:
    path = tmp_path / "a.H5"
    with h5py.File(path, "w") as file:
        fill(file)
    t, *others = columns()
    check(read_events(path, SENSOR, **options), SENSOR, wanted=[t + later, *others])
    with h5py.File(path, "a") as file:
        file.attrs["width"], file.attrs["height"] = 346, 260
    check(read_events(path, **options), (346, 260), wanted=[t + later, *others])


def test_the_heidelberg_digits_are_chosen_by_sample(tmp_path: Path) -> None:
    t, x, _, _ = columns()
    samples = [[t[:n], x[:n]] for n in (5, COUNT, 9)]
    writers.heidelberg(tmp_path / "shd_test.h5", samples)
    with pytest.raises(FormatError, match=r"shd_test\.h5: there are 3 samples: choose one, as in stream=0"):
        read_events(tmp_path / "shd_test.h5")
    got = read_events(tmp_path / "shd_test.h5", stream=1)
    check(got, (700, 1), "there is no y", wanted=[t, x, np.zeros(COUNT), np.ones(COUNT)])
    with pytest.raises(FormatError, match="there is no sample 3; there are 3, from 0 on"):
        read_events(tmp_path / "shd_test.h5", stream=3)


@pytest.mark.parametrize(
    ("fill", "message"),
    [
        (lambda f: f.__setitem__("image", np.zeros((3, 3))), "no layout of events that is known: .* it has /image"),
        (_pack, r"there are 12 recordings, /data/0, /data/1, /data/2, /data/3, …: choose one, as in stream='/data/0'"),
        (_ragged, r"there are 2 recordings, /test/0, /train/0: choose one, as in stream='/test/0'"),
        (_flat, r"there are 3 samples: choose one, as in stream=0"),
        (lambda f: f.__setitem__("events", np.full((3, 4), -1.5)), "a table of events must be of txyp or xypt or xytp"),
    ],
)
def test_hdf5_that_is_not_one_recording(tmp_path: Path, fill: Callable[[h5py.File], None], message: str) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        fill(file)
    with pytest.raises(FormatError, match=message):
        read_events(tmp_path / "a.h5", SENSOR)


def test_an_array_without_y_is_of_one_row() -> None:
    t, x, _, p = columns()
    array = writers.structured(columns(), ("t", "x", "", "p"))
    for size in ((700, 1), (700,)):
        check(from_array(array, size), (700, 1), "there is no y", wanted=[t, x, np.zeros(COUNT), p])


def test_sources_of_aedat_3_are_chosen(tmp_path: Path) -> None:
    path = tmp_path / "a.aedat"
    writers.aedat3(path, columns(), sources=(1, 2))
    with pytest.raises(FormatError, match=r"a\.aedat: there are events of the sources \[1, 2\]: .* stream=1"):
        read_events(path)
    check(read_events(path, SENSOR, stream=2), SENSOR)
    with pytest.raises(FormatError, match=r"a\.aedat: there is no source 3; of events are \[1, 2\]"):
        read_events(path, stream=3)


def test_what_a_file_cannot_be_asked_for_is_refused(tmp_path: Path) -> None:
    writers.evt2(tmp_path / "a.raw", columns())
    writers.aedat2(tmp_path / "a.aedat", columns())
    for name in ("a.raw", "a.aedat"):
        with pytest.raises(FormatError, match=rf"{name}: .*one recording; stream= is for files that have several"):
            read_events(tmp_path / name, stream=0)
    with pytest.raises(FormatError, match=r"a\.raw: columns= is for text without names"):
        read_events(tmp_path / "a.raw", columns="txyp")


def test_what_is_left_out_is_said(tmp_path: Path) -> None:
    writers.aedat3(tmp_path / "a.aedat", columns(), invalid=4)
    check(
        read_events(tmp_path / "a.aedat"),
        (346, 260),
        "4 events that the file calls invalid are left out",
        wanted=[column[4:] for column in columns()],
    )


@pytest.fixture(params=[evt.CHUNK, 7])
def chunks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evt, "CHUNK", request.param)


@pytest.mark.usefixtures("chunks")
def test_clocks_that_begin_anew_go_on(tmp_path: Path) -> None:
    """EVT 3.0 counts to 2^24 us, AEDAT 3.1 to 2^31."""
    long = columns(60_000_000)
    writers.evt3(tmp_path / "a.raw", long)
    check(read_events(tmp_path / "a.raw"), (640, 480), wanted=[long[0] - (long[0][0] >> 24 << 24), *long[1:]])
    later = [np.sort(long[0] + (1 << 31) * (np.arange(COUNT) >= 28)), *long[1:]]
    writers.aedat3(tmp_path / "a.aedat", later)
    check(read_events(tmp_path / "a.aedat"), (346, 260), wanted=later)


@pytest.mark.usefixtures("chunks")
def test_high_bits_of_the_time_that_are_missing_are_counted_on_and_said(tmp_path: Path) -> None:
    t, x, y, p = [np.arange(COUNT) * 1500 + 3, *columns()[1:]]
    words = [0x8 << 12]
    for event in zip(t.tolist(), x.tolist(), y.tolist(), p.tolist(), strict=True):
        words += [0x6 << 12 | event[0] & 0xFFF, event[2], 0x2 << 12 | event[3] << 11 | event[1]]
    (tmp_path / "a.raw").write_bytes(b"% evt 3.0\n% geometry 640x480\n" + np.array(words, dtype="<u2").tobytes())
    missing = int(t[-1]) >> 12
    check(read_events(tmp_path / "a.raw"), (640, 480), f"are missing {missing} times", wanted=[t, x, y, p])


def _few(p: Path) -> None:
    writers.evt3(p, columns(), vectors=True)


@pytest.mark.parametrize("write", [writers.evt2, writers.evt21, writers.evt3, lambda p, _: _few(p)])
@pytest.mark.parametrize("chunk", [1, 2, 5])
def test_words_are_the_same_some_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[..., None], chunk: int
) -> None:
    write(tmp_path / "a.raw", columns())
    monkeypatch.setattr(evt, "CHUNK", chunk)
    check(read_events(tmp_path / "a.raw"), (640, 480))
    (tmp_path / "b.raw").write_bytes((tmp_path / "a.raw").read_bytes()[:-8] + b"\xff\xdf" * 4)
    with pytest.raises(FormatError, match=r"b\.raw: corrupt: word (\d+) is of the type 0xd") as narrow:
        read_events(tmp_path / "b.raw")
    monkeypatch.undo()
    with pytest.raises(FormatError) as wide:
        read_events(tmp_path / "b.raw")
    assert str(narrow.value) == str(wide.value)


@pytest.mark.parametrize("unordered", ["sort", "drop"])
def test_events_out_of_order_are_sorted_or_dropped_and_counted(unordered: Any) -> None:
    t, order = [5, 9, 3, 7, 9, 12], [2, 0, 3, 1, 4, 5] if unordered == "sort" else [0, 1, 4, 5]
    got = from_arrays(t, range(6), range(6), [1] * 6, (6, 6), unordered=unordered)
    assert got.x.tolist() == order and got.unordered == 2
    assert got.notes == (f"2 out of order, {'sorted' if unordered == 'sort' else 'dropped'}",)
    with pytest.raises(FormatError, match=r"event 2 is out of order: .* \(2 such events; unordered='sort' sorts by"):
        from_arrays(t, range(6), range(6), [1] * 6, (6, 6))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.aedat", b"#!AER-DAT2.0\r\n# x\r\n1234567", "cut short: 7 bytes are 0 events of 8 and 7 more"),
        ("a.aedat", b"#!AER-DAT3.1\r\n#Format: RAW\r\n", "cut short: its header does not end"),
        ("a.aedat", b"#!AER-DAT3.1\r\n#Format: PackedTS\r\n#!END-HEADER\r\n", "packed as PackedTS; RAW is read"),
        ("a.aedat", b"#!AER-DAT3.1\r\n#!END-HEADER\r\n" + b"\xff" * 28, "cut short or corrupt: a packet of -1 events"),
        ("a.dat", b"% Version 2\n\x02\x08", "no .dat file of events of pixels"),
        ("a.dat", b"% Version 2\n\0\x08123", "cut short: 3 bytes are 0 of 8 and 3 more"),
        ("a.raw", b"% date today\n", "its header must say how it is encoded, as in '% evt 3.0'"),
        ("a.raw", b"% evt 4.0\n", r"\(2.0, 2.1, 3.0 are read\), not 4.0"),
        ("a.raw", b"% evt 2.0\n\0\0\0\x50", "corrupt: word 0 is of the type 0x5, which there is not"),
        ("a.raw", b"% evt 2.0\n\0\0\0\x10", "corrupt: word 0 is an event before the first time or row"),
        ("a.raw", b"% evt 3.0\n\0\x20", "corrupt: word 0 is an event before the first time or row"),
        ("a.txt", b"1 2 3\n4 5 6\n", "there are 3 columns and no names: put a line with them first"),
        ("a.txt", b"1 1 1 1\n1 1 1 1\n", "can be in the order txyp or xypt or xytp: say which, as in columns='txyp'"),
        ("a.txt", b"1 2 3 1\n4 5 x 1\n", "no table of numbers: could not convert string 'x'"),
        ("a.txt", b"1 2 3 1\n4 5 nan 1\n", "event 1 has nan, which is no time and no pixel"),
        ("a.csv", b"t,x,q\n1,2,3\n", "there is no y"),
        ("a.csv", b"", "there is no event in it"),
        ("a.csv", b"t,x,y,p\n1e300,2,3,1\n", r"event 0 has 1e\+300"),
        ("a.txt", b"\xff\xfe", "no text"),
    ],
)
def test_files_that_are_not_whole_are_named(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(FormatError, match=rf"{name}: .*{message}"):
        read_events(tmp_path / name, SENSOR)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"t": [0, 1 << 63]}, r"event 1 has the time \d+ us, which no recording has"),
        ({"t": [0.0, 1e30]}, r"event 1 has the time \d+ us, which no recording has"),
        ({"t": [0, 0.25]}, "t must be whole numbers, not float64: event 1 has 0.25; times in seconds need unit='s'"),
        ({"t": [0, 1 << 50], "unit": "s"}, r"event 1 has the time \d+ us"),
        ({"unit": "min"}, "unit must be 's', 'ms', 'us', 'ns', not 'min'"),
        ({"unordered": "leave"}, "unordered must be 'refuse', 'sort' or 'drop', not 'leave'"),
        ({"size": (1 << 20, 1 << 20)}, "a sensor of 1048576 x 1048576 pixels is more than 268435456 pixels"),
        ({"size": (3,)}, r"size must be two whole numbers, columns and rows, not \[3\]"),
    ],
)
def test_values_that_no_recording_has_are_refused(changes: dict[str, Any], message: str) -> None:
    given = {"t": [0, 1], "x": [0, 0], "y": [0, 0], "p": [0, 1], "size": SENSOR} | changes
    with pytest.raises(FormatError, match=message):
        from_arrays(**given)
