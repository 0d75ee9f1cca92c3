"""What is in three_packets.aedat4, and how it was made: `python three_packets.py`, with dv-processing 2.0.4."""

import numpy as np

from ganglion.model.spec.arrays import IntArray

SIZE = (34, 26)
PACKETS, EVENTS = 3, 100


def columns() -> list[IntArray]:
    """t, x, y and p of all events."""
    rng = np.random.default_rng(4)
    count = PACKETS * EVENTS
    t = np.sort(rng.integers(0, 50_000, count)) + 1_000_000
    return [t, rng.integers(0, SIZE[0], count), rng.integers(0, SIZE[1], count), rng.integers(0, 2, count)]


def write(path: str) -> None:
    """Write the file with iniVation's own library."""
    import dv_processing as dv

    config = dv.io.MonoCameraWriter.Config("TEST")
    config.addEventStream(SIZE)
    writer = dv.io.MonoCameraWriter(path, config)
    writer.setPackagingCount(EVENTS)
    rows = list(zip(*(column.tolist() for column in columns()), strict=True))
    for packet in range(PACKETS):
        store = dv.EventStore()
        for t, x, y, p in rows[packet * EVENTS : (packet + 1) * EVENTS]:
            store.push_back(t, x, y, bool(p))
        writer.writeEvents(store)


if __name__ == "__main__":
    write("three_packets.aedat4")
