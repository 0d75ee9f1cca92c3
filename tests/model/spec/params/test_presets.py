"""Presets are chips: packets reach every row and chunk of their memories."""

import pytest

from ganglion.model.spec.memories import memories
from ganglion.model.spec.packets import ACCESS
from ganglion.model.spec.params import PRESETS

LIMITS = {field.name: 1 << field.width for field in ACCESS.fields}


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("slots", [None, 64])
def test_a_packet_reaches_every_chunk_of_every_row(name: str, slots: int | None) -> None:
    params = PRESETS[name].replace(delay_slots=slots or PRESETS[name].delay_slots)
    for memory, spec in memories(params).items():
        assert memory < LIMITS["memory"]
        assert spec.rows <= LIMITS["row"], memory.name
        assert spec.layout.chunks <= LIMITS["chunk"], memory.name


def test_presets_are_called_by_their_names() -> None:
    assert all(params.name == name for name, params in PRESETS.items())


def test_wide_holds_large_numbers() -> None:
    wide = PRESETS["wide"]
    assert (wide.weight_bits, wide.membrane_bits, wide.accumulator_bits, wide.current_bits) == (16, 36, 36, 36)
