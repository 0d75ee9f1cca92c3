"""A damaged file is loaded as it was, or refused by one of our errors; nothing else comes of it. More: tests/fuzz."""

import warnings
from pathlib import Path

import pytest

from ganglion.model.spec.errors import GanglionError
from tests.model.damage.damage import damaged, files_of
from tests.model.damage.kinds import KINDS

QUICK, QUICK_APART = 40, 4
"""Damages of each kind in every run of the tests."""


class Sample:
    """A whole file of a kind, which is damaged and put right again."""

    def __init__(self, name: str, folder: Path) -> None:
        self.kind = KINDS[name]
        self.path = folder / f"file{self.kind.suffix}"
        self.kind.make(self.path)
        self.whole = {file: file.read_bytes() for file in files_of(self.path)}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.loaded = self.kind.load(self.path)

    def check(self, seed: int) -> bool:
        """Damage it; whether it was refused."""
        file = list(self.whole)[seed % len(self.whole)]
        file.write_bytes(damaged(self.whole[file], seed))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                loaded = self.kind.load(self.path)
        except GanglionError:
            return True
        finally:
            file.write_bytes(self.whole[file])
        assert not self.kind.checked or loaded == self.loaded, f"seed {seed}: {file.name} loads as something else"
        return False


@pytest.mark.parametrize("name", KINDS)
def test_a_damaged_file_loads_as_it_was_or_is_refused(name: str, tmp_path: Path) -> None:
    sample = Sample(name, tmp_path)
    refused = sum(sample.check(seed) for seed in range(QUICK_APART if sample.kind.apart else QUICK))
    assert refused
