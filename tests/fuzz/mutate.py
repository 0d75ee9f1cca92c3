"""Structure-aware mutators: they take a file apart, change what is in it, and put it together again.

So checksums, lengths and headers are right, and what lies behind them is reached. Each returns another file of the same
container, or, where it cannot take the file apart, one with damaged bytes.
"""

import gzip
import io
import json
import random
import re
import warnings
import zipfile
from collections.abc import Callable
from typing import Any

import h5py
import numpy as np

from ganglion.model.spec.arrays import Array
from tests.model.damage.damage import damaged

Mutator = Callable[[bytes, random.Random], bytes]

NUMBERS = (0, 1, -1, 2, 7, 255, 256, 1 << 15, (1 << 31) - 1, 1 << 31, (1 << 63) - 1, -(1 << 63), 1 << 64, 1 << 200)

VALUES: tuple[Any, ...] = (
    *NUMBERS, 0.5, -0.0, 1e308, float("nan"), float("inf"), None, True, False, "", "a", "..", "/", "A" * 3000, "\x00",
    "\ud800", "💥", "1", [], [[]], {}, [1, "a", None], {"a": 1}, [0] * 2000,
)  # fmt: skip
"""What stands in the place of a plain value."""

COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

DTYPES = ("i1", "u1", "i2", "i4", "u4", "i8", "u8", "f2", "f4", "f8", "c8", "U1", "S1", "?", ">i8", ">f4")


def changed(raw: bytes, rng: random.Random) -> bytes:
    """The file, changed as its container allows, or damaged."""
    if rng.random() < 0.3:
        return damaged(raw, rng.getrandbits(64))
    mutator = next((mutate for begin, mutate in CONTAINERS.items() if raw.startswith(begin)), change_text)
    try:
        return mutator(raw, rng)
    except Exception:  # What libraries raise of files that were changed before is no closed list.
        return damaged(raw, rng.getrandbits(64))


def change_zip(raw: bytes, rng: random.Random) -> bytes:
    """An .npz: some members are changed, lost, doubled, renamed or given to each other."""
    with zipfile.ZipFile(io.BytesIO(raw)) as file:
        members = [(name, file.read(name)) for name in file.namelist()]
    for _ in range(rng.choice((1, 1, 2, 4))):
        at, kind = rng.randrange(len(members)), rng.random()
        name, content = members[at]
        if kind < 0.8:
            members[at] = name, change_array(content, rng)
        elif kind < 0.85:
            members.insert(at, members[at])
        elif kind < 0.9 and len(members) > 1:
            del members[at]
        elif kind < 0.95:
            members[at] = name, rng.choice(members)[1]
        else:
            members[at] = rng.choice((name[:-1], name + "x.npy", "../" + name, rng.choice(members)[0])), content
    into = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(into, "w", rng.choice(COMPRESSIONS)) as file:
        warnings.simplefilter("ignore")  # of names that are there twice
        for name, content in members:
            file.writestr(zipfile.ZipInfo(name), content)
    return into.getvalue()


def change_array(raw: bytes, rng: random.Random) -> bytes:
    """An .npy: values, type or shape are others; one that holds JSON has that changed."""
    array = np.load(io.BytesIO(raw), allow_pickle=False)
    if array.dtype.kind == "U" and not array.ndim and str(array).startswith("{"):
        array = np.array(change_json(str(array).encode(), rng).decode("utf-8", "surrogatepass"))
    else:
        array = changed_array(array, rng)
    into = io.BytesIO()
    np.save(into, array)
    return into.getvalue()


def changed_array(array: Array, rng: random.Random) -> Array:
    """Another array, most often of the same type and shape."""
    kind = rng.random()
    if kind < 0.6 and array.size and array.dtype.kind in "iufb":
        array = array.copy()
        for _ in range(rng.choice((1, 1, 3, 8))):
            array.flat[rng.randrange(array.size)] = _number(array.dtype, rng)
        return array
    if kind < 0.7:
        return np.resize(array, rng.randrange(array.size + 3)).astype(array.dtype)
    if kind < 0.8:
        return array.astype(rng.choice(DTYPES))
    if kind < 0.9:
        return rng.choice((array[None], array.reshape(-1), array.reshape(-1, 1), array.T, np.asfortranarray(array)))
    return np.full(rng.choice((array.shape, (0,), (), (3, 0), (1 << 20,))), _number(array.dtype, rng), array.dtype)


def _number(dtype: "np.dtype[Any]", rng: random.Random) -> Any:
    if dtype.kind == "f":
        return rng.choice((0.0, -1.0, 1e30, np.nan, np.inf, -np.inf, rng.gauss(0, 100)))
    if dtype.kind not in "iu":
        return rng.choice((0, 1))
    info = np.iinfo(dtype)
    return rng.choice((info.min, info.max, 0, 1, rng.randint(-9, 99) % (info.max + 1), rng.randint(info.min, info.max)))


