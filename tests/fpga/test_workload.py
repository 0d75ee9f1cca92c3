"""What shipped networks cost on a board of several cores, by the cycle model."""

import pytest

from ganglion.fpga import workload
from ganglion.fpga.boards import BOARDS

ULX3S = BOARDS["ulx3s"]


def test_the_digits_on_the_ulx3s() -> None:
    load = workload.measure(workload.SHIPPED["digits"](), ULX3S)
    steps = 10
    silent = steps * (ULX3S.params.groups + 14 + 17 + 6)
    assert silent < load.cycles < 20 * silent
    assert load.latency_ms == pytest.approx(1e3 * load.cycles / ULX3S.clock, rel=1e-3)
    assert load.samples_per_second == pytest.approx(1e3 / max(load.latency_ms, load.line_ms), rel=1e-3)


def test_what_does_not_fit_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workload, "SHIPPED", {name: workload.SHIPPED[name] for name in ("digits", "mnist-conv")})
    found, left_out = workload.workloads(ULX3S)
    assert [load.name for load in found] == ["digits"]
    assert list(left_out) == ["mnist-conv"] and "neurons               2378        1024" in left_out["mnist-conv"]
