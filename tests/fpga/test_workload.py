"""What shipped networks cost on a board of several cores, by the cycle model."""

from io import StringIO

import pytest
from rich.console import Console

from ganglion.fpga import workload
from ganglion.fpga.boards import BOARDS

ULX3S = BOARDS["ulx3s"]


def test_the_digits_on_the_ulx3s() -> None:
    load = workload.measure("digits", workload.NETWORKS["digits"](), ULX3S)
    steps = 10
    silent = steps * (ULX3S.params.groups + 14 + 17 + 6)
    assert silent < load.cycles < 20 * silent
    assert load.latency_ms == pytest.approx(1e3 * load.cycles / ULX3S.clock, rel=1e-3)
    assert load.samples_per_second == pytest.approx(1e3 / max(load.latency_ms, load.line_ms), rel=1e-3)


def test_what_does_not_fit_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workload, "NETWORKS", {name: workload.NETWORKS[name] for name in ("digits", "mnist-conv")})
    told = StringIO()
    found = workload.workloads(ULX3S, Console(file=told))
    assert [load.name for load in found] == ["digits"]
    assert "mnist-conv is not in the figures: " in told.getvalue()
