"""Where kernels are kept: beside their sources, in the cache, or nowhere."""

import os
from pathlib import Path

import pytest

from ganglion.model.emulator.kernels.compile import kept_in


def test_kernels_are_kept_where_something_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GANGLION_CACHE", str(tmp_path / "cache"))
    assert kept_in(tmp_path) == tmp_path / "__pycache__"
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != tmp_path and access(path, mode))
    assert kept_in(tmp_path) == tmp_path / "cache" / "kernels"
    monkeypatch.setenv("GANGLION_CACHE", "/proc/none")
    assert kept_in(tmp_path) is None
