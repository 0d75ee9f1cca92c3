"""Pickled networks of HiAER-Spike programs, read without running what a pickle may hold."""

import pickle
from pathlib import Path
from typing import Any

from ganglion.model.interchange.cri.aliases import MODELS
from ganglion.model.spec.errors import FormatError

PLAIN = {
    "builtins": {"object", "set", "frozenset", "complex", "bytearray", "range", "slice", "list", "dict", "int"},
    "collections": {"OrderedDict", "defaultdict"},
    "_codecs": {"encode"},
    "copyreg": {"_reconstructor"},
    "copy_reg": {"_reconstructor"},
    "__builtin__": {"object", "set", "frozenset"},
    "numpy": {"dtype", "ndarray"},
    "numpy.core.multiarray": {"_reconstruct", "scalar"},
    "numpy._core.multiarray": {"_reconstruct", "scalar"},
    "numpy.core.numeric": {"_frombuffer"},
    "numpy._core.numeric": {"_frombuffer"},
}
"""What makes containers and arrays, by module."""


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if module.split(".")[-1] == "neuron_models" and name in MODELS:
            return MODELS[name]
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
    try:
        with Path(path).open("rb") as file:
            return _Unpickler(file).load()
    except FormatError as error:
        raise FormatError(f"{path}: {error}") from None
    except OSError as error:
        raise FormatError(f"{path}: {error.strerror}") from None
    except Exception as error:  # a damaged pickle raises whatever its bytes happen to call
        raise FormatError(f"{path} is no whole pickle ({type(error).__name__}: {error})") from None
