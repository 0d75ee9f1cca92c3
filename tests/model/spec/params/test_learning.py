"""The sizes of learning: nothing of it where it is off, and no part without what it needs."""

import pytest

from ganglion.model.spec.errors import ParamsError
from ganglion.model.spec.memories import VERSION, Memory, memories, version
from ganglion.model.spec.params import LEARNING, PRESETS, Params, told_numbers
from ganglion.model.spec.registers import Counter, Register

TINY, LEARNS = PRESETS["tiny"], PRESETS["tiny-learning"]


def test_a_chip_without_learning_tells_nothing_of_it() -> None:
    assert not any(getattr(TINY, name) for name in LEARNING)
    assert not set(LEARNING) & set(TINY.to_dict())
    assert len(TINY.to_numbers()) == told_numbers(learns=False, protected=False) == 19
    assert max(memories(TINY)) == Memory.PARAMETERS
    assert memories(TINY)[Memory.REGISTERS].rows == Register.CLEAR + 1
    assert memories(TINY)[Memory.COUNTERS].rows == Counter.BAD_PACKETS + 1
    assert version(TINY) == VERSION


def test_a_chip_with_learning_tells_all_of_it() -> None:
    assert set(LEARNING) < set(LEARNS.to_dict())
    assert len(LEARNS.to_numbers()) == told_numbers(learns=True, protected=False) == 19 + len(LEARNING)
    assert set(memories(LEARNS)) == set(Memory)
    assert memories(LEARNS)[Memory.REGISTERS].rows == Register.FAULT
    assert memories(LEARNS)[Memory.COUNTERS].rows == Counter.FAULTS
    assert version(LEARNS) == VERSION + 256


def test_a_difference_of_learning_is_told_by_name() -> None:
    assert "products: 2, 0" in LEARNS.differences(TINY)
    assert LEARNS.replace(tag_bits=6).differences(LEARNS) == ["tag_bits: 6, 5"]


@pytest.mark.parametrize(
    ("off", "memory"),
    [
        ({"tag_bits": 0}, Memory.TAGS),
        ({"y1_feeds": 1, "y2_feeds": 12, "y3_feeds": 0}, Memory.RECEPTOR),
        ({"pre_traces": 0, "y1_feeds": 2, "y2_feeds": 2, "y3_feeds": 2, "trace_ages": 0, "kernels": 0}, Memory.KERNELS),
        ({"y1_feeds": 0, "y2_feeds": 0, "y3_feeds": 0}, Memory.TRACES),
    ],
    ids=lambda value: value.name if isinstance(value, Memory) else "",
)
def test_a_memory_is_there_for_what_needs_it(off: dict[str, int], memory: Memory) -> None:
    assert memory in memories(LEARNS) and memory not in memories(LEARNS.replace(**off))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"products": 0}, "rules must be a whole number from 0 to 0, not 6"),
        ({"rules": 0}, "rules must be a whole number from 1 to 255, not 0"),
        ({"trace_ages": 12}, "trace_ages must be a power of two, not 12"),
        ({"trace_bits": 1}, "trace_bits must be a whole number from 2 to 12, not 1"),
        ({"kernels": 0}, "kernels must be a whole number from 1 to 64, not 0"),
        ({"tag_bits": 1}, "tag_bits must be a whole number from 2 to 16, not 1"),
        ({"modulators": 0}, "modulator_bits must be a whole number from 0 to 0, not 4"),
        ({"modulators": 5}, "modulators must be a whole number from 0 to 4, not 5"),
        ({"y1_feeds": 8}, "y1_feeds must be a whole number from 0 to 7, not 8"),
        ({"y1_feeds": 0}, "y2_feeds 15: there is no trace y1 that could feed it"),
        ({"stochastic": 3}, "stochastic must be True or False, not 3"),
    ],
)
def test_what_learning_cannot_be_is_refused(changes: dict[str, int], message: str) -> None:
    with pytest.raises(ParamsError, match=message):
        LEARNS.replace(**changes)


def test_nothing_of_learning_without_products() -> None:
    with pytest.raises(ParamsError, match="stochastic must be False, not True"):
        Params(stochastic=True)
    with pytest.raises(ParamsError, match="pre_traces must be a whole number from 0 to 0, not 1"):
        Params(pre_traces=1)
