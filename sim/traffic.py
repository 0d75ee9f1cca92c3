"""Where the spikes of a run went: what each link of the tree of routers carried, as numbers and as a picture."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ganglion.model.spec.arrays import IntArray
from ganglion.model.spec.drawing import Picture
from ganglion.model.spec.events import Events
from ganglion.model.spec.registers import RouterCounter
from ganglion.sim.rtl import Rtl


@dataclass(frozen=True)
class Link:
    """A link of the tree, by what is at its lower end: a core (level 0) or a router of a level."""

    level: int
    number: int
    up: int
    """Spikes that went up in the run."""
    down: int
    """Spikes that came down."""

    @property
    def name(self) -> str:
        """As messages call it."""
        below = f"router {self.level}.{self.number}" if self.level else f"core {self.number}"
        return f"{below} - above"


@dataclass(frozen=True)
class Traffic:
    """What a run sent over every link, lowest level first, and how long it took."""

    links: list[Link]
    levels: tuple[int, ...]
    cycles: int

    def draw(self, path: Path) -> None:
        """Writes a picture of the tree: each link as wide as the spikes that it carried, up left of down.

        Raises:
            FormatError: no picture is called so.
            OSError: the file cannot be written.
        """
        cores = int(np.prod(self.levels, dtype=np.int64))
        size = (max(6.0, 0.55 * cores), 2.2 + 1.4 * len(self.levels))
        figure = Picture(figsize=size, dpi=120, layout="constrained")
        axes = figure.subplots()
        most = max(1, *(max(link.up, link.down) for link in self.links))
        for link in self.links:
            x, above = (_centre(self.levels, level, link.number, link.level) for level in (link.level, link.level + 1))
            for count, colour, shift in ((link.up, "tab:blue", -0.07), (link.down, "tab:orange", 0.07)):
                width = 0.5 + 9 * count / most
                ends = [x + shift, above + shift], [link.level, link.level + 1]
                axes.plot(*ends, color=colour, linewidth=width, solid_capstyle="butt", alpha=0.8)
            label = f"{link.up}\n{link.down}"
            axes.annotate(label, (x, link.level), xytext=(0, -24), textcoords="offset points", ha="center", fontsize=7)
        for level in range(len(self.levels) + 1):
            count = cores // int(np.prod(self.levels[:level], dtype=np.int64))
            places = [_centre(self.levels, level, number, level) for number in range(count)]
            axes.plot(places, [level] * count, "s", color="black", markersize=9 if level else 6)
        axes.plot([], [], color="tab:blue", label="up")
        axes.plot([], [], color="tab:orange", label="down")
        axes.set_yticks(range(len(self.levels) + 1), ["cores", *(f"level {k + 1}" for k in range(len(self.levels)))])
        axes.set_xticks([])
        axes.set_ylim(-0.6, len(self.levels) + 0.4)
        axes.set_title(f"spikes per link in {self.cycles} cycles (above: up, below: down)")
        axes.legend(loc="upper right")
        figure.write(path)


def measure(rtl: Rtl, events: Events) -> Traffic:
    """Runs a network from where it stands, and says what each link carried; a chip of one core has no links.

    Raises:
        EventError: an event for an axon that the network has not; nothing was run.
    """
    before = rtl.traffic()
    trace = rtl.run(events)
    counted = {router: counts - before[router] for router, counts in rtl.traffic().items()}
    links = []
    for (level, router), counts in counted.items():
        for child in range(rtl.params.levels[level - 1]):
            up, down = (_port(counts, first, child) for first in (RouterCounter.FROM_CHILD_0, RouterCounter.TO_CHILD_0))
            links.append(Link(level - 1, router * rtl.params.levels[level - 1] + child, up, down))
    return Traffic(sorted(links, key=lambda link: (link.level, link.number)), rtl.params.levels, trace.total("cycles"))


def _port(counts: IntArray, first: RouterCounter, child: int) -> int:
    return int(counts[first + child])


def _centre(levels: tuple[int, ...], level: int, number: int, of: int) -> float:
    """Where something stands in the picture: above the middle of the cores below it.

    Args:
        levels: sizes of the routers.
        level: of what is to be placed; `number` counts things of level `of`, and this is what is above that one.
        number: see above.
        of: see above.
    """
    above = number // int(np.prod(levels[of:level], dtype=np.int64))
    width = int(np.prod(levels[:level], dtype=np.int64))
    return above * width + (width - 1) / 2
