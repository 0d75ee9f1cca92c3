"""Decodes one stream of events of an AEDAT 4 file in a process of its own; see `files`."""

from typing import Any

import aedat
import numpy as np

from ganglion.model.interchange.send import RefusedError, serve

BYTES = 32
"""Of an event, as it is sent."""


def decode(path: str, most: int, chosen: int | None = None) -> dict[str, Any]:
    """t, x, y, p and size of the chosen stream, or of the one that there is."""
    decoder = aedat.Decoder(path)
    streams = {k: stream for k, stream in decoder.id_to_stream().items() if stream["type"] == "events"}
    names = ", ".join(f"{k} ({stream['width']} x {stream['height']})" for k, stream in streams.items()) or "none"
    if chosen is None and len(streams) > 1:
        raise RefusedError(f"there are {len(streams)} streams of events, {names}: choose one, stream={min(streams)}")
    if chosen not in (None, *streams) or not streams:
        raise RefusedError(f"there is no stream {'of events' if chosen is None else chosen}; of events are {names}")
    number = min(streams) if chosen is None else chosen
    parts, left = [], most
    for packet in decoder:
        if packet["stream_id"] == number:
            parts.append(packet["events"])
            left -= BYTES * len(parts[-1])
            if left < 0:
                raise RefusedError(f"it would unpack to more than {most} bytes, too many for a file of its size")
    columns: dict[str, Any] = {"size": (streams[number]["width"], streams[number]["height"])}
    return columns | {
        name: np.concatenate([np.zeros(0, dtype=np.int64), *(part[field].astype(np.int64) for part in parts)])
        for name, field in (("t", "t"), ("x", "x"), ("y", "y"), ("p", "on"))
    }


if __name__ == "__main__":
    serve(decode)
