"""Packets in arrays are the packets of their layouts."""

import numpy as np

from ganglion.model.spec import packet_arrays
from ganglion.model.spec.packets import AXON_BITS, OUTPUT_BITS, SPIKE, Kind, Scope


def test_the_number_of_an_output_has_all_its_bits() -> None:
    numbers = [0, 1, (1 << AXON_BITS) - 1, 1 << AXON_BITS, 0x1234_5678, (1 << OUTPUT_BITS) - 1]
    parts = [(number & 0xFFFF, number >> 16) for number in numbers]
    words = [SPIKE.pack(kind=Kind.SPIKE, scope=Scope.HOST, axon=axon, route=route) for axon, route in parts]
    assert packet_arrays.is_output(np.array(words, dtype=np.uint64)).all()
    assert packet_arrays.output_of(np.array(words, dtype=np.uint64)).tolist() == numbers


def test_other_packets_are_no_outputs() -> None:
    words = [SPIKE.pack(kind=kind, scope=scope) for kind in Kind for scope in Scope]
    words.remove(SPIKE.pack(kind=Kind.SPIKE, scope=Scope.HOST))
    assert not packet_arrays.is_output(np.array(words, dtype=np.uint64)).any()
