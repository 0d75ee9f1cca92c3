"""The words on the wires: 64-bit packets, one format for host, router and core, both ways.

A stream between host, routers and cores carries nothing else. `docs/reference` prints these tables.
"""

from enum import IntEnum

from ganglion.model.spec.errors import FormatError
from ganglion.model.spec.explained import explained
from ganglion.model.spec.formats import CHUNK_BITS, Field, Layout

PACKET_BITS = 64
"""Bits of every packet."""

ROUTE_BITS = 16
AXON_BITS = 16
ROW_BITS = 20
MEMORY_BITS = 4
KIND_BITS = 4


class Kind(IntEnum):
    """What a packet is."""

    SPIKE = 1
    """An event. To a core: the axon that fires. To the host: the output that fired."""
    END = 2
    """No more events of this step come behind this word."""
    WRITE = 3
    """One chunk of one memory row, to be written; the row changes with its last chunk."""
    READ = 4
    """One chunk of one memory row, to be sent back."""
    REPLY = 5
    """The answer to READ: the same word with the data filled in."""


class Scope(IntEnum):
    """How far a spike climbs before it turns."""

    NOWHERE = 0
    """Not sent at all: the neuron has no destination."""
    CORE = 1
    """Back into the axon table of its own core."""
    HOST = 2
    """Out of the chip. The number of the output is axon + route * 2^16."""
    LEVEL_1 = 3
    """To the router above the core, and down to the cores of its child mask."""
    LEVEL_2 = 4
    """To the router of level 2, and down by the child masks of levels 2 and 1."""
    LEVEL_3 = 5
    """To the router of level 3, and down by the child masks of levels 3 to 1."""
    LEVEL_4 = 6
    """To the router of level 4, and down by the child masks of levels 4 to 1."""


SCOPE_BITS = 3

_KIND = Field("kind", KIND_BITS, "what the packet is")
_ROUTE = Field("route", ROUTE_BITS, "a 4-bit child mask per router level, lowest level first; 0 in a chip of one core")

OUTPUT_BITS = AXON_BITS + ROUTE_BITS
"""Bits of the number of an output at the host."""

SPIKE = Layout(
    "SPIKE",
    (
        _KIND,
        _ROUTE,
        Field("axon", AXON_BITS, "axon of the destination cores, or low bits of the number of the output at the host"),
        Field("scope", SCOPE_BITS, "how far the spike climbs; without meaning on the way down"),
    ),
)
"""A spike, or an event of the host."""

ACCESS = Layout(
    "ACCESS",
    (
        _KIND,
        _ROUTE,
        Field("memory", MEMORY_BITS, "which memory of the core"),
        Field("chunk", 4, "which 16 bits of the row, least significant first"),
        Field("row", ROW_BITS, "row of the memory; of a memory with lanes: row * lanes + lane"),
        Field("data", CHUNK_BITS, "the chunk"),
    ),
)
"""A memory access, and its reply."""

PACKETS: dict[Kind, Layout] = {
    Kind.SPIKE: SPIKE,
    Kind.END: Layout("END", (_KIND, _ROUTE)),
    Kind.WRITE: ACCESS,
    Kind.READ: ACCESS,
    Kind.REPLY: ACCESS,
}
"""The layout of the packets of each kind."""


def spike(axon: int, route: int = 0) -> int:
    """The SPIKE packet of the host for one axon of the cores on the route."""
    return SPIKE.pack(kind=Kind.SPIKE, route=route, axon=axon)


def end() -> int:
    """The END packet."""
    return int(Kind.END)


@explained(FormatError)
def describe(word: int) -> str:
    """One line for people: the kind and every field of a packet.

    Raises:
        FormatError: the word is wider than a packet, negative, or of no known kind.
    """
    if not 0 <= word < 1 << PACKET_BITS:
        raise FormatError(f"{word:#x} is not a packet: a packet is a number of {PACKET_BITS} bits")
    kind = word & ((1 << KIND_BITS) - 1)
    if kind not in Kind.__members__.values():
        raise FormatError(f"{word:#018x} is not a packet: no kind has the number {kind}")
    layout = PACKETS[Kind(kind)]
    if word >> layout.width:
        raise FormatError(f"{word:#018x} is not a {layout.name} packet: bits above bit {layout.width - 1} must be 0")
    values = layout.unpack(word)
    values.pop("kind")
    return f"{Kind(kind).name} " + " ".join(f"{name}={value}" for name, value in values.items())
