"""The words on the wires: packets, the memories they reach, the routes they take."""

from ganglion.model.spec.formats import CHUNK_BITS, Field, Layout
from ganglion.model.spec.memories import VERSION, Memory, MemorySpec, memories
from ganglion.model.spec.packets import ACCESS, PACKET_BITS, PACKETS, SPIKE, Kind, Scope, describe, end, spike
from ganglion.model.spec.registers import Counter, Register, RouterCounter
from ganglion.model.spec.tree import cores_of, meeting_level, places_in, route_of, route_to, route_to_router

__all__ = [
    "ACCESS",
    "CHUNK_BITS",
    "PACKETS",
    "PACKET_BITS",
    "SPIKE",
    "VERSION",
    "Counter",
    "Field",
    "Kind",
    "Layout",
    "Memory",
    "MemorySpec",
    "Register",
    "RouterCounter",
    "Scope",
    "cores_of",
    "describe",
    "end",
    "meeting_level",
    "memories",
    "places_in",
    "route_of",
    "route_to",
    "route_to_router",
    "spike",
]
