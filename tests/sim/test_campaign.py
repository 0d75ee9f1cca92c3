"""The campaign of lockstep on random chips: what it draws, what it sees, and how it goes on."""

from pathlib import Path

import pytest

from ganglion.model.spec.errors import MismatchError
from ganglion.model.spec.reference import Reference
from ganglion.sim.native import NativeDriver
from tests.sim import campaign as campaign_module
from tests.sim.campaign import Line, campaign, done, run_part
from tests.sim.random_chips import TREES, random_chip

CHIPS = [random_chip(seed) for seed in range(60)]


def test_random_chips_are_of_all_kinds() -> None:
    assert random_chip(7) == CHIPS[7]
    assert {chip.lanes for chip in CHIPS} == {1, 2, 4, 8}
    assert {chip.levels for chip in CHIPS} == set(TREES)
    assert {chip.weight_bits for chip in CHIPS} == {4, 8, 16}
    for option in ("current_bits", "adaptation_bits", "noise", "products", "parity"):
        assert {bool(getattr(chip, option)) for chip in CHIPS} == {False, True}, option


def test_a_counter_that_is_wrong_is_seen(native: NativeDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    """SynOps are compared every step, the other counters at the end."""

    class Miscounts(Reference):
        def take_step(self, axons: object = ()) -> list[int]:
            spikes = super().take_step(axons)  # type: ignore[arg-type]
            self.overflows += self.t == 90
            return spikes

    assert run_part(native, 8, 1, steps=100) == 100
    monkeypatch.setattr(campaign_module, "Reference", Miscounts)
    with pytest.raises(MismatchError, match=r"network 8: OVERFLOWS is \d+, and \d+ on reference"):
        run_part(native, 8, 1, steps=100)


def test_what_was_run_on_the_same_sources_is_not_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[tuple[str, int]] = []

    class Driver:
        def __init__(self, params: object) -> None:
            self.params = params

    def run(driver: Driver, first: int, networks: int) -> int:
        ran.append((driver.params.name, first))  # type: ignore[attr-defined]
        return 1000

    monkeypatch.setattr(campaign_module, "driver_of", Driver)
    monkeypatch.setattr(campaign_module, "run_part", run)
    monkeypatch.setattr(campaign_module, "sources_key", lambda: "these")
    log = tmp_path / "log.jsonl"
    campaign(log, 2000)
    assert ran == [("chip-0", 0), ("chip-0", campaign_module.NETWORKS)]
    campaign(log, 3000)
    assert ran[2:] == [("chip-1", 0)]
    assert len(done(log, "these")) == 3 and not done(log, "others")
    assert all(isinstance(line, Line) for line in done(log, "these").values())


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_a_million_steps_of_random_networks_on_random_chips(tmp_path: Path) -> None:
    """A million steps of random networks on random chips, in the native loop: all state of every step is right."""
    campaign(tmp_path / "log.jsonl", 1_000_000)
