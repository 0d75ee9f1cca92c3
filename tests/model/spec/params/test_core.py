"""Sizes of a core: which are refused, and what is said of them."""

from typing import Any

import numpy as np
import pytest

from ganglion.model.spec.errors import ParamsError
from ganglion.model.spec.params import Params, bits_for


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"neurons": 1}, "neurons must be a whole number from 2 to 65536, not 1"),
        ({"neurons": 96}, "neurons must be a power of two, not 96"),
        ({"neurons": 4, "lanes": 4}, r"neurons must be at least 2 \* lanes = 8, not 4"),
        ({"axons": 65537}, "axons must be a whole number from 1 to 65536, not 65537"),
        ({"lanes": 3}, "lanes must be 1, 2, 4 or 8, not 3"),
        ({"lanes": 4.0}, r"lanes must be 1, 2, 4 or 8, not 4\.0"),
        ({"delay_slots": 3}, "delay_slots must be a power of two, not 3"),
        ({"fanout_entries": 255}, "fanout_entries must be a whole number from 256 to 65536, not 255"),
        ({"weight_bits": True}, "weight_bits must be 4, 8 or 16, not True"),
        ({"weight_bits": 8, "accumulator_bits": 6}, "accumulator_bits must be at least weight_bits = 8, not 6"),
        ({"membrane_bits": "16"}, "membrane_bits must be a whole number from 4 to 36, not '16'"),
        ({"bias_bits": False}, "bias_bits must be a whole number from 2 to 36, not False"),
        ({"name": 7}, "name must be a string, not 7"),
    ],
    ids=str,
)
def test_sizes_that_cannot_be_are_refused_by_name(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ParamsError, match=message):
        Params(**values)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"synapse_words": 1 << 19, "lanes": 4},
            r"synapse_words \* lanes must be at most 1,048,576, the rows that a packet can address, not 2,097,152",
        ),
        (
            {"neurons": 65536, "delay_slots": 32, "fanout_entries": 65536},
            r"neurons \* delay_slots must be at most 1,048,576, .* not 2,097,152; a larger network takes several cores",
        ),
    ],
    ids=str,
)
def test_memories_that_a_packet_cannot_address_are_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ParamsError, match=message):
        Params(**values)


def test_as_many_rows_as_a_packet_can_address_are_taken() -> None:
    largest = Params(neurons=65536, delay_slots=16, synapse_words=1 << 18, lanes=4, fanout_entries=65536)
    assert largest.accumulator_rows == largest.synapse_rows == 1 << 20


def test_numpy_numbers_become_plain_ones() -> None:
    params = Params(
        neurons=np.int64(512), fanout_entries=np.uint16(512), lanes=np.int8(4), levels=np.array([4]).tolist()
    )
    assert params == Params(neurons=512, lanes=4, levels=(4,))
    assert {type(params.neurons), type(params.lanes), type(params.levels[0])} == {int}


def test_groups_and_beats_follow() -> None:
    params = Params(neurons=256, lanes=4, weight_bits=4, delay_slots=4)
    assert params.groups == 64
    assert params.beats == (4 + 6 + 2) // 4
    assert params.replace(entry_bits=32).beats == 8


@pytest.mark.parametrize(("count", "bits"), [(1, 1), (2, 1), (3, 2), (256, 8), (257, 9)])
def test_bits_for_numbers_things_from_zero(count: int, bits: int) -> None:
    assert bits_for(count) == bits
