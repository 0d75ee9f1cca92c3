"""Which of several clocks a report is about."""

from ganglion.fpga.report import tightest


def test_a_report_is_about_the_clock_with_the_least_to_spare() -> None:
    """The slowest need not be it, nor the one that is to be the fastest: a bus has a clock of its own."""
    chip, bus = {"achieved": 78.0, "constraint": 75.0}, {"achieved": 49.0, "constraint": 12.0}
    assert tightest({"fmax": {"chip": chip, "bus": bus}}) == "chip"
    assert tightest({"fmax": {"chip": chip, "bus": {**bus, "achieved": 11.9}}}) == "bus"
