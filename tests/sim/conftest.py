"""Chips that tests of the simulation share: built once, kept in the cache, loaded anew by every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ganglion.model.spec.params import PRESETS, Params
from ganglion.sim.build import Chip
from ganglion.sim.cocotb_driver import CocotbDriver
from ganglion.sim.driver import Driver
from ganglion.sim.native import NativeDriver


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache."""
    monkeypatch.setenv("GANGLION_CACHE", str(tmp_path / "cache with spaces"))
    return tmp_path / "cache with spaces"


@pytest.fixture(scope="session")
def tiny() -> Params:
    return PRESETS["tiny"]


@pytest.fixture(scope="session")
def native(tiny: Params) -> Iterator[NativeDriver]:
    bench = NativeDriver(tiny)
    yield bench
    bench.close()


@pytest.fixture(scope="session")
def cocotb(tiny: Params) -> Iterator[CocotbDriver]:
    bench = CocotbDriver(tiny)
    yield bench
    bench.close()


@pytest.fixture(scope="session")
def rogue() -> Chip:
    """A chip that breaks its protocol on demand; see rogue.v."""
    return Chip(PRESETS["tiny"].replace(name="rogue"), (Path(__file__).parent / "rogue.v").read_text(), ())


@pytest.fixture(params=["native", "cocotb"])
def either(request: pytest.FixtureRequest) -> Driver:
    """Each bench in turn."""
    bench: Driver = request.getfixturevalue(request.param)
    return bench
