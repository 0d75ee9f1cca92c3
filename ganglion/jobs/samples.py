"""Which samples of a test set a job runs."""

from collections.abc import Sequence

from ganglion.model.spec.errors import GanglionError


def choose(available: int, count: int | None = None, only: Sequence[int] | None = None) -> list[int]:
    """The numbers of the samples.

    Args:
        available: samples there are.
        count: the first so many; None is all of them.
        only: these instead.

    Raises:
        GanglionError: there are no such samples; says which ones there are.
    """
    if only is not None:
        wrong = [index for index in only if not 0 <= index < available]
        if wrong or not only:
            raise GanglionError(f"samples are 0 to {available - 1}, not {wrong[0] if wrong else 'none'}")
        return list(only)
    chosen = available if count is None else count
    if not 1 <= chosen <= available:
        raise GanglionError(f"samples must be 1 to {available}, as many test samples as there are, not {chosen}")
    return list(range(chosen))