def change_json(raw: bytes, rng: random.Random) -> bytes:
    """A JSON file: values are replaced, lost, repeated or nested; now and then an entry is there twice."""
    value = json.loads(raw)
    for _ in range(rng.choice((1, 1, 2, 3))):
        value = _changed_value(value, rng)
    text = json.dumps(value)
    if rng.random() < 0.03:
        text = text.replace("{", '{"a": 1, "a": 1, ', 1)
    return text.encode("utf-8", "surrogatepass")


def _changed_value(value: Any, rng: random.Random) -> Any:
    """The same but for one place in it."""
    if isinstance(value, dict | list) and value and rng.random() < 0.9:
        value = value.copy()
        keys: list[Any] = list(value) if isinstance(value, dict) else list(range(len(value)))
        key, kind = rng.choice(keys), rng.random()
        if kind < 0.8:
            value[key] = _changed_value(value[key], rng)
        elif kind < 0.9:
            del value[key]
        elif isinstance(value, dict):
            value[rng.choice(("x", "", "format", str(key) * 2))] = value[key]
        else:
            value.insert(key, value[key])
        return value
    if type(value) in (int, float) and rng.random() < 0.5:
        return value + rng.choice((-1, 1, 0.5, 1000))
    if rng.random() < 0.05:
        for _ in range(rng.choice((2, 60, 3000))):
            value = [value]
        return value
    return rng.choice(VALUES)


def change_hdf5(raw: bytes, rng: random.Random) -> bytes:
    """An HDF5 file: datasets and attributes are changed, lost, renamed or replaced; links of each kind are made."""
    into = io.BytesIO(raw)
    with h5py.File(into, "r+") as file:
        names: list[str] = []
        file.visit(names.append)
        for _ in range(rng.choice((1, 1, 2))):
            name = rng.choice(names)
            if name not in file:
                continue
            _change_node(file, name, rng)
    return into.getvalue()


def _change_node(file: h5py.File, name: str, rng: random.Random) -> None:
    node, kind = file[name], rng.random()
    if kind < 0.7 and isinstance(node, h5py.Dataset):
        value = node[()]
        attributes = dict(node.attrs)
        del file[name]
        if isinstance(value, bytes):
            value = rng.choice((b"", b"LIF", b"Linear", b"\xff", b"A" * 5000, b"input", 7, [b"a", b"b"]))
        else:
            value = changed_array(np.asarray(value), rng)
            value = value.astype("S") if value.dtype.kind == "U" else value
        made = file.create_dataset(name, data=value)
        made.attrs.update(attributes)
    elif kind < 0.8:
        del file[name]
    elif kind < 0.85:
        file.move(name, name + rng.choice(("x", "/x", "-", ".")))
    elif kind < 0.9:
        file[name + "y"] = rng.choice((node, h5py.SoftLink("/"), h5py.ExternalLink("other.h5", "/")))
    elif kind < 0.95:
        node.attrs[rng.choice(("type", "x", "version"))] = rng.choice((1, "a", [1.5, 2.5], b"\xff"))
    else:
        file.create_dataset(name + "z", (1 << 40,), "f8", chunks=(1 << 20,))


def change_gzip(raw: bytes, rng: random.Random) -> bytes:
    """A gzipped file whose content is damaged."""
    return gzip.compress(damaged(gzip.decompress(raw), rng.getrandbits(64)), 1, mtime=0)


TOKEN = re.compile(rb"[A-Za-z_]+|-?\d[\d_.]*|\s+|.", re.DOTALL)

TOKENS = (b"0", b"-1", b"1e999", b"99999999999999999999", b"nan", b"true", b'"', b"'", b"[", b"]", b"{", b"=", b"\n",
          b"\r", b",", b"\t", b"#", b"\x00", b"\xff", b"[[", b'""', b"A" * 300)  # fmt: skip


def change_text(raw: bytes, rng: random.Random) -> bytes:
    """A text: words and numbers are replaced, lost, repeated or change places. Bytes that are no text are damaged."""
    if raw.count(0) > len(raw) // 100:
        return damaged(raw, rng.getrandbits(64))
    tokens = TOKEN.findall(raw)
    for _ in range(rng.choice((1, 1, 2, 5))):
        if not tokens:
            break
        at, kind = rng.randrange(len(tokens)), rng.randrange(4)
        if kind == 0:
            tokens[at] = rng.choice(TOKENS)
        elif kind == 1:
            del tokens[at]
        elif kind == 2:
            tokens.insert(at, rng.choice(tokens))
        else:
            tokens[at] = rng.choice(tokens)
    return b"".join(tokens)


CONTAINERS: dict[bytes, Mutator] = {
    b"PK": change_zip,
    b"\x93NUMPY": change_array,
    b"\x89HDF": change_hdf5,
    b"{": change_json,
    b"\x1f\x8b": change_gzip,
}
"""By what a file begins with; others are taken for text."""
