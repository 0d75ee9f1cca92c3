"""The run whose coverage is measured: chips, and how much of what each is given."""

from ganglion.model.spec.params import PRESETS
from tests.coverage.chip import ChipPart

CAMPAIGN = (
    ChipPart(PRESETS["tiny"], networks=300, packets=150),
    ChipPart(PRESETS["tiny-learning"], networks=250, packets=80),
)
