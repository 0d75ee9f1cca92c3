"""Shipped classifiers on real data, on one target or on several in lockstep."""

from ganglion.sim.classifiers.job import run_classifier
from ganglion.sim.classifiers.result import ClassifierResult

__all__ = ["ClassifierResult", "run_classifier"]
