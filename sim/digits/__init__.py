"""Handwritten digits on the chip: the main job, its table and its report."""

from ganglion.sim.classifiers.recorder import CLOCK_MHZ, TARGETS
from ganglion.sim.digits.job import REPORT, main_job
from ganglion.sim.digits.result import DigitsResult, TargetResult

__all__ = ["CLOCK_MHZ", "REPORT", "TARGETS", "DigitsResult", "TargetResult", "main_job"]
