"""Decodes an AEDAT 4 file in a process of its own: `python decode_aedat.py FILE` writes a .npz of its events to stdout.

The library that decodes ends the whole process on some corrupt files; `ganglion.model.interchange.events.files` runs
this and turns whatever happens into an error.
"""

import io
import sys
from typing import Any

import aedat
import numpy as np


def main(path: str) -> None:
    """Write t, x, y, p and size of the file's one stream of events to stdout, or exit with a message."""
    try:
        decoder = aedat.Decoder(path)
        streams = {k: stream for k, stream in decoder.id_to_stream().items() if stream["type"] == "events"}
        if len(streams) != 1:
            sys.exit(f"there must be one stream of events, there are {len(streams)}")
        parts = [packet["events"] for packet in decoder if packet["stream_id"] in streams]
    except BaseException as error:
        # Where the library panics, Python sees a class that no module exports.
        if not isinstance(error, RuntimeError) and type(error).__name__ != "PanicException":
            raise
        sys.exit(f"corrupt, cut short, or no AEDAT 4 file: {error}")
    (stream,) = streams.values()
    columns: dict[str, Any] = {"size": np.array((stream["width"], stream["height"]))}
    columns |= {
        name: np.concatenate([np.zeros(0, dtype=np.int64), *(part[field].astype(np.int64) for part in parts)])
        for name, field in (("t", "t"), ("x", "x"), ("y", "y"), ("p", "on"))
    }
    written = io.BytesIO()
    np.savez(written, **columns)
    sys.stdout.buffer.write(written.getvalue())


if __name__ == "__main__":
    main(sys.argv[1])
