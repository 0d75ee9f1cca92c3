"""Pickled networks of HiAER-Spike programs, read without running what a pickle may hold.

Arrays and numbers of NumPy are made here, from bytes that are theirs, since NumPy believes what a pickle says of them.
"""

import io
import pickle
import pickletools
import re
from pathlib import Path
from typing import Any

import numpy as np

from ganglion.model.interchange.cri.aliases import MODELS
from ganglion.model.spec.errors import FormatError
from ganglion.model.spec.untrusted import NUMBERS, opened

PLAIN = {
    "builtins": {"object", "set", "frozenset", "complex", "slice", "dict", "int"},
    "collections": {"OrderedDict"},
    "copyreg": {"_reconstructor"},
    "copy_reg": {"_reconstructor"},
    "__builtin__": {"object", "set", "frozenset", "dict", "int"},
}
"""What makes containers and numbers, by module; none of it makes something large of something small."""

LONGEST = 1 << 30
"""Bytes of a pickle, at most."""

LARGE_PLACE = re.compile(rb"r...[^\0]|p\d{8}", re.DOTALL)
"""What keeps a value in a place of the memo from 2^24 on, or is some text; the opcodes tell, ten times as slowly."""


class _Type:
    """A type of NumPy, as a pickle tells it: by its code, and then by its order of bytes."""

    def __init__(self, code: str, *_: Any) -> None:
        self.type = np.dtype(code if isinstance(code, str) and len(code) < 8 else "O")
        if self.type.kind not in NUMBERS + "US":
            raise FormatError(f"holds an array of {code!r}; only numbers and text are loaded")

    def __setstate__(self, state: Any) -> None:
        order = state[1]
        if order in ("<", ">"):
            self.type = self.type.newbyteorder(order)


class _Array(np.ndarray[Any, np.dtype[Any]]):
    """An array, made when its bytes come."""

    def __setstate__(self, state: Any) -> None:
        _, shape, kind, in_columns, raw = state
        made = _array(raw, kind, shape, "F" if in_columns else "C")
        checked: Any = (1, made.shape, made.dtype, bool(in_columns), made.tobytes("A"))
        super().__setstate__(checked)


def _array(raw: Any, kind: Any, shape: Any, order: Any = "C") -> Any:
    if not isinstance(raw, bytes | bytearray) or not isinstance(kind, _Type) or order not in ("C", "F"):
        raise FormatError("holds an array that is none of numbers or text")
    return np.ndarray(shape, kind.type, raw, order=order).copy(order)


def _empty(*_: Any) -> Any:
    return _Array((0,), np.int8)


def _scalar(kind: Any, raw: Any) -> Any:
    return _array(raw, kind, ())[()]


def _encoded(text: str, encoding: str) -> bytes:
    """How pickles of Python 2's protocols write bytes."""
    if encoding not in ("latin1", "latin-1"):
        raise FormatError(f"holds bytes in the encoding {encoding!r}; only latin1 is loaded")
    return text.encode("latin-1")


def _bytes(value: bytes | bytearray = b"") -> bytearray:
    if not isinstance(value, bytes | bytearray):
        raise FormatError("holds a bytearray of no bytes")
    return bytearray(value)


def _no_bytes() -> bytes:
    return b""


def _list(value: Any = ()) -> list[Any]:
    if not isinstance(value, list | tuple | set | frozenset | dict):
        raise FormatError("holds a list of no container")
    return list(value)


MADE = {
    ("builtins", "bytearray"): _bytes,
    ("builtins", "bytes"): _no_bytes,
    ("__builtin__", "bytes"): _no_bytes,
    ("builtins", "list"): _list,
    ("_codecs", "encode"): _encoded,
    ("numpy", "dtype"): _Type,
    ("numpy", "ndarray"): _Array,
} | {
    (f"numpy.{core}.{module}", name): maker
    for core in ("core", "_core")
    for module, name, maker in (
        ("multiarray", "_reconstruct", _empty),
        ("multiarray", "scalar", _scalar),
        ("numeric", "_frombuffer", _array),
    )
}
"""What is made here in place of what a pickle names."""


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if name in MODELS and (module.split(".")[-1] == "neuron_models" or module == MODELS[name].__module__):
            return MODELS[name]
        if (module, name) in MADE:
            return MADE[module, name]
        if name in PLAIN.get(module, ()):
            return super().find_class(module, name)
        raise FormatError(
            f"holds {module}.{name}; only their neuron models, containers, numbers and NumPy arrays are loaded"
        )


def load_pickle(path: str | Path) -> Any:
    """What a program of theirs has pickled: dictionaries of a network, with its models.

    Args:
        path: of the file. Models of any version of theirs become those of `ganglion.hs_api`.

    Raises:
        FormatError: no such file, no pickle, or one that holds something else; names it.
    """
    with opened(path) as file:
        raw = file.read(LONGEST + 1)
    try:
        if len(raw) > LONGEST:
            raise FormatError(f"is longer than {LONGEST} bytes")
        _check_memo(raw)
        return _Unpickler(io.BytesIO(raw)).load()
    except FormatError as error:
        raise FormatError(f"{path}: {error}") from None
    except Exception as error:  # a damaged pickle raises whatever its bytes happen to call
        raise FormatError(f"{path} is no whole pickle ({type(error).__name__}: {error})") from None


def _check_memo(raw: bytes) -> None:
    """Whether places in the memo are numbered by what is kept there: Python makes room up to the largest number."""
    if not LARGE_PLACE.search(raw):
        return
    for kept, (opcode, argument, _) in enumerate(pickletools.genops(raw)):
        if opcode.name in ("PUT", "BINPUT", "LONG_BINPUT") and int(argument or 0) > kept:
            raise FormatError(f"is no whole pickle: it keeps value {argument} before there are so many")
