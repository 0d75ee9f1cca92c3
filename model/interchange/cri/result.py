"""What `step` and `run_cont` return with target "CRI": spikes at once, counts when they are looked at."""

from collections.abc import Callable, Iterator
from typing import Any


class Counted(tuple[Any, Any, Any]):
    """`(spikes, cycles, memory_accesses)`, of which the last two are computed when one of them is asked for.

    Args:
        spikes: what fired.
        count: computes cycles and memory accesses.
    """

    _count: Callable[[], tuple[int, int]]
    _whole: tuple[Any, int, int] | None

    def __new__(cls, spikes: Any, count: Callable[[], tuple[int, int]]) -> "Counted":
        self = super().__new__(cls, (spikes, None, None))
        self._count, self._whole = count, None
        return self

    def all(self) -> tuple[Any, int, int]:
        """Everything, as a plain tuple."""
        if self._whole is None:
            self._whole = (super().__getitem__(0), *self._count())
        return self._whole

    def __getitem__(self, index: Any) -> Any:
        return super().__getitem__(0) if index in (0, -3) else self.all()[index]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.all())

    def __eq__(self, other: object) -> bool:
        return self.all() == (other.all() if isinstance(other, Counted) else other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None  # type: ignore[assignment]

    def __add__(self, other: Any) -> Any:
        return self.all() + tuple(other)

    def __contains__(self, value: object) -> bool:
        return value in self.all()

    def __repr__(self) -> str:
        return repr(self.all())

    def __reduce__(self) -> tuple[Any, ...]:
        return tuple, (self.all(),)
