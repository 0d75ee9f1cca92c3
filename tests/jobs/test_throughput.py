"""What `ganglion board throughput` says of what was measured."""

import pytest

from ganglion.fpga.virtual.emulator import Traffic
from ganglion.fpga.virtual.throughput import Throughput
from ganglion.jobs import throughput


def test_figures_are_per_second_of_the_board_and_per_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    measured = Throughput(
        line="USB, compact",
        samples=10,
        loading_bytes=100_000.0,
        running=Traffic(cycles=150_000, down=2000, up=700),
        clock=75_000_000,
        line_bytes_per_second=1e6,
    )
    monkeypatch.setattr(throughput, "throughputs", lambda *arguments, **options: iter([measured]))
    found = throughput.throughput("ulx3s-usb", "mnist", samples=10)
    (line,) = found.to_dict()["lines"]
    assert (line["samples_per_second"], line["loading_ms"], line["bytes_up"]) == (5000.0, 100.0, 700)
    table, _ = found.shown()
    cells = [next(iter(column.cells)) for column in table.columns]  # type: ignore[union-attr]
    assert cells == ["USB, compact", "5,000", "15,000", "200", "70", "100.0"]
