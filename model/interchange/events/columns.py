"""What a reader of a format finds in a file, before it is checked."""

from dataclasses import dataclass

from ganglion.model.spec.arrays import IntArray


@dataclass(frozen=True)
class Columns:
    """Events, each array of shape (events,)."""

    t: IntArray
    x: IntArray
    y: IntArray
    p: IntArray
    size: tuple[int, int] | None = None
    """What the file says of the sensor."""
    notes: tuple[str, ...] = ()
    """What was guessed, or left out, in words."""
