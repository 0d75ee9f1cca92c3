"""Tests of the shipped networks."""

from importlib.util import find_spec

collect_ignore = [] if find_spec("torch") else ["test_training.py"]
"""Training has tests of its own, which are there where the extra `train` is; CI runs what is shipped."""
