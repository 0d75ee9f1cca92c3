"""The other end of `apart`: what a script does that decodes in a process of its own."""

import io
import json
import resource
import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np


class RefusedError(Exception):
    """What is wrong with a file, for who reads it."""


def serve(decode: Callable[..., Mapping[str, Any]]) -> None:
    """Decode the file that the command line names, within limits, and send the arrays to stdout.

    Args:
        decode: called with the path, with the bytes that its arrays may have, and with the other options.
    """
    path, (most, room, *options) = sys.argv[1], json.loads(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (3 * most + room, 3 * most + room))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        arrays = decode(path, most, *options)
    except RefusedError as error:
        sys.exit(" ".join(str(error).split()))
    except BaseException as error:  # A panic in Rust is a class of Python that no module exports.
        sys.exit(f"corrupt, cut short, or of another kind: {' '.join(str(error).split()) or type(error).__name__}")
    send(arrays)


def send(arrays: Mapping[str, Any]) -> None:
    """Write arrays to stdout: a line of JSON with the bytes of each, and each as a NumPy file."""
    files = {}
    for name, array in arrays.items():
        written = io.BytesIO()
        np.save(written, np.asarray(array), allow_pickle=False)
        files[name] = written.getvalue()
    out = sys.stdout.buffer
    out.write(json.dumps({name: len(content) for name, content in files.items()}).encode() + b"\n")
    for content in files.values():
        out.write(content)
