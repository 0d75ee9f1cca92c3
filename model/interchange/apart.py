"""Decoding in a process of its own, for libraries that some files make end the process, or never end.

The process may take so much memory and so long; what it finds comes back as arrays.
"""

import io
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ganglion.model.spec.arrays import Array
from ganglion.model.spec.errors import FormatError
from ganglion.model.spec.untrusted import array_from_bytes, most_unpacked, opened

ROOM = 4 << 30
"""Bytes of addresses that a decoder needs besides what it decodes: libraries, and threads that it does not start."""

SECONDS = 60.0
"""That any file may take."""

RATE = 2e6
"""Bytes of a larger file that must be decoded in a second."""


def decode_apart(script: Path, path: Path, what: str, options: Sequence[Any] = ()) -> dict[str, Array]:
    """What a script decodes from a file.

    Args:
        script: a Python file that calls `ganglion.model.interchange.send.serve`.
        path: the file to decode.
        what: what it should be, for messages.
        options: further arguments for the script, plain values.

    Raises:
        FormatError: the file cannot be read, or the script refused it, failed, or took too much memory or time.
    """
    with opened(path) as file:
        size = os.fstat(file.fileno()).st_size
    most, seconds = most_unpacked(size), SECONDS + size / RATE
    # -P: the folder of the script has modules of its own, which must not hide those of a library.
    command = [sys.executable, "-P", str(script), str(path.resolve()), json.dumps([most, ROOM, *options])]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(folder or str(Path.cwd()) for folder in sys.path),
        "RUST_BACKTRACE": "0",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=seconds, env=environment)
    except subprocess.TimeoutExpired:
        raise FormatError(f"{path} is not a whole {what}: corrupt: it was not decoded in {seconds:.0f} s") from None
    message = done.stderr.decode(errors="replace").strip().splitlines()
    if done.returncode == 1 and message:
        raise FormatError(f"{path} is not a whole {what}: {message[-1]}")
    if done.returncode:
        raise FormatError(f"{path} is not a whole {what}: corrupt: its decoder gave up with status {done.returncode}")
    return _received(done.stdout)


def _received(raw: bytes) -> dict[str, Array]:
    """Arrays as `send.send` writes them."""
    stream = io.BytesIO(raw)
    lengths: dict[str, int] = json.loads(stream.readline())
    return {name: array_from_bytes(stream.read(length)) for name, length in lengths.items()}
