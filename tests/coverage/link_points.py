"""What conversations with a link must have reached: named points, each of what a recording tells or shows."""

from collections.abc import Iterator
from itertools import pairwise, product

import numpy as np

from ganglion.fpga.uart_link.uart import BITS
from ganglion.model.spec.arrays import BoolArray
from ganglion.model.spec.frames import LinkVersion
from ganglion.model.spec.packet_arrays import Words
from ganglion.model.spec.packets import KIND_BITS, Kind
from tests.coverage.link_frames import Frames, frame_points
from tests.coverage.link_tokens import of_tokens, token_points
from tests.mutations.link_bench import Recording, Show, Tell
from tests.mutations.link_top import DIVIDER

KINDS = (*(kind.name for kind in Kind), "unknown kind")
WAYS = ("to the chip", "from the chip")
TAKEN = ("taken at once", "kept waiting")
SPEEDS = ("sooner than", "in", "later than")
"""When a byte comes behind another one on the line of the UART, which takes ten bits."""


def link_points(version: LinkVersion) -> list[str]:
    """The names of all points that a link of this version has."""
    names = [f"{kind} {way}, {taken}" for kind, way, taken in product(KINDS, WAYS, TAKEN)]
    names += [f"UART: a byte {speed} ten bits" for speed in SPEEDS] + ["UART: low for less than half a bit"]
    names += ["UART: byte behind byte sent", "UART: byte sent behind a pause"]
    return names + frame_points() + (token_points() if version == LinkVersion.COMPACT else [])


def of_recording(recording: Recording, version: LinkVersion) -> Iterator[str]:
    """What one recording reached; each reset begins anew."""
    yield from _of_packets(recording)
    yield from _of_uart(recording)
    resets = np.flatnonzero(recording.told & Tell.RESET)
    for first, behind in pairwise([*(resets + 1).tolist(), recording.told.size]):
        frames = Frames(recording.told[first:behind], recording.shown[first:behind])
        yield from frames.reached
        if version == LinkVersion.COMPACT:
            for from_host, from_board in frames.coded():
                yield from of_tokens(from_host, from_board)


def _of_packets(recording: Recording) -> Iterator[str]:
    """Packets of every kind, whether they wait or not."""
    told, (packet, rest) = recording.told, recording.shown.T
    taken = np.flatnonzero((rest & Show.CHIP_VALID != 0) & (told & Tell.CHIP_READY != 0))
    waits = (rest & Show.CHIP_VALID != 0) & (told & Tell.CHIP_READY == 0)
    yield from _of_kinds(packet[taken], waits[taken - 1], WAYS[0])
    given = np.flatnonzero(rest & Show.PACKET_TAKEN)
    yield from _of_kinds(recording.packets[: given.size], told[given] & Tell.OFFER_PACKET == 0, WAYS[1])


def _of_kinds(words: Words, waited: BoolArray, way: str) -> Iterator[str]:
    kinds = words & np.uint64((1 << KIND_BITS) - 1)
    for kind in np.unique(kinds).tolist():
        name = Kind(kind).name if kind in list(Kind) else KINDS[-1]
        for wait in np.unique(waited[kinds == kind]).tolist():
            yield f"{name} {way}, {TAKEN[wait]}"


def _of_uart(recording: Recording) -> Iterator[str]:
    """Bytes of the UART both ways."""
    told, rest = recording.told, recording.shown[:, 1]
    apart = np.diff(np.flatnonzero(rest & Show.HEARD_VALID))
    ten = BITS * DIVIDER
    near = apart[np.abs(apart - ten) <= DIVIDER // 2]
    yield from (f"UART: a byte {SPEEDS[1 + sign]} ten bits" for sign in np.unique(np.sign(near - ten)).tolist())
    edges = np.flatnonzero(np.diff(told & Tell.RX != 0))
    low = np.diff(edges)[(told[edges[:-1]] & Tell.RX) != 0] if edges.size else edges
    if (2 * low < DIVIDER).any():
        yield "UART: low for less than half a bit"
    apart = np.diff(np.flatnonzero(rest & Show.BYTE_TAKEN))
    yield from ["UART: byte behind byte sent"] * bool((apart <= ten + 1).any())
    yield from ["UART: byte sent behind a pause"] * bool((apart > ten + 1).any())
