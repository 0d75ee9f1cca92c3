"""The parameter of parity: nothing of it where it is off, and every memory that is an array where it is on."""

import pytest

from ganglion.model.spec.errors import ParamsError
from ganglion.model.spec.memories import PROTECTED, VERSION, Memory, memories, protects, version
from ganglion.model.spec.params import ALL_PARITY, PRESETS, Params, told_numbers
from ganglion.model.spec.registers import Counter, Register

TINY, LEARNS = PRESETS["tiny"], PRESETS["tiny-learning"]
GUARDED = TINY.replace(parity=ALL_PARITY)


def test_a_chip_without_parity_tells_nothing_of_it() -> None:
    assert "parity" not in TINY.to_dict() and "parity" not in LEARNS.to_dict()
    assert not any(protects(TINY, memory) for memory in Memory)
    assert memories(TINY)[Memory.REGISTERS].rows == Register.CLEAR + 1
    assert memories(LEARNS)[Memory.COUNTERS].rows == Counter.LEARN_CYCLES + 1


def test_every_array_can_have_it() -> None:
    assert {memory for memory in Memory if protects(GUARDED, memory)} == {*Memory} - {
        Memory.REGISTERS,
        Memory.PARAMETERS,
    }
    assert memories(GUARDED)[Memory.REGISTERS].rows == Register.FAULT + 1
    assert memories(GUARDED)[Memory.COUNTERS].rows == Counter.FAULTS + 1
    assert version(GUARDED) == VERSION + PROTECTED


@pytest.mark.parametrize("params", [GUARDED, LEARNS.replace(parity=1 << Memory.TAGS)], ids=["tiny", "learning"])
def test_it_comes_back_as_it_is_stored_and_told(params: Params) -> None:
    assert Params.from_dict(params.to_dict()) == params
    assert Params.from_numbers(params.to_numbers(), params.name) == params
    assert len(params.to_numbers()) == told_numbers(learns=params.products > 0, protected=True)


def test_a_memory_that_is_no_array_is_refused() -> None:
    with pytest.raises(ParamsError, match="parity may be any bits of 0xfdfe, and has 0x1; registers"):
        TINY.replace(parity=1)
    with pytest.raises(ParamsError, match="parity must be a whole number from 0 to 65022, not 65536"):
        TINY.replace(parity=1 << 16)
