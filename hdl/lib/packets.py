"""The fields of a packet, by the names that the specification gives them."""

from typing import Any

from amaranth.hdl import Value
from amaranth.lib import data

from ganglion.hdl.lib.layouts import struct
from ganglion.hdl.lib.streams import transfers
from ganglion.model.spec.packets import ACCESS, SPIKE, Kind


def as_spike(packet: Any) -> Any:
    """A packet of 64 bits as a SPIKE, to be read or assigned."""
    return data.View(struct(SPIKE), Value.cast(packet)[: SPIKE.width])


def as_access(packet: Any) -> Any:
    """A packet of 64 bits as a WRITE, READ or REPLY, to be read or assigned."""
    return data.View(struct(ACCESS), Value.cast(packet)[: ACCESS.width])


def kind_of(packet: Any) -> Any:
    """What a packet is, whatever it is: all kinds have it in the same place."""
    return as_spike(packet).kind


def spike_transfers(port: Any) -> Value:
    """Whether a SPIKE is transferred on a stream of packets in this cycle."""
    return transfers(port) & (kind_of(port.payload) == Kind.SPIKE)
