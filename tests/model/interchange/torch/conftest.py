"""Tests of training in PyTorch."""

from importlib.util import find_spec

collect_ignore = [] if find_spec("torch") else ["test_training.py", "test_learning.py"]
"""They are there where the extra `train` is; CI runs what is shipped."""
