"""The run whose coverage is measured: chips, a tree of routers, the link of a board, and how much of what each is
given."""

from ganglion.model.spec.frames import LinkVersion
from ganglion.model.spec.params import PRESETS
from tests.coverage.chip import ChipPart
from tests.coverage.link import LinkPart
from tests.coverage.tree import TreePart
from tests.sim.chips import NARROW

CAMPAIGN = (
    ChipPart(PRESETS["tiny"], networks=300, packets=150),
    ChipPart(PRESETS["tiny-learning"], networks=250, packets=80),
    TreePart(NARROW.replace(name="tree"), rounds=220),
    LinkPart("plain-link", LinkVersion.PLAIN, rounds=3),
    LinkPart("link", LinkVersion.COMPACT, rounds=3),
)
