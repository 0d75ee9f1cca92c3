"""Values that go along with a pipeline."""

from typing import Any

from amaranth.hdl import Module, Signal


def follow(m: Module, value: Any, name: str, first: int, last: int, *, reset_less: bool = True) -> list[Any]:
    """A value as it is in each cycle of a pipeline, from cycle `first` to cycle `last`; before `first`, as in it.

    Args:
        m: the module of the pipeline.
        value: as it is in cycle `first`.
        name: of its registers, behind which comes the cycle.
        first: the cycle in which it is there.
        last: the last one in which it is wanted.
        reset_less: whether nobody looks at it without a valid bit beside it.
    """
    values = [value] * (first + 1)
    for cycle in range(first + 1, last + 1):
        values.append(Signal(value.shape(), name=f"{name}_{cycle}", reset_less=reset_less))
        m.d.sync += values[-1].eq(values[-2])
    return values
