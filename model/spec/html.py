"""Small pieces of HTML, by which a notebook shows networks and runs."""

from collections.abc import Iterable, Sequence
from html import escape

import numpy as np

from ganglion.model.spec.arrays import IntArray

COLUMNS, ROWS = 240, 60
"""Cells of a raster, at most: more steps or neurons share a cell."""

WIDTH, HEIGHT = 600, 150
"""Size of a raster, in pixels."""

COLOUR = "#0072b2"


class Markup(str):
    """HTML, which is not to be escaped."""

    __slots__ = ()


def block(title: str, *parts: str) -> str:
    """A title, and what is below it."""
    return f"<div><b>{escape(title)}</b>{''.join(parts)}</div>"


def table(rows: Iterable[Sequence[object]], head: Sequence[str] = ()) -> str:
    """A table; everything in it is text, but for what is of the type `Markup`."""
    lines = [_line("th", head)] if head else []
    lines += [_line("td", row) for row in rows]
    return f"<table>{''.join(lines)}</table>"


def line(text: str) -> str:
    """A line of text."""
    return f"<p>{escape(text)}</p>"


def share(part: float) -> Markup:
    """A bar that is filled to a part from 0 to 1, as an SVG."""
    full = f'<rect width="{100 * min(1.0, part):.0f}" height="10" fill="{COLOUR}"/>'
    return Markup(f'<svg width="100" height="10" style="border:1px solid #ccc">{full}</svg>')


def _line(tag: str, cells: Sequence[object]) -> str:
    texts = (cell if isinstance(cell, Markup) else escape(str(cell)) for cell in cells)
    return f"<tr>{''.join(f'<{tag}>{text}</{tag}>' for text in texts)}</tr>"


def raster(spikes: IntArray, steps: int, neurons: int) -> str:
    """A raster of spikes, steps from left to right and neurons downwards, as an SVG of bounded size.

    Args:
        spikes: step, from 0, and neuron of each, shape (spikes, 2).
        steps: how many there are.
        neurons: how many there are.
    """
    columns, rows = min(COLUMNS, max(1, steps)), min(ROWS, max(1, neurons))
    filled = np.zeros((rows, columns + 1), dtype=np.int8)
    filled[spikes[:, 1] * rows // max(1, neurons), spikes[:, 0] * columns // max(1, steps)] = 1
    # Neighbours are drawn in one stroke.
    edges = np.diff(filled, axis=1, prepend=0)
    begins, ends = np.argwhere(edges == 1), np.argwhere(edges == -1)
    strokes = "".join(
        f"M{x} {y}h{end - x}v1h-{end - x}z" for (y, x), end in zip(begins.tolist(), ends[:, 1].tolist(), strict=True)
    )
    return (
        f'<svg width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {columns} {rows}" preserveAspectRatio="none" '
        f'style="border:1px solid #ccc;display:block"><path d="{strokes}" fill="{COLOUR}"/></svg>'
    )
