"""The table of targets: every name opens the target of that name."""

import pytest

from ganglion.jobs.targets import BOARD, TARGETS, check_targets
from ganglion.model.networks import shipped
from ganglion.model.progress import SILENT


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.sim if name == "rtl" else ()) for name in TARGETS if name != BOARD]
)
def test_each_opens_what_it_is_called(name: str) -> None:
    classifier = shipped.load("digits")
    with TARGETS[name].open(classifier.program(), None, SILENT) as target:
        assert target.name == name
        trace = target.run(classifier.encode(classifier.test_set(None).inputs[0]))
        assert trace.total("spikes") > 0


def test_a_board_with_its_device_is_fine() -> None:
    check_targets(["reference", BOARD], "/dev/ttyUSB1")
